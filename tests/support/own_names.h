#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace ringback::test {

/// What names resolve to in this process, beside those that the system knows: own_names.cpp stands
/// before the C library's getaddrinfo().
class Names {
public:
    void set(const std::string& name, std::vector<std::string> addresses);
    /// As the resolver asks: blocks for as long as that name is held.
    std::vector<std::string> find(const std::string& name);
    void hold(const std::string& name);
    void release();
    /// Waits until so many are being asked about.
    [[nodiscard]] bool are_asked(std::size_t count);

private:
    std::mutex mutex_;  // who asks is on a thread of its own
    std::condition_variable changed_;
    std::map<std::string, std::vector<std::string>> addresses_;
    std::set<std::string> held_;
    std::size_t asked_{0};
};
[[nodiscard]] Names& names();

/// A resolver that does not answer about these, which are this machine, until this ends.
class Hanging {
public:
    explicit Hanging(const std::vector<std::string>& held);
    Hanging(const Hanging&) = delete;
    Hanging& operator=(const Hanging&) = delete;
    ~Hanging();
};

}  // namespace ringback::test

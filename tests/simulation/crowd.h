#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "simulator/core/random.h"
#include "simulator/edge/simulator.h"
#include "tests/simulation/receivers.h"

namespace ringback::test {

/// One request of a client.
struct Asked {
    std::string method{"POST"};
    std::string path;
    std::string body;
};

/// Clients and people on phones: draws what they do next, sensible or not, out of what there is.
class Crowd {
public:
    Crowd(std::uint64_t stream, Simulator& simulator, const Receivers& receivers)
        : dice_{stream}, simulator_{simulator}, receivers_{receivers} {}

    [[nodiscard]] std::string some_user();
    [[nodiscard]] Asked some_request();
    /// What a receiver does about a call it was told of.
    [[nodiscard]] Asked about(CallId call);
    [[nodiscard]] NewCall inbound_call();
    [[nodiscard]] NewMessage inbound_message();
    [[nodiscard]] Input on_the_phone();
    /// A call there is, of any user; none when there is none.
    [[nodiscard]] CallId some_call();

    [[nodiscard]] std::string path_of(CallId call) const;

private:
    [[nodiscard]] bool chance(std::uint64_t of) { return dice_.below(of) == 0; }
    [[nodiscard]] std::string number();
    [[nodiscard]] std::string route(std::string_view path);
    [[nodiscard]] std::string some_id(IdKind kind, const User& user, std::uint64_t next);
    [[nodiscard]] Asked create_call(const User& user, const std::string& base);
    [[nodiscard]] Asked about_bridges(const User& user, const std::string& base);
    [[nodiscard]] Asked about_conferences(const User& user, const std::string& base);
    [[nodiscard]] Asked about_messages(const User& user, const std::string& base);
    [[nodiscard]] Asked look(const std::string& base);
    [[nodiscard]] std::string call_id_text(const User& user);

    Rng dice_;
    Simulator& simulator_;
    const Receivers& receivers_;
};

}  // namespace ringback::test

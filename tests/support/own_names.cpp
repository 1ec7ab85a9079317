#include "tests/support/own_names.h"

#include <dlfcn.h>
#include <netdb.h>

#include <chrono>
#include <utility>

namespace ringback::test {

void Names::set(const std::string& name, std::vector<std::string> addresses) {
    const std::lock_guard lock{mutex_};
    addresses_[name] = std::move(addresses);
}

std::vector<std::string> Names::find(const std::string& name) {
    std::unique_lock lock{mutex_};
    ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_.contains(name); });
    --asked_;
    changed_.notify_all();
    const auto found = addresses_.find(name);
    return found == addresses_.end() ? std::vector<std::string>{} : found->second;
}

void Names::hold(const std::string& name) {
    const std::lock_guard lock{mutex_};
    held_.insert(name);
}

void Names::release() {
    const std::lock_guard lock{mutex_};
    held_.clear();
    changed_.notify_all();
}

bool Names::are_asked(std::size_t count) {
    constexpr std::chrono::seconds at_most{30};
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, at_most, [&] { return asked_ == count; });
}

Names& names() {
    static auto* const all = new Names;  // who asks may come back when all else is over
    return *all;
}

Hanging::Hanging(const std::vector<std::string>& held) {
    for (const std::string& name : held) {
        names().set(name, {"127.0.0.1"});
        names().hold(name);
    }
}

Hanging::~Hanging() {
    names().release();
    static_cast<void>(names().are_asked(0));  // else the next one would hold those, too
}

namespace {

using Resolve = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

/// The system's own.
int ask_system(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
    // NOLINTNEXTLINE(*reinterpret-cast): the way to a function that this one stands before
    static const auto own = reinterpret_cast<Resolve>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return own(node, service, hints, result);
}

/// The list of these literals.
int listed(const std::vector<std::string>& literals, const char* service, addrinfo hints,
           addrinfo** result) {
    addrinfo** next = result;
    for (const std::string& literal : literals) {
        hints.ai_flags = AI_NUMERICHOST;
        hints.ai_family = literal.find(':') == std::string::npos ? AF_INET : AF_INET6;
        if (const int failed = ask_system(literal.c_str(), service, &hints, next); failed != 0) {
            return failed;
        }
        while (*next != nullptr) {
            next = &(*next)->ai_next;
        }
    }
    return 0;
}

}  // namespace
}  // namespace ringback::test

/// Stands before the system's own, which it asks for names that no test has set.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
    const auto literals =
        node == nullptr ? std::vector<std::string>{} : ringback::test::names().find(node);
    return literals.empty() || hints == nullptr
               ? ringback::test::ask_system(node, service, hints, result)
               : ringback::test::listed(literals, service, *hints, result);
}

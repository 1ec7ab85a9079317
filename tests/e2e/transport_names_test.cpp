// What a name resolves to is judged when it is dialled, whatever the resolver said before.

#include <dlfcn.h>
#include <netdb.h>

#include <catch2/catch.hpp>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/attempts.h"
#include "tests/support/hostile.h"
#include "tests/support/test_receiver.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

namespace names_test {
namespace {

/// What names resolve to in this process, beside those that the system knows.
class Names {
public:
    void set(const std::string& name, std::vector<std::string> addresses) {
        const std::lock_guard lock{mutex_};
        addresses_[name] = std::move(addresses);
    }
    std::vector<std::string> find(const std::string& name) {
        const std::lock_guard lock{mutex_};
        const auto found = addresses_.find(name);
        return found == addresses_.end() ? std::vector<std::string>{} : found->second;
    }

private:
    std::mutex mutex_;  // Asio asks from a thread of its own
    std::map<std::string, std::vector<std::string>> addresses_;
};
Names& names() {
    static Names all;
    return all;
}

TargetPolicy allowing(const std::string& rule) {
    return std::move(TargetPolicy::from({{rule}})).value();
}

/// Answers once a connection, so that each try has to be dialled; counts them.
TestReceiver::Script answers_and_counts(std::atomic<int>& served) {
    return [&served](ReceiverEnd& peer) {
        if (!peer.read_request().empty()) {
            ++served;
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    };
}

std::string url_of(const TestReceiver& receiver) {
    return "http://rebinding.test:" + std::to_string(receiver.port()) + "/cb";
}

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

TEST_CASE("transport: a name that is allowed but resolves to a refused address is not dialled",
          "[edge][transport]") {
    const auto address = GENERATE(values<std::string>(
        {"169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "fe80::1", "ff02::1",
         "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"}));
    CAPTURE(address);
    names().set("rebinding.test", {address});
    Attempts attempts{{}, allowing("rebinding.test")};

    const auto result = attempts.make("http://rebinding.test:9/");

    CHECK(result.end == AttemptEnd::target_refused);
    CHECK(result.error.view().starts_with(
        "callbacks to rebinding.test are refused: it resolves to "));
    CHECK(result.connected == WallInstant::min());
}

TEST_CASE("transport: one refused address among those of a name refuses the name",
          "[edge][transport]") {
    std::atomic<int> served{0};
    TestReceiver receiver{answers_and_counts(served)};
    names().set("rebinding.test", {"127.0.0.1", "169.254.169.254"});
    Attempts attempts{{}, allowing("rebinding.test")};

    CHECK(attempts.make(url_of(receiver)).end == AttemptEnd::target_refused);
    CHECK(receiver.connections() == 0);
}

TEST_CASE(
    "transport: a name that leads elsewhere later is judged again, and only what was judged "
    "is dialled",
    "[edge][transport]") {
    std::atomic<int> served{0};
    TestReceiver receiver{answers_and_counts(served)};
    names().set("rebinding.test", {"127.0.0.1"});
    Attempts attempts{{}, allowing("rebinding.test")};
    REQUIRE(attempts.make(url_of(receiver)).status == 200);

    names().set("rebinding.test", {"169.254.169.254"});
    const auto begun = std::chrono::steady_clock::now();
    int answered = 1;
    AttemptResult last;
    // What was resolved is believed for a second: until then it is the first address that is
    // called.
    while ((last = attempts.make(url_of(receiver))).end == AttemptEnd::answered) {
        ++answered;
        REQUIRE(std::chrono::steady_clock::now() - begun < 10s);
    }

    CHECK(last.end == AttemptEnd::target_refused);
    CHECK(last.error == "callbacks to rebinding.test are refused: it resolves to 169.254.169.254");
    CHECK(served == answered);
}

TEST_CASE("transport: a name that is known leads nowhere else, and is judged all the same",
          "[edge][transport]") {
    std::atomic<int> served{0};
    TestReceiver receiver{answers_and_counts(served)};
    names().set("rebinding.test", {"10.0.0.1"});
    DeliverySettings settings;
    settings.known_names = {{"rebinding.test", {*parse_ip("127.0.0.1")}}};
    Attempts attempts{settings, allowing("rebinding.test")};
    CHECK(attempts.make(url_of(receiver)).status == 200);
    CHECK(attempts.make(url_of(receiver)).status == 200);
    CHECK(served == 2);

    settings.known_names = {{"rebinding.test", {*parse_ip("169.254.169.254")}}};
    names().set("rebinding.test", {"127.0.0.1"});
    Attempts refused{settings, allowing("rebinding.test")};
    CHECK(refused.make(url_of(receiver)).end == AttemptEnd::target_refused);
    CHECK(served == 2);
}

TEST_CASE("transport: our own port is not called by another name either", "[edge][transport]") {
    std::atomic<int> served{0};
    TestReceiver receiver{answers_and_counts(served)};
    names().set("rebinding.test", {"127.0.0.1"});
    Attempts attempts{{}, allowing("rebinding.test")};
    attempts.policy().add_own_port(receiver.port());

    CHECK(attempts.make(url_of(receiver)).end == AttemptEnd::target_refused);
    CHECK(receiver.connections() == 0);
}

TEST_CASE("transport: a name that nobody knows is could_not_connect", "[edge][transport]") {
    Attempts attempts{{}, allowing("no-such-name.invalid")};

    const auto result = attempts.make("http://no-such-name.invalid/");

    CHECK(result.end == AttemptEnd::could_not_connect);
    CHECK(result.error.view().find("not resolved") != std::string::npos);
}

}  // namespace names_test

/// Stands before the system's own, which it asks for names that no test has set.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
    const auto literals =
        node == nullptr ? std::vector<std::string>{} : names_test::names().find(node);
    return literals.empty() || hints == nullptr
               ? names_test::ask_system(node, service, hints, result)
               : names_test::listed(literals, service, *hints, result);
}

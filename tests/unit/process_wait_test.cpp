#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "harness/process/port_claim.h"
#include "harness/process/wait_for.h"
#include "tests/support/process_fixture.h"

namespace ringback {
namespace {

using Catch::Matchers::Contains;
using test::in_time;
using test::Line;
using test::shell;
using test::started;

/// A socket that is bound to a loopback port and, when asked, listens there.
class Port {
public:
    explicit Port(int family = AF_INET)
        : socket_{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)}, family_{family} {}

    /// False when there is no such family here.
    [[nodiscard]] bool bind(std::uint16_t port = 0) {
        sockaddr_in6 six{};
        six.sin6_family = AF_INET6;
        six.sin6_addr = in6addr_loopback;
        six.sin6_port = htons(port);
        sockaddr_in four{};
        four.sin_family = AF_INET;
        four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        four.sin_port = htons(port);
        const bool is_four = family_ == AF_INET;
        auto* raw =
            is_four ? reinterpret_cast<sockaddr*>(&four) : reinterpret_cast<sockaddr*>(&six);
        socklen_t size = is_four ? sizeof four : sizeof six;
        if (::bind(socket_.get(), raw, size) != 0 ||
            ::getsockname(socket_.get(), raw, &size) != 0) {
            return false;
        }
        number_ = ntohs(is_four ? four.sin_port : six.sin6_port);
        return true;
    }
    void listen() { REQUIRE(::listen(socket_.get(), 16) == 0); }
    [[nodiscard]] std::uint16_t number() const { return number_; }
    [[nodiscard]] int get() const { return socket_.get(); }

private:
    Descriptor socket_;
    int family_;
    std::uint16_t number_{};
};

/// A server on 127.0.0.1 that reads once from each connection and then does what it is told: the
/// n-th connection, from 0, what was read -> what to answer before it closes.
class Server {
public:
    enum class OnEmpty { close, stay_silent };  // an empty answer closes the connection, or not
    using Answer = std::function<std::string(int, const std::string&)>;

    explicit Server(Answer answer, OnEmpty on_empty = OnEmpty::close)
        : answer_{std::move(answer)}, on_empty_{on_empty}, stop_{::eventfd(0, EFD_CLOEXEC)} {
        REQUIRE(port_.bind());
        port_.listen();
        thread_ = std::jthread{[this] { run(); }};
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() { ::eventfd_write(stop_.get(), 1); }

    [[nodiscard]] ReceiverAddress address(const std::string& path) const {
        return parse_receiver_address("http://127.0.0.1:" + std::to_string(port_.number()) + path)
            .value();
    }

private:
    /// False when it is to stop.
    [[nodiscard]] bool ready(int descriptor) const {
        std::array<pollfd, 2> watched{{{.fd = descriptor, .events = POLLIN, .revents = 0},
                                       {.fd = stop_.get(), .events = POLLIN, .revents = 0}}};
        return poll_until(watched, in_time()) && watched[1].revents == 0;
    }
    void run() {
        for (int n = 0; ready(port_.get()); ++n) {
            const Descriptor connection{::accept4(port_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
            std::array<char, 2048> text{};
            if (!ready(connection.get())) {
                return;
            }
            const ssize_t length = ::recv(connection.get(), text.data(), text.size(), 0);
            const std::string answer =
                answer_(n, {text.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))});
            static_cast<void>(::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL) <
                              0);
            if (answer.empty() && on_empty_ == OnEmpty::stay_silent) {
                held_.emplace_back(::dup(connection.get()));
            }
        }
    }

    Answer answer_;
    OnEmpty on_empty_;
    Port port_;
    Descriptor stop_;
    std::vector<Descriptor> held_;
    std::jthread thread_;  // last: it uses all the others
};

ReceiverAddress address_of(const std::string& text) {
    const auto address = parse_receiver_address(text);
    INFO(text);
    REQUIRE(address.ok());
    return address.value();
}

std::string text_of(const std::optional<Error>& error) { return error ? to_text(*error) : "there"; }

SteadyTime soon() { return std::chrono::steady_clock::now() + std::chrono::milliseconds{200}; }

TEST_CASE("receiver address: ports, hosts with ports and URLs are read", "[process]") {
    const std::vector<std::string> both{"127.0.0.1", "::1"};

    const auto port = address_of("3000");
    CHECK(port.text == "localhost:3000");
    CHECK(port.hosts == both);
    CHECK(port.port == 3000);
    CHECK(port.request_target.empty());

    const auto six = address_of("[::1]:3000");
    CHECK(six.hosts == std::vector<std::string>{"::1"});
    CHECK(six.port == 3000);
    CHECK(six.request_target.empty());

    const auto url = address_of("http://localhost:8080/health?deep=1#top");
    CHECK(url.hosts == both);
    CHECK(url.port == 8080);
    CHECK(url.host_header == "localhost:8080");
    CHECK(url.request_target == "/health?deep=1");

    const auto bare = address_of("http://10.1.2.3");
    CHECK(bare.hosts == std::vector<std::string>{"10.1.2.3"});
    CHECK(bare.port == 80);
    CHECK(bare.request_target == "/");
    CHECK(address_of("http://[::1]").port == 80);
    CHECK(address_of("http://127.0.0.1:1?a").request_target == "/?a");
}

TEST_CASE("receiver address: a name is kept to be looked up", "[process]") {
    const auto url = address_of("http://my_app.internal:3000/health");
    CHECK(url.name == "my_app.internal");
    CHECK(url.hosts.empty());
    CHECK(url.host_header == "my_app.internal:3000");
    CHECK(address_of("app:3000").name == "app");
    CHECK(address_of("localhost:3000").name.empty());
}

TEST_CASE("receiver address: of https a connection is enough", "[process]") {
    const auto address = address_of("https://127.0.0.1/health");
    CHECK(address.port == 443);
    CHECK(address.request_target.empty());
    CHECK(address_of("https://app:8443").port == 8443);
}

TEST_CASE("receiver address: what is none is refused with what was found", "[process]") {
    for (const std::string text : {"",
                                   "0",
                                   "65536",
                                   "-1",
                                   "127.0.0.1",
                                   "127.0.0.1:",
                                   "127.0.0.1:0",
                                   "127.0.0.1:x",
                                   "::1:3000",
                                   "[::1]",
                                   "[::1:3000",
                                   "[127.0.0.1]:80",
                                   "example.org",
                                   "1.2.3:80",
                                   "-e x:80",
                                   "ftp://127.0.0.1/",
                                   "https://127.0.0.1:x/",
                                   "http://",
                                   "http://ex%61mple.org/",
                                   "http:///",
                                   "http://127.0.0.1:99999/",
                                   "http://127.0.0.1/a b",
                                   "http://127.0.0.1:80:80/"}) {
        CAPTURE(text);
        const auto address = parse_receiver_address(text);
        CHECK_FALSE(address.ok());
        if (!address.ok()) {
            CHECK_THAT(to_text(address.error()), Contains("found \"" + text + "\""));
        }
    }
}

TEST_CASE("receiver address: of one that is none no password is shown, and no control byte",
          "[process]") {
    const std::vector<std::pair<std::string, std::string>> shown{
        {"http://u:s3cret@127.0.0.1/", "http://***@127.0.0.1/"},
        {"http://u:s3/cret@127.0.0.1/", "http://***@127.0.0.1/"},
        {"u:s3cret@127.0.0.1:3000", "***@127.0.0.1:3000"},
        {"http:/u:s3cret@127.0.0.1", "***@127.0.0.1"},
        {"http://127.0.0.1/a\r\nX: y", R"(http://127.0.0.1/a\x0d\x0aX: y)"}};
    for (const auto& [text, as] : shown) {
        CAPTURE(text);
        const auto address = parse_receiver_address(text);
        REQUIRE_FALSE(address.ok());
        CHECK_THAT(to_text(address.error()), Contains("found \"" + as + "\""));
    }
}

TEST_CASE("await receiver: of a port, a connection is enough", "[process]") {
    Port port;
    REQUIRE(port.bind());
    port.listen();

    CHECK(text_of(await_receiver(address_of(std::to_string(port.number())), in_time(), nullptr)) ==
          "there");
    CHECK(text_of(await_receiver(address_of("127.0.0.1:" + std::to_string(port.number())),
                                 in_time(), nullptr)) == "there");
}

TEST_CASE("await receiver: one that listens on IPv6 alone is found", "[process]") {
    Port port{AF_INET6};
    if (!port.bind()) {
        WARN("no IPv6 on this machine: not looked at");
        return;
    }
    port.listen();
    const std::string number = std::to_string(port.number());

    CHECK(text_of(await_receiver(address_of(number), in_time(), nullptr)) == "there");
    CHECK(text_of(await_receiver(address_of("[::1]:" + number), in_time(), nullptr)) == "there");
}

TEST_CASE("await receiver: a name is looked up", "[process]") {
    const Server server{[](int, const std::string&) { return "HTTP/1.1 200 OK\r\n\r\n"; }};
    const std::string port =
        server.address("/").text.substr(std::string{"http://127.0.0.1:"}.size());

    // Only in lower case is it known without asking the system.
    CHECK(text_of(await_receiver(address_of("http://LocalHost:" + port), in_time(), nullptr)) ==
          "there");
}

TEST_CASE("await receiver: a name that nobody knows is told at the deadline", "[process]") {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{3};
    const auto told =
        text_of(await_receiver(address_of("http://no-such-host.invalid:3000/"), deadline, nullptr));

    CHECK_THAT(told, Contains("expected an answer, found none within") &&
                         Contains("the last came to: no-such-host.invalid: "));
}

TEST_CASE("await receiver: a command that ends while a name is looked up ends the wait",
          "[process]") {
    const auto child = started(shell("exit 3"));

    CHECK_THAT(
        text_of(await_receiver(address_of("no-such-host.invalid:3000"), in_time(), child.get())),
        Contains("the receiver's command ended with exit code 3 before it answered at"));
}

TEST_CASE("await receiver: told that it is enough, it waits no longer", "[process]") {
    Port port;
    REQUIRE(port.bind());  // and refuses connections
    const std::string number = std::to_string(port.number());
    const Bell enough;
    enough.ring();

    for (const std::string& where : {number, std::string{"no-such-host.invalid:3000"}}) {
        CHECK_THAT(
            text_of(await_receiver(address_of(where), SteadyTime::max(), nullptr, enough.get())),
            Contains("nobody waits for it any more"));
    }
}

TEST_CASE("await receiver: of a URL, any status is an answer", "[process]") {
    std::string request;
    std::string status;
    SECTION("of success") { status = "HTTP/1.1 200 OK\r\n"; }
    SECTION("of an old version, without words") { status = "HTTP/1.0 404\n"; }
    SECTION("of failure, in the middle of much else") {
        status = "HTTP/1.1 503 Not Yet\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x');
    }
    {
        const Server server{[&](int, const std::string& read) {
            request = read;
            return status;
        }};
        CHECK(text_of(await_receiver(server.address("/ready?x=1"), in_time(), nullptr)) == "there");
    }
    CHECK_THAT(request, Contains("GET /ready?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
}

TEST_CASE("await receiver: a connection that is dropped is tried again", "[process]") {
    const Server server{[](int n, const std::string&) {
        return n < 2 ? std::string{} : std::string{"HTTP/1.1 200 OK\r\n\r\n"};
    }};

    CHECK(text_of(await_receiver(server.address("/"), in_time(), nullptr)) == "there");
}

TEST_CASE("await receiver: what does not speak HTTP has not answered", "[process]") {
    std::string answer;
    SECTION("another protocol") { answer = "SSH-2.0-OpenSSH_9.2\r\n"; }
    SECTION("no end of a line") { answer = "HTTP/1.1 200 " + std::string(5000, 'x'); }
    SECTION("no status") { answer = "HTTP/1.1 OK, never better\r\n"; }
    const Server server{[&](int, const std::string&) { return answer; }};

    // Long enough for one try, however busy the machine is.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    CHECK_THAT(text_of(await_receiver(server.address("/"), deadline, nullptr)),
               Contains("expected an answer, found none within") &&
                   Contains("the last came to: an answer that is not HTTP"));
}

TEST_CASE("await receiver: at the deadline the error says what was tried", "[process]") {
    Port port;  // bound and not listening: nobody else can answer there
    REQUIRE(port.bind());
    const std::string number = std::to_string(port.number());

    CHECK_THAT(
        text_of(await_receiver(address_of("http://127.0.0.1:" + number + "/a"), soon(), nullptr)),
        Contains("http://127.0.0.1:" + number + "/a: expected an answer, found none within") &&
            Contains("the last came to: Connection refused"));
    CHECK_THAT(text_of(await_receiver(address_of("127.0.0.1:" + number), soon(), nullptr)),
               Contains("127.0.0.1:" + number + ": expected a connection, found none within"));
}

TEST_CASE("await receiver: a deadline that has passed still gets one try", "[process]") {
    Port port;
    REQUIRE(port.bind());
    const auto address = address_of("127.0.0.1:" + std::to_string(port.number()));

    CHECK_THAT(text_of(await_receiver(address, std::chrono::steady_clock::now(), nullptr)),
               Contains("in 1 try;"));
}

TEST_CASE("await receiver: a command that ends early ends the wait", "[process]") {
    Port port;
    REQUIRE(port.bind());
    const std::string url = "http://127.0.0.1:" + std::to_string(port.number()) + "/";
    const auto child = started(shell("exit 1"));

    CHECK(text_of(await_receiver(address_of(url), in_time(), child.get())) ==
          "the receiver's command ended with exit code 1 before it answered at " + url);
}

TEST_CASE("await receiver: a command that ends while its answer is awaited ends it", "[process]") {
    const Line line;
    const auto child = started(shell("read word < \"$0\"; kill -KILL $$", line));
    const Server server{[&](int, const std::string&) {
                            line.say("go\n");
                            return std::string{};
                        },
                        Server::OnEmpty::stay_silent};

    CHECK_THAT(text_of(await_receiver(server.address("/"), in_time(), child.get())),
               Contains("the receiver's command was ended by SIGKILL before it answered at"));
}

TEST_CASE("await receiver: somebody else's answer is none once the command has ended",
          "[process]") {
    Port port;
    REQUIRE(port.bind());
    port.listen();
    const auto child = started(shell("exit 98"));
    REQUIRE(child->wait_until(in_time()));

    CHECK_THAT(text_of(await_receiver(address_of("127.0.0.1:" + std::to_string(port.number())),
                                      in_time(), child.get())),
               Contains("ended with exit code 98 before it answered"));
}

TEST_CASE("free port: it can be bound", "[process]") {
    const auto port = free_port();

    REQUIRE(port.ok());
    Port bound;
    CHECK(bound.bind(port.value().number()));
    CHECK(bound.number() == port.value().number());
}

TEST_CASE("free port: one that is claimed is not given away again until it is let go",
          "[process]") {
    auto port = free_port();
    REQUIRE(port.ok());
    std::optional<PortClaim> mine{std::move(port).value()};
    const std::uint16_t number = mine->number();

    CHECK_FALSE(PortClaim::of(number).has_value());
    mine.reset();
    CHECK(PortClaim::of(number).has_value());
}

TEST_CASE("free port: 200 picked at once by two threads are 200", "[process]") {
    constexpr int each = 100;
    std::array<std::vector<PortClaim>, 2> picked;
    {
        std::vector<std::jthread> threads;
        for (auto& own : picked) {
            threads.emplace_back([&own] {
                for (int n = 0; n < each; ++n) {
                    if (auto port = free_port(); port) {
                        own.push_back(std::move(port).value());
                    }
                }
            });
        }
    }

    std::set<std::uint16_t> numbers;
    for (const auto& own : picked) {
        for (const PortClaim& one : own) {
            numbers.insert(one.number());
        }
    }
    CHECK(numbers.size() == 2 * each);
}

}  // namespace
}  // namespace ringback

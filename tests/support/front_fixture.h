#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "simulator/edge/http_server.h"
#include "tests/support/raw_client.h"

namespace ringback::test {

/// What a handler saw, counted; safe to wait for from the test's thread.
struct Tally {
    int begins{0};
    int ends{0};
    int admitted{0};
    int handled{0};
    int refused{0};
    int promised{0};  // answers given with an after_sent
    int kept{0};      // after_sent called
};

/// Answers by path; every answer carries an after_sent, so that none can be forgotten or called
/// twice.
///
/// /late keeps its responder, /stream opens a stream and keeps it, /big/N answers N bytes, /throw
/// throws, /drop forgets its responder, /early is answered 401 by admit, /admit-throws throws
/// there; /file sends `file`; the answers to /spoilt and /spoilt-file meet `fault`; what is put
/// under /large may have three times as much body as others, and is answered with its length;
/// anything else is echoed.
class FrontHandler final : public HttpHandler {
public:
    std::optional<Response> admit(const Request& head) override {
        count([](Tally& tally) { ++tally.admitted; });
        if (head.path == "/admit-throws") {
            throw std::runtime_error{"thrown by a test"};
        }
        if (head.path == "/early") {
            return promise({.status = 401, .headers = {}, .body = "who are you"});
        }
        return std::nullopt;
    }
    void handle(Request&& request, std::shared_ptr<Responder> responder) override {
        last = request;
        if (request.path == "/throw") {
            throw std::runtime_error{"thrown by a test"};
        }
        if (request.path == "/late") {
            late.push_back(std::move(responder));
        } else if (request.path == "/stream") {
            streams.push_back(responder->stream(
                promise({.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = ""})));
        } else if (request.path.starts_with("/big/")) {
            const auto size = static_cast<std::size_t>(std::stoul(request.path.substr(5)));
            responder->send(
                promise({.status = 200, .headers = {}, .body = std::string(size, 'x')}));
        } else if (request.path == "/file") {
            responder->send_file(promise({.status = 200, .headers = {}, .body = ""}), file);
        } else if (is_large(request)) {
            responder->send(promise(
                {.status = 200, .headers = {}, .body = std::to_string(request.body.size())}));
        } else if (request.path == "/spoilt-file") {
            Response answer = promise({.status = 200, .headers = {}, .body = ""});
            answer.fault = fault;
            responder->send_file(std::move(answer), file);
        } else if (request.path != "/drop") {
            Response answer =
                promise({.status = 200,
                         .headers = {},
                         .body = request.method + " " + request.target + "\n" + request.body});
            if (request.path == "/spoilt") {
                answer.fault = fault;
            }
            responder->send(std::move(answer));
        }
        count([](Tally& tally) { ++tally.handled; });
    }
    std::optional<std::size_t> most_body(const Request& head) const override {
        return is_large(head) ? std::optional{3 * usual_body} : std::nullopt;
    }
    Response too_large(const Request& /*head*/) override {
        count([](Tally& tally) { ++tally.refused; });
        return promise({.status = 403, .headers = {}, .body = "too large"});
    }
    static bool is_large(const Request& request) { return request.path == "/large"; }
    Response refuse(int status, std::string_view what, std::string_view) override {
        count([](Tally& tally) { ++tally.refused; });
        return promise({.status = status, .headers = {}, .body = std::string{what}});
    }
    void request_begins() override {
        count([](Tally& tally) { ++tally.begins; });
    }
    void request_ends() override {
        count([](Tally& tally) { ++tally.ends; });
    }

    Response promise(Response response) {
        count([](Tally& tally) { ++tally.promised; });
        response.after_sent = [this] { count([](Tally& tally) { ++tally.kept; }); };
        return response;
    }
    [[nodiscard]] Tally tally() const {
        const std::lock_guard lock{mutex_};
        return tally_;
    }
    /// Forgets what was refused so far.
    void forget_refused() {
        count([](Tally& tally) { tally.refused = 0; });
    }
    template <class Condition>
    bool wait_for(Condition condition) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return condition(tally_); });
    }

    // For the loop's thread only.
    std::vector<std::shared_ptr<Responder>> late;
    std::vector<std::shared_ptr<ResponseStream>> streams;
    Request last;
    std::shared_ptr<const std::string> file;
    std::shared_ptr<const WireFault> fault;
    std::size_t usual_body{1U << 20U};  // as in the server's settings

private:
    template <class Change>
    void count(Change change) {
        {
            const std::lock_guard lock{mutex_};
            change(tally_);
        }
        changed_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Tally tally_;
};

/// A server on a loop thread of its own. Its end proves the balance: every begin has its end, every
/// after_sent was called once, and nothing is left on the loop.
class FrontFixture {
public:
    explicit FrontFixture(ServerSettings settings = {})
        : server_{std::in_place, loop_, with_free_port(std::move(settings)), handler} {
        auto bound = server_->listen();
        if (!bound) {
            throw std::runtime_error{to_text(bound.error())};
        }
        port = bound.value();
        thread_ = std::thread{[this] { loop_.run(); }};
    }
    FrontFixture(const FrontFixture&) = delete;
    FrontFixture& operator=(const FrontFixture&) = delete;
    ~FrontFixture() { stop(); }

    /// Runs something on the loop's thread and waits for it.
    template <class Action>
    auto on_loop(Action action) {
        std::packaged_task<decltype(action())()> task{std::move(action)};
        auto done = task.get_future();
        boost::asio::post(loop_, std::move(task));
        if (done.wait_for(patience) != std::future_status::ready) {
            throw std::runtime_error{"the loop did not come round in time"};
        }
        return done.get();
    }
    /// Ends server and loop; the tally is final then.
    Tally stop() {
        if (thread_.joinable()) {
            on_loop([this] {
                server_.reset();
                handler.late.clear();
                handler.streams.clear();
            });
            busy_.reset();
            thread_.join();
        }
        return handler.tally();
    }
    HttpServer& server() { return *server_; }
    RawClient client() const { return RawClient{port}; }

    FrontHandler handler;
    std::uint16_t port{0};

private:
    static ServerSettings with_free_port(ServerSettings settings) {
        settings.port = 0;
        return settings;
    }

    boost::asio::io_context loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy_{
        loop_.get_executor()};
    std::optional<HttpServer> server_;
    std::thread thread_;
};

/// A request that is always served.
inline constexpr std::string_view good_request{"GET /good HTTP/1.1\r\nHost: localhost\r\n\r\n"};

/// True when a fresh client is served.
inline bool serves(const FrontFixture& front) {
    RawClient client = front.client();
    client.send(good_request);
    return client.read_answer().status == 200;
}

/// True when the books balance after the server has ended.
inline bool is_balanced(const Tally& tally) {
    return tally.begins == tally.ends && tally.promised == tally.kept;
}

}  // namespace ringback::test

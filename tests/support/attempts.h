#pragma once

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "simulator/edge/http_transport.h"
#include "simulator/edge/wall_clock.h"

namespace ringback::test {

/// Makes tries through a real HttpTransport and keeps how they ended. Waits at most ten seconds for
/// anything.
class Attempts : public AttemptListener {
public:
    explicit Attempts(DeliverySettings settings = {}, TargetPolicy policy = {})
        : policy_{std::move(policy)} {
        auto opened = HttpTransport::open(loop_, std::move(settings), policy_);
        if (!opened.ok()) {
            throw std::runtime_error{to_text(opened.error())};
        }
        transport_ = std::move(opened).value();
        transport_->listen(*this);
    }

    AttemptId start(const std::string& url, const std::string& payload = "{}",
                    Method method = Method::post,
                    std::chrono::milliseconds timeout = std::chrono::milliseconds{5000},
                    const std::string& headers = {}, const WireFault* wire = nullptr) {
        const AttemptId id{++last_};
        starting_ = true;
        AttemptRequest request{id, wall_now(), url, method, payload, timeout};
        request.headers = headers;
        request.wire = wire;
        transport_->start(request);
        starting_ = false;
        return id;
    }
    /// Starts a try and waits for its end.
    AttemptResult make(const std::string& url, const std::string& payload = "{}",
                       Method method = Method::post,
                       std::chrono::milliseconds timeout = std::chrono::milliseconds{5000}) {
        return result(start(url, payload, method, timeout));
    }
    /// The same with something that goes wrong.
    AttemptResult make_badly(const std::string& url, const WireFault& wire,
                             const std::string& payload = "{}",
                             std::chrono::milliseconds timeout = std::chrono::milliseconds{5000}) {
        return result(start(url, payload, Method::post, timeout, {}, &wire));
    }
    AttemptResult result(AttemptId id) {
        run_until([&] { return results.count(id) > 0; });
        return results.at(id);
    }
    /// Makes tries until one went over a kept connection: from then on they are used at once.
    void make_until_reused(const std::string& url) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (!make(url).reused_connection) {
            if (std::chrono::steady_clock::now() >= limit) {
                throw std::runtime_error{"no connection was used again within 10 s"};
            }
        }
    }
    void run_until(const std::function<bool()>& done) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (!done()) {
            loop_.restart();
            loop_.run_one_until(
                std::min(limit, std::chrono::steady_clock::now() + std::chrono::milliseconds{20}));
            if (std::chrono::steady_clock::now() >= limit) {
                throw std::runtime_error{"what the test waits for did not come within 10 s"};
            }
        }
    }

    void attempt_sent(AttemptId id, WallInstant /*at*/) override {
        CHECK_FALSE(starting_);
        sent.push_back(id);
    }
    void attempt_unheard(AttemptId id, AttemptResult&& result) override {
        CHECK_FALSE(starting_);
        CHECK(results.count(id) == 0);
        unheard.emplace_back(id, std::move(result));
    }
    void attempt_ended(AttemptId id, AttemptResult&& result) override {
        CHECK_FALSE(starting_);
        CHECK(results.count(id) == 0);
        results.emplace(id, std::move(result));
        order.push_back(id);
        if (on_end) {
            on_end(id);
        }
    }

    HttpTransport& transport() { return *transport_; }
    TargetPolicy& policy() { return policy_; }

    std::map<AttemptId, AttemptResult> results;
    std::vector<AttemptId> order;
    std::vector<AttemptId> sent;
    std::vector<std::pair<AttemptId, AttemptResult>> unheard;
    std::function<void(AttemptId)> on_end;

private:
    boost::asio::io_context loop_;
    TargetPolicy policy_;
    std::unique_ptr<HttpTransport> transport_;
    std::uint64_t last_{0};
    bool starting_{false};
};

inline const std::string ok_empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

}  // namespace ringback::test

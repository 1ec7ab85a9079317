#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "simulator/edge/transport.h"
#include "simulator/edge/wall_clock.h"

namespace ringback::test {

/// A network inside the test: keeps what was sent and answers when and as the test says.
class FakeTransport : public Transport {
public:
    struct Sent {
        AttemptId id;
        std::string url;
        Method method;
        std::string payload;
        std::chrono::milliseconds timeout;
        bool asks_document;
        bool badly{false};  // with a fault of its bytes
        SigningFault signing{SigningFault::none};
    };
    /// Called for each try on the loop; return a status to answer at once, 0 to leave it open.
    std::function<int(const Sent&)> respond = [](const Sent&) { return 200; };
    /// The body of that answer.
    std::function<std::string(const Sent&)> body = [](const Sent&) { return std::string{}; };
    std::vector<Sent> sent;

    explicit FakeTransport(boost::asio::io_context& loop) : loop_{loop} {}

    void listen(AttemptListener& listener) override { listener_ = &listener; }
    void start(const AttemptRequest& request) override {
        sent.push_back({request.id, std::string{request.url}, request.method,
                        std::string{request.payload}, request.timeout, request.asks_document,
                        request.wire != nullptr, request.signing_fault});
        ++under_way_;
        boost::asio::post(loop_, [this, one = sent.back()] {
            listener_->attempt_sent(one.id, wall_now());
            if (const int status = respond(one); status != 0) {
                answer(one.id, status, {}, body(one));
            }
        });
    }
    void abandon_all() override {}
    [[nodiscard]] std::size_t under_way() const override { return under_way_; }

    void answer(AttemptId id, int status, std::string location = {}, std::string document = {}) {
        AttemptResult result;
        result.end = AttemptEnd::answered;
        result.status = status;
        result.location = Text{location};
        result.body = Text{document};
        end(id, std::move(result));
    }
    /// Its kept connection had ended before the request: it is sent again, and still open.
    void lose(AttemptId id) {
        AttemptResult result;
        result.end = AttemptEnd::broken;
        result.sent_again = true;
        result.reused_connection = true;
        result.ended = wall_now();
        listener_->attempt_unheard(id, std::move(result));
    }
    void end(AttemptId id, AttemptResult result) {
        --under_way_;
        result.ended = wall_now();
        listener_->attempt_ended(id, std::move(result));
    }

private:
    boost::asio::io_context& loop_;
    AttemptListener* listener_{nullptr};
    std::size_t under_way_{0};
};

/// Runs the loop until `done`, for at most ten seconds of wall time; true when it came.
template <class Done>
bool run_until(boost::asio::io_context& loop, Done done) {
    const WallInstant deadline = wall_now() + std::chrono::seconds{10};
    while (!done() && wall_now() < deadline) {
        loop.restart();
        loop.run_one_for(std::chrono::milliseconds{100});
    }
    return done();
}

}  // namespace ringback::test

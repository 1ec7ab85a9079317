#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "harness/run/kick_request.h"
#include "simulator/edge/http_transport.h"

namespace ringback {

/// One request to the application under test that is no callback: "dial this number now". Goes
/// through the transport of callbacks, because the application may be just as broken.
class Kicker : private AttemptListener {
public:
    /// Called once, on the loop.
    using WhenAnswered = std::function<void(const AttemptResult&)>;

    /// `delivery`: its certificates and further headers, as for callbacks.
    Kicker(boost::asio::io_context& loop, const TargetPolicy& targets, DeliverySettings delivery)
        : loop_{loop}, targets_{targets}, settings_{std::move(delivery)} {}

    /// The error says why nothing was sent.
    [[nodiscard]] std::optional<Error> kick(const KickRequest& wanted, WhenAnswered when_answered);
    /// Whoever waits is told nothing any more.
    void give_up();

private:
    void attempt_sent(AttemptId /*id*/, WallInstant /*at*/) override {}
    void attempt_ended(AttemptId id, AttemptResult&& result) override;

    boost::asio::io_context& loop_;
    const TargetPolicy& targets_;
    DeliverySettings settings_;
    std::unique_ptr<HttpTransport> transport_;
    WhenAnswered when_answered_;
};

}  // namespace ringback

#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "harness/run/kick_request.h"
#include "simulator/edge/http_transport.h"

namespace ringback {

/// The kicks of a hall, as many at once as callbacks may be. They have connections of their own,
/// which are kept: whoever asks the application for a call is not the provider that calls it back.
/// On the loop.
class KickSender : private AttemptListener {
public:
    /// Told once of each, later; `n` as it was given to send().
    using WhenAnswered = std::function<void(std::uint64_t n, const AttemptResult& answer)>;

    /// `targets` outlive it. Errors: TLS files that cannot be read.
    [[nodiscard]] static Result<std::unique_ptr<KickSender>> open(boost::asio::io_context& loop,
                                                                  const TargetPolicy& targets,
                                                                  DeliverySettings delivery,
                                                                  WhenAnswered when_answered);

    /// No other that is under way has its `n`. The error says why nothing was sent.
    [[nodiscard]] std::optional<Error> send(std::uint64_t n, const KickRequest& wanted,
                                            WallInstant now);
    /// As of HttpTransport.
    [[nodiscard]] std::uint64_t waited_for_room() const { return transport_->waited_for_room(); }

private:
    KickSender(const TargetPolicy& targets, std::unique_ptr<HttpTransport> transport,
               WhenAnswered when_answered);

    void attempt_sent(AttemptId /*id*/, WallInstant /*at*/) override {}
    void attempt_ended(AttemptId id, AttemptResult&& result) override;

    const TargetPolicy& targets_;
    std::unique_ptr<HttpTransport> transport_;
    WhenAnswered when_answered_;
};

}  // namespace ringback

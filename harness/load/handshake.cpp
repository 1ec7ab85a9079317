#include "harness/load/handshake.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <utility>

#include "simulator/edge/http_transport.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

/// Keeps the one answer, and ends the loop.
class OneAnswer : public AttemptListener {
public:
    explicit OneAnswer(boost::asio::io_context& loop) : loop_{loop} {}

    void attempt_sent(AttemptId /*id*/, WallInstant /*at*/) override {}
    void attempt_ended(AttemptId /*id*/, AttemptResult&& result) override {
        result_ = std::move(result);
        loop_.stop();
    }
    [[nodiscard]] const AttemptResult& result() const { return result_; }

private:
    boost::asio::io_context& loop_;
    AttemptResult result_;
};

}  // namespace

std::optional<std::string> ask_consent(const std::string& url, const LoadDemand& demand,
                                       const DeliverySettings& delivery,
                                       const TargetPolicy& targets,
                                       std::chrono::milliseconds patience) {
    DeliverySettings settings = delivery;
    settings.keep_answer_headers = true;
    settings.headers.push_back(fmt::format("WebHook-Request-Origin: {}", consent_origin));
    settings.headers.push_back(
        fmt::format("WebHook-Request-Rate: {}", demand.callbacks_per_minute()));
    boost::asio::io_context loop{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    OneAnswer answer{loop};
    auto transport = HttpTransport::open(loop, settings, targets);
    if (!transport) {
        return to_text(transport.error());
    }
    transport.value()->listen(answer);
    AttemptRequest request;
    request.id = AttemptId{1};
    request.now = wall_now();
    request.url = url;
    request.asks_options = true;
    request.timeout = patience;
    transport.value()->start(request);
    loop.run();  // the try ends in time, however it ends
    const AttemptResult& result = answer.result();
    if (result.end != AttemptEnd::answered) {
        return fmt::format("it did not answer: {}", result.error.view());
    }
    return refused_consent(consent_answer(result.status, result.headers.view()), consent_origin,
                           demand);
}

}  // namespace ringback

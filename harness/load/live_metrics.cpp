#include "harness/load/live_metrics.h"

#include <chrono>
#include <utility>

#include "harness/admin/answers.h"
#include "harness/admin/gate.h"
#include "harness/load/report_prometheus.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

constexpr std::chrono::milliseconds stands_for{250};

Response text_of_metrics(const std::string& text) {
    return text_answer(200, text, "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace

bool LiveMetrics::serves(const Request& request) {
    return request.path == "/metrics" || request.path == "/__admin/metrics";
}

/// The port of a load run is on loopback and has no token.
std::optional<Response> LiveMetrics::admit(const Request& head) {
    if (auto refusal = refuse_visitor(head, AdminSettings{})) {
        return refusal;
    }
    if (head.method != "GET") {
        Response refusal = error_answer(405, "expected GET");
        refusal.headers.push_back({"Allow", "GET"});
        return refusal;
    }
    return std::nullopt;
}

void LiveMetrics::handle(const Request& request, std::shared_ptr<Responder> responder) {
    if (auto refusal = admit(request)) {
        responder->send(std::move(*refusal));
        return;
    }
    if (made_ && wall_now() - *made_ < stands_for) {
        responder->send(text_of_metrics(text_));
        return;
    }
    waiting_.push_back(std::move(responder));
    if (waiting_.size() == 1) {
        gather_([this](const LoadResult& so_far) { take(so_far); });
    }
}

void LiveMetrics::take(const LoadResult& so_far) {
    text_ = load_prometheus(so_far, Running::yes);
    made_ = wall_now();
    for (const auto& responder : std::exchange(waiting_, {})) {
        responder->send(text_of_metrics(text_));
    }
}

}  // namespace ringback

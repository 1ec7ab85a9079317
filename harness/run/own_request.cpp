#include "harness/run/own_request.h"

#include <memory>
#include <string_view>
#include <utility>

#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

/// Keeps the answer.
class Kept final : public Responder {
public:
    void send(Response response) override { answer = std::move(response); }
    std::shared_ptr<ResponseStream> stream(Response head) override {
        answer = std::move(head);
        return nullptr;
    }
    Response answer;
};

}  // namespace

Response ask(Simulator& simulator, const std::string& api, const std::string& method,
             const std::string& path, std::string body) {
    Request request;
    request.method = method;
    request.target = path;
    request.path = path.substr(0, path.find('?'));
    if (const std::size_t mark = path.find('?'); mark != std::string::npos) {
        request.query = path.substr(mark + 1);
    }
    const std::size_t scheme = api.find("://");
    const std::string_view host =
        std::string_view{api}.substr(scheme == std::string::npos ? 0 : scheme + 3);
    request.headers = {{"Host", std::string{host}}, {"Content-Type", "application/json"}};
    request.body = std::move(body);
    request.remote = "ringback";
    request.received = wall_now();
    const auto kept = std::make_shared<Kept>();
    simulator.handle(request, kept);
    if (const auto sent = std::exchange(kept->answer.after_sent, nullptr)) {
        sent();
    }
    return std::move(kept->answer);
}

}  // namespace ringback

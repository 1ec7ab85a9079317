#include "tests/fuzz/api_bench.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "tests/fuzz/targets.h"

namespace ringback::fuzz {
namespace {

using namespace std::chrono_literals;

const std::string user = "/v1/users/u-1";

void require_good_answer(const Response& answer, bool is_file) {
    constexpr int unavailable = 503;
    require(answer.status >= 200 && answer.status < 600, "an answer has a status");
    require(answer.status < 500 || answer.status == 501 || answer.status == unavailable,
            "no input is answered with 500");
    for (const Header& header : answer.headers) {
        require(header.value.find_first_of("\r\n") == std::string::npos,
                "a header of an answer is one line");
    }
    if (answer.status >= 400) {
        const auto error = nlohmann::json::parse(answer.body, nullptr, false);
        require(error.is_object() && error.contains("message") && error.contains("category") &&
                    error.contains("code"),
                "an error has Bandwidth's shape");
    } else if (!answer.body.empty() && !is_file) {
        require(nlohmann::json::accept(answer.body), "an answer is JSON");
    }
}

}  // namespace

ApiBench::ApiBench() {
    api_.settings.most_media = std::size_t{1} << 20U;
    const std::string to = R"("to":"+19195550187","callbackUrl":"http://127.0.0.1:9/cb")";
    have("call", "/calls", R"({"from":"+19195550123",)" + to + "}");
    have("active", "/calls", R"({"from":"+19195550123","recordingEnabled":true,)" + to + "}");
    have("third", "/calls", R"({"from":"+19195550123",)" + to + "}");
    pass(5s);
    have("ringing", "/calls", R"({"from":"+19195550123",)" + to + "}");
    have("gather", "/calls/@active/gather", R"({"maxDigits":3})");
    have("bridge", "/bridges", R"({"callIds":["@call"]})");
    have("conference", "/conferences", R"({"from":"+19195550123"})");
    have("member", "/conferences/@conference/members", R"({"callId":"@third"})");
    have("message", "/messages", R"({"from":"+19195550123","to":"+19195550187","text":"hi"})");
    have("application", "/applications",
         R"({"name":"a","incomingCallUrl":"http://127.0.0.1:9/cb"})");
    have("number", "/phoneNumbers", R"({"number":"+19195550123"})");
    have("domain", "/domains", R"({"name":"a-domain","description":"d"})");
    have("endpoint", "/domains/@domain/endpoints",
         R"({"name":"e","credentials":{"password":"secret-1"}})");
    const User& made = *api_.engine.find_user("u-1");
    ids_of_["recording"] = api_.ids.text(IdKind::recording, made.hash, 2, 1);
    pass(1s);
}

void ApiBench::have(const std::string& name, const std::string& path, const std::string& body) {
    const std::string target = user + with_ids(path);
    ApiContext now = api_.context();
    const ApiReply reply = answer_api(request("POST", target, with_ids(body)), now);
    require(reply.response.status == 201, "what the bench needs can be made");
    std::string location = reply.location;
    for (const Header& header : reply.response.headers) {
        location = header.name == "Location" ? header.value : location;
    }
    ids_of_[name] = location.substr(location.rfind('/') + 1);
}

std::string ApiBench::with_ids(std::string path) const {
    for (const auto& [name, id] : ids_of_) {
        const std::string mark = "@" + name;
        for (std::size_t at = path.find(mark); at != std::string::npos;
             at = path.find(mark, at + id.size())) {
            path.replace(at, mark.size(), id);
        }
    }
    return path;
}

void ApiBench::pass(Duration time) {
    api_.advance(time);
    api_.engine.outputs().clear();
}

Response ApiBench::ask(const Request& request) {
    ApiContext now = api_.context();
    if (auto refused = admit_api(request, now)) {
        require_good_answer(*refused, false);
        return std::move(*refused);
    }
    ApiReply reply = answer_api(request, now);
    require_good_answer(reply.response, reply.file != nullptr);
    api_.engine.outputs().clear();
    return std::move(reply.response);
}

}  // namespace ringback::fuzz

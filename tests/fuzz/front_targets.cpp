// What arrives over HTTP: requests, their bodies, queries; and what receivers answer.
#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "simulator/edge/chunked_body.h"
#include "simulator/edge/request_head.h"
#include "simulator/edge/response_reader.h"
#include "simulator/wire/header_object.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/plain_object.h"
#include "simulator/wire/query_object.h"
#include "simulator/wire/url_text.h"
#include "tests/fuzz/api_bench.h"
#include "tests/fuzz/targets.h"

namespace ringback::fuzz {
namespace {

constexpr std::uint64_t most_body = 1000;

/// A request as a connection puts it together from pieces; none: refused or incomplete.
struct Arrived {
    int status{0};  // of the refusal; -1: more is wanted
    std::size_t used{0};
    std::optional<Request> request{};
};

Arrived arrive(std::string_view bytes, const std::function<std::size_t(std::size_t)>& piece) {
    RequestHead head{most_body};
    std::size_t got = 0;
    RequestHead::State state = RequestHead::State::incomplete;
    while (state == RequestHead::State::incomplete && got < bytes.size()) {
        got += piece(bytes.size() - got);
        state = head.advance(bytes.substr(0, got));
    }
    if (state == RequestHead::State::refused) {
        require(head.refusal().status >= 400, "a refused head has a status");
        return {head.refusal().status, 0};
    }
    if (state == RequestHead::State::incomplete) {
        return {-1, 0};
    }
    const Framing framing = head.framing();
    require(framing.content_length <= most_body, "no body over the limit is announced");
    std::size_t used = head.size();
    std::string body;
    if (framing.chunked) {
        ChunkedBody chunks{most_body};
        while (chunks.state() == ChunkedBody::State::incomplete && used < bytes.size()) {
            const std::size_t size = piece(bytes.size() - used);
            const std::size_t taken = chunks.advance(bytes.substr(used, size), body);
            require(taken <= size, "no more is taken than there is");
            require(taken == size || chunks.state() != ChunkedBody::State::incomplete,
                    "all is taken while more is wanted");
            used += taken;
        }
        require(body.size() <= most_body, "no body grows over its limit");
        if (chunks.state() != ChunkedBody::State::complete) {
            return {chunks.state() == ChunkedBody::State::refused ? chunks.refusal().status : -1,
                    0};
        }
    } else {
        const auto length = static_cast<std::size_t>(framing.content_length);
        if (bytes.size() - used < length) {
            return {-1, 0};
        }
        body = bytes.substr(used, length);
        used += length;
    }
    Arrived arrived{0, used, head.request()};
    arrived.request->body = std::move(body);
    arrived.request->remote = "127.0.0.1:4711";
    arrived.request->remote_ip = "127.0.0.1";
    return arrived;
}

}  // namespace

/// A connection's bytes: request after request goes to the API; the same, however they are cut.
void take_http_request(std::string_view input) {
    std::optional<ApiBench> bench;  // most inputs are no request
    Pieces pieces{input};
    constexpr int most_requests = 5;
    for (int n = 0; n < most_requests && !input.empty(); ++n) {
        const Arrived whole = arrive(input, [](std::size_t all) { return all; });
        const Arrived cut = arrive(input, [&](std::size_t all) { return pieces.next(all); });
        require(whole.status == cut.status && whole.used == cut.used,
                "a request is the same however it is cut");
        if (!whole.request) {
            return;
        }
        require(whole.request->target == cut.request->target &&
                    whole.request->body == cut.request->body,
                "a request says the same however it is cut");
        if (!bench) {
            bench.emplace();
        }
        bench->ask(*whole.request);
        input.remove_prefix(whole.used);
    }
}

/// First line "POST /calls/@active/gather", then the body; "@active" is the id of a call there is.
void take_json_body(std::string_view input) {
    const std::size_t line = input.find('\n');
    const std::string_view first = input.substr(0, line);
    const std::string_view body =
        line == std::string_view::npos ? std::string_view{} : input.substr(line + 1);
    std::vector<RequestBody::Entry> entries;
    const bool plain = read_plain_object(body, entries);
    const bool by_library = nlohmann::json::accept(body);
    require(!plain || by_library, "what is read by hand, the library reads too");
    const auto read = parse_json(body);
    require(!read || by_library, "what we take for JSON is JSON");
    require(!plain || read.ok(), "what is read by hand is strict JSON");

    const std::size_t space = first.find(' ');
    std::string method{first.substr(0, space)};
    std::string path{space == std::string_view::npos ? "/calls" : first.substr(space + 1)};
    ApiBench bench;
    const std::string whole_path = path.starts_with("/v1") ? path : "/v1/users/u-1" + path;
    bench.ask(bench.request(std::move(method), bench.with_ids(whole_path),
                            bench.with_ids(std::string{body})));
    bench.pass(std::chrono::minutes{5});
}

void take_query(std::string_view input) {
    const auto object = query_object(input);
    require(object.is_object(), "a query reads as an object");
    static_cast<void>(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    static_cast<void>(edited_query(input, {{"tag", "new"}, {"callId", nullptr}}));
    if (const auto decoded = percent_decoded(input)) {
        require(percent_decoded(percent_encoded(*decoded)) == decoded,
                "what is encoded decodes to itself");
    }
    if (!std::ranges::all_of(input, [](char c) { return c > 0x20 && c < 0x7f; })) {
        return;  // no request has such a query
    }
    ApiBench bench;
    for (const char* const list : {"/calls", "/messages", "/recordings", "/account/transactions",
                                   "/availableNumbers/local", "/phoneNumbers"}) {
        const std::string target = std::string{"/v1/users/u-1"} + list;
        Request asked = bench.request("GET", target, "");
        asked.query = input;
        asked.target += "?" + asked.query;
        bench.ask(asked);
    }
}

namespace {

struct Answered {
    ResponseReader::Progress progress{};
    bool head_done{false};
    bool reusable{false};
    int status{0};
    std::string body;
    std::string problem;
    std::string headers;
    std::string reason;
};

Answered answered(std::string_view bytes, const std::function<std::size_t(std::size_t)>& piece) {
    ResponseReader reader;
    AttemptResult result;
    reader.begin(result, true);
    std::size_t offered = 0;
    std::size_t used = 0;
    while (reader.progress() == ResponseReader::Progress::more && offered < bytes.size()) {
        offered += piece(bytes.size() - offered);
        // What it left is offered again, with more behind it.
        const std::size_t taken = reader.take(bytes.substr(used, offered - used));
        require(taken <= offered - used, "no more is taken than there is");
        used += taken;
    }
    if (reader.progress() == ResponseReader::Progress::more) {
        reader.end_of_stream();
    }
    reader.keep();
    require(result.body.size() <= ResponseLimits::body_kept, "of a body no more is kept than 4 kB");
    require(result.reason.size() <= ResponseLimits::reason_kept, "a long reason is cut");
    require(result.location.size() <= ResponseLimits::location_kept, "a long Location is cut");
    require(result.headers.size() <= ResponseLimits::headers_kept, "headers are kept up to 8 kB");
    constexpr int switching = 101;  // as final as any: nothing comes behind it
    require(!reader.head_done() || result.status == switching ||
                (result.status >= 200 && result.status <= 999),
            "an answer has a final status");
    static_cast<void>(header_object(result.headers.view()));
    return {reader.progress(),
            reader.head_done(),
            reader.reusable(),
            result.status,
            std::string{result.body.view()},
            reader.problem(),
            std::string{result.headers.view()},
            std::string{result.reason.view()}};
}

}  // namespace

void take_callback_response(std::string_view input) {
    Pieces pieces{input};
    const Answered whole = answered(input, [](std::size_t all) { return all; });
    const Answered cut = answered(input, [&](std::size_t all) { return pieces.next(all); });
    require(is_fit_to_show(whole.problem), "what is malformed is told in our own words");
    require(whole.head_done == cut.head_done, "an answer is one however it is cut");
    if (whole.head_done) {
        require(whole.status == cut.status && whole.reason == cut.reason &&
                    whole.headers == cut.headers,
                "an answer says the same however it is cut");
    }
}

}  // namespace ringback::fuzz

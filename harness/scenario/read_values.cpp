// Small things that stand in many places of a scenario.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/scenario/events.h"
#include "harness/scenario/reading.h"

namespace ringback {
namespace {

constexpr std::string_view status_forms{R"(a status such as 200, "2xx" or "200-204")"};
constexpr int least_status = 100;
constexpr int most_status = 599;

std::optional<int> status_number(std::string_view text) {
    int number{0};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && number >= least_status && number <= most_status ? std::optional{number}
                                                                    : std::nullopt;
}

std::optional<std::pair<int, int>> status_range(std::string_view text) {
    if (text.size() == 3 && text.ends_with("xx") && text[0] >= '1' && text[0] <= '5') {
        const int least = (text[0] - '0') * 100;
        return std::pair{least, least + 99};
    }
    const std::size_t dash = text.find('-');
    const auto least = status_number(text.substr(0, dash));
    const auto most = dash == std::string_view::npos ? least : status_number(text.substr(dash + 1));
    if (!least || !most || *least > *most) {
        return std::nullopt;
    }
    return std::pair{*least, *most};
}

void read_one_status(const Cursor& at, std::vector<std::pair<int, int>>& ranges) {
    std::optional<std::pair<int, int>> range;
    if (at.value().is_number_integer()) {
        range = status_range(at.value().dump());
    } else if (const auto* text = at.value().get_ptr<const std::string*>(); text != nullptr) {
        range = status_range(*text);
    }
    if (range) {
        ranges.push_back(*range);
    } else {
        at.wrong(status_forms);
    }
}

void check_path(const Cursor& at, std::string_view path) {
    const std::size_t rest = path.find("**");
    if (!path.starts_with('/') && !path.starts_with("${")) {
        at.wrong("a path that begins with \"/\"");
    } else if (path.find('?') != std::string_view::npos) {
        at.wrong(R"(a path without a query (that is "query" in "match"))");
    } else if (rest != std::string_view::npos && rest + 2 != path.size()) {
        at.wrong("\"**\" at the end of a path only");
    }
}

/// The word for an API command; its method and path go into `api`.
void read_command(const Cursor& at, const Cursor& command, ApiPattern& api) {
    std::vector<std::string_view> words;
    for (const ApiCommand& each : api_commands()) {
        words.push_back(each.word);
    }
    const auto word = known_word(command, "an API command", words);
    for (const std::string_view name : {"method", "path"}) {
        if (at.member(name)) {
            at.member(name)->note(fmt::format(
                "expected either \"command\" or \"method\" and \"path\", found \"{}\" beside "
                "\"command\"",
                name));
        }
    }
    const auto found = std::ranges::find(api_commands(), word.value_or(""), &ApiCommand::word);
    if (found != api_commands().end()) {
        api.method = found->method;
        api.path = found->path;
    }
}

/// How the delivery of a callback must end.
void read_delivery(const Cursor& at, ReplyExpectation& expect) {
    using Via = ReplyExpectation::Via;
    if (const auto via = at.member("deliveredVia")) {
        const auto word = via->one_of({"callback", "fallback", "none"});
        expect.delivered_via = word == "fallback" ? Via::fallback
                               : word == "none"   ? Via::none
                                                  : Via::callback;
    }
    if (const auto attempts = at.member("attempts")) {
        constexpr std::int64_t most_attempts = 100;
        expect.attempts =
            static_cast<std::uint64_t>(attempts->integer(1, most_attempts).value_or(1));
    }
}

}  // namespace

std::optional<Comparison> read_latency(const Cursor& at) {
    const auto* text = at.value().get_ptr<const std::string*>();
    auto latency = text == nullptr ? std::nullopt : parse_latency(*text);
    if (!latency) {
        at.wrong("a comparison with a time, such as \"<250ms\"");
    }
    return latency;
}

std::vector<std::pair<int, int>> read_status(const Cursor& at) {
    std::vector<std::pair<int, int>> ranges;
    if (!at.value().is_array()) {
        read_one_status(at, ranges);
        return ranges;
    }
    for (const Cursor& element : at.elements()) {
        read_one_status(element, ranges);
    }
    if (at.value().empty()) {
        at.note("expected at least one status, found none");
    }
    return ranges;
}

FieldMatches read_match(Reading& reading, const Cursor& at) {
    if (!at.is_object()) {
        return {};
    }
    at.only({"body", "headers", "query"});
    FieldMatches matches = FieldMatches::read(at);
    note_matches(reading, at, matches);
    return matches;
}

FieldMatches read_body_match(Reading& reading, const Cursor& at) {
    FieldMatches matches = FieldMatches::read_paths(at, "body");
    note_matches(reading, at, matches);
    return matches;
}

ReplyExpectation read_expect(Reading& reading, const Cursor& at) {
    ReplyExpectation expect;
    expect.place = at.place();
    if (!at.is_object()) {
        return expect;
    }
    at.only(
        {"status", "latency", "reusedConnection", "deliveredVia", "attempts", "body", "headers"});
    if (const auto status = at.member("status")) {
        expect.status = read_status(*status);
    }
    if (const auto latency = at.member("latency")) {
        expect.latency_ms = read_latency(*latency);
    }
    if (const auto reused = at.member("reusedConnection")) {
        expect.reused_connection = reused->boolean();
    }
    read_delivery(at, expect);
    expect.match = FieldMatches::read(at);
    note_matches(reading, at, expect.match);
    return expect;
}

ApiPattern read_api(Reading& reading, const Cursor& at, bool anything) {
    ApiPattern api;
    if (const auto match = at.member("match")) {
        api.match = read_match(reading, *match);
    }
    if (const auto command = at.member("command")) {
        read_command(at, *command, api);
        return api;
    }
    if (const auto method = at.member("method")) {
        api.method = method->one_of({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"}).value_or("");
    }
    const auto path = at.member("path");
    if (!path && !anything) {
        at.note(R"(expected a member "path" or "command", found none)");
    }
    if (path) {
        api.path = path->text().value_or("");
        note_texts(reading, *path);
        if (path->value().is_string()) {
            check_path(*path, api.path);
        }
    }
    return api;
}

}  // namespace ringback

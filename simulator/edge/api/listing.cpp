#include "simulator/edge/api/listing.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/edge/api/answers.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

constexpr std::int64_t largest_size = 1000;
constexpr std::int64_t largest_page = 1'000'000'000'000;  // times the size still far from wrapping

std::optional<std::string> decoded(std::string_view raw) {
    auto text = percent_decoded(raw);
    const bool clean = text && is_utf8(*text) && std::ranges::all_of(*text, [](char c) {
                           return static_cast<unsigned char>(c) >= 0x20;
                       });
    return clean ? text : std::nullopt;
}

}  // namespace

std::optional<Query> Query::parse(std::string_view raw) {
    Query query;
    while (!raw.empty()) {
        const std::size_t end = std::min(raw.find('&'), raw.size());
        const std::string_view field = raw.substr(0, end);
        raw.remove_prefix(std::min(end + 1, raw.size()));
        if (field.empty()) {
            continue;
        }
        const std::size_t equals = std::min(field.find('='), field.size());
        auto name = decoded(field.substr(0, equals));
        auto value = decoded(field.substr(std::min(equals + 1, field.size())));
        if (!name || !value) {
            return std::nullopt;
        }
        query.fields_.emplace_back(std::move(*name), std::move(*value));
    }
    return query;
}

std::optional<std::string_view> Query::value(std::string_view name) const {
    const auto at = std::ranges::find_if(
        fields_, [&](const auto& field) { return field.first == name && !field.second.empty(); });
    return at == fields_.end() ? std::nullopt : std::optional{std::string_view{at->second}};
}

std::optional<std::string> Query::number(std::string_view name) const {
    const auto given = value(name);
    if (!given) {
        return std::nullopt;
    }
    std::string number{*given};
    if (number.front() == ' ') {
        number.front() = '+';
    }
    return number;
}

std::optional<Instant> query_time(const Query& query, const char* name, FirstProblem& problems) {
    const auto given = query.value(name);
    const auto time = given ? parse_time(*given) : std::nullopt;
    if (given && !time) {
        problems.note(validation_error(fmt::format(
            "The query parameter '{}' must be a time such as 2017-11-24T04:00:46Z", name)));
    }
    return time;
}

bool oldest_first(const Query& query, FirstProblem& problems) {
    const auto order = query.value("sortOrder");
    const bool ascending = order && same_word(*order, "asc");
    if (order && !ascending && !same_word(*order, "desc")) {
        problems.note(validation_error(
            "The query parameter 'sortOrder' must be one of the following values: asc, desc"));
    }
    return ascending;
}

void append_list_url(std::string& out, const ApiRequest& request, std::string_view below,
                     std::string_view first, const Query& query,
                     std::initializer_list<std::string_view> without) {
    out += request.base;
    out += "/v1/users/";
    out += request.user_in_path;
    out += '/';
    out += below;
    out += '?';
    out += first;
    for (const auto& [name, value] : query.fields()) {
        if (std::ranges::find(without, name) == without.end()) {
            out += '&';
            append_percent_encoded(out, name);
            out += '=';
            append_percent_encoded(out, value);
        }
    }
}

std::string* Listing::place() {
    const std::uint64_t at = seen_++;
    if (at < first_ || at >= end_) {
        return nullptr;
    }
    if (at > first_) {
        body_ += ',';
    }
    return &body_;
}

std::string Listing::link(const ApiRequest& request, std::string_view below,
                          const Query& query) const {
    const auto one = [&](std::uint64_t page, std::string_view relation) {
        std::string first{"page="};
        append_integer(first, static_cast<std::int64_t>(page));
        first += "&size=";
        append_integer(first, static_cast<std::int64_t>(page_.size));
        std::string text{"<"};
        append_list_url(text, request, below, first, query, {"page", "size"});
        text += ">; rel=\"";
        text += relation;
        text += '"';
        return text;
    };
    std::string header = one(0, "first");
    if (complete()) {
        header += ", " + one(page_.number + 1, "next");
    }
    return header;
}

ApiReply Listing::reply(const ApiRequest& request, std::string_view below, const Query& query) {
    return reply(link(request, below, query));
}

ApiReply Listing::reply(std::string link_header) {
    ApiReply reply;
    reply.response = json_answer(std::move(body_) + "]");
    reply.response.headers.push_back({"Link", std::move(link_header)});
    return reply;
}

std::variant<ListRequest, ApiError> list_request(const ApiRequest& request,
                                                 std::uint64_t usual_size) {
    auto query = Query::parse(request.http.query);
    if (!query) {
        return bad_parameters("the query must be percent-encoded UTF-8 without control characters");
    }
    Page page{0, usual_size};
    if (const auto given = query->value("page")) {
        const auto number = whole_number(*given);
        if (!number || *number < 0) {
            return validation_error("The query parameter 'page' must be a whole number from 0");
        }
        page.number = static_cast<std::uint64_t>(std::min(*number, largest_page));
    }
    if (const auto given = query->value("size")) {
        const auto number = whole_number(*given);
        if (!number || *number < 1) {
            return validation_error("The query parameter 'size' must be a whole number of 1..1000");
        }
        page.size = static_cast<std::uint64_t>(std::min(*number, largest_size));
    }
    return ListRequest{std::move(*query), page};
}

}  // namespace ringback

#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/edge/api/api_request.h"
#include "simulator/wire/error_json.h"

namespace ringback {

/// The fields of a query, percent-decoded, in order. '+' is kept: in numbers it means itself.
class Query {
public:
    /// None for bad percent codes, control bytes and invalid UTF-8.
    [[nodiscard]] static std::optional<Query> parse(std::string_view raw);

    /// The first field of that name; none if it is missing or empty.
    [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const;
    /// The same for a phone number or SIP URI: a space in front was a '+' (spec v1 1.3).
    [[nodiscard]] std::optional<std::string> number(std::string_view name) const;

    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const {
        return fields_;
    }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// Which part of a list is wanted. Source: spec v1 1.7.
struct Page {
    std::uint64_t number{0};  // from 0
    std::uint64_t size{25};   // 1..1000
};

/// The instant a query names, if any; another text is a problem.
[[nodiscard]] std::optional<Instant> query_time(const Query& query, const char* name,
                                                FirstProblem& problems);
/// Whether sortOrder=asc is asked for.
[[nodiscard]] bool oldest_first(const Query& query, FirstProblem& problems);

/// Appends {base}/v1/users/{user}/{below}?{first}, then the fields of `query` but those `without`.
void append_list_url(std::string& out, const ApiRequest& request, std::string_view below,
                     std::string_view first, const Query& query,
                     std::initializer_list<std::string_view> without);

/// One list on its way out: counts what matches and keeps what is on the page.
class Listing {
public:
    explicit Listing(Page page)
        : page_{page}, first_{page.number * page.size}, end_{first_ + page.size} {}

    /// Counts one more match; the place to append it to if it is on the page, else null.
    std::string* place();
    /// Whether a match beyond the page was seen: nothing further can change the answer.
    [[nodiscard]] bool complete() const { return seen_ > end_; }
    /// With so many matches it is complete.
    [[nodiscard]] std::uint64_t needed() const { return end_ + 1; }

    /// 200 with the array and its Link header. `below`: the path behind the user ("calls").
    [[nodiscard]] ApiReply reply(const ApiRequest& request, std::string_view below,
                                 const Query& query);
    /// The same with a Link header of the caller's.
    [[nodiscard]] ApiReply reply(std::string link_header);

private:
    [[nodiscard]] std::string link(const ApiRequest& request, std::string_view below,
                                   const Query& query) const;

    Page page_;
    std::uint64_t first_;
    std::uint64_t end_;
    std::uint64_t seen_{0};
    std::string body_{"["};
};

/// The query and its page, or what is wrong with them.
struct ListRequest {
    Query query;
    Page page;
};
[[nodiscard]] std::variant<ListRequest, ApiError> list_request(const ApiRequest& request,
                                                               std::uint64_t usual_size = 25);

}  // namespace ringback

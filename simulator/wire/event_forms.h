#pragma once

// The two forms in which a receiver is told of an event: see callback_json.h. Nobody else needs
// them. Names and words of ours, ids among them, need no escapes in either form.

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/core/time.h"
#include "simulator/wire/appender.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"

namespace ringback {

/// Writes members of the POST form.
class JsonForm {
public:
    static constexpr bool is_query = false;
    JsonForm(std::string& out, std::string_view base, std::string_view user)
        : out_{out}, base_{base}, user_{user} {}

    template <std::size_t n, class Word>
    void word(Literal<n> name, const Word& value) {
        member(name, "\"", value, "\"");
    }
    template <std::size_t n>
    void text(Literal<n> name, std::string_view value) {
        if (is_plain_json(value)) {
            member(name, "\"", value, "\"");
        } else {
            member(name);
            append_json_string(out_.complete(), value);
        }
    }
    template <std::size_t n>
    void time(Literal<n> name, Instant at) {
        member(name, "\"", time_chars(at), "\"");
    }
    template <std::size_t n>
    void number(Literal<n> name, std::size_t value) {
        member(name);
        append_integer(out_.complete(), static_cast<std::int64_t>(value));
    }
    template <std::size_t n>
    void boolean(Literal<n> name, bool value) {
        member(name, value ? std::string_view{"true"} : std::string_view{"false"});
    }
    /// {base}/v1/users/{user}/{step}/{step}...
    template <std::size_t n, class... Steps>
    void uri(Literal<n> name, const Steps&... steps) {
        member(name, "\"", base_, "/v1/users/", user_);
        (out_.put("/", steps), ...);
        out_.put("\"");
    }
    /// JSON that is one value: an object here, a text in a query.
    template <std::size_t n>
    void object(Literal<n> name, std::string_view json) {
        member(name, json);
    }
    /// A list whose texts `append(std::string&, const Item&)` writes, URLs of people and of ours.
    template <std::size_t n, class Items, class Append>
    void texts(Literal<n> name, const Items& items, const Append& append) {
        member(name, "[");
        std::string_view before;
        for (const auto& item : items) {
            std::string one;
            append(one, item);
            out_.put(before);
            append_json_string(out_.complete(), one);
            before = ",";
        }
        out_.put("]");
    }
    void end() { out_.put("}"); }

private:
    template <std::size_t n, class... Parts>
    void member(Literal<n> name, const Parts&... value) {
        out_.put(before_, "\"", name, "\":", value...);
        before_ = ',';
    }

    Appender out_;
    std::string_view base_;
    std::string_view user_;
    char before_{'{'};
};

/// Writes fields of the GET form.
class QueryForm {
public:
    static constexpr bool is_query = true;
    QueryForm(std::string& out, std::string_view base, std::string_view user)
        : out_{out}, base_{base}, user_{user} {}

    template <std::size_t n, class Word>
    void word(Literal<n> name, const Word& value) {
        field(name, value);
    }
    template <std::size_t n>
    void text(Literal<n> name, std::string_view value) {
        field(name);
        put_percent_encoded(out_, value);
    }
    template <std::size_t n>
    void time(Literal<n> name, Instant at) {
        const auto chars = time_chars(at);
        text(name, {chars.data(), chars.size()});
    }
    template <std::size_t n>
    void number(Literal<n> name, std::size_t value) {
        field(name);
        append_integer(out_.complete(), static_cast<std::int64_t>(value));
    }
    template <std::size_t n>
    void boolean(Literal<n> name, bool value) {
        field(name, value ? std::string_view{"true"} : std::string_view{"false"});
    }
    template <std::size_t n, class... Steps>
    void uri(Literal<n> name, const Steps&... steps) {
        text(name, base_);
        out_.put("%2Fv1%2Fusers%2F");
        put_percent_encoded(out_, user_);
        (out_.put("%2F", steps), ...);
    }
    template <std::size_t n>
    void object(Literal<n> name, std::string_view json) {
        text(name, json);
    }
    /// One value, "[one, two]" (spec v1 3.1).
    template <std::size_t n, class Items, class Append>
    void texts(Literal<n> name, const Items& items, const Append& append) {
        std::string all{"["};
        for (const auto& item : items) {
            all += all.size() > 1 ? ", " : "";
            append(all, item);
        }
        text(name, all += ']');
    }
    void end() {}

private:
    template <std::size_t n, class... Parts>
    void field(Literal<n> name, const Parts&... value) {
        out_.put(before_, name, "=", value...);
        before_ = "&";
    }

    Appender out_;
    std::string_view base_;
    std::string_view user_;
    std::string_view before_;
};

}  // namespace ringback

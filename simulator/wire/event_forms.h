#pragma once

// The two forms in which a receiver is told of an event: see callback_json.h. Nobody else needs
// them.

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/core/time.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"

namespace ringback {

/// {base}/v1/users/{user}/{collection}/{id}, and below that for transcriptions.
struct EventUri {
    std::string_view base;
    std::string_view user;
    std::string_view collection;
    std::string_view id;
    std::string_view below_collection{};
    std::string_view below_id{};
};

/// Writes members of the POST form. Names and words of ours need no escapes.
class JsonForm {
public:
    static constexpr bool is_query = false;
    explicit JsonForm(std::string& out) : out_{out} {}

    void word(std::string_view name, std::string_view value) {
        begin(name);
        out_ += '"';
        out_ += value;
        out_ += '"';
    }
    void text(std::string_view name, std::string_view value) {
        begin(name);
        append_json_string(out_, value);
    }
    void time(std::string_view name, Instant at) {
        begin(name);
        out_ += '"';
        append_time(out_, at);
        out_ += '"';
    }
    void number(std::string_view name, std::size_t value) {
        begin(name);
        append_integer(out_, static_cast<std::int64_t>(value));
    }
    void uri(std::string_view name, const EventUri& uri) {
        begin(name);
        out_ += '"';
        out_ += uri.base;
        out_ += "/v1/users/";
        out_ += uri.user;
        step(uri.collection, uri.id);
        if (!uri.below_id.empty()) {
            step(uri.below_collection, uri.below_id);
        }
        out_ += '"';
    }
    void end() { out_ += '}'; }

private:
    void begin(std::string_view name) {
        out_ += first_ ? "{\"" : ",\"";
        first_ = false;
        out_ += name;
        out_ += "\":";
    }
    void step(std::string_view collection, std::string_view id) {
        out_ += '/';
        out_ += collection;
        out_ += '/';
        out_ += id;
    }

    std::string& out_;
    bool first_{true};
};

/// Writes fields of the GET form.
class QueryForm {
public:
    static constexpr bool is_query = true;
    explicit QueryForm(std::string& out) : out_{out} {}

    void word(std::string_view name, std::string_view value) { text(name, value); }
    void text(std::string_view name, std::string_view value) {
        begin(name);
        append_percent_encoded(out_, value);
    }
    void time(std::string_view name, Instant at) {
        begin(name);
        const std::string text = time_text(at);
        append_percent_encoded(out_, text);
    }
    void number(std::string_view name, std::size_t value) {
        begin(name);
        append_integer(out_, static_cast<std::int64_t>(value));
    }
    void uri(std::string_view name, const EventUri& uri) {
        begin(name);
        append_percent_encoded(out_, uri.base);
        out_ += "%2Fv1%2Fusers%2F";
        append_percent_encoded(out_, uri.user);
        step(uri.collection, uri.id);
        if (!uri.below_id.empty()) {
            step(uri.below_collection, uri.below_id);
        }
    }
    void end() {}

private:
    void begin(std::string_view name) {
        if (!first_) {
            out_ += '&';
        }
        first_ = false;
        out_ += name;
        out_ += '=';
    }
    void step(std::string_view collection, std::string_view id) {
        out_ += "%2F";
        out_ += collection;
        out_ += "%2F";
        append_percent_encoded(out_, id);
    }

    std::string& out_;
    bool first_{true};
};

}  // namespace ringback

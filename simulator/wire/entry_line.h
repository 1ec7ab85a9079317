#pragma once

#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <string>
#include <string_view>

#include "simulator/core/history.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/redaction.h"
#include "simulator/wire/time_text.h"

namespace ringback {

/// A body as JSON when it is JSON, else as a string.
void append_entry_body(std::string& out, std::string_view body);

/// One entry being written. Texts are made safe here, once for all kinds.
class EntryLine {
public:
    explicit EntryLine(std::string& out) : object_{out} {}

    void text(std::string_view name, std::string_view value) { object_.text(name, value); }
    void text_if(std::string_view name, std::string_view value) { object_.text_if(name, value); }
    /// A text that may hold a URL with user information.
    void url_text_if(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            object_.text(name, redacted(value));
        }
    }
    void boolean(std::string_view name, bool value) { object_.boolean(name, value); }
    template <class Number>
    void number(std::string_view name, Number value) {
        fmt::format_to(std::back_inserter(object_.member(name)), "{}", value);
    }
    void body_if(std::string_view name, std::string_view body) {
        if (!body.empty()) {
            append_entry_body(object_.member(name), body);
        }
    }
    void time(std::string_view name, Instant instant) {
        std::string& out = object_.member(name);
        out += '"';
        append_time_ms(out, instant);
        out += '"';
    }
    void wall_time(std::string_view name, WallInstant instant) {
        if (instant != WallInstant::min()) {
            number(name, instant.time_since_epoch() / std::chrono::microseconds{1});
        }
    }
    /// Begins a member whose value the caller appends: a nested object, ready JSON.
    std::string& member(std::string_view name) { return object_.member(name); }
    void end() { object_.end(); }

private:
    JsonObject object_;
};

}  // namespace ringback

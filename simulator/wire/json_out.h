#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ringback {

/// Appends `text` as a quoted JSON string. UTF-8 passes through; what is not UTF-8 becomes U+FFFD,
/// so that no text from anywhere can make an invalid document.
void append_json_string(std::string& out, std::string_view text);

void append_integer(std::string& out, std::int64_t value);

/// Writes one JSON object into a string, member by member. Text members that are empty can be left
/// out in one word: the API never sends null and hardly ever "".
class JsonObject {
public:
    explicit JsonObject(std::string& out) : out_{out} { out_ += '{'; }

    /// Begins a member and hands out the string to append its value to.
    std::string& member(std::string_view name) {
        if (!first_) {
            out_ += ',';
        }
        first_ = false;
        out_ += '"';
        out_ += name;  // ours, never needs escapes
        out_ += "\":";
        return out_;
    }
    void text(std::string_view name, std::string_view value) {
        append_json_string(member(name), value);
    }
    void text_if(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            text(name, value);
        }
    }
    void integer(std::string_view name, std::int64_t value) { append_integer(member(name), value); }
    void boolean(std::string_view name, bool value) { member(name) += value ? "true" : "false"; }
    void end() { out_ += '}'; }

private:
    std::string& out_;
    bool first_{true};
};

}  // namespace ringback

#include "simulator/edge/chunked_body.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "simulator/edge/request_head.h"

namespace ringback {

namespace {

constexpr std::size_t max_size_digits = 15;  // hexadecimal: fits 64 bits with room to add
constexpr std::string_view longer_than_said{"a chunk is longer than its size says"};
constexpr std::size_t max_size_line = 256;  // with its extensions

}  // namespace

std::size_t ChunkedBody::advance(std::string_view received, std::string& body) {
    std::size_t used = 0;
    while (state_ == State::incomplete && used < received.size()) {
        const std::string_view rest = received.substr(used);
        used += part_ == Part::data ? take_data(rest, body) : take_line(rest);
    }
    return used;
}

std::size_t ChunkedBody::take_data(std::string_view received, std::string& body) {
    const std::size_t count =
        static_cast<std::size_t>(std::min<std::uint64_t>(left_, received.size()));
    body.append(received.substr(0, count));
    left_ -= count;
    if (left_ == 0) {
        part_ = Part::data_end;
    }
    return count;
}

/// Moves bytes into line_ until its CR LF, then gives the line to its part.
std::size_t ChunkedBody::take_line(std::string_view received) {
    const std::size_t had = line_.size();
    const std::size_t limit = part_ == Part::trailer ? max_head : max_size_line;
    line_.append(received.substr(0, limit + 2 - std::min(had, limit + 1)));
    // A CR that ended the last piece is looked at again, now with what follows it.
    std::size_t at = had > 0 && line_[had - 1] == '\r' ? had - 1 : had;
    const grammar::LineEnd end = grammar::find_line_end(line_, at);
    if (end == grammar::LineEnd::broken) {
        refuse(400, "a control byte or a bare line break in the chunked body");
        return received.size();
    }
    if (end == grammar::LineEnd::not_yet) {
        if (part_ == Part::data_end && line_.front() != '\r') {
            refuse(400, longer_than_said);
        } else if (line_.size() > limit) {
            refuse(part_ == Part::trailer ? 431 : 400, "a line of the chunked body is too long");
        }
        return line_.size() - had;
    }
    const std::size_t used = at + 2 - had;
    const std::string line = line_.substr(0, at);
    line_.clear();
    switch (part_) {
        case Part::size_line:
            take_size(line);
            break;
        case Part::data_end:
            part_ = Part::size_line;
            if (!line.empty()) {
                refuse(400, longer_than_said);
            }
            break;
        case Part::trailer:
            take_trailer(line);
            break;
        case Part::data:
            break;
    }
    return used;
}

void ChunkedBody::take_size(std::string_view line) {
    const std::size_t end = std::min(line.find(';'), line.size());
    std::uint64_t size = 0;
    const char* const last = line.data() + end;
    const auto [stopped, error] = std::from_chars(line.data(), last, size, 16);
    if (end == 0 || end > max_size_digits || error != std::errc{} || stopped != last) {
        refuse(400, "expected a chunk size in hexadecimal digits");
        return;
    }
    overhead_ += line.size() - end;
    if (overhead_ > max_head) {
        refuse(400, "too many chunk extensions");
        return;
    }
    if (size > max_body_ - taken_) {
        refuse(413, "the body is too large");
        return;
    }
    taken_ += size;
    left_ = size;
    part_ = size == 0 ? Part::trailer : Part::data;
}

void ChunkedBody::take_trailer(std::string_view line) {
    if (line.empty()) {
        state_ = State::complete;
        return;
    }
    overhead_ += line.size();
    if (overhead_ > max_head || ++trailers_ > max_fields) {
        refuse(431, "the trailer is too large");
        return;
    }
    if (grammar::split_field(line).name.empty()) {
        refuse(400, "expected a trailer line of name, colon and value");
    }
}

void ChunkedBody::refuse(int status, std::string_view what) {
    state_ = State::refused;
    refusal_ = {status, what};
}

}  // namespace ringback

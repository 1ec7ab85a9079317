#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/edge/http_grammar.h"

namespace ringback {

/// The body of a request sent with `Transfer-Encoding: chunked`, as it arrives in any pieces.
/// Extensions and trailers are checked, bounded and dropped. Source: RFC 9112 7.1, without its
/// optional whitespace.
class ChunkedBody {
public:
    enum class State : std::uint8_t { incomplete, complete, refused };

    explicit ChunkedBody(std::uint64_t max_body) : max_body_{max_body} {}

    /// Appends what `received` holds of the body to `body` and says how many bytes it used: all of
    /// them unless the body was completed or refused.
    std::size_t advance(std::string_view received, std::string& body);

    /// Another limit than it was made with; before anything has arrived.
    void allow(std::uint64_t max_body) { max_body_ = max_body; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const grammar::Refusal& refusal() const { return refusal_; }

private:
    enum class Part : std::uint8_t { size_line, data, data_end, trailer };

    std::size_t take_line(std::string_view received);
    std::size_t take_data(std::string_view received, std::string& body);
    void take_size(std::string_view line);
    void take_trailer(std::string_view line);
    void refuse(int status, std::string_view what);

    std::uint64_t max_body_;
    std::uint64_t taken_{0};
    std::uint64_t left_{0};    // of the current chunk
    std::size_t overhead_{0};  // bytes of extensions and trailers so far
    std::size_t trailers_{0};
    std::string line_;  // what has arrived of a size line, a chunk's end or a trailer
    Part part_{Part::size_line};
    State state_{State::incomplete};
    grammar::Refusal refusal_;
};

}  // namespace ringback

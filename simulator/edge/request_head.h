#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/edge/http.h"
#include "simulator/edge/http_grammar.h"

namespace ringback {

/// Bytes, line ends not counted in the line and counted in the head. Source: reliability.md 3.
inline constexpr std::size_t max_request_line = 8192;
inline constexpr std::size_t max_head = 16'384;
inline constexpr std::size_t max_fields = 100;

/// What the head says about its body and its connection.
struct Framing {
    std::uint64_t content_length{0};
    bool chunked{false};
    bool keep_alive{true};
    bool expects_continue{false};
    bool http_1_0{false};

    [[nodiscard]] bool has_body() const { return chunked || content_length > 0; }
};

/// The head of one request, byte by byte as it arrives. Strict: what RFC 9112 lets a server guess
/// about is refused, because a guess is how one request becomes two. Knows no socket and no clock.
class RequestHead {
public:
    enum class State : std::uint8_t { incomplete, complete, refused };

    /// Bytes of body that may be announced; more is 413.
    explicit RequestHead(std::uint64_t max_body) : max_body_{max_body} {}

    /// Goes on with all the bytes received since the head began; the same result however they were
    /// split. Once complete it stays so, whatever is received then.
    [[nodiscard]] State advance(std::string_view received);

    /// Bytes the head took, its blank line included; once complete.
    [[nodiscard]] std::size_t size() const { return at_.line_start; }
    [[nodiscard]] const grammar::Refusal& refusal() const { return refusal_; }
    [[nodiscard]] const Framing& framing() const { return framing_; }
    /// Method, target, path, query and headers are set as far as they were understood; the rest is
    /// empty.
    [[nodiscard]] Request& request() { return request_; }

    /// Ready for the next head, which gets the memory of this one unless it was large.
    void clear();

private:
    bool take_line(std::string_view line);
    bool take_request_line(std::string_view line);
    bool take_version(std::string_view version);
    bool take_target(std::string_view target);
    bool take_field(std::string_view line);
    bool take_meaning(const Header& field);
    bool take_content_length(std::string_view value);
    bool take_connection(std::string_view value);
    bool finish();
    bool refuse(int status, std::string_view what);
    bool over_limits(std::size_t stop);

    std::uint64_t max_body_;
    Request request_;
    Framing framing_;
    grammar::Refusal refusal_;
    std::string authority_;  // of an absolute-form target
    /// How far this head has come.
    struct Progress {
        std::size_t line_start{0};
        std::size_t scanned{0};
        std::size_t hosts{0};
        std::size_t lengths{0};
        std::size_t encodings{0};
        bool said_close{false};
        bool said_keep_alive{false};
        bool has_request_line{false};
        bool complete{false};
    };
    Progress at_;
};

}  // namespace ringback

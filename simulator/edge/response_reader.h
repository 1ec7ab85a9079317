#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/delivery.h"

namespace ringback {

/// Bounds on what is taken from a receiver (reliability.md, promise 6).
struct ResponseLimits {
    /// Status line and headers, with those of interim answers before it.
    static constexpr std::size_t head = std::size_t{16} * 1024;
    static constexpr std::size_t body_read = std::size_t{64} * 1024;
    static constexpr std::size_t wire_read = body_read + head;  // with the heads of chunks
    static constexpr std::size_t body_kept = std::size_t{4} * 1024;
    static constexpr std::size_t document_kept = std::size_t{16} * 1024 + 1;  // too long shows
    static constexpr std::size_t headers_kept = std::size_t{8} * 1024;
    static constexpr std::size_t reason_kept = 256;
    static constexpr std::size_t location_kept = 2048;
    static constexpr int interim_answers = 8;
};

/// Beast's grammar without its containers: what an attempt keeps goes straight into its result.
class ResponseParser : public boost::beast::http::basic_parser<false> {
public:
    /// The first `body_kept` bytes of the body go to `body`, the headers to `headers` unless that
    /// is null; `last_reason` is shared with the result when the same one comes again, as it nearly
    /// always does.
    ResponseParser(AttemptResult& result, std::string& body, std::size_t body_kept,
                   std::string* headers, Text& last_reason);

    [[nodiscard]] bool head_is_done() const { return head_done_; }

protected:
    using Field = boost::beast::http::field;
    using View = boost::beast::string_view;
    using ErrorCode = boost::beast::error_code;

    void on_request_impl(boost::beast::http::verb, View, View, int, ErrorCode&) override;
    void on_response_impl(int status, View reason, int version, ErrorCode& error) override;
    void on_field_impl(Field name, View text, View value, ErrorCode& error) override;
    void on_header_impl(ErrorCode& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& error) override;
    std::size_t on_body_impl(View bytes, ErrorCode& error) override;
    void on_chunk_header_impl(std::uint64_t size, View extensions, ErrorCode& error) override;
    std::size_t on_chunk_body_impl(std::uint64_t left, View bytes, ErrorCode& error) override;
    void on_finish_impl(ErrorCode& error) override;

private:
    AttemptResult& result_;
    std::string& body_;
    std::size_t body_kept_;
    std::string* headers_;
    Text& last_reason_;
    bool head_done_{false};
};

/// Reads one response: interim answers, head, as much of the body as is wanted. Knows no socket.
class ResponseReader {
public:
    enum class Progress : std::uint8_t { more, complete, malformed };

    /// Begins with the next response; status, reason and location go into `result`.
    void begin(AttemptResult& result, bool keep_headers,
               std::size_t body_kept = ResponseLimits::body_kept);

    /// Takes what it can and says how much; the rest is to be offered again with more behind it.
    [[nodiscard]] std::size_t take(std::string_view bytes);
    /// The receiver will send no more: a begun body is then complete.
    void end_of_stream();

    /// Puts what has come of the body into the result, at most `body_kept`, and the
    /// headers where they are wanted.
    void keep();

    [[nodiscard]] Progress progress() const { return progress_; }
    /// The status counts from here on, whatever becomes of the body.
    [[nodiscard]] bool head_done() const { return head_done_; }
    /// The connection is at the border of two messages and the receiver wants to keep it.
    [[nodiscard]] bool reusable() const { return reusable_; }
    /// Why it is malformed; ours, without received bytes.
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    void took_of_head(std::size_t left, const boost::beast::error_code& error);
    void took_of_body(const boost::beast::error_code& error);
    void note(const boost::beast::error_code& error);
    void end_message();
    void next_message();
    void fail(std::string problem);

    AttemptResult* result_{nullptr};
    std::optional<ResponseParser> parser_;
    std::string body_;
    std::string headers_;
    Text last_reason_;
    std::string problem_;
    std::size_t body_kept_{ResponseLimits::body_kept};
    std::size_t head_bytes_{0};  // interim answers included
    std::size_t body_bytes_{0};  // as on the wire, chunk heads included
    int interims_{0};
    Progress progress_{Progress::more};
    bool keep_headers_{false};
    bool head_done_{false};
    bool reusable_{false};
};

}  // namespace ringback

#include "simulator/edge/response_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <charconv>
#include <system_error>

namespace ringback {
namespace http = boost::beast::http;

namespace {

constexpr int switching_protocols = 101;

/// Retry-After in seconds; 0: a date, or nothing that could be waited for.
std::uint32_t seconds_in(std::string_view value) {
    constexpr std::size_t most_digits = 9;
    std::uint32_t seconds = 0;
    const char* const end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, seconds);
    return value.size() <= most_digits && read.ec == std::errc{} && read.ptr == end ? seconds : 0;
}

constexpr bool is_redirect(int status) { return status >= 300 && status < 400; }

/// The answer itself, with nothing of HTTP behind it.
constexpr bool is_final(int status) { return status >= 200 || status == switching_protocols; }

}  // namespace

ResponseParser::ResponseParser(AttemptResult& result, std::string& body, std::size_t body_kept,
                               std::string* headers, Text& last_reason)
    : result_{result},
      body_{body},
      body_kept_{body_kept},
      headers_{headers},
      last_reason_{last_reason} {
    header_limit(ResponseLimits::head);  // of the fields alone; the reader counts all of the head
    body_limit(boost::none);  // a promise of a gigabyte is no error; we stop reading ourselves
}

void ResponseParser::on_request_impl(http::verb, View, View, int, ErrorCode&) {}

void ResponseParser::on_response_impl(int status, View reason, int, ErrorCode& error) {
    constexpr int lowest_status = 100;
    if (status < lowest_status) {
        error = http::error::bad_status;
        return;
    }
    result_.status = status;
    const std::string_view kept{reason.data(),
                                std::min(reason.size(), ResponseLimits::reason_kept)};
    if (last_reason_ != kept) {
        last_reason_ = Text{kept};
    }
    result_.reason = last_reason_;
}

void ResponseParser::on_field_impl(Field name, View text, View value, ErrorCode&) {
    constexpr std::size_t line_ends = 2;
    if (headers_ != nullptr &&
        headers_->size() + text.size() + value.size() + line_ends <= ResponseLimits::headers_kept) {
        headers_->append(text.data(), text.size()).append(1, '\n');
        headers_->append(value.data(), value.size()).append(1, '\n');
    }
    if (name == Field::location && is_redirect(result_.status) &&
        value.size() <= ResponseLimits::location_kept) {
        result_.location = Text{{value.data(), value.size()}};
    }
    if (name == Field::retry_after) {
        result_.retry_after_s = seconds_in({value.data(), value.size()});
    }
}

void ResponseParser::on_header_impl(ErrorCode&) { head_done_ = true; }

void ResponseParser::on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) {}

std::size_t ResponseParser::on_body_impl(View bytes, ErrorCode&) {
    if (body_.size() < body_kept_) {
        body_.append(bytes.data(), std::min(bytes.size(), body_kept_ - body_.size()));
    }
    result_.body_bytes =
        std::min<std::uint64_t>(result_.body_bytes + bytes.size(), ResponseLimits::body_read);
    return bytes.size();
}

void ResponseParser::on_chunk_header_impl(std::uint64_t, View, ErrorCode&) {}

std::size_t ResponseParser::on_chunk_body_impl(std::uint64_t, View bytes, ErrorCode& error) {
    return on_body_impl(bytes, error);
}

void ResponseParser::on_finish_impl(ErrorCode&) {}

void ResponseReader::next_message() {
    headers_.clear();
    parser_.emplace(*result_, body_, body_kept_, keep_headers_ ? &headers_ : nullptr, last_reason_);
}

void ResponseReader::begin(AttemptResult& result, bool keep_headers, std::size_t body_kept) {
    result_ = &result;
    body_kept_ = body_kept;
    keep_headers_ = keep_headers;
    body_.clear();
    next_message();
    head_bytes_ = 0;
    body_bytes_ = 0;
    interims_ = 0;
    progress_ = Progress::more;
    head_done_ = false;
    reusable_ = false;
}

void ResponseReader::fail(std::string problem) {
    problem_ = std::move(problem);
    progress_ = Progress::malformed;
}

/// After the head nothing is malformed any more: the status has come, a bad body only ends the
/// connection.
void ResponseReader::note(const boost::beast::error_code& error) {
    if (head_done_) {
        progress_ = Progress::complete;
    } else if (error == http::error::header_limit) {
        fail("the head of the answer is longer than 16 kB");
    } else {
        fail("the answer is not HTTP/1.1: " + error.message());
    }
}

/// A whole message has come: the answer, or an interim one before it.
void ResponseReader::end_message() {
    if (is_final(result_->status)) {
        reusable_ = parser_->keep_alive() && result_->status != switching_protocols;
        progress_ = Progress::complete;
        return;
    }
    if (++interims_ > ResponseLimits::interim_answers) {
        fail("more than 8 interim (1xx) answers");
        return;
    }
    result_->status = 0;
    result_->retry_after_s = 0;
    result_->reason.reset();
    next_message();
}

std::size_t ResponseReader::take(std::string_view bytes) {
    std::size_t taken = 0;
    while (progress_ == Progress::more && taken < bytes.size()) {
        boost::beast::error_code error;
        const std::string_view rest = bytes.substr(taken);
        const std::size_t used =
            parser_->put(boost::asio::const_buffer{rest.data(), rest.size()}, error);
        taken += used;
        if (head_done_) {
            body_bytes_ += used;
            took_of_body(error);
        } else {
            head_bytes_ += used;
            took_of_head(bytes.size() - taken, error);
        }
        if (error == http::error::need_more) {
            break;
        }
    }
    return taken;
}

/// `left`: bytes behind what was taken; of the head, as long as it is not done.
void ResponseReader::took_of_head(std::size_t left, const boost::beast::error_code& error) {
    const bool has_ended = parser_->head_is_done();
    if (error && error != http::error::need_more) {
        note(error);
    } else if (head_bytes_ + (has_ended ? 0 : left) > ResponseLimits::head) {
        note(http::error::header_limit);
    } else if (has_ended) {
        head_done_ = is_final(result_->status);
        parser_->eager(true);
        if (parser_->is_done()) {
            end_message();
        }
    }
}

void ResponseReader::took_of_body(const boost::beast::error_code& error) {
    if (error && error != http::error::need_more) {
        note(error);
    } else if (parser_->is_done()) {
        end_message();
    } else if (result_->body_bytes >= ResponseLimits::body_read ||
               body_bytes_ >= ResponseLimits::wire_read) {
        progress_ = Progress::complete;  // enough was read; the rest is not wanted
    }
}

void ResponseReader::keep() {
    if (!body_.empty()) {
        result_->body = Text{body_};
    }
    if (!headers_.empty()) {
        result_->headers = Text{headers_};
    }
}

void ResponseReader::end_of_stream() {
    if (head_done_) {
        progress_ = Progress::complete;
        reusable_ = false;
    }
}

}  // namespace ringback

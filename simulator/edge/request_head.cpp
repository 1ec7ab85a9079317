#include "simulator/edge/request_head.h"

#include <algorithm>
#include <array>
#include <utility>

#include "simulator/wire/ascii.h"

namespace ringback {

namespace {

using grammar::LineEnd;

constexpr std::size_t max_method = 32;
constexpr std::size_t max_host = 261;  // a name of 255 bytes, ':' and a port
/// What a connection keeps from one request to the next: ten thousand idle ones must stay small.
constexpr std::size_t most_kept = 2048;
constexpr std::size_t most_kept_fields = 16;
constexpr std::size_t usual_fields = 12;

/// By a byte: it may stand in a registered name.
constexpr auto name_bytes = [] {
    std::array<bool, 256> all{};
    for (std::size_t byte = 0x21; byte < 0x7f; ++byte) {
        all[byte] = std::string_view{"\"/\\?#@[]<>^`{|}%:"}.find(static_cast<char>(byte)) ==
                    std::string_view::npos;
    }
    return all;
}();

/// RFC 3986 3.2.2: what a registered name, an address or a bracketed IPv6 address is written with.
bool is_host(std::string_view text) {
    if (text.empty() || text.size() > max_host) {
        return false;
    }
    std::string_view port;
    if (text.front() == '[') {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos || close < 3) {
            return false;
        }
        if (!std::ranges::all_of(text.substr(1, close - 1), [](char c) {
                return (c >= '0' && c <= '9') || c == ':' || c == '.' ||
                       (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
            })) {
            return false;
        }
        port = text.substr(close + 1);
    } else {
        const std::size_t colon = std::min(text.find(':'), text.size());
        port = text.substr(colon);
        const std::string_view name = text.substr(0, colon);
        if (name.empty() || !std::ranges::all_of(name, [](char c) {
                return name_bytes[static_cast<unsigned char>(c)];
            })) {
            return false;
        }
    }
    // RFC 3986 3.2.3 lets the port be empty after its colon.
    return port.empty() || (port.front() == ':' && port.size() <= 6 &&
                            (port.size() == 1 || grammar::is_digits(port.substr(1))));
}

}  // namespace

RequestHead::State RequestHead::advance(std::string_view received) {
    if (at_.complete) {
        return State::complete;  // what follows is not the head's
    }
    while (refusal_.status == 0) {
        const LineEnd end = grammar::find_line_end(received, at_.scanned);
        if (over_limits(at_.scanned)) {
            break;
        }
        if (end == LineEnd::not_yet) {
            return State::incomplete;
        }
        if (end == LineEnd::broken) {
            refuse(400, "a control byte or a bare line break in the head");
            break;
        }
        const std::string_view line = received.substr(at_.line_start, at_.scanned - at_.line_start);
        at_.scanned += 2;
        at_.line_start = at_.scanned;
        if (line.empty() && at_.has_request_line) {
            at_.complete = finish();
            return at_.complete ? State::complete : State::refused;
        }
        if (!take_line(line)) {
            break;
        }
    }
    return State::refused;
}

/// `stop` is where the current line ends, or how far it has come.
bool RequestHead::over_limits(std::size_t stop) {
    if (!at_.has_request_line && stop - at_.line_start > max_request_line) {
        return !refuse(414, "the request line is longer than 8192 bytes");
    }
    // The line's own end and the blank line are still to come, or part of this one.
    if (stop + 2 > max_head) {
        return !refuse(431, "the head is longer than 16384 bytes");
    }
    return false;
}

bool RequestHead::take_line(std::string_view line) {
    if (at_.has_request_line) {
        return take_field(line);
    }
    at_.has_request_line = true;
    return take_request_line(line);
}

bool RequestHead::take_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return refuse(400, "expected a request line of method, target and version");
    }
    const std::string_view method = line.substr(0, first);
    if (method.size() > max_method || !grammar::is_token(method)) {
        return refuse(400, "expected a method at the start of the request line");
    }
    request_.method = method;
    return take_version(line.substr(last + 1)) &&
           take_target(line.substr(first + 1, last - first - 1));
}

bool RequestHead::take_version(std::string_view version) {
    const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") &&
                             grammar::is_digits(version.substr(5, 1)) && version[6] == '.' &&
                             grammar::is_digits(version.substr(7, 1));
    if (!well_formed) {
        return refuse(400, "expected HTTP/1.1 at the end of the request line");
    }
    if (version[5] != '1' || version[7] > '1') {
        return refuse(505, "this server speaks HTTP/1.1 and HTTP/1.0");
    }
    framing_.http_1_0 = version[7] == '0';
    return true;
}

bool RequestHead::take_target(std::string_view target) {
    const bool printable = std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f; });
    if (target.empty() || !printable || target.find('#') != std::string_view::npos) {
        return refuse(400, "expected a request target of printable ASCII without spaces");
    }
    std::string authority;
    if (target.front() != '/') {
        const std::size_t scheme = target.find("://");
        const std::string_view name = target.substr(0, std::min(scheme, target.size()));
        if (scheme == std::string_view::npos ||
            (!equal_ignoring_case(name, "http") && !equal_ignoring_case(name, "https"))) {
            return refuse(400, "expected a request target that begins with '/'");
        }
        target.remove_prefix(scheme + 3);
        const std::size_t path = std::min(target.find_first_of("/?"), target.size());
        authority = target.substr(0, path);
        target.remove_prefix(path);
        if (!is_host(authority)) {
            return refuse(400, "expected a host in the absolute request target");
        }
    }
    authority_ = std::move(authority);
    if (!target.starts_with('/')) {
        request_.target.push_back('/');
    }
    request_.target.append(target);
    const std::size_t mark = std::min(request_.target.find('?'), request_.target.size());
    request_.path.assign(request_.target, 0, mark);
    request_.query.assign(request_.target, std::min(mark + 1, request_.target.size()));
    return true;
}

bool RequestHead::take_field(std::string_view line) {
    if (request_.headers.size() == max_fields) {
        return refuse(431, "more than 100 header fields");
    }
    if (line.front() == ' ' || line.front() == '\t') {
        return refuse(400, "a folded header line");
    }
    const grammar::FieldLine field = grammar::split_field(line);
    if (field.name.empty()) {
        return refuse(400, "expected a header line of name, colon and value");
    }
    if (request_.headers.empty()) {
        request_.headers.reserve(usual_fields);
    }
    Header& kept = request_.headers.emplace_back();
    kept.name = field.name;
    kept.value = field.value;
    return take_meaning(kept);
}

/// Only fields that frame the message or govern its connection; the rest is the routes' business.
bool RequestHead::take_meaning(const Header& field) {
    const auto named = [&](std::string_view name) { return equal_ignoring_case(field.name, name); };
    switch (field.name.size()) {
        case 4:
            if (named("Host")) {
                return ++at_.hosts == 1 && is_host(field.value)
                           ? true
                           : refuse(400, "expected one Host header that names a host");
            }
            break;
        case 6:
            if (named("Expect") && !framing_.http_1_0) {
                framing_.expects_continue = equal_ignoring_case(field.value, "100-continue");
                return framing_.expects_continue ||
                       refuse(417, "the only expectation this server meets is 100-continue");
            }
            break;
        case 10:
            return named("Connection") ? take_connection(field.value) : true;
        case 14:
            return named("Content-Length") ? take_content_length(field.value) : true;
        case 16:
            if (named("Content-Encoding") && !field.value.empty() &&
                !equal_ignoring_case(field.value, "identity")) {
                return refuse(415, "this server takes bodies without Content-Encoding only");
            }
            break;
        case 17:
            if (named("Transfer-Encoding")) {
                framing_.chunked = ++at_.encodings == 1 && !framing_.http_1_0 &&
                                   equal_ignoring_case(field.value, "chunked");
                return framing_.chunked ||
                       refuse(400, "expected Transfer-Encoding: chunked, once, in HTTP/1.1");
            }
            break;
        default:
            break;
    }
    return true;
}

bool RequestHead::take_content_length(std::string_view value) {
    constexpr std::size_t max_digits = 18;  // fits 64 bits, so that no number wraps
    if (++at_.lengths != 1 || value.size() > max_digits || !grammar::is_digits(value)) {
        return refuse(400, "expected one Content-Length of 1 to 18 digits");
    }
    framing_.content_length = 0;
    for (const char digit : value) {
        framing_.content_length =
            framing_.content_length * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    return true;
}

bool RequestHead::take_connection(std::string_view value) {
    while (!value.empty()) {
        const std::size_t comma = std::min(value.find(','), value.size());
        const std::string_view option = grammar::trimmed(value.substr(0, comma));
        at_.said_close = at_.said_close || equal_ignoring_case(option, "close");
        at_.said_keep_alive = at_.said_keep_alive || equal_ignoring_case(option, "keep-alive");
        value.remove_prefix(std::min(comma + 1, value.size()));
    }
    return true;
}

bool RequestHead::finish() {
    if (at_.hosts == 0 && !framing_.http_1_0) {
        return refuse(400, "expected a Host header");
    }
    // RFC 9112 3.2.2 lets the target win; nobody honest sends two hosts, so a difference is
    // refused.
    if (!authority_.empty()) {
        if (at_.hosts == 0) {
            request_.headers.push_back(Header{"Host", authority_});
        } else if (!equal_ignoring_case(request_.header("Host"), authority_)) {
            return refuse(400, "the request target and the Host header name different hosts");
        }
    }
    if (at_.lengths != 0 && at_.encodings != 0) {
        return refuse(400, "both Content-Length and Transfer-Encoding");
    }
    if (framing_.content_length > max_body_) {
        return refuse(413, "the announced body is too large");
    }
    framing_.keep_alive = !at_.said_close && (!framing_.http_1_0 || at_.said_keep_alive);
    return true;
}

bool RequestHead::refuse(int status, std::string_view what) {
    refusal_ = {status, what};
    return false;
}

void RequestHead::clear() {
    const bool large = at_.line_start > most_kept ||
                       request_.headers.capacity() > most_kept_fields ||
                       request_.body.capacity() > most_kept;
    large ? static_cast<void>(request_ = Request{}) : request_.clear();
    framing_ = {};
    refusal_ = {};
    authority_.clear();
    at_ = {};
}

}  // namespace ringback

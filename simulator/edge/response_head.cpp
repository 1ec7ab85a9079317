#include "simulator/edge/response_head.h"

#include <array>
#include <charconv>

#include "simulator/edge/http_grammar.h"

namespace ringback {

namespace {

void append_clean(std::string& out, std::string_view text) {
    std::size_t at = out.size();
    out.append(text);
    for (at = grammar::find_control(out, at); at < out.size();
         at = grammar::find_control(out, at + 1)) {
        out[at] = '?';
    }
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

}  // namespace

void append_response_head(std::string& out, const Response& response, BodyEnd end,
                          std::string_view connection, std::size_t length) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(response.status));
    out.append(" ").append(reason_of(response.status)).append("\r\n");
    for (const Header& field : response.headers) {
        append_clean(out, field.name);
        out.append(": ");
        append_clean(out, field.value);
        out.append("\r\n");
    }
    if (end == BodyEnd::chunked) {
        out.append("Transfer-Encoding: chunked\r\n");
    } else if (end == BodyEnd::length && !is_bodiless(response.status)) {
        out.append("Content-Length: ");
        append_number(out, length);
        out.append("\r\n");
    }
    if (!connection.empty()) {
        out.append("Connection: ").append(connection).append("\r\n");
    }
    out.append("\r\n");
}

std::string_view reason_of(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Unknown";
    }
}

}  // namespace ringback

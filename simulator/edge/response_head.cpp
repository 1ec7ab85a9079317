#include "simulator/edge/response_head.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <iterator>

#include "simulator/edge/http_grammar.h"

namespace ringback {

namespace {

void append_clean(std::string& out, std::string_view text) {
    const std::size_t begin = out.size();
    out.append(text);
    for (std::size_t at = begin; at < out.size(); ++at) {
        if (grammar::control_bytes[static_cast<unsigned char>(out[at])]) {
            out[at] = '?';
        }
    }
}

}  // namespace

void append_response_head(std::string& out, const Response& response, BodyEnd end,
                          std::string_view connection) {
    fmt::format_to(std::back_inserter(out), FMT_COMPILE("HTTP/1.1 {} {}\r\n"), response.status,
                   reason_of(response.status));
    for (const Header& field : response.headers) {
        append_clean(out, field.name);
        out.append(": ");
        append_clean(out, field.value);
        out.append("\r\n");
    }
    if (end == BodyEnd::chunked) {
        out.append("Transfer-Encoding: chunked\r\n");
    } else if (end == BodyEnd::length && !is_bodiless(response.status)) {
        fmt::format_to(std::back_inserter(out), FMT_COMPILE("Content-Length: {}\r\n"),
                       response.body.size());
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

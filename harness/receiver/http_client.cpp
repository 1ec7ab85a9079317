#include "harness/receiver/http_client.h"

#include <fmt/format.h>
#include <httplib.h>

#include <charconv>

#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

constexpr std::chrono::seconds connecting{2};
constexpr std::string_view admin_path{"/__admin"};  // as the first line of serve shows it

httplib::Client client_for(const HttpPeer& peer, std::chrono::milliseconds patience) {
    httplib::Client client{peer.host, peer.port};
    client.set_connection_timeout(connecting);
    client.set_read_timeout(patience);
    client.set_write_timeout(patience);
    client.set_tcp_nodelay(true);
    client.set_follow_location(false);
    return client;
}

httplib::Headers headers_with(const std::string& authorization) {
    httplib::Headers headers;
    if (!authorization.empty()) {
        headers.emplace("Authorization", authorization);
    }
    return headers;
}

/// Why nothing came; the library only has names for it.
std::string reason_of(httplib::Error error, std::chrono::milliseconds patience) {
    switch (error) {
        case httplib::Error::Connection:
            return "no connection could be made; nobody listens there, or the name is unknown";
        case httplib::Error::ConnectionTimeout:
            return fmt::format("no connection within {} s", connecting.count());
        case httplib::Error::Write:
            return "the connection ended while the request was being sent";
        case httplib::Error::Read:
            return fmt::format("the connection ended, was silent for {} ms, or does not speak HTTP",
                               patience.count());
        default:
            return "the request could not be made";
    }
}

Result<HttpReply> reply_of(const httplib::Result& result, const HttpClient& client,
                           std::chrono::milliseconds patience) {
    if (!result) {
        return Error{client.peer(), "no answer: " + reason_of(result.error(), patience)};
    }
    return HttpReply{result->status, result->body, result->get_header_value("Location")};
}

}  // namespace

Result<HttpPeer> http_peer_of(std::string_view url) {
    constexpr std::string_view scheme{"http://"};
    const auto wrong = [&] {
        return Error{"",
                     fmt::format("expected an address such as http://127.0.0.1:12180, found \"{}\"",
                                 redacted_address(echoable(url).value_or("unprintable text")))};
    };
    if (!url.starts_with(scheme) || !is_http_url(url)) {
        return wrong();
    }
    std::string_view authority = url.substr(scheme.size());
    if (authority.ends_with('/')) {
        authority.remove_suffix(1);
    }
    if (authority.ends_with(admin_path)) {
        authority.remove_suffix(admin_path.size());
    }
    if (authority.find_first_of("/?#@") != std::string_view::npos) {
        return wrong();
    }
    HttpPeer peer{std::string{authority}, 80};
    const std::size_t colon = authority.rfind(':');
    if (colon != std::string_view::npos && !authority.ends_with(']')) {
        peer.host = authority.substr(0, colon);
        std::from_chars(authority.data() + colon + 1, authority.data() + authority.size(),
                        peer.port);
    }
    if (peer.host.starts_with('[')) {
        peer.host = peer.host.substr(1, peer.host.size() - 2);
    }
    return peer;
}

void HttpClient::authorize_basic(std::string_view user, std::string_view password) {
    authorization_ =
        httplib::make_basic_authentication_header(std::string{user}, std::string{password}).second;
}

Result<HttpReply> HttpClient::get(const std::string& target) const {
    httplib::Client client = client_for(peer_, patience_);
    return reply_of(client.Get(target, headers_with(authorization_)), *this, patience_);
}

Result<HttpReply> HttpClient::post(const std::string& target, const nlohmann::json& body) const {
    httplib::Client client = client_for(peer_, patience_);
    return reply_of(client.Post(target, headers_with(authorization_),
                                body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                                "application/json"),
                    *this, patience_);
}

std::string authority_of(const HttpPeer& peer) {
    const bool v6 = peer.host.find(':') != std::string::npos;
    return v6 ? fmt::format("[{}]:{}", peer.host, peer.port)
              : fmt::format("{}:{}", peer.host, peer.port);
}

}  // namespace ringback

#include "harness/tape/onward.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <exception>
#include <optional>
#include <stdexcept>

namespace ringback {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Request = http::request<http::string_body>;
using Parser = http::response_parser<http::string_body>;
using asio::use_awaitable;

constexpr std::uint32_t most_head{16U << 10U};
constexpr std::uint64_t most_body{16U << 20U};
constexpr int most_interim{8};
constexpr std::chrono::seconds connecting{2};

/// "https://[::1]:8443" taken apart.
struct Base {
    bool tls{false};
    std::string host;  // without brackets
    std::string port;
    std::string authority;
};

Base base_of(const std::string& url) {
    Base base;
    if (url.find("://") == std::string::npos) {
        return base;  // nobody: such a client is not asked
    }
    base.tls = url.starts_with("https:");
    base.authority = url.substr(url.find("://") + 3);
    const std::size_t bracket = base.authority.rfind(']');
    const std::size_t colon = base.authority.rfind(':');
    const bool has_port =
        colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
    base.port = has_port ? base.authority.substr(colon + 1) : (base.tls ? "443" : "80");
    base.host = base.authority.substr(0, has_port ? colon : std::string::npos);
    if (base.host.starts_with('[')) {
        base.host = base.host.substr(1, base.host.size() - 2);
    }
    return base;
}

Request written(const OnwardRequest& wanted, const Base& base) {
    Request request;
    request.method_string(wanted.method);
    request.target(wanted.target);
    request.version(11);
    request.set(http::field::host, base.authority);
    for (const auto& [name, value] : wanted.headers) {
        request.insert(name, value);
    }
    request.set(http::field::connection, "close");
    request.body() = wanted.body;
    request.prepare_payload();
    return request;
}

OnwardAnswer read(Parser& parser) {
    OnwardAnswer answer;
    answer.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get()) {
        answer.headers.emplace_back(field.name_string(), field.value());
    }
    answer.body = std::move(parser.get().body());
    return answer;
}

/// Sends it over a connection that stands, and reads up to the answer that is the last.
template <class Stream>
asio::awaitable<OnwardAnswer> exchange(Stream& stream, Request request) {
    co_await http::async_write(stream, request, use_awaitable);
    beast::flat_buffer ahead;
    for (int answers = 0; answers <= most_interim; ++answers) {
        Parser parser;
        parser.header_limit(most_head);
        parser.body_limit(most_body);
        parser.skip(request.method() == http::verb::head);
        co_await http::async_read(stream, ahead, parser, use_awaitable);
        constexpr unsigned first_final{200};
        if (parser.get().result_int() >= first_final ||
            parser.get().result() == http::status::switching_protocols) {
            co_return read(parser);
        }
    }
    throw std::runtime_error{"more than 8 interim (1xx) answers"};
}

}  // namespace

struct OnwardClient::Parts {
    OnwardSettings settings;
    Base base{base_of(settings.base)};
    std::optional<asio::ssl::context> tls{};
    std::string problem{};  // why there can be no TLS

    explicit Parts(OnwardSettings wanted) : settings{std::move(wanted)} {
        if (!base.tls) {
            return;
        }
        try {
            tls.emplace(asio::ssl::context::tls_client);
            // Many end without the closing alert; how long an answer is was checked otherwise.
            SSL_CTX_set_options(tls->native_handle(), SSL_OP_IGNORE_UNEXPECTED_EOF);
            if (settings.ca_file.empty()) {
                tls->set_default_verify_paths();
            } else {
                tls->load_verify_file(settings.ca_file);
            }
            if (!settings.certificate_file.empty()) {
                tls->use_certificate_chain_file(settings.certificate_file);
                tls->use_private_key_file(
                    settings.key_file.empty() ? settings.certificate_file : settings.key_file,
                    asio::ssl::context::pem);
            }
        } catch (const std::exception& error) {
            problem = error.what();
        }
    }

    asio::awaitable<OnwardAnswer> over_tls(beast::tcp_stream tcp, Request request) {
        asio::ssl::stream<beast::tcp_stream> stream{std::move(tcp), *tls};
        if (settings.verify_tls) {
            stream.set_verify_mode(asio::ssl::verify_peer);
            stream.set_verify_callback(asio::ssl::host_name_verification{base.host});
        }
        boost::system::error_code no_address;
        asio::ip::make_address(base.host, no_address);
        if (no_address) {  // names only (RFC 6066 3)
            // What SSL_set_tlsext_host_name() is, without the old cast inside that macro.
            SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                     TLSEXT_NAMETYPE_host_name, base.host.data());
        }
        co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);
        stream.next_layer().expires_after(settings.patience);
        co_return co_await exchange(stream, std::move(request));
    }

    asio::awaitable<OnwardAnswer> talk(const OnwardRequest& wanted) {
        const auto executor = co_await asio::this_coro::executor;
        asio::ip::tcp::resolver resolver{executor};
        const auto addresses = co_await resolver.async_resolve(base.host, base.port, use_awaitable);
        beast::tcp_stream tcp{executor};
        tcp.expires_after(connecting);
        co_await tcp.async_connect(addresses, use_awaitable);
        tcp.socket().set_option(asio::ip::tcp::no_delay{true});
        if (base.tls) {
            co_return co_await over_tls(std::move(tcp), written(wanted, base));
        }
        tcp.expires_after(settings.patience);
        co_return co_await exchange(tcp, written(wanted, base));
    }
};

OnwardClient::OnwardClient(OnwardSettings settings)
    : parts_{std::make_unique<Parts>(std::move(settings))} {}

OnwardClient::~OnwardClient() = default;

Result<OnwardAnswer> OnwardClient::send(const OnwardRequest& request) const {
    const auto failed = [&](const std::string& why) {
        return Error{"", "no answer from " + parts_->settings.base + ": " + why};
    };
    if (!parts_->problem.empty()) {
        return failed(parts_->problem);
    }
    std::optional<OnwardAnswer> answer;
    std::string why;
    try {
        asio::io_context loop{1};
        asio::co_spawn(loop, parts_->talk(request),
                       [&](const std::exception_ptr& error, OnwardAnswer got) {
                           if (error) {
                               std::rethrow_exception(error);
                           }
                           answer = std::move(got);
                       });
        loop.run();
    } catch (const boost::system::system_error& error) {
        why = error.code().message();
    } catch (const std::exception& error) {
        why = error.what();
    }
    return answer ? Result<OnwardAnswer>{std::move(*answer)} : failed(why);
}

}  // namespace ringback

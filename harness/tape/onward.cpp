#include "harness/tape/onward.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <charconv>
#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "simulator/edge/ip_address.h"
#include "simulator/edge/name_lookup.h"
#include "simulator/edge/tls_files.h"

namespace ringback {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using BeastRequest = http::request<http::string_body>;
using BeastParser = http::response_parser<http::string_body>;
using asio::use_awaitable;
using Endpoints = std::vector<asio::ip::tcp::endpoint>;
using Deadline = std::chrono::steady_clock::time_point;

constexpr std::uint32_t most_head{16U << 10U};
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

BeastRequest written(const OnwardRequest& wanted, const Base& base) {
    BeastRequest request;
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

OnwardAnswer read(BeastParser& parser) {
    OnwardAnswer answer;
    answer.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get()) {
        answer.headers.emplace_back(field.name_string(), field.value());
    }
    answer.body = std::move(parser.get().body());
    return answer;
}

void throw_unless_made(const boost::system::error_code& error, std::string_view what) {
    if (error == beast::error::timeout) {
        throw std::runtime_error{fmt::format("{} within {} s", what, connecting.count())};
    }
    if (error) {
        throw boost::system::system_error{error};
    }
}

/// Sends it over a connection that stands, and reads up to the answer that is the last.
template <class Stream>
asio::awaitable<OnwardAnswer> exchange(Stream& stream, BeastRequest request,
                                       std::uint64_t most_body) {
    co_await http::async_write(stream, request, use_awaitable);
    beast::flat_buffer ahead;
    for (int answers = 0; answers <= most_interim; ++answers) {
        BeastParser parser;
        parser.header_limit(most_head);
        parser.body_limit(most_body);
        parser.skip(request.method() == http::verb::head);
        co_await http::async_read(stream, ahead, parser, use_awaitable);
        constexpr unsigned first_final{200};
        if (parser.get().result() == http::status::switching_protocols) {
            throw std::runtime_error{"expected an answer, found 101 Switching Protocols"};
        }
        if (parser.get().result_int() >= first_final) {
            co_return read(parser);
        }
    }
    throw std::runtime_error{"more than 8 interim (1xx) answers"};
}

/// One request on its way. The system cannot be stopped at looking up a name: whoever asked is told
/// in time, and then nothing is left of it.
struct Sending {
    OnwardClient::Then then;
    OnwardRequest request;
    Deadline deadline;
    asio::steady_timer overdue;

    void ended(Result<OnwardAnswer> came) {
        if (then) {
            overdue.cancel();
            std::exchange(then, nullptr)(std::move(came));
        }
    }
};

/// "its name was not resolved: ...".
std::string unresolved(const std::string& why) { return "its name was not resolved: " + why; }

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
            tls.emplace(new_tls_context(TLS_client_method()));
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

    asio::awaitable<OnwardAnswer> over_tls(beast::tcp_stream tcp, BeastRequest request,
                                           Deadline deadline) {
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
        const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::client,
                                                             asio::as_tuple(use_awaitable));
        throw_unless_made(error, "no TLS");
        stream.next_layer().expires_at(deadline);
        co_return co_await exchange(stream, std::move(request), settings.most_body);
    }

    [[nodiscard]] std::uint16_t port() const {
        std::uint16_t number{0};
        std::from_chars(base.port.data(), base.port.data() + base.port.size(), number);
        return number;
    }

    asio::awaitable<OnwardAnswer> talk(asio::io_context& loop, Endpoints led_to,
                                       OnwardRequest wanted, Deadline deadline) {
        beast::tcp_stream tcp{loop};
        tcp.expires_at(std::min(deadline, std::chrono::steady_clock::now() + connecting));
        const auto [error, peer] =
            co_await tcp.async_connect(led_to, asio::as_tuple(use_awaitable));
        throw_unless_made(error, "no connection");
        tcp.socket().set_option(asio::ip::tcp::no_delay{true});
        if (base.tls) {
            co_return co_await over_tls(std::move(tcp), written(wanted, base), deadline);
        }
        tcp.expires_at(deadline);
        co_return co_await exchange(tcp, written(wanted, base), settings.most_body);
    }

    void begin(asio::io_context& loop, const std::shared_ptr<Sending>& sending, Endpoints led_to) {
        asio::co_spawn(
            loop, talk(loop, std::move(led_to), std::move(sending->request), sending->deadline),
            [sending, this](const std::exception_ptr& error, OnwardAnswer answer) {
                sending->ended(error ? Result<OnwardAnswer>{failure(reason_of(error))}
                                     : Result<OnwardAnswer>{std::move(answer)});
            });
    }

    void looked_up(asio::io_context& loop, const std::shared_ptr<Sending>& sending,
                   const std::vector<IpAddress>& addresses, const std::string& why) {
        if (!sending->then) {
            return;  // it was given up meanwhile
        }
        if (addresses.empty()) {
            sending->ended(failure(unresolved(why)));
            return;
        }
        Endpoints led_to;
        for (const IpAddress& address : addresses) {
            led_to.emplace_back(asio::ip::make_address(to_text(address)), port());
        }
        begin(loop, sending, std::move(led_to));
    }

    [[nodiscard]] Error failure(const std::string& why) const {
        return {"", "no answer from " + settings.base + ": " + why};
    }

    [[nodiscard]] std::string too_slow() const {
        return fmt::format("it took longer than {} ms", settings.patience.count());
    }

    [[nodiscard]] std::string reason_of(const std::exception_ptr& error) const {
        try {
            std::rethrow_exception(error);
        } catch (const boost::system::system_error& system) {
            return system.code() == beast::error::timeout ? too_slow() : system.code().message();
        } catch (const std::exception& other) {
            return other.what();
        }
    }
};

OnwardClient::OnwardClient(OnwardSettings settings)
    : parts_{std::make_unique<Parts>(std::move(settings))} {}

OnwardClient::~OnwardClient() = default;

void OnwardClient::send(asio::io_context& loop, OnwardRequest request, Then then) const {
    if (!parts_->problem.empty()) {
        asio::post(loop,
                   [then = std::move(then), why = parts_->failure(parts_->problem)] { then(why); });
        return;
    }
    const Deadline deadline = std::chrono::steady_clock::now() + parts_->settings.patience;
    const auto sending = std::make_shared<Sending>(
        Sending{std::move(then), std::move(request), deadline, asio::steady_timer{loop, deadline}});
    sending->overdue.async_wait([sending, parts = parts_.get()](const auto& cancelled) {
        if (!cancelled) {
            sending->ended(parts->failure(parts->too_slow()));
        }
    });
    boost::system::error_code is_name;
    const auto literal = asio::ip::make_address(parts_->base.host, is_name);
    if (!is_name) {
        parts_->begin(loop, sending, {{literal, parts_->port()}});
        return;
    }
    const auto problem =
        look_up_name(loop, parts_->base.host,
                     [&loop, parts = parts_.get(), waits = std::weak_ptr<Sending>{sending}](
                         const std::vector<IpAddress>& addresses, const std::string& why) {
                         if (const auto still = waits.lock()) {
                             parts->looked_up(loop, still, addresses, why);
                         }
                     });
    if (problem) {
        asio::post(loop, [sending, parts = parts_.get(), why = *problem] {
            sending->ended(parts->failure(unresolved(why)));
        });
    }
}

}  // namespace ringback

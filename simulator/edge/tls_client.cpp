#include "simulator/edge/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/verify_mode.hpp>
#include <boost/system/system_error.hpp>

#include "simulator/edge/tls_files.h"

namespace ringback {
namespace ssl = boost::asio::ssl;

namespace {

/// Where an SSL keeps the address of its destination's session; Asio has the "app data" for itself.
int session_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

/// What OpenSSL could not do, which is for want of memory, must not be left out: a stream without
/// the name to be verified would trust every certificate.
void must(bool done) {
    if (!done) {
        throw boost::system::system_error{boost::asio::error::no_memory};
    }
}

}  // namespace

TlsClient::TlsClient(bool verify)
    : context_{new_tls_context(TLS_client_method())}, verify_{verify} {
    SSL_CTX* const raw = context_.native_handle();
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(raw, &TlsClient::keep_session);
    // A receiver that closes without the closing alert is common; the length of its answer was
    // checked.
    SSL_CTX_set_options(raw, SSL_OP_IGNORE_UNEXPECTED_EOF);
    context_.set_verify_mode(verify ? ssl::verify_peer : ssl::verify_none);
}

Result<std::unique_ptr<TlsClient>> TlsClient::from(const DeliverySettings& settings) try {
    std::unique_ptr<TlsClient> client{new TlsClient{settings.verify_tls}};
    SSL_CTX* const raw = client->context_.native_handle();
    if (!settings.ca_file.empty()) {
        if (auto error = use_authorities(raw, settings.ca_file, "--cacert")) {
            return *std::move(error);
        }
    } else if (settings.verify_tls) {
        boost::system::error_code error;
        client->context_.set_default_verify_paths(error);
        if (error) {
            return Error{"--cacert",
                         "the system's certificates cannot be read: " + error.message()};
        }
    }
    if (settings.certificate_file.empty() && !settings.key_file.empty()) {
        return Error{"--callback-key", "expected together with --callback-cert"};
    }
    if (!settings.certificate_file.empty()) {
        if (auto error = use_pair(raw, settings.certificate_file, settings.key_file)) {
            return *std::move(error);
        }
        // A receiver that looks at certificates does not see ours in a handshake that takes up
        // another's session, and some refuse those.
        SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    }
    return client;
} catch (const boost::system::system_error& error) {
    return Error{"TLS", "callbacks cannot have it: " + error.code().message()};
}

int TlsClient::keep_session(SSL* ssl, SSL_SESSION* session) {
    auto* const place = static_cast<TlsSession*>(SSL_get_ex_data(ssl, session_index()));
    if (place == nullptr) {
        return 0;
    }
    place->reset(session);
    return 1;  // the reference is ours now
}

std::unique_ptr<TlsStream> TlsClient::stream(TcpSocket& socket, const std::string& host,
                                             bool is_address, TlsSession& session) {
    auto stream = std::make_unique<TlsStream>(socket, context_);
    SSL* const raw = stream->native_handle();
    must(SSL_get_rbio(raw) != nullptr);  // Asio does not look
    must(SSL_set_ex_data(raw, session_index(), &session) == 1);
    if (!is_address) {
        // What SSL_set_tlsext_host_name() is, without the old cast inside that macro.
        std::string name = host;
        must(SSL_ctrl(raw, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) ==
             1);
    }
    if (verify_) {
        X509_VERIFY_PARAM* const expected = SSL_get0_param(raw);
        X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        if (is_address) {
            must(X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1);
        } else {
            must(X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) == 1);
        }
    }
    if (session) {
        SSL_set_session(raw, session.get());
    }
    return stream;
}

std::string TlsClient::reason(TlsStream& stream, const boost::system::error_code& error) {
    std::string refusal = refusal_of_peer(stream.native_handle());
    if (!refusal.empty()) {
        return refusal;
    }
    return failure("TLS handshake failed: ", error);
}

std::string TlsClient::failure(std::string_view what, const boost::system::error_code& error) {
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
    const int alert = reason - SSL_AD_REASON_OFFSET;
    constexpr int last_alert = 255;
    if (error.category() != boost::asio::error::get_ssl_category() || alert < 0 ||
        alert > last_alert) {
        return std::string{what} + error.message();
    }
    const std::string refused{"TLS refused by the receiver: "};
    if (alert == SSL_AD_CERTIFICATE_REQUIRED) {
        return refused + "it asks for a certificate of the sender (--callback-cert)";
    }
    return refused + SSL_alert_desc_string_long(alert);
}

void TlsClient::end_quietly(TlsStream& stream) {
    SSL_set_ex_data(stream.native_handle(), session_index(), nullptr);
    SSL_set_shutdown(stream.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

}  // namespace ringback

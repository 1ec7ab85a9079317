#include "simulator/edge/tls_server.h"

#include <openssl/ssl.h>

#include <boost/system/system_error.hpp>
#include <string_view>
#include <utility>

#include "simulator/edge/tls_files.h"

namespace ringback {
namespace ssl = boost::asio::ssl;

namespace {

std::optional<Error> ask_for_certificates(SSL_CTX* context, const std::string& file) {
    if (auto error = use_authorities(context, file, "--client-ca")) {
        return error;
    }
    // Told to clients, many of which choose their certificate by it.
    STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(file.c_str());
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    // Without a name of their own, sessions of clients with certificates are not taken up again but
    // refused.
    constexpr std::string_view name{"ringback"};
    SSL_CTX_set_session_id_context(
        context,
        reinterpret_cast<const unsigned char*>(name.data()),  // NOLINT(*reinterpret-cast)
        static_cast<unsigned>(name.size()));
    return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<ssl::context>> tls_server(const ServerSettings& settings) try {
    auto context = std::make_unique<ssl::context>(new_tls_context(TLS_server_method()));
    SSL_CTX* const raw = context->native_handle();
    boost::system::error_code error;
    context->set_options(ssl::context::default_workarounds, error);
    if (error) {
        return Error{"https", error.message()};
    }
    if (auto problem = use_pair(raw, settings.certificate_file, settings.key_file)) {
        return *std::move(problem);
    }
    if (!settings.client_ca_file.empty()) {
        if (auto problem = ask_for_certificates(raw, settings.client_ca_file)) {
            return *std::move(problem);
        }
    }
    return context;
} catch (const boost::system::system_error& error) {
    return Error{"https", error.code().message()};
}

}  // namespace ringback

#include "simulator/edge/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace ringback {
namespace {

using File = std::unique_ptr<FILE, int (*)(FILE*)>;

/// Nobody is there to be asked.
int no_passphrase(char* /*into*/, int /*size*/, int /*writing*/, void* asked) {
    if (asked != nullptr) {
        *static_cast<bool*>(asked) = true;
    }
    return -1;
}

/// Opens it, or says in the system's words why not.
std::optional<Error> problem_of_file(const std::string& file, const std::string& expected) {
    const File opened{std::fopen(file.c_str(), "r"), &std::fclose};
    // A folder can be opened, and is found out when it is read.
    if (!opened || (std::fgetc(opened.get()) == EOF && std::ferror(opened.get()) != 0)) {
        return Error{file, "expected " + expected + ", found that it cannot be read: " +
                               std::generic_category().message(errno)};
    }
    return std::nullopt;
}

/// What OpenSSL has to say of a file without what was looked for, or with a damaged one, for
/// people. The cause is the oldest it has noted; what it calls itself by stands above.
std::string found_instead() {
    const unsigned long oldest = ERR_get_error();
    const bool is_alone = ERR_peek_error() == 0;
    ERR_clear_error();
    const int library = ERR_GET_LIB(oldest);
    const int reason = ERR_GET_REASON(oldest);
    if ((library == ERR_LIB_PEM && reason == PEM_R_NO_START_LINE) ||
        (library == ERR_LIB_X509 && reason == X509_R_NO_CERTIFICATE_OR_CRL_FOUND) ||
        (library == ERR_LIB_OSSL_DECODER && is_alone)) {
        return "none in it";
    }
    const char* const words = oldest == 0 ? nullptr : ERR_reason_error_string(oldest);
    return std::string{"one that cannot be read"} +
           (words == nullptr ? "" : std::string{": "} + words);
}

}  // namespace

SSL_CTX* new_tls_context(const SSL_METHOD* method) {
    SSL_CTX* const made = SSL_CTX_new(method);
    if (made == nullptr) {
        throw boost::system::system_error{boost::asio::error::no_memory};
    }
    SSL_CTX_set_options(made, SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
    return made;
}

std::string reason_of_openssl() {
    const unsigned long newest = ERR_peek_last_error();
    ERR_clear_error();
    const char* const reason = newest == 0 ? nullptr : ERR_reason_error_string(newest);
    return reason == nullptr ? std::string{} : std::string{reason};
}

std::optional<Error> use_pair(SSL_CTX* context, const std::string& certificate_file,
                              std::string key_file) {
    key_file = key_file.empty() ? certificate_file : key_file;
    const std::string certificate{"a certificate in PEM form"};
    const std::string key{"the certificate's private key in PEM form"};
    if (auto problem = problem_of_file(certificate_file, certificate)) {
        return problem;
    }
    if (auto problem = problem_of_file(key_file, key)) {
        return problem;
    }
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
        return Error{certificate_file, "expected " + certificate + ", found " + found_instead()};
    }
    const File opened{std::fopen(key_file.c_str(), "r"), &std::fclose};
    bool asked = false;
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> read{
        opened ? PEM_read_PrivateKey(opened.get(), nullptr, &no_passphrase, &asked) : nullptr,
        &EVP_PKEY_free};
    if (asked) {
        ERR_clear_error();
        return Error{key_file, "expected " + key +
                                   " without a passphrase, found an encrypted one (openssl pkey "
                                   "writes it without)"};
    }
    if (!read) {
        return Error{key_file, "expected " + key + ", found " + found_instead()};
    }
    if (X509_check_private_key(SSL_CTX_get0_certificate(context), read.get()) != 1) {
        ERR_clear_error();
        return Error{key_file, "expected the private key of the certificate in " +
                                   certificate_file + ", found that of another"};
    }
    if (SSL_CTX_use_PrivateKey(context, read.get()) != 1) {
        return Error{key_file, "expected a key that TLS can use, found: " + reason_of_openssl()};
    }
    return std::nullopt;
}

std::optional<Error> use_authorities(SSL_CTX* context, const std::string& file,
                                     const std::string& flag) {
    const std::string expected = "a readable PEM file of certificates (" + flag + ")";
    if (auto problem = problem_of_file(file, expected)) {
        return problem;
    }
    ERR_clear_error();
    if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
        return Error{file, "expected " + expected + ", found " + found_instead()};
    }
    return std::nullopt;
}

std::string refusal_of_peer(const SSL* ssl) {
    const long verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE) {
        return std::string{"TLS certificate refused: "} + X509_verify_cert_error_string(verdict);
    }
    return {};
}

}  // namespace ringback

#pragma once

#include <openssl/ssl.h>

#include <optional>
#include <string>

#include "simulator/core/result.h"

namespace ringback {

// TLS contexts, and PEM files that a user names into them. Every error's `where` is the file;
// `what` says what was expected and what was found. Nobody is ever asked for a passphrase.

/// For Asio's context, whose own constructors go on without one where not even the reason for it
/// could be noted. TLS 1.2 and later. Throws boost::system::system_error.
[[nodiscard]] SSL_CTX* new_tls_context(const SSL_METHOD* method);

/// A certificate with whatever chain stands behind it, and the key of that very certificate, which
/// is in the same file where `key_file` is "".
[[nodiscard]] std::optional<Error> use_pair(SSL_CTX* context, const std::string& certificate_file,
                                            std::string key_file);

/// The authorities that the peer's certificate must come from. `flag` is what named the file.
[[nodiscard]] std::optional<Error> use_authorities(SSL_CTX* context, const std::string& file,
                                                   const std::string& flag);

/// Why the other side's certificate, or its saying nothing, ended a handshake; "" when it was
/// something else.
[[nodiscard]] std::string refusal_of_peer(const SSL* ssl);

/// The newest reason that OpenSSL has noted on this thread, in its words; empties the queue.
[[nodiscard]] std::string reason_of_openssl();

}  // namespace ringback

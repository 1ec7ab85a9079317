#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/result.h"
#include "simulator/core/signing_fault.h"

namespace ringback {

// Standard Webhooks (https://www.standardwebhooks.com, version 1.0.0): what is signed, and the
// headers that say so. The HMAC itself is made in edge/callback_signer.

/// A key that callbacks are signed with. Nothing prints it: only who signs asks for its bytes, and
/// only who hands it to the receiver for its text.
class SigningSecret {
public:
    /// "whsec_" and 24 to 64 bytes in base64. The error's `what` says what was expected and never
    /// what was found; its `where` is empty.
    [[nodiscard]] static Result<SigningSecret> from(std::string_view text);

    [[nodiscard]] const std::string& key() const { return key_; }
    /// "whsec_..." again.
    [[nodiscard]] std::string text() const;

    friend bool operator==(const SigningSecret&, const SigningSecret&) = default;

private:
    explicit SigningSecret(std::string key) : key_{std::move(key)} {}

    std::string key_;
};

/// Those of a file or a variable: one or several, newest first, with white space between them;
/// lines that begin with '#' are comments. Errors: `where` is "NAME:LINE", or NAME for none at all.
[[nodiscard]] Result<std::vector<SigningSecret>> signing_secrets_of(std::string_view text,
                                                                    std::string_view name);

/// What is signed: "ID.TIMESTAMP.PAYLOAD". The payload of a POST is its body; that of a GET, which
/// has none, is what stands behind the '?' of its request line, as it was sent.
[[nodiscard]] std::string signing_text(std::string_view id, std::int64_t timestamp,
                                       std::string_view payload);

/// "v1,BASE64" of an HMAC-SHA-256, the form of one signature in webhook-signature.
[[nodiscard]] std::string signature_form(std::string_view hmac);

/// The three header lines, each with its end. `signatures`: one a key, with a space between them.
[[nodiscard]] std::string signature_headers(std::string_view id, std::int64_t timestamp,
                                            std::string_view signatures);

/// The signatures of a webhook-signature header: those of version 1, in order, without "v1,".
[[nodiscard]] std::vector<std::string_view> signatures_in(std::string_view header);

/// The query of the request line that `request` begins with; "" without one.
[[nodiscard]] std::string_view query_of_request(std::string_view request);

/// "wrong-key", "stale-timestamp", "changed-body", "missing"; "none".
[[nodiscard]] std::string_view to_text(SigningFault fault);
[[nodiscard]] std::optional<SigningFault> signing_fault_of(std::string_view text);

}  // namespace ringback

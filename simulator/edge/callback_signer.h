#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/result.h"
#include "simulator/core/signing_fault.h"
#include "simulator/wire/standard_webhooks.h"

struct evp_mac_ctx_st;  // NOLINT(readability-identifier-naming): OpenSSL's own name

namespace ringback {

/// HMAC-SHA-256 with one key, kept ready.
class Hmac {
public:
    explicit Hmac(std::string_view key);
    /// 32 bytes.
    [[nodiscard]] std::string of(std::string_view text);

private:
    struct Forget {
        void operator()(evp_mac_ctx_st* context) const;
    };
    std::unique_ptr<evp_mac_ctx_st, Forget> context_;
};

/// Signs the events of one transport, as Standard Webhooks says. What is signed, and with which
/// time, is decided here; where in the request the lines go is not.
class CallbackSigner {
public:
    explicit CallbackSigner(const std::vector<SigningSecret>& secrets);

    /// The header lines of one try; "" for SigningFault::missing. `message` is the event's number:
    /// its webhook-id is "msg_", 16 characters that are this signer's own (from the system, so that
    /// a receiver which remembers ids takes those of the next run for new ones), and that number.
    /// `now`: seconds since 1970, real time: receivers refuse what is not of the last minutes.
    [[nodiscard]] std::string headers(std::uint64_t message, std::string_view payload,
                                      std::int64_t now, SigningFault fault);

private:
    std::string run_;
    std::vector<Hmac> keys_;
    std::vector<Hmac> wrong_keys_;
};

/// A fresh webhook-id, from the system.
[[nodiscard]] std::string fresh_message_id();

/// One signature a secret, "v1,...", with a space between them.
[[nodiscard]] std::string signatures_of(const std::vector<SigningSecret>& secrets,
                                        std::string_view id, std::int64_t timestamp,
                                        std::string_view payload);

/// Whether one of the signatures in `header` is by one of the secrets; every one is compared in
/// constant time.
[[nodiscard]] bool is_signed_by(const std::vector<SigningSecret>& secrets, std::string_view id,
                                std::int64_t timestamp, std::string_view payload,
                                std::string_view header);

}  // namespace ringback

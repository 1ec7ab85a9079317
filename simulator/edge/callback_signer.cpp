#include "simulator/edge/callback_signer.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ringback {
namespace {

constexpr std::int64_t stale_by = 600;  // seconds; receivers take five minutes, as a rule
constexpr std::size_t digest_size = 32;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());  // NOLINT(*reinterpret-cast)
}

/// 80 bits from the system, as 16 characters that need no quoting anywhere.
std::string random_word() {
    constexpr std::string_view digits{"abcdefghijklmnopqrstuvwxyz234567"};
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        bug("the system has no random bytes");
    }
    std::string word;
    for (const unsigned char byte : bytes) {
        word += digits[byte % digits.size()];
    }
    return word;
}

/// Another key, that nobody was given.
std::string inverted(std::string key) {
    std::ranges::transform(key, key.begin(), [](char c) { return static_cast<char>(~c); });
    return key;
}

std::string signatures_by(std::vector<Hmac>& keys, const std::string& text) {
    std::string all;
    for (Hmac& key : keys) {
        all += all.empty() ? "" : " ";
        all += signature_form(key.of(text));
    }
    return all;
}

std::vector<Hmac> hmacs_of(const std::vector<SigningSecret>& secrets) {
    std::vector<Hmac> keys;
    keys.reserve(secrets.size());
    for (const SigningSecret& secret : secrets) {
        keys.emplace_back(secret.key());
    }
    return keys;
}

}  // namespace

void Hmac::Forget::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }

Hmac::Hmac(std::string_view key) {
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac{
        EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free};
    context_.reset(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
    std::string digest{"SHA256"};
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    if (!context_ ||
        EVP_MAC_init(context_.get(), bytes_of(key), key.size(), parameters.data()) != 1) {
        bug("OpenSSL has no HMAC-SHA-256");
    }
}

std::string Hmac::of(std::string_view text) {
    std::array<unsigned char, digest_size> digest{};
    std::size_t size{0};
    // Without a key it begins anew with the one it has.
    if (EVP_MAC_init(context_.get(), nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(context_.get(), bytes_of(text), text.size()) != 1 ||
        EVP_MAC_final(context_.get(), digest.data(), &size, digest.size()) != 1) {
        bug("an HMAC cannot be made");
    }
    return {digest.begin(), digest.begin() + static_cast<std::ptrdiff_t>(size)};
}

CallbackSigner::CallbackSigner(const std::vector<SigningSecret>& secrets)
    : run_{fresh_message_id()}, keys_{hmacs_of(secrets)} {
    wrong_keys_.reserve(secrets.size());
    for (const SigningSecret& secret : secrets) {
        wrong_keys_.emplace_back(inverted(secret.key()));
    }
}

std::string CallbackSigner::headers(std::uint64_t message, std::string_view payload,
                                    std::int64_t now, SigningFault fault) {
    if (fault == SigningFault::missing) {
        return {};
    }
    const std::string id = run_ + "_" + std::to_string(message);
    const std::int64_t timestamp = fault == SigningFault::stale_timestamp ? now - stale_by : now;
    std::string text = signing_text(id, timestamp, payload);
    if (fault == SigningFault::changed_body) {
        text += ' ';
    }
    return signature_headers(
        id, timestamp, signatures_by(fault == SigningFault::wrong_key ? wrong_keys_ : keys_, text));
}

std::string fresh_message_id() { return "msg_" + random_word(); }

std::string signatures_of(const std::vector<SigningSecret>& secrets, std::string_view id,
                          std::int64_t timestamp, std::string_view payload) {
    std::vector<Hmac> keys = hmacs_of(secrets);
    return signatures_by(keys, signing_text(id, timestamp, payload));
}

bool is_signed_by(const std::vector<SigningSecret>& secrets, std::string_view id,
                  std::int64_t timestamp, std::string_view payload, std::string_view header) {
    const std::string text = signing_text(id, timestamp, payload);
    bool found = false;
    std::vector<Hmac> keys = hmacs_of(secrets);
    for (Hmac& key : keys) {
        const std::string right = signature_form(key.of(text)).substr(3);
        for (const std::string_view given : signatures_in(header)) {
            const bool same = given.size() == right.size() &&
                              CRYPTO_memcmp(given.data(), right.data(), right.size()) == 0;
            found = found || same;
        }
    }
    return found;
}

}  // namespace ringback

#include "simulator/wire/standard_webhooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "simulator/wire/base64.h"

namespace ringback {
namespace {

constexpr std::string_view secret_mark{"whsec_"};
constexpr std::string_view version_mark{"v1,"};
constexpr std::size_t least_key = 24;  // bytes; so the specification
constexpr std::size_t most_key = 64;

constexpr std::array<std::pair<SigningFault, std::string_view>, 5> fault_words{
    {{SigningFault::none, "none"},
     {SigningFault::wrong_key, "wrong-key"},
     {SigningFault::stale_timestamp, "stale-timestamp"},
     {SigningFault::changed_body, "changed-body"},
     {SigningFault::missing, "missing"}}};

/// The next word of `text` up to `separators`, taken off; "" at its end.
std::string_view next_word(std::string_view& text, std::string_view separators) {
    text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(separators));
    text.remove_prefix(word.size());
    return word;
}

}  // namespace

Result<SigningSecret> SigningSecret::from(std::string_view text) {
    if (!text.starts_with(secret_mark)) {
        return Error{"", "expected a secret that begins with whsec_, found another text"};
    }
    auto key = base64_bytes(text.substr(secret_mark.size()));
    if (!key) {
        return Error{"", "expected base64 behind whsec_, found other characters, or it cut off"};
    }
    if (key->size() < least_key || key->size() > most_key) {
        return Error{"", fmt::format("expected {} to {} bytes in base64 behind whsec_, found {}",
                                     least_key, most_key, key->size())};
    }
    return SigningSecret{std::move(*key)};
}

std::string SigningSecret::text() const { return std::string{secret_mark} + base64_encoded(key_); }

Result<std::vector<SigningSecret>> signing_secrets_of(std::string_view text,
                                                      std::string_view name) {
    std::vector<SigningSecret> secrets;
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        while (true) {
            const std::string_view word = next_word(line, " \t\r");
            if (word.empty() || word.starts_with('#')) {
                break;
            }
            Result<SigningSecret> secret = SigningSecret::from(word);
            if (!secret) {
                return Error{fmt::format("{}:{}", name, number), secret.error().what};
            }
            secrets.push_back(std::move(secret).value());
        }
    }
    if (secrets.empty()) {
        return Error{std::string{name}, "expected a secret (whsec_...), found none"};
    }
    return secrets;
}

std::string signing_text(std::string_view id, std::int64_t timestamp, std::string_view payload) {
    return fmt::format("{}.{}.{}", id, timestamp, payload);
}

std::string signature_form(std::string_view hmac) {
    return std::string{version_mark} + base64_encoded(hmac);
}

std::string signature_headers(std::string_view id, std::int64_t timestamp,
                              std::string_view signatures) {
    return fmt::format("webhook-id: {}\r\nwebhook-timestamp: {}\r\nwebhook-signature: {}\r\n", id,
                       timestamp, signatures);
}

std::vector<std::string_view> signatures_in(std::string_view header) {
    std::vector<std::string_view> found;
    for (std::string_view word = next_word(header, " "); !word.empty();
         word = next_word(header, " ")) {
        if (word.starts_with(version_mark)) {
            found.push_back(word.substr(version_mark.size()));
        }
    }
    return found;
}

std::string_view query_of_request(std::string_view request) {
    const std::string_view line = request.substr(0, request.find("\r\n"));
    const std::size_t mark = line.find('?');
    return mark == std::string_view::npos ? std::string_view{}
                                          : line.substr(mark + 1, line.rfind(' ') - mark - 1);
}

std::string_view to_text(SigningFault fault) {
    for (const auto& [known, word] : fault_words) {
        if (known == fault) {
            return word;
        }
    }
    bug("a signing fault without a word");
}

std::optional<SigningFault> signing_fault_of(std::string_view text) {
    for (const auto& [fault, word] : fault_words) {
        if (word == text) {
            return fault;
        }
    }
    return std::nullopt;
}

}  // namespace ringback

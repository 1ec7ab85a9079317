// sign: the webhook-* headers of a body, or whether those of one hold.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <system_error>

#include "harness/cli/commands.h"
#include "harness/cli/flags.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/tls_options.h"
#include "harness/cli/values.h"
#include "simulator/edge/callback_signer.h"
#include "simulator/wire/duration_text.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t largest_body = std::size_t{64} << 20U;

struct SignOptions {
    std::string file{"-"};
    DeliverySettings delivery;  // for its secrets
    std::string id;
    std::optional<std::int64_t> timestamp{};
    std::string signature;
    milliseconds tolerance{std::chrono::minutes{5}};
    bool verify{false};
};

std::unique_ptr<Flags> sign_flags(SignOptions& options) {
    auto flags = std::make_unique<Flags>(
        "sign",
        "Prints the three headers with which a body is signed as Standard Webhooks says "
        "(webhook-id, webhook-timestamp, webhook-signature); with --verify, whether those of a "
        "callback hold. The body of a callback by GET is the query behind the '?' of its URL, as "
        "it was sent.");
    flags->positional("FILE", "the body, to the last byte; - or nothing: standard input",
                      into(options.file, non_empty_of));
    flags->group("What it is signed with");
    add_signing_flag(*flags, options.delivery);
    flags->value("--id", "ID", "webhook-id (made up)", into(options.id, non_empty_of));
    flags->value("--timestamp", "SECONDS", "webhook-timestamp, since 1970 (now)",
                 [&options](std::string_view text) -> Result<bool> {
                     const auto number = whole_number_of(text, 0, 253'402'300'799);
                     if (!number) {
                         return number.error();
                     }
                     options.timestamp = static_cast<std::int64_t>(number.value());
                     return true;
                 });
    flags->group("Whether it holds");
    flags->toggle("--verify", "tell that instead; needs --id, --timestamp and --signature",
                  [&options](bool on) { options.verify = on; });
    flags->value("--signature", "'v1,...'", "webhook-signature, as it came",
                 into(options.signature, non_empty_of));
    flags->value("--tolerance", "TIME", "how far the timestamp may be from now, either way (5m)",
                 into(options.tolerance, [](std::string_view text) {
                     return deadline_of(text, milliseconds{0}, std::chrono::hours{10'000});
                 }));
    flags->footer(
        "Exit status: 0 printed, or it holds; 1 it does not, or nothing could be\n"
        "printed; 2 bad usage, or no body to be read.");
    return flags;
}

Result<std::string> body_of(const std::string& file) {
    const bool is_stdin = file == "-";
    const std::string name = is_stdin ? "standard input" : file;
    const std::unique_ptr<FILE, int (*)(FILE*)> opened{
        is_stdin ? nullptr : std::fopen(file.c_str(), "r"),
        [](FILE* done) { return std::fclose(done); }};
    if (!is_stdin && !opened) {
        return Error{name, "cannot be read: " + std::generic_category().message(errno)};
    }
    FILE* const in = is_stdin ? stdin : opened.get();
    std::string body;
    std::string piece(std::size_t{64} * 1024, '\0');
    while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), in)) {
        body.append(piece, 0, count);
        if (body.size() > largest_body) {
            return Error{name, "expected at most 64 MB, found more"};
        }
    }
    if (std::ferror(in) != 0) {
        return Error{name, "cannot be read: " + std::generic_category().message(errno)};
    }
    return body;
}

std::int64_t seconds_now() {
    return std::chrono::duration_cast<seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// Nothing: it holds.
std::optional<std::string> why_not(const SignOptions& options, const std::string& body) {
    const auto holds_for = [&](std::string_view text) {
        return is_signed_by(options.delivery.signing, options.id, *options.timestamp, text,
                            options.signature);
    };
    if (!holds_for(body)) {
        if (signatures_in(options.signature).empty()) {
            return "there is no v1 signature in what came";
        }
        if (body.ends_with('\n') && holds_for(std::string_view{body}.substr(0, body.size() - 1))) {
            return "the signature is that of the body without the newline at its end";
        }
        return "the signature is not that of this body, id and timestamp with this secret";
    }
    const std::int64_t age = seconds_now() - *options.timestamp;
    const auto limit = std::chrono::duration_cast<seconds>(options.tolerance).count();
    if (age > limit || age < -limit) {
        return fmt::format("the signature is right, but the timestamp is {} {}, and {} is allowed",
                           duration_text(seconds{age < 0 ? -age : age}), age < 0 ? "ahead" : "old",
                           duration_text(options.tolerance));
    }
    return std::nullopt;
}

Exit verify(const SignOptions& options, const std::string& body) {
    if (const auto problem = why_not(options, body)) {
        complain(*problem);
        return Exit::failed;
    }
    return printed("verified\n");
}

void check(const SignOptions& options, Flags& flags) {
    if (options.delivery.signing.empty()) {
        flags.add_problem({"--signing-secret-file",
                           "expected a file with the secret, or RINGBACK_SIGNING_SECRET"});
    }
    if (options.verify && (options.id.empty() || !options.timestamp || options.signature.empty())) {
        flags.add_problem({"--verify", "expected together with --id, --timestamp and --signature"});
    }
    if (!options.verify && !options.signature.empty()) {
        flags.add_problem({"--signature", "expected together with --verify"});
    }
}

}  // namespace

Exit sign(const Args& args) {
    SignOptions options;
    const auto flags = sign_flags(options);
    if (const auto ended = ended_by_flags(*flags, args)) {
        return *ended;
    }
    check(options, *flags);
    if (const auto ended = ended_by_problems(*flags)) {
        return *ended;
    }
    const Result<std::string> body = body_of(options.file);
    if (!body) {
        complain(printable(to_text(body.error())));
        return Exit::bad_usage;
    }
    if (options.verify) {
        return verify(options, body.value());
    }
    const std::string id = options.id.empty() ? fresh_message_id() : options.id;
    const std::int64_t timestamp = options.timestamp.value_or(seconds_now());
    return printed(
        fmt::format("webhook-id: {}\nwebhook-timestamp: {}\nwebhook-signature: {}\n", id, timestamp,
                    signatures_of(options.delivery.signing, id, timestamp, body.value())));
}

}  // namespace ringback

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "simulator/core/far_end.h"
#include "simulator/core/result.h"
#include "simulator/core/settings.h"
#include "simulator/core/time.h"
#include "simulator/edge/target.h"

namespace ringback {

// What people write behind a flag, read into what the settings hold. Every Error is
// "expected ..., found ..."; its `where`, the flag, is left to the caller.

/// The one form of "that is not it". Control bytes in `found` are shown as \xNN.
[[nodiscard]] Error expected(std::string_view what, std::string_view found);

[[nodiscard]] Result<std::uint64_t> whole_number_of(std::string_view text, std::uint64_t least,
                                                    std::uint64_t most);
/// 0-65535; 0 lets the system choose.
[[nodiscard]] Result<std::uint16_t> port_of(std::string_view text);
/// "4s", or "2s..6s" for a range to draw from.
[[nodiscard]] Result<DelayRange> delay_of(std::string_view text);
[[nodiscard]] Result<Duration> duration_of(std::string_view text);
/// Whole milliseconds, `least` to `most`: for deadlines on the wall clock.
[[nodiscard]] Result<std::chrono::milliseconds> deadline_of(std::string_view text,
                                                            std::chrono::milliseconds least,
                                                            std::chrono::milliseconds most);
/// 0.001 to 10000.
[[nodiscard]] Result<double> time_scale_of(std::string_view text);
/// "4096", "64kB", "1MB": bytes, at most 1 GB; the units count in 1024.
[[nodiscard]] Result<std::size_t> size_of(std::string_view text);
/// "2026-01-05T09:00:00Z".
[[nodiscard]] Result<Instant> instant_of(std::string_view text);
/// "text" or "json": whether it is the latter.
[[nodiscard]] Result<bool> is_json_of(std::string_view text);
[[nodiscard]] Result<std::string> non_empty_of(std::string_view text);
/// A token or a secret of an account: not empty, and not longer than what is compared of it. Never
/// repeated in the error.
[[nodiscard]] Result<std::string> credential_of(std::string_view text);
/// "+19195550100".
[[nodiscard]] Result<std::string> number_of_phone(std::string_view text);
/// An absolute http or https URL.
[[nodiscard]] Result<std::string> url_of(std::string_view text);
/// "Name: value" as it may stand in a request; not one of those that ringback writes itself.
[[nodiscard]] Result<std::string> header_of(std::string_view text);
/// "SENTENCE OR URL=30s"; split at the last '='.
[[nodiscard]] Result<std::pair<std::string, Duration>> length_of_audio(std::string_view text);
/// "NUMBER=busy", "NUMBER=answer:2s,press:12#,hangup:10s"; the words are those of far_end_words().
[[nodiscard]] Result<std::pair<std::string, FarEnd>> far_end_of(std::string_view text);
/// Every word far_end_of knows, for help and errors.
[[nodiscard]] std::string far_end_words();

/// A callback URL, read as callbacks themselves read it; the error hides its user information.
[[nodiscard]] Result<Target> callback_target_of(std::string_view text);

/// "localhost", or an IPv4 or IPv6 address; the brackets of an IPv6 one go.
[[nodiscard]] Result<std::string> bind_address_of(std::string_view text);
/// Only this machine can reach what listens there.
[[nodiscard]] bool is_loopback_address(std::string_view bind_address);

}  // namespace ringback

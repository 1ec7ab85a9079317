#include "harness/cli/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "harness/cli/output.h"
#include "simulator/edge/settings.h"
#include "simulator/wire/duration_text.h"
#include "simulator/wire/redaction.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

constexpr std::string_view keys_allowed{"0123456789*#ABCD"};

/// A word of a far end: `act` words decide what happens first, the others add to it.
struct FarEndWord {
    std::string_view word;
    std::string_view argument;  // as shown; "" = takes none; in brackets = optional
    Result<bool> (*apply)(FarEnd&, std::string_view argument);
};

Result<bool> set_after(std::optional<Duration>& after, std::string_view argument) {
    const Result<Duration> parsed = parse_duration(argument);
    if (!parsed) {
        return parsed.error();
    }
    after = parsed.value();
    return true;
}

template <FarEndAct act>
Result<bool> act_word(FarEnd& far_end, std::string_view argument) {
    far_end.act = act;
    return argument.empty() ? Result<bool>{true} : set_after(far_end.after, argument);
}

template <std::string FarEndScript::*member>
Result<bool> keys_word(FarEnd& far_end, std::string_view argument) {
    if (argument.find_first_not_of(keys_allowed) != std::string_view::npos) {
        return expected("keys of 0-9 * # A-D", argument);
    }
    far_end.script.open().*member = argument;
    return true;
}

template <std::optional<Duration> FarEndScript::*member>
Result<bool> time_word(FarEnd& far_end, std::string_view argument) {
    return set_after(far_end.script.open().*member, argument);
}

template <bool FarEndScript::*member>
Result<bool> mark_word(FarEnd& far_end, std::string_view /*takes none*/) {
    far_end.script.open().*member = true;
    return true;
}

Result<bool> say_word(FarEnd& far_end, std::string_view argument) {
    far_end.script.open().says = argument;
    return true;
}

constexpr std::array words{
    FarEndWord{"answer", "[TIME]", act_word<FarEndAct::answers>},
    FarEndWord{"busy", "[TIME]", act_word<FarEndAct::busy>},
    FarEndWord{"decline", "[TIME]", act_word<FarEndAct::declines>},
    FarEndWord{"no-answer", "", act_word<FarEndAct::never_answers>},
    FarEndWord{"unallocated", "[TIME]", act_word<FarEndAct::unallocated>},
    FarEndWord{"network-failure", "[TIME]", act_word<FarEndAct::network_failure>},
    FarEndWord{"platform-error", "[TIME]", act_word<FarEndAct::platform_error>},
    FarEndWord{"hangup", "TIME", time_word<&FarEndScript::hangs_up_after>},
    FarEndWord{"press", "KEYS", keys_word<&FarEndScript::keys_after_answer>},
    FarEndWord{"press-on-gather", "KEYS", keys_word<&FarEndScript::keys_on_gather>},
    FarEndWord{"keys-after", "TIME", time_word<&FarEndScript::keys_delay>},
    FarEndWord{"say", "TEXT", say_word},
    FarEndWord{"recording-fails", "", mark_word<&FarEndScript::recording_fails>},
    FarEndWord{"transcription-fails", "", mark_word<&FarEndScript::transcription_fails>},
};

Result<bool> apply_word(FarEnd& far_end, std::string_view item) {
    const std::size_t colon = std::min(item.find(':'), item.size());
    const std::string_view name = item.substr(0, colon);
    const std::string_view argument = item.substr(std::min(colon + 1, item.size()));
    const auto* const word = std::find_if(words.begin(), words.end(),
                                          [&](const FarEndWord& w) { return w.word == name; });
    if (word == words.end()) {
        return expected("one of " + far_end_words(), name);
    }
    if (word->argument.empty() && !argument.empty()) {
        return expected(fmt::format("{} alone", name), item);
    }
    if (!word->argument.empty() && !word->argument.starts_with('[') && argument.empty()) {
        return expected(fmt::format("{}:{}", name, word->argument), item);
    }
    return word->apply(far_end, argument);
}

bool is_token_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

}  // namespace

Error expected(std::string_view what, std::string_view found) {
    // One value, not prose: what stands before its last '@' may be a password even without a scheme
    // or with a space in it. Of several URLs in it the first is taken so, the others as in prose.
    const std::string shown = redacted(redacted_address(found));
    return Error{"", fmt::format("expected {}, found \"{}\"", what, printable(shown))};
}

Result<std::uint64_t> whole_number_of(std::string_view text, std::uint64_t least,
                                      std::uint64_t most) {
    std::uint64_t number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() ||
        number < least || number > most) {
        return expected(most == UINT64_MAX ? fmt::format("a whole number from {}", least)
                                           : fmt::format("a whole number {}-{}", least, most),
                        text);
    }
    return number;
}

Result<std::uint16_t> port_of(std::string_view text) {
    const Result<std::uint64_t> number = whole_number_of(text, 0, 65535);
    if (!number) {
        return expected("a port 0-65535, 0 for any", text);
    }
    return static_cast<std::uint16_t>(number.value());
}

Result<DelayRange> delay_of(std::string_view text) {
    Result<DelayRange> parsed = parse_delay_range(text);
    if (!parsed && text.find("..") == std::string_view::npos) {
        return expected("a duration such as 4s or 2s..6s", text);
    }
    return parsed;
}

Result<Duration> duration_of(std::string_view text) { return parse_duration(text); }

Result<bool> is_json_of(std::string_view text) {
    if (text != "text" && text != "json") {
        return expected("text or json", text);
    }
    return text == "json";
}

Result<std::chrono::milliseconds> deadline_of(std::string_view text,
                                              std::chrono::milliseconds least,
                                              std::chrono::milliseconds most) {
    const Result<Duration> parsed = parse_duration(text);
    if (!parsed) {
        return parsed.error();
    }
    const auto whole = std::chrono::floor<std::chrono::milliseconds>(parsed.value());
    if (whole < least || whole > most) {
        return expected(fmt::format("{} to {}", duration_text(least), duration_text(most)), text);
    }
    return whole;
}

Result<double> time_scale_of(std::string_view text) {
    double scale{};
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), scale, std::chars_format::fixed);
    if (error != std::errc{} || end != text.data() + text.size() ||
        !(scale >= 0.001 && scale <= 10'000)) {
        return expected("a number from 0.001 to 10000", text);
    }
    return scale;
}

Result<std::size_t> size_of(std::string_view text) {
    struct Unit {
        std::string_view suffix;
        std::uint64_t bytes;
    };
    std::uint64_t bytes = 1;
    std::string_view digits = text;
    for (const Unit& unit : {Unit{"kB", 1U << 10U}, Unit{"MB", 1U << 20U}, Unit{"GB", 1U << 30U}}) {
        if (text.ends_with(unit.suffix)) {
            bytes = unit.bytes;
            digits.remove_suffix(unit.suffix.size());
        }
    }
    const Result<std::uint64_t> number = whole_number_of(digits, 1, (1U << 30U) / bytes);
    if (!number) {
        return expected("a size such as 4096, 64kB or 1MB, at most 1GB", text);
    }
    return static_cast<std::size_t>(number.value() * bytes);
}

Result<Instant> instant_of(std::string_view text) {
    const std::optional<Instant> instant = parse_time(text);
    if (!instant) {
        return expected("a time such as 2026-01-05T09:00:00Z", text);
    }
    return *instant;
}

Result<std::string> non_empty_of(std::string_view text) {
    if (text.empty()) {
        return expected("some text", text);
    }
    return std::string{text};
}

Result<std::string> credential_of(std::string_view text) {
    if (text.size() > longest_credential) {
        return Error{"", fmt::format("expected at most {} bytes, found {}", longest_credential,
                                     text.size())};
    }
    return non_empty_of(text);
}

Result<std::string> number_of_phone(std::string_view text) {
    const bool plus_and_digits = text.size() >= 3 && text.size() <= 16 && text[0] == '+' &&
                                 text[1] != '0' &&
                                 text.find_first_not_of("0123456789", 1) == std::string_view::npos;
    if (!plus_and_digits) {
        return expected("a phone number such as +19195550100", text);
    }
    return std::string{text};
}

Result<std::string> url_of(std::string_view text) {
    if (!is_http_url(text)) {
        return expected("a URL such as http://127.0.0.1:3000/callback", redacted_address(text));
    }
    return std::string{text};
}

Result<std::string> header_of(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, std::min(colon, text.size()));
    const bool harmless = std::ranges::none_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
    });
    if (colon == std::string_view::npos || name.empty() || !harmless ||
        !std::ranges::all_of(name, is_token_character)) {
        // What is wrong may be a secret whose name was forgotten: none of it is repeated.
        const std::string_view found = colon == std::string_view::npos ? "no colon in it"
                                       : harmless ? "no name of a header before the colon"
                                                  : "control characters";
        return Error{"",
                     fmt::format("expected a header such as \"X-Test-Run: 7\", found {}", found)};
    }
    std::string lower{name};
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const std::string_view own :
         {"host", "content-length", "transfer-encoding", "connection", "content-type"}) {
        if (lower == own) {
            return expected("a header that ringback does not write itself", name);
        }
    }
    std::string_view value = text.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return fmt::format("{}: {}", name, value);
}

Result<std::pair<std::string, Duration>> length_of_audio(std::string_view text) {
    const std::size_t equals = text.rfind('=');
    if (equals == std::string_view::npos || equals == 0) {
        return expected("SENTENCE=DURATION or URL=DURATION, such as \"Hello=30s\"", text);
    }
    const Result<Duration> length = parse_duration(text.substr(equals + 1));
    if (!length) {
        return length.error();
    }
    return std::pair{std::string{text.substr(0, equals)}, length.value()};
}

std::string far_end_words() {
    std::string all;
    for (const FarEndWord& word : words) {
        all += all.empty() ? "" : ", ";
        all += word.word;
        if (word.argument.starts_with('[')) {
            all += fmt::format("[:{}]", word.argument.substr(1, word.argument.size() - 2));
        } else if (!word.argument.empty()) {
            all += fmt::format(":{}", word.argument);
        }
    }
    return all;
}

Result<std::pair<std::string, FarEnd>> far_end_of(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
        return expected("NUMBER=WHAT, such as +19195550100=busy", text);
    }
    std::pair<std::string, FarEnd> plan{std::string{text.substr(0, equals)}, FarEnd{}};
    std::string_view rest = text.substr(equals + 1);
    while (true) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const Result<bool> applied = apply_word(plan.second, rest.substr(0, comma));
        if (!applied) {
            return applied.error();
        }
        if (comma == rest.size()) {
            return plan;
        }
        rest.remove_prefix(comma + 1);
    }
}

Result<Target> callback_target_of(std::string_view text) {
    Result<Target> target = parse_target(text);
    if (!target) {
        const std::string& what = target.error().what;  // "expected ...", perhaps "; found ..."
        return Error{"", fmt::format("{}, found \"{}\"", what.substr(0, what.find("; found")),
                                     printable(redact_url(text)))};
    }
    return target;
}

Result<std::string> bind_address_of(std::string_view text) {
    std::string_view address = text;
    if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
    }
    const auto read = parse_ip(address.substr(0, address.find('%')));  // a zone may follow
    const bool plain = read && (read->v6 || address == text) &&
                       (read->v6 || address.find('%') == std::string_view::npos);
    if (!plain && text != "localhost") {
        return expected("localhost, or an IPv4 or IPv6 address of this machine", text);
    }
    return std::string{address};
}

bool is_loopback_address(std::string_view bind_address) {
    return bind_address.starts_with("127.") || bind_address == "::1" || bind_address == "localhost";
}

}  // namespace ringback

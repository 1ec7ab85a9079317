#include "harness/scenario/fault_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/scenario/reading.h"
#include "simulator/wire/duration_text.h"

namespace ringback {
namespace {

using Found = std::optional<AnyFault>;
using Callback = FaultRule::CallbackFault;
using Answer = FaultRule::AnswerFault;

constexpr std::int64_t most_bytes = 10'000'000;
constexpr std::int64_t most_copies = 20;
constexpr Duration longest_silence = std::chrono::minutes{10};

/// `true`, or an object: what a fault without further words is written with. False: noted.
bool is_plain(const Cursor& at, std::initializer_list<std::string_view> members) {
    if (at.value() == true) {
        return true;
    }
    if (!at.value().is_object()) {
        at.wrong(members.size() == 0
                     ? "true"
                     : fmt::format("true, or an object with {}", fmt::join(members, ", ")));
        return false;
    }
    at.only(members);
    return true;
}

std::optional<Cursor> member_of(const Cursor& at, std::string_view name) {
    return at.value().is_object() ? at.member(name) : std::nullopt;
}

Duration duration_of(const Cursor& at, std::string_view name, Duration otherwise) {
    const auto member = member_of(at, name);
    return member ? read_duration(*member).value_or(otherwise) : otherwise;
}

/// Wall time that a connection is kept waiting: bounded, as it holds a descriptor.
std::optional<Duration> silence_of(const Cursor& at) {
    const auto time = read_duration(at);
    if (time && *time > longest_silence) {
        at.note(fmt::format("expected at most {}, found {}", duration_text(longest_silence),
                            duration_text(*time)));
        return std::nullopt;
    }
    return time;
}

template <class Fault>
Found callback(Fault fault) {
    return AnyFault{Callback{std::move(fault)}};
}
template <class Fault>
Found answer(Fault fault) {
    return AnyFault{Answer{std::move(fault)}};
}
Found wire(WireFault fault) { return AnyFault{std::move(fault)}; }

Found read_duplicate(const Cursor& at) {
    fault::Duplicate duplicate;
    if (!is_plain(at, {"copies", "gap", "together"})) {
        return std::nullopt;
    }
    if (const auto copies = member_of(at, "copies")) {
        duplicate.copies = static_cast<std::uint32_t>(copies->integer(1, most_copies).value_or(1));
    }
    if (const auto gap = member_of(at, "gap")) {
        duplicate.gap = read_drawn_time(*gap).value_or(DrawnTime{});
    }
    const auto together = member_of(at, "together");
    duplicate.together = together && together->boolean().value_or(false);
    if (duplicate.together && member_of(at, "gap")) {
        together->note("expected no gap with it, found one");
    }
    return callback(duplicate);
}

Found read_drop(const Cursor& at) {
    return is_plain(at, {}) ? callback(fault::Drop{}) : std::nullopt;
}

Found read_delay(const Cursor& at) {
    const auto by = read_drawn_time(at);
    return by ? callback(fault::Delay{*by}) : std::nullopt;
}

Found read_reorder(const Cursor& at) {
    fault::Reorder reorder;
    if (!is_plain(at, {"behind", "within"})) {
        return std::nullopt;
    }
    if (const auto behind = member_of(at, "behind")) {
        reorder.behind = static_cast<std::uint32_t>(behind->integer(1, most_copies).value_or(1));
    }
    reorder.within = duration_of(at, "within", reorder.within);
    return callback(reorder);
}

Found read_shuffle(const Cursor& at) {
    const auto window = read_duration(at);
    return window ? callback(fault::Shuffle{*window}) : std::nullopt;
}

/// Words, with what each stands for.
template <class What, std::size_t count>
using Meanings = std::array<std::pair<std::string_view, What>, count>;

constexpr Meanings<fault::Impossible::What, 3> impossible_things{
    {{"speak.done", fault::Impossible::What::speak_done},
     {"hangup", fault::Impossible::What::second_hangup},
     {"gather", fault::Impossible::What::unknown_gather}}};
constexpr Meanings<fault::Odd::What, 6> odd_things{
    {{"unknown-type", fault::Odd::What::unknown_type},
     {"extra-members", fault::Odd::What::extra_members},
     {"nulls", fault::Odd::What::nulls},
     {"utf8-names", fault::Odd::What::utf8_names},
     {"large-tag", fault::Odd::What::large_tag},
     {"wrong-types", fault::Odd::What::wrong_types}}};
constexpr Meanings<SigningFault, 4> signing_faults{
    {{"wrong-key", SigningFault::wrong_key},
     {"stale-timestamp", SigningFault::stale_timestamp},
     {"changed-body", SigningFault::changed_body},
     {"missing", SigningFault::missing}}};
constexpr Meanings<fault::Early::When, 3> early_times{{{"before", fault::Early::When::before},
                                                       {"during", fault::Early::When::during},
                                                       {"after", fault::Early::When::after}}};

template <class What, std::size_t count>
std::vector<std::string_view> words_of(const Meanings<What, count>& meanings) {
    std::vector<std::string_view> all;
    all.reserve(count);
    for (const auto& [name, what] : meanings) {
        all.push_back(name);
    }
    return all;
}

template <class What, std::size_t count>
std::optional<What> meaning_of(const Cursor& at, std::string_view kind,
                               const Meanings<What, count>& meanings) {
    const auto word = known_word(at, kind, words_of(meanings));
    return word ? std::optional{std::ranges::find(meanings, *word,
                                                  [](const auto& one) { return one.first; })
                                    ->second}
                : std::nullopt;
}

Found read_impossible(const Cursor& at) {
    const auto what = meaning_of(at, "what comes after the end of a call", impossible_things);
    return what ? callback(fault::Impossible{*what, {}}) : std::nullopt;
}

Found read_odd(const Cursor& at) {
    const auto what = meaning_of(at, "what is odd about it", odd_things);
    return what ? callback(fault::Odd{*what}) : std::nullopt;
}

Found read_signature(const Cursor& at) {
    const auto what = meaning_of(at, "what is wrong with the signature", signing_faults);
    return what ? callback(fault::BadSignature{*what}) : std::nullopt;
}

// --- how bytes leave

Found read_latency(const Cursor& at) {
    const auto time = read_drawn_time(at);
    return time ? wire({.latency = *time}) : std::nullopt;
}

Found read_bandwidth(const Cursor& at) {
    constexpr std::int64_t turns_a_second = 20;
    const auto rate = at.integer(1, most_bytes);
    if (!rate) {
        return std::nullopt;
    }
    const std::int64_t slice = std::max<std::int64_t>(*rate / turns_a_second, 1);
    return wire({.slice = static_cast<std::uint32_t>(slice),
                 .pause = std::chrono::nanoseconds{std::chrono::seconds{slice}} / *rate});
}

Found read_slicer(const Cursor& at) {
    if (!at.is_object()) {
        return std::nullopt;
    }
    at.only({"size", "pause"});
    WireFault sliced{.slice = 1, .pause = std::chrono::milliseconds{20}};
    if (const auto size = at.member("size")) {
        sliced.slice = static_cast<std::uint32_t>(size->integer(1, most_bytes).value_or(1));
    }
    sliced.pause = duration_of(at, "pause", sliced.pause);
    return wire(sliced);
}

Found read_limit(const Cursor& at) {
    const auto bytes = at.integer(0, most_bytes);
    return bytes ? wire({.limit = static_cast<std::uint64_t>(*bytes), .end = WireFault::End::close})
                 : std::nullopt;
}

Found read_half_body(const Cursor& at) {
    return is_plain(at, {}) ? wire({.half_body = true, .end = WireFault::End::close})
                            : std::nullopt;
}

Found read_reset(const Cursor& at) {
    WireFault reset{.end = WireFault::End::reset};
    if (!is_plain(at, {"bytes"})) {
        return std::nullopt;
    }
    if (const auto bytes = member_of(at, "bytes")) {
        reset.limit = static_cast<std::uint64_t>(bytes->integer(0, most_bytes).value_or(0));
    }
    return wire(reset);
}

/// "5s": nothing comes for that long; or an object that says after how many bytes.
Found read_timeout(const Cursor& at) {
    WireFault timeout{.limit = 0, .end = WireFault::End::silence};
    if (!at.value().is_object()) {
        const auto silence = silence_of(at);
        timeout.silence = silence.value_or(Duration{});
        return silence ? wire(timeout) : std::nullopt;
    }
    at.only({"bytes", "for"});
    if (const auto bytes = at.member("bytes")) {
        timeout.limit = static_cast<std::uint64_t>(bytes->integer(0, most_bytes).value_or(0));
    }
    const auto silence = at.required("for");
    timeout.silence = silence ? silence_of(*silence).value_or(Duration{}) : Duration{};
    return wire(timeout);
}

Found read_slow_close(const Cursor& at) {
    const auto silence = silence_of(at);
    return silence ? wire({.end = WireFault::End::silence, .silence = *silence}) : std::nullopt;
}

Found read_wrong_length(const Cursor& at) {
    const auto by = at.integer(-most_bytes, most_bytes);
    if (by == 0) {
        at.wrong("how much too long or, below 0, too short: not 0");
        return std::nullopt;
    }
    return by ? wire({.length_error = static_cast<std::int32_t>(*by)}) : std::nullopt;
}

Found read_garbage(const Cursor& at) {
    return is_plain(at, {}) ? wire({.garbage = true, .end = WireFault::End::close}) : std::nullopt;
}

Found read_empty(const Cursor& at) {
    return is_plain(at, {}) ? wire({.limit = 0, .end = WireFault::End::close}) : std::nullopt;
}

Found read_close_kept(const Cursor& at) {
    const fault::BadSend closed{{.only_kept = true, .end = WireFault::End::close}, /*again=*/true};
    return is_plain(at, {}) ? callback(closed) : std::nullopt;
}

// --- what the API answers

void read_text(const Cursor& at, std::string_view name, std::string& into) {
    if (const auto member = at.member(name)) {
        into = member->text().value_or(into);
    }
}

/// The words are those of the status, unless the file has its own.
Found read_fail(const Cursor& at) {
    const auto failing = [](const Cursor& status) {
        const auto number = status.integer(400, 599);
        return number ? fault::failing_with(static_cast<int>(*number)) : fault::Fail{};
    };
    if (!at.value().is_object()) {
        return answer(failing(at));
    }
    at.only({"status", "category", "code", "message", "retryAfter", "acted"});
    const auto status = at.member("status");
    fault::Fail fail = status ? failing(*status) : fault::Fail{};
    read_text(at, "category", fail.category);
    read_text(at, "code", fail.code);
    read_text(at, "message", fail.message);
    if (const auto acted = at.member("acted")) {
        fail.acted = acted->boolean().value_or(false);
    }
    if (at.member("retryAfter")) {
        fail.retry_after_s = static_cast<std::uint32_t>(
            std::chrono::ceil<std::chrono::seconds>(duration_of(at, "retryAfter", {})).count());
    }
    return answer(fail);
}

Found read_unavailable(const Cursor& at) {
    fault::Fail fail = fault::failing_with(503);
    fail.retry_after_s = 1;
    return is_plain(at, {}) ? answer(std::move(fail)) : std::nullopt;
}

Found read_rate_limit(const Cursor& at) {
    return is_plain(at, {}) ? answer(fault::failing_with(429)) : std::nullopt;
}

Found read_early(const Cursor& at) {
    const auto when = meaning_of(at, "when the event comes, to the answer", early_times);
    return when ? answer(fault::Early{*when}) : std::nullopt;
}

}  // namespace

const std::vector<FaultWord>& fault_words() {
    using enum FaultSide;
    static const std::vector<FaultWord> all{
        {"duplicate", callbacks, read_duplicate},
        {"drop", callbacks, read_drop},
        {"delay", callbacks, read_delay},
        {"reorder", callbacks, read_reorder},
        {"shuffle", callbacks, read_shuffle},
        {"impossible", callbacks, read_impossible, words_of(impossible_things)},
        {"odd", callbacks, read_odd, words_of(odd_things)},
        {"signature", callbacks, read_signature, words_of(signing_faults)},
        {"close_kept", callbacks, read_close_kept},
        {"latency", either, read_latency},
        {"bandwidth", either, read_bandwidth},
        {"slicer", either, read_slicer},
        {"limit_data", either, read_limit},
        {"half_body", either, read_half_body},
        {"reset_peer", either, read_reset},
        {"timeout", either, read_timeout},
        {"slow_close", either, read_slow_close},
        {"wrong_length", either, read_wrong_length},
        {"garbage", either, read_garbage},
        {"empty", either, read_empty},
        {"fail", answers, read_fail},
        {"unavailable", answers, read_unavailable},
        {"rate_limit", answers, read_rate_limit},
        {"early", answers, read_early, words_of(early_times)},
    };
    return all;
}

const FaultWord* find_fault_word(std::string_view name) {
    const auto found = std::ranges::find(fault_words(), name, &FaultWord::name);
    return found == fault_words().end() ? nullptr : &*found;
}

std::vector<std::string_view> fault_kinds() {
    std::vector<std::string_view> all;
    for (const FaultWord& word : fault_words()) {
        all.push_back(word.name);
    }
    return all;
}

}  // namespace ringback

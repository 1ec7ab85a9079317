// The flags about the modelled telephone network: its clock, its people, its delays, its API's
// habits.
#include <fmt/format.h>

#include <array>

#include "harness/cli/options.h"
#include "harness/cli/values.h"
#include "simulator/core/delay_names.h"
#include "simulator/wire/duration_text.h"

namespace ringback {
namespace {

Result<bool> take_clock(ClockSettings& clock, std::string_view text) {
    if (text == "real") {
        clock.mode = ClockSettings::Mode::real;
    } else if (text == "virtual") {
        clock.mode = ClockSettings::Mode::jumping;
    } else {
        return expected("real or virtual", text);
    }
    return true;
}

Result<bool> take_caller_fields(CallerFields& fields, std::string_view text) {
    if (text == "documented") {
        fields = CallerFields::documented;
    } else if (text == "always") {
        fields = CallerFields::always;
    } else if (text == "never") {
        fields = CallerFields::none;
    } else {
        return expected("documented, always or never", text);
    }
    return true;
}

/// `{public}` stands before "/v1": a base that already ends in it or in a slash would double it.
Result<bool> take_public_base(std::string& base, std::string_view text) {
    const Result<std::string> url = url_of(text);
    if (!url) {
        return url.error();
    }
    if (text.ends_with('/') || text.ends_with("/v1")) {
        return expected("a base without \"/v1\" or a slash at its end", text);
    }
    if (text.find_first_of("\"\\") != std::string_view::npos) {
        return expected("a URL without quotes or backslashes", text);
    }
    base = url.value();
    return true;
}

}  // namespace

void add_clock_flags(Flags& flags, ServeOptions& options) {
    SimulatorSettings& simulator = options.fake.simulator;
    ClockSettings& clock = simulator.clock;
    flags.group("Time and chance");
    flags.value("--clock", "real|virtual", "virtual jumps to whatever is due next (real)",
                [&clock](std::string_view text) { return take_clock(clock, text); });
    flags.value("--time-scale", "X", "modelled seconds per real second, with --clock real (1)",
                into(clock.scale, time_scale_of));
    flags.value("--settle", "TIME", "wall time of quiet before the virtual clock jumps (20ms)",
                into(clock.settle, [](std::string_view text) {
                    return deadline_of(text, std::chrono::milliseconds{0},
                                       std::chrono::seconds{60});
                }));
    flags.value("--clock-start", "TIME", "modelled time at the start, as 2026-01-05T09:00:00Z",
                into(clock.start, instant_of));
    add_seed_flag(flags, "what a whole run is reproduced from (42)", simulator.seed);
}

void add_far_end_flags(Flags& flags, ServeOptions& options) {
    SimulatorSettings& simulator = options.fake.simulator;
    flags.group("The people on the phone");
    flags.values("--far-end", "NUMBER=WHAT",
                 "what a called number does, as +19195550100=busy or\n"
                 "+19195550100=answer:2s,press:12#,hangup:10s. WHAT is a list of " +
                     far_end_words(),
                 [&simulator](std::string_view text) -> Result<bool> {
                     Result<std::pair<std::string, FarEnd>> plan = far_end_of(text);
                     if (!plan) {
                         return plan.error();
                     }
                     auto [number, far_end] = std::move(plan).value();
                     simulator.model.far_ends.insert_or_assign(std::move(number),
                                                               std::move(far_end));
                     return true;
                 });
    flags.value("--transcript", "TEXT", "what a transcription reads when nothing else was said",
                into(simulator.model.transcript, non_empty_of));
}

void add_delay_flags(Flags& flags, ServeOptions& options) {
    Delays& delays = options.fake.simulator.model.delays;
    flags.group("Delays and lengths (modelled time)");
    for (const NamedDelay& flag : named_delays) {
        const std::string shown = delay_range_text(delays.*flag.delay);
        flags.value(fmt::format("--{}", flag.name), "RANGE",
                    fmt::format("{} ({})", flag.about, shown), into(delays.*flag.delay, delay_of));
    }
    for (const NamedLength& flag : named_lengths) {
        const std::string shown = duration_text(delays.*flag.length);
        flags.value(fmt::format("--{}", flag.name), "TIME",
                    fmt::format("{} ({})", flag.about, shown),
                    into(delays.*flag.length, duration_of));
    }
    flags.values("--length-of", "'TEXT=TIME'",
                 "how long that very sentence or file URL lasts; repeatable",
                 [&delays](std::string_view text) -> Result<bool> {
                     const auto length = length_of_audio(text);
                     if (!length) {
                         return length.error();
                     }
                     delays.length_of.insert_or_assign(length.value().first, length.value().second);
                     return true;
                 });
}

void add_public_base_flag(Flags& flags, std::string_view about, std::string& base) {
    flags.value("--public-base", "URL", about,
                [&base](std::string_view text) { return take_public_base(base, text); });
}

void add_api_flags(Flags& flags, ServeOptions& options) {
    ApiSettings& api = options.fake.simulator.api;
    ModelSwitches& model = options.fake.simulator.model.switches;
    flags.group("The API's habits");
    add_public_base_flag(
        flags,
        "base of the addresses in events (https://api.catapult.inetwork.com); your own server's "
        "makes them followable",
        api.public_base);
    flags.toggle("--relative-location", "Location without scheme and host, as the docs show it",
                 [&api](bool on) { api.relative_location = on; });
    flags.toggle("--strict-numbers",
                 "`from` must be one of --number, or of the account's phone numbers",
                 [&api](bool on) { api.strict_numbers = on; });
    flags.values("--number", "NUMBER", "a phone number of the account; repeatable",
                 [&api](std::string_view text) -> Result<bool> {
                     const Result<std::string> number = number_of_phone(text);
                     if (!number) {
                         return number.error();
                     }
                     api.numbers.insert(number.value());
                     return true;
                 });
    flags.toggle("--strict-conference",
                 "only calls created with its conferenceId may join a conference",
                 [&model](bool on) { model.strict_conference = on; });
    flags.toggle("--rate-limits", "the provider's limits, both kinds below", [&api](bool on) {
        api.creation_limits = on;
        api.rate_limits = on;
    });
    flags.toggle("--creation-limits", "403 for calls and messages that come too fast",
                 [&api](bool on) { api.creation_limits = on; });
    flags.toggle("--request-limits", "429 for all other requests that come too fast",
                 [&api](bool on) { api.rate_limits = on; });
    flags.value(
        "--caller-fields", "WHEN",
        "displayName and withhold* in events: documented, always or never (documented)",
        [&api](std::string_view text) { return take_caller_fields(api.caller_fields, text); });
    flags.toggle("--no-hangup-after-timeout", "no hangup event behind a timeout event",
                 [&model](bool on) { model.hangup_after_timeout = !on; });
    flags.toggle("--prompt-events", "speak and playback events for gather prompts too",
                 [&model](bool on) { model.prompt_events = on; });
    flags.toggle("--refuse-active-again", "403 for state=active on an active call",
                 [&model](bool on) { model.active_again_is_refused = on; });
}

}  // namespace ringback

// The members of a scenario file.
#include <fmt/format.h>

#include <algorithm>

#include "harness/scenario/events.h"
#include "harness/scenario/reading.h"
#include "harness/scenario/shown.h"
#include "simulator/core/delay_names.h"
#include "simulator/wire/duration_text.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

constexpr std::int64_t version_we_read = 1;
constexpr double slowest_scale = 0.001;  // slower, waits of hours are longer than a clock counts
constexpr double fastest_scale = 10'000;

/// False: the file is for a newer ringback, and whatever else it says cannot be judged.
bool read_version(const Cursor& at) {
    const auto version = at.required("version");
    if (!version) {
        return true;
    }
    const auto* number = version->value().get_ptr<const std::int64_t*>();
    if (number != nullptr && *number > version_we_read) {
        version->note(
            fmt::format("this file needs a ringback that reads version {}; this one "
                        "reads {}",
                        *number, version_we_read));
        return false;
    }
    if (number == nullptr || *number != version_we_read) {
        version->wrong("version 1");
    }
    return true;
}

void read_dialect(const Cursor& at) {
    if (at.value() == "v2") {
        at.note(R"(expected "v1", found "v2", which this ringback cannot play)");
    } else if (at.value() != "v1") {
        at.wrong("\"v1\"");
    }
}

void read_clock(const Cursor& at, Scenario& scenario) {
    if (!at.is_object()) {
        return;
    }
    at.only({"mode", "start", "scale"});
    if (const auto mode = at.member("mode")) {
        scenario.virtual_clock = mode->one_of({"virtual", "real"}) != "real";
    }
    if (const auto start = at.member("start")) {
        const auto* text = start->value().get_ptr<const std::string*>();
        scenario.clock_start = text == nullptr ? std::nullopt : parse_time(*text);
        if (!scenario.clock_start) {
            start->wrong("a time such as \"2026-01-05T09:00:00Z\"");
        }
    }
    if (const auto scale = at.member("scale")) {
        const double number = scale->value().is_number() ? scale->value().get<double>() : double{0};
        if (number >= slowest_scale && number <= fastest_scale) {
            scenario.time_scale = number;
        } else {
            scale->wrong("a number from 0.001 to 10000");
        }
    }
}

/// In their order: a variable may be made of those before it.
void read_vars(Reading& reading, const Cursor& at, Scenario& scenario) {
    if (!at.is_object()) {
        return;
    }
    for (const auto& [name, member] : at.members()) {
        if (!is_name(name)) {
            note_at_name(member, fmt::format("expected a name of letters, digits, _ and -, a "
                                             "letter first, found \"{}\"",
                                             shown_text(name, 40)));
        }
        note_texts(reading, member);
        scenario.vars[name] = member.value();
        auto scope = std::make_shared<VarScope>(*reading.scope);
        scope->insert_or_assign(name, member.value());
        if (reading.collects) {
            reading.scope = std::move(scope);
        }
    }
}

/// "3000", "receiver:3000" or a URL; more strictly it is read when it is used, with what ${...}
/// stands for.
bool may_be_waited_for(std::string_view text) {
    constexpr std::string_view digits{"0123456789"};
    const std::size_t colon = text.rfind(':');
    const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
    return has_reference(text) || is_http_url(text) ||
           (colon != 0 && !port.empty() &&
            port.find_first_not_of(digits) == std::string_view::npos);
}

void read_wait_for(Reading& reading, const Cursor& at, Scenario& scenario) {
    constexpr int most_port = 65'535;
    constexpr std::string_view wanted{"a URL, HOST:PORT, or a port from 1 to 65535"};
    const auto& value = at.value();
    if (const auto* text = value.get_ptr<const std::string*>()) {
        scenario.wait_for = *text;
        note_texts(reading, at);
        if (!may_be_waited_for(*text)) {
            at.wrong_address(wanted);
        }
    } else if (value.is_number_integer() && value >= 1 && value <= most_port) {
        scenario.wait_for = value.dump();
    } else {
        at.wrong(wanted);
    }
    scenario.urls.push_back({"waitFor", scenario.wait_for, at.place()});
}

void read_invariants(const Cursor& at, Scenario& scenario) {
    if (!at.is_object()) {
        return;
    }
    for (const auto& [name, member] : at.members()) {
        const auto& known = invariant_names();
        if (std::ranges::find(known, name) == known.end()) {
            const std::string near = did_you_mean(name, known);
            note_at_name(member, fmt::format("unknown invariant \"{}\"{}", shown_text(name, 40),
                                             near.empty() ? fmt::format(", expected one of {}",
                                                                        fmt::join(known, ", "))
                                                          : near));
        }
        if (const auto on = member.boolean(); on == false) {
            scenario.invariants_off.insert(name);
        }
    }
}

/// Delays by the names of `serve`'s flags; those that are drawn may be a range.
void read_model(const Cursor& at, Scenario& scenario) {
    if (!at.is_object()) {
        return;
    }
    scenario.model = at.value();
    std::vector<std::string_view> known;
    known.reserve(named_delays.size() + named_lengths.size());
    for (const NamedDelay& each : named_delays) {
        known.push_back(each.name);
    }
    for (const NamedLength& each : named_lengths) {
        known.push_back(each.name);
    }
    for (const auto& [name, member] : at.members()) {
        if (std::ranges::find(known, name) == known.end()) {
            const std::string near = did_you_mean(name, known);
            note_at_name(member, fmt::format("unknown delay \"{}\"{}", shown_text(name, 40),
                                             near.empty() ? fmt::format(", expected one of {}",
                                                                        fmt::join(known, ", "))
                                                          : near));
            continue;
        }
        const bool is_drawn =
            std::ranges::find(named_delays, name, &NamedDelay::name) != named_delays.end();
        const auto* text = member.value().get_ptr<const std::string*>();
        if (!is_drawn || text == nullptr) {
            (void)read_duration(member);
        } else if (const auto range = parse_delay_range(*text); !range) {
            member.note(range.error().what);
        }
    }
}

void read_about(const Cursor& at, Scenario& scenario) {
    if (const auto name = at.member("name")) {
        scenario.name = name->text().value_or("");
        if (name->value() == "") {
            name->wrong("a name");
        }
    }
    if (const auto about = at.member("about")) {
        scenario.about = about->text().value_or("");
    }
    if (const auto schema = at.member("$schema")) {
        (void)schema->text();
    }
    if (const auto dialect = at.member("dialect")) {
        read_dialect(*dialect);
    }
    if (const auto seed = at.member("seed")) {
        const auto most = std::numeric_limits<std::int64_t>::max();
        scenario.seed = static_cast<std::uint64_t>(seed->integer(0, most).value_or(0));
    }
    if (const auto clock = at.member("clock")) {
        read_clock(*clock, scenario);
    }
}

/// What only the scenario itself does; of a file that is used, it is looked at and not done.
void read_surroundings(Reading& reading, const Cursor& at, Scenario& scenario) {
    scenario.start.place = at.place();  // where it says nothing of its start
    if (const auto data = at.member("data")) {
        scenario.rows = read_data(reading, *data);
    }
    if (const auto wait_for = at.member("waitFor")) {
        read_wait_for(reading, *wait_for, scenario);
    }
    if (const auto start = at.member("start")) {
        read_start(reading, *start, scenario);
    }
}

void read_ending(Reading& reading, const Cursor& at, Scenario& scenario) {
    ++reading.moment;
    if (const auto verify = at.member("verify")) {
        read_verify(reading, *verify, scenario);
    }
    if (const auto invariants = at.member("invariants")) {
        read_invariants(*invariants, scenario);
    }
    if (const auto model = at.member("model")) {
        read_model(*model, scenario);
    }
    if (const auto faults = at.member("faults")) {
        scenario.faults = read_faults(*faults);
    }
    if (const auto load = at.member("load")) {
        read_load(reading, *load);
        scenario.load = load->value();
    }
}

}  // namespace

bool read_file(Reading& reading, const Cursor& at, Scenario& scenario) {
    if (!at.is_object()) {
        return true;
    }
    if (!read_version(at)) {
        return false;
    }
    at.only({"$schema", "version", "name", "about", "dialect", "seed", "clock", "vars", "data",
             "waitFor", "start", "order", "allow", "steps", "verify", "invariants", "model",
             "faults", "load"});
    const bool used = reading.chain.size() > 1;
    read_about(at, scenario);
    reading.collects = !used;
    if (const auto vars = at.member("vars")) {
        read_vars(reading, *vars, scenario);
    }
    read_surroundings(reading, at, scenario);
    reading.collects = true;
    scenario.has_steps = at.member("steps").has_value();
    read_block(reading, at, scenario.block);
    reading.collects = !used;
    read_ending(reading, at, scenario);
    reading.collects = true;
    return true;
}

}  // namespace ringback

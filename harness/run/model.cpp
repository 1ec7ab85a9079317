#include "harness/run/model.h"

#include <fmt/format.h>

#include "simulator/core/delay_names.h"
#include "simulator/wire/duration_text.h"
#include "simulator/wire/json_in.h"

namespace ringback {
namespace {

using nlohmann::json;

/// "3s", or "1s..2s".
std::optional<DelayRange> range_of(const json& value) {
    if (!value.is_string()) {
        return std::nullopt;
    }
    const auto& text = value.get_ref<const std::string&>();
    const std::size_t dots = text.find("..");
    const auto least = parse_duration(text.substr(0, dots));
    const auto most = dots == std::string::npos ? least : parse_duration(text.substr(dots + 2));
    if (!least || !most || most.value() < least.value()) {
        return std::nullopt;
    }
    return DelayRange{least.value(), most.value()};
}

bool take_member(Delays& delays, const std::string& name, const json& value) {
    for (const NamedDelay& known : named_delays) {
        if (same_word(known.name, name)) {
            const auto range = range_of(value);
            delays.*known.delay = range.value_or(delays.*known.delay);
            return range.has_value();
        }
    }
    for (const NamedLength& known : named_lengths) {
        if (same_word(known.name, name)) {
            const auto range = range_of(value);
            delays.*known.length = range ? range->least : delays.*known.length;
            return range.has_value();
        }
    }
    return false;
}

}  // namespace

std::optional<Error> model_of(const Scenario& scenario, SimulatorSettings& settings) {
    settings.clock.mode =
        scenario.virtual_clock ? ClockSettings::Mode::jumping : ClockSettings::Mode::real;
    settings.clock.scale = scenario.time_scale;
    settings.clock.start = scenario.clock_start;
    settings.faults.rules.insert(settings.faults.rules.begin(), scenario.faults.begin(),
                                 scenario.faults.end());
    for (const auto& [name, value] : scenario.model.items()) {
        if (!take_member(settings.model.delays, name, value)) {
            return Error{
                scenario.file,
                fmt::format(R"(model.{}: expected a delay like "2s" or "1s..3s", found {})", name,
                            value.dump())};
        }
    }
    return std::nullopt;
}

}  // namespace ringback

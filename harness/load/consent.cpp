#include "harness/load/consent.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "simulator/wire/ascii.h"
#include "simulator/wire/printable.h"

namespace ringback {
namespace {

struct Network {
    std::string_view base;
    unsigned bits;
};
/// RFC 1918; unique local and link-local addresses of IPv6, and those of IPv4.
constexpr std::array private_networks{Network{"10.0.0.0", 8},     Network{"172.16.0.0", 12},
                                      Network{"192.168.0.0", 16}, Network{"169.254.0.0", 16},
                                      Network{"fc00::", 7},       Network{"fe80::", 10}};

/// More than that is as good as any number; so is one that is known only in a call.
constexpr std::uint64_t most_sends{1'000'000};

std::uint64_t sends_in(const std::vector<Step>& steps);

/// Of one way through it: the one with the most.
std::uint64_t sends_in(const Branch& branch) {
    std::uint64_t most{0};
    for (const Branch::Case& way : branch.cases) {
        most = std::max(most, sends_in(way.block.steps));
    }
    for (const Block& block : branch.otherwise) {
        most = std::max(most, sends_in(block.steps));
    }
    return most;
}

std::uint64_t sends_in(const Repeat& repeat) {
    const std::uint64_t each = sends_in(repeat.block.steps);
    std::uint64_t times{0};
    const char* const end = repeat.times.data() + repeat.times.size();
    const auto read = std::from_chars(repeat.times.data(), end, times);
    if (each == 0) {
        return 0;
    }
    return read.ec == std::errc{} && read.ptr == end ? each * std::min(times, most_sends / each)
                                                     : most_sends;
}

std::uint64_t sends_in(const std::vector<Step>& steps) {
    std::uint64_t sends{0};
    for (const Step& step : steps) {
        if (std::holds_alternative<Send>(step.what)) {
            ++sends;
        } else if (const auto* const block = std::get_if<Block>(&step.what)) {
            sends += sends_in(block->steps);
        } else if (const auto* const branch = std::get_if<Branch>(&step.what)) {
            sends += sends_in(*branch);
        } else if (const auto* const repeat = std::get_if<Repeat>(&step.what)) {
            sends += sends_in(*repeat);
        }
        sends = std::min(sends, most_sends);
    }
    return sends;
}

/// The most that a trace has in a second, from any of its starts on.
double peak_of(const std::vector<std::chrono::nanoseconds>& trace) {
    std::size_t most{0};
    std::size_t first{0};
    for (std::size_t last = 0; last < trace.size(); ++last) {
        while (trace[last] - trace[first] >= std::chrono::seconds{1}) {
            ++first;
        }
        most = std::max(most, last - first + 1);
    }
    return static_cast<double>(most);
}

std::string_view next_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

}  // namespace

Reach reach_of(const Target& target) {
    if (!TargetPolicy{}.refusal(target)) {
        return Reach::here;
    }
    if (!target.address) {
        return Reach::foreign;
    }
    const bool is_private = std::ranges::any_of(private_networks, [&](const Network& network) {
        const auto base = parse_ip(network.base);
        return base && same_prefix(*base, *target.address, network.bits);
    });
    return is_private ? Reach::near : Reach::foreign;
}

LoadDemand demand_of(const LoadPlan& plan, const Scenario& scenario) {
    constexpr std::uint64_t answer_and_hangup{2};
    LoadDemand demand;
    demand.calls_per_second = peak_of(plan.trace);
    for (const LoadStage& stage : plan.stages) {
        demand.calls_per_second =
            std::max({demand.calls_per_second, stage.rate_from, stage.rate_to});
    }
    demand.callbacks_per_call = std::max(answer_and_hangup, sends_in(scenario.block.steps));
    if (std::holds_alternative<Kick>(scenario.start.how)) {
        ++demand.callbacks_per_call;  // the kick is one more request that it has to take
    }
    return demand;
}

std::uint64_t LoadDemand::callbacks_per_minute() const {
    constexpr double minute{60};
    const double rate = calls_per_second * minute * static_cast<double>(callbacks_per_call);
    return static_cast<std::uint64_t>(std::ceil(rate));
}

bool needs_consent(Reach reach, bool owned, const std::optional<LoadDemand>& demand) {
    if (owned || reach == Reach::here) {
        return false;
    }
    return reach == Reach::foreign || !demand ||
           demand->calls_per_second > calls_per_second_unasked;
}

LoadBounds bounds_of(bool elsewhere, std::optional<double> most_rate,
                     std::optional<std::size_t> most_in_flight) {
    LoadBounds bounds;
    if (elsewhere) {
        bounds = {calls_per_second_elsewhere, in_flight_elsewhere};
    }
    if (most_rate) {
        bounds.calls_per_second = most_rate;
    }
    bounds.in_flight = most_in_flight.value_or(bounds.in_flight);
    return bounds;
}

ConsentAnswer consent_answer(int status, std::string_view headers) {
    ConsentAnswer answer;
    answer.status = status;
    while (!headers.empty()) {
        const std::string_view name = next_line(headers);
        const std::string_view value = next_line(headers);
        if (equal_ignoring_case(name, "WebHook-Allowed-Origin")) {
            answer.allowed_origin = value;
        } else if (equal_ignoring_case(name, "WebHook-Allowed-Rate")) {
            answer.allowed_rate = value;
        }
    }
    return answer;
}

std::optional<std::string> refused_consent(const ConsentAnswer& answer, std::string_view origin,
                                           const LoadDemand& demand) {
    constexpr int success{200};
    constexpr int redirection{300};
    constexpr std::size_t shown{80};
    if (answer.status < success || answer.status >= redirection) {
        return fmt::format("it answered {}", answer.status);
    }
    if (answer.allowed_origin != "*" && !equal_ignoring_case(answer.allowed_origin, origin)) {
        return fmt::format("expected WebHook-Allowed-Origin: {}, found \"{}\"", origin,
                           printable(answer.allowed_origin, shown));
    }
    if (answer.allowed_rate == "*") {
        return std::nullopt;
    }
    std::uint64_t allowed{0};
    const char* const end = answer.allowed_rate.data() + answer.allowed_rate.size();
    const auto [stop, error] = std::from_chars(answer.allowed_rate.data(), end, allowed);
    if (error != std::errc{} || stop != end) {
        return fmt::format("expected WebHook-Allowed-Rate: a number or *, found \"{}\"",
                           printable(answer.allowed_rate, shown));
    }
    if (allowed < demand.callbacks_per_minute()) {
        return fmt::format("it allows {} callbacks a minute, and the load is up to {}", allowed,
                           demand.callbacks_per_minute());
    }
    return std::nullopt;
}

}  // namespace ringback

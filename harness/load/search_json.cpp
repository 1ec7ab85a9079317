#include "harness/load/search_json.h"

#include <array>
#include <string>

namespace ringback {
namespace {

using nlohmann::ordered_json;

constexpr std::array roles{ProbeRole::ramp, ProbeRole::bisect, ProbeRole::confirm};
constexpr std::array outcomes{ProbeOutcome::held, ProbeOutcome::failed, ProbeOutcome::invalid};
constexpr std::array ends{SearchEnd::found, SearchEnd::at_least, SearchEnd::none_held,
                          SearchEnd::unconfirmed, SearchEnd::ended_early};

ordered_json probe_json(const SearchProbe& probe) {
    ordered_json made{{"rate_per_s", probe.rate},         {"role", word(probe.role)},
                      {"outcome", word(probe.outcome)},   {"why", probe.why},
                      {"achieved_per_s", probe.achieved}, {"started", probe.started},
                      {"failed", probe.failed},           {"errors", probe.errors}};
    if (probe.outcome != ProbeOutcome::invalid) {
        made["response_p50_us"] = probe.response_p50_us;
        made["response_p99_us"] = probe.response_p99_us;
        made["service_p99_us"] = probe.service_p99_us;
    }
    return made;
}

template <class Values>
typename Values::value_type one_of(const JsonAt& at, const Values& values) {
    const std::string text = at.text();
    std::string known;
    for (const auto value : values) {
        if (word(value) == text) {
            return value;
        }
        known += (known.empty() ? "" : ", ") + std::string{word(value)};
    }
    at.wrong("expected one of " + known);
    return values.front();
}

SearchProbe read_probe(const JsonAt& at) {
    at.only({"rate_per_s", "role", "outcome", "why", "achieved_per_s", "started", "failed",
             "errors", "response_p50_us", "response_p99_us", "service_p99_us"});
    SearchProbe probe;
    probe.rate = at.member("rate_per_s").number();
    probe.role = one_of(at.member("role"), roles);
    probe.outcome = one_of(at.member("outcome"), outcomes);
    probe.why = at.member("why").text();
    probe.achieved = at.member("achieved_per_s").number();
    probe.started = at.member("started").count();
    probe.failed = at.member("failed").count();
    probe.errors = at.member("errors").count();
    if (probe.outcome != ProbeOutcome::invalid) {
        probe.response_p50_us = at.member("response_p50_us").count();
        probe.response_p99_us = at.member("response_p99_us").count();
        probe.service_p99_us = at.member("service_p99_us").count();
    }
    return probe;
}

std::optional<double> rate_of(const JsonAt& at, std::string_view name) {
    const auto rate = at.maybe(name);
    return rate ? std::optional{rate->number()} : std::nullopt;
}

}  // namespace

ordered_json search_json(const SearchResult& search) {
    ordered_json made{{"claims", search.claims}, {"end", word(search.end)}};
    if (search.held) {
        made["held_per_s"] = *search.held;
    }
    if (search.failed) {
        made["failed_per_s"] = *search.failed;
    }
    if (search.limited) {
        made["limited_per_s"] = *search.limited;
    }
    if (search.allowed) {
        made["allowed_per_s"] = *search.allowed;
    }
    made["confirmed"] = search.confirmed;
    made["confirmations_wanted"] = SearchResult::confirmations_wanted;
    ordered_json& probes = made["probes"] = ordered_json::array();
    for (const SearchProbe& probe : search.probes) {
        probes.push_back(probe_json(probe));
    }
    return made;
}

SearchResult search_of(const JsonAt& at) {
    at.only({"claims", "end", "held_per_s", "failed_per_s", "limited_per_s", "allowed_per_s",
             "confirmed", "confirmations_wanted", "probes"});
    SearchResult search;
    at.member("claims").elements(
        [&](const JsonAt& claim) { search.claims.push_back(claim.text()); });
    search.end = one_of(at.member("end"), ends);
    search.held = rate_of(at, "held_per_s");
    search.failed = rate_of(at, "failed_per_s");
    search.limited = rate_of(at, "limited_per_s");
    search.allowed = rate_of(at, "allowed_per_s");
    search.confirmed =
        static_cast<unsigned>(at.member("confirmed").count(SearchResult::confirmations_wanted));
    const JsonAt wanted = at.member("confirmations_wanted");
    if (wanted.count() != SearchResult::confirmations_wanted) {
        wanted.wrong("expected 3");
    }
    at.member("probes").elements(
        [&](const JsonAt& probe) { search.probes.push_back(read_probe(probe)); });
    return search;
}

}  // namespace ringback

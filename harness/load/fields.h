#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "harness/load/result.h"

namespace ringback {

// The numbers of a result under the names that JSON and CSV give them, so that what writes, reads
// and adds them cannot differ.

struct CountField {
    std::string_view name;
    std::uint64_t LoadCounts::*member;
};

inline constexpr std::array count_fields{
    CountField{"planned", &LoadCounts::planned},
    CountField{"started", &LoadCounts::started},
    CountField{"finished", &LoadCounts::finished},
    CountField{"passed", &LoadCounts::passed},
    CountField{"failed", &LoadCounts::failed},
    CountField{"dropped", &LoadCounts::dropped},
    CountField{"callbacks", &LoadCounts::callbacks},
    CountField{"delivered", &LoadCounts::delivered},
    CountField{"errors", &LoadCounts::errors},
    CountField{"requests", &LoadCounts::requests},
    CountField{"requests_refused", &LoadCounts::requests_refused},
    CountField{"connections_opened", &LoadCounts::connections_opened},
    CountField{"connections_reused", &LoadCounts::connections_reused},
    CountField{"connections_refused", &LoadCounts::connections_refused},
};

struct QuantileField {
    Quantiles LoadSecond::*of;
    std::uint64_t Quantiles::*member;
};

/// A column of the rows by second; units are in the names, those without one are counts.
struct SecondField {
    std::string_view name;
    std::variant<std::uint32_t LoadSecond::*, bool LoadSecond::*, std::uint64_t LoadSecond::*,
                 double LoadSecond::*, QuantileField>
        member;
};

inline constexpr std::array second_fields{
    SecondField{"second", &LoadSecond::second},
    SecondField{"warmup", &LoadSecond::warmup},
    SecondField{"planned_per_s", &LoadSecond::planned_rate},
    SecondField{"started", &LoadSecond::started},
    SecondField{"finished", &LoadSecond::finished},
    SecondField{"failed", &LoadSecond::failed},
    SecondField{"dropped", &LoadSecond::dropped},
    SecondField{"in_flight", &LoadSecond::in_flight},
    SecondField{"callbacks", &LoadSecond::callbacks},
    SecondField{"errors", &LoadSecond::errors},
    SecondField{"requests", &LoadSecond::requests},
    SecondField{"response_p50_us", QuantileField{&LoadSecond::response, &Quantiles::p50}},
    SecondField{"response_p90_us", QuantileField{&LoadSecond::response, &Quantiles::p90}},
    SecondField{"response_p99_us", QuantileField{&LoadSecond::response, &Quantiles::p99}},
    SecondField{"response_max_us", QuantileField{&LoadSecond::response, &Quantiles::max}},
    SecondField{"service_p50_us", QuantileField{&LoadSecond::service, &Quantiles::p50}},
    SecondField{"service_p90_us", QuantileField{&LoadSecond::service, &Quantiles::p90}},
    SecondField{"service_p99_us", QuantileField{&LoadSecond::service, &Quantiles::p99}},
    SecondField{"service_max_us", QuantileField{&LoadSecond::service, &Quantiles::max}},
    SecondField{"send_lag_p50_us", QuantileField{&LoadSecond::send_lag, &Quantiles::p50}},
    SecondField{"send_lag_p90_us", QuantileField{&LoadSecond::send_lag, &Quantiles::p90}},
    SecondField{"send_lag_p99_us", QuantileField{&LoadSecond::send_lag, &Quantiles::p99}},
    SecondField{"send_lag_max_us", QuantileField{&LoadSecond::send_lag, &Quantiles::max}},
    SecondField{"cpu_cores", &LoadSecond::cpu},
};

}  // namespace ringback

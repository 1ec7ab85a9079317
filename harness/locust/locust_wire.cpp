#include "harness/locust/locust_wire.h"

#include <fmt/format.h>

#include "harness/locust/locust_pack.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/printable.h"

namespace ringback {
namespace {

using nlohmann::json;

/// Builds the value, and gives up where it goes too deep: the reader recurses.
class ShallowReader : public nlohmann::detail::json_sax_dom_parser<json> {
public:
    explicit ShallowReader(json& value)
        : nlohmann::detail::json_sax_dom_parser<json>{value, /*allow_exceptions_=*/false} {}

    bool start_object(std::size_t count) {
        return ++depth_ <= deepest_json && json_sax_dom_parser::start_object(count);
    }
    bool end_object() {
        --depth_;
        return json_sax_dom_parser::end_object();
    }
    bool start_array(std::size_t count) {
        return ++depth_ <= deepest_json && json_sax_dom_parser::start_array(count);
    }
    bool end_array() {
        --depth_;
        return json_sax_dom_parser::end_array();
    }

private:
    std::size_t depth_{0};
};

double seconds_of(LocustTime at) {
    // In two parts: nanoseconds since 1970 are more than a double holds.
    const auto whole = std::chrono::floor<std::chrono::seconds>(at);
    return static_cast<double>(whole.time_since_epoch().count()) +
           std::chrono::duration<double>{at - whole}.count();
}

template <class Container>
std::uint32_t count_of(const Container& container) {
    return static_cast<std::uint32_t>(container.size());
}

std::uint64_t sum_of(const LocustUsers& users) {
    std::uint64_t sum{0};
    for (const auto& [name, count] : users) {
        sum += count;
    }
    return sum;
}

void pack_counts(LocustPacker& to, const std::map<std::int64_t, std::uint64_t>& counts) {
    to.map(count_of(counts));
    for (const auto& [key, count] : counts) {
        to.whole(key).whole(count);
    }
}

void pack_users(LocustPacker& to, const LocustUsers& users) {
    to.text("user_classes_count").map(count_of(users));
    for (const auto& [name, count] : users) {
        to.text(name).whole(std::uint64_t{count});
    }
    to.text("user_count").whole(sum_of(users));
}

/// The members of Locust's StatsEntryDict, in its order.
void pack_row(LocustPacker& to, std::string_view name, std::string_view method,
              const LocustRow& row, LocustTime since) {
    to.map(14).text("name").text(name).text("method").text(method);
    to.text("last_request_timestamp");
    row.last ? to.real(seconds_of(*row.last)) : to.nil();
    to.text("start_time").real(seconds_of(since));
    to.text("num_requests").whole(row.requests);
    to.text("num_none_requests").whole(row.without_time);
    to.text("num_failures").whole(row.failures);
    to.text("total_response_time").real(row.total_ms);
    to.text("max_response_time").real(row.max_ms);
    to.text("min_response_time");
    row.min_ms ? to.real(*row.min_ms) : to.nil();
    to.text("total_content_length").whole(row.bytes);
    to.text("response_times");
    pack_counts(to, row.response_times);
    to.text("num_reqs_per_sec");
    pack_counts(to, row.requests_by_second);
    to.text("num_fail_per_sec");
    pack_counts(to, row.failures_by_second);
}

/// Equal errors of all workers must have equal keys, and the master's table is sorted by them.
void pack_errors(LocustPacker& to, const std::map<LocustStats::ErrorKey, std::uint64_t>& errors) {
    to.text("errors").map(count_of(errors));
    for (const auto& [key, count] : errors) {
        const auto& [row, error] = key;
        const auto& [method, name] = row;
        to.text(fmt::format("{}.{}.{}", method, name, error)).map(4);
        to.text("name").text(name).text("method").text(method);
        to.text("error").text(error).text("occurrences").whole(count);
    }
}

}  // namespace

Result<LocustMessage> read_locust_message(std::string_view frame) {
    json message;
    try {
        ShallowReader reader{message};
        if (!json::sax_parse(frame, &reader, json::input_format_t::msgpack)) {
            return Error{"message from the Locust master", "is not MessagePack that can be read"};
        }
    } catch (const json::exception&) {
        return Error{"message from the Locust master", "claims more than it can hold"};
    }
    if (!message.is_array() || message.size() != 3 || !message[0].is_string()) {
        return Error{"message from the Locust master", "expected [type, data, node id]"};
    }
    return LocustMessage{message[0].get<std::string>(), std::move(message[1])};
}

std::string locust_message(std::string_view type, std::string_view id) {
    return LocustPacker{}.array(3).text(type).nil().text(id).take();
}

std::string locust_client_ready(std::string_view id) {
    return LocustPacker{}.array(3).text("client_ready").whole(std::int64_t{-1}).text(id).take();
}

std::string locust_heartbeat(std::string_view state, const LocustUsage& usage,
                             std::string_view id) {
    LocustPacker to;
    to.array(3).text("heartbeat").map(3);
    to.text("state").text(state);
    to.text("current_cpu_usage").real(usage.cpu_percent);
    to.text("current_memory_usage").whole(usage.memory_bytes);
    return to.text(id).take();
}

std::string locust_spawning_complete(const LocustUsers& users, std::string_view id) {
    LocustPacker to;
    to.array(3).text("spawning_complete").map(2);
    pack_users(to, users);
    return to.text(id).take();
}

std::string locust_exception(const LocustException& exception, std::string_view id) {
    LocustPacker to;
    to.array(3).text("exception").map(2);
    to.text("msg").text(exception.what).text("traceback").text(exception.where);
    return to.text(id).take();
}

std::string locust_report(const LocustStats& stats, const LocustUsers& users, std::string_view id) {
    LocustPacker to;
    to.array(3).text("stats").map(5);
    to.text("stats").array(count_of(stats.rows()));
    for (const auto& [key, row] : stats.rows()) {
        pack_row(to, key.second, key.first, row, stats.since());
    }
    to.text("stats_total");
    pack_row(to, "Aggregated", "", stats.total(), stats.since());
    pack_errors(to, stats.errors());
    pack_users(to, users);
    return to.text(id).take();
}

}  // namespace ringback

// What must be true in the end.
#include <fmt/format.h>

#include <algorithm>

#include "harness/scenario/events.h"
#include "harness/scenario/reading.h"

namespace ringback {
namespace {

/// A step that must be there; looked up when all of them are known.
std::string step_named(Reading& reading, const Cursor& at) {
    const auto id = at.text();
    if (id && reading.collects) {
        reading.id_sites.push_back({at.file(), at.place(), *id});
    }
    return id.value_or("");
}

OrderCheck read_order(Reading& reading, const Cursor& at) {
    OrderCheck order;
    if (!at.is_array()) {
        return order;
    }
    for (const Cursor& element : at.elements()) {
        order.ids.push_back(step_named(reading, element));
        const auto same = std::ranges::count(order.ids, order.ids.back());
        if (element.value().is_string() && same > 1) {
            element.note(
                fmt::format("expected every id once, found \"{}\" again", order.ids.back()));
        }
    }
    if (at.value().size() < 2) {
        at.note(fmt::format("expected at least two ids of steps, found {}", at.value().size()));
    }
    return order;
}

/// The requests that a step waits for.
ApiPattern api_of_step(Reading& reading, const Cursor& at) {
    const std::string id = step_named(reading, at);
    const auto step = reading.ids.find(id);
    if (step == reading.ids.end()) {
        return {};
    }
    if (!step->second.api) {
        at.wrong("the id of an \"await\"");
    }
    return step->second.api.value_or(ApiPattern{});
}

void read_counted(Reading& reading, const Cursor& at, CountCheck& count) {
    if (!at.is_object()) {
        return;
    }
    at.only({"await", "event", "api"});
    const auto await = at.member("await");
    const auto event = at.member("event");
    const auto api = at.member("api");
    const int ways = (await ? 1 : 0) + (event ? 1 : 0) + (api ? 1 : 0);
    if (ways != 1) {
        at.note(fmt::format("expected one of await, event and api, found {} of them", ways));
    }
    if (await) {
        count.of = api_of_step(reading, *await);
    }
    if (event) {
        count.event = true;
        count.of = known_word(*event, "the name of an event", event_names()).value_or("");
    }
    if (api && api->is_object()) {
        api->only({"method", "path", "command", "match"});
        count.of = read_api(reading, *api, true);
    }
}

std::optional<std::int64_t> read_bound(const Cursor& at, std::string_view name) {
    constexpr std::int64_t most = 1'000'000;
    const auto member = at.member(name);
    return member ? member->integer(0, most) : std::nullopt;
}

CountCheck read_count(Reading& reading, const Cursor& at) {
    CountCheck count;
    at.only({"count", "exactly", "atLeast", "atMost"});
    read_counted(reading, at.member("count").value(), count);
    count.exactly = read_bound(at, "exactly");
    count.at_least = read_bound(at, "atLeast");
    count.at_most = read_bound(at, "atMost");
    const bool bounded = at.member("atLeast") || at.member("atMost");
    if (at.member("exactly") ? bounded : !bounded) {
        at.note(R"(expected "exactly", or "atLeast" or "atMost" or both, beside "count")");
    }
    if (count.at_least && count.at_most && *count.at_least > *count.at_most) {
        at.note(fmt::format(R"(expected "atLeast" not above "atMost", found {} and {})",
                            *count.at_least, *count.at_most));
    }
    return count;
}

NeverCheck read_never(Reading& reading, const Cursor& at) {
    NeverCheck never;
    if (!at.is_object()) {
        return never;
    }
    at.only({"api", "event", "afterEvent"});
    const auto api = at.member("api");
    const auto event = at.member("event");
    if (api.has_value() == event.has_value()) {
        at.note(
            fmt::format(R"(expected either "api" or "event", found {})", api ? "both" : "neither"));
    }
    auto after = at.member("afterEvent");
    if (api && api->is_object()) {
        api->only({"method", "path", "command", "match", "afterEvent"});
        never.api = read_api(reading, *api, true);
        const auto inside = api->member("afterEvent");
        if (inside && after) {
            after->note(R"(expected one "afterEvent", found one inside "api" and one beside it)");
        }
        after = inside ? inside : after;
    }
    if (event) {
        never.event = known_word(*event, "the name of an event", event_names()).value_or("");
    }
    if (after) {
        never.after_step = step_named(reading, *after);
    }
    return never;
}

ResourceCheck read_resource(Reading& reading, const Cursor& at) {
    ResourceCheck resource;
    at.only({"resource", "match"});
    const Cursor path = at.member("resource").value();
    resource.path = path.text().value_or("");
    note_texts(reading, path);
    if (path.value().is_string() && !resource.path.starts_with('/')) {
        path.wrong("a path that begins with \"/\"");
    }
    if (const auto match = at.required("match")) {
        resource.match = read_body_match(reading, *match);
    }
    return resource;
}

}  // namespace

void read_verify(Reading& reading, const Cursor& at, Scenario& scenario) {
    if (!at.is_array()) {
        return;
    }
    for (const Cursor& element : at.elements()) {
        if (!element.is_object()) {
            continue;
        }
        Check check;
        check.file = element.file();
        check.place = element.place();
        if (const auto order = element.member("order")) {
            element.only({"order"});
            check.what = read_order(reading, *order);
        } else if (element.member("count")) {
            check.what = read_count(reading, element);
        } else if (const auto forbidden = element.member("never")) {
            element.only({"never"});
            check.what = read_never(reading, *forbidden);
        } else if (element.member("resource")) {
            check.what = read_resource(reading, element);
        } else {
            const std::size_t before = element.mistakes().size();
            element.only(
                {"order", "count", "never", "resource", "exactly", "atLeast", "atMost", "match"});
            if (element.mistakes().size() == before) {
                element.wrong("a check with one of order, count, never, resource");
            }
            continue;
        }
        scenario.verify.push_back(std::move(check));
    }
}

}  // namespace ringback

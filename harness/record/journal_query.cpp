#include "harness/record/journal_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "simulator/core/random.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

std::string_view name_of(std::string_view kind) { return kind; }
std::string_view name_of(EventType type) { return word(type); }

template <class Names>
std::string listed(const Names& names) {
    std::vector<std::string_view> texts;
    texts.reserve(names.size());
    for (const auto& name : names) {
        texts.push_back(name_of(name));
    }
    return fmt::format("{}", fmt::join(texts, ", "));
}

/// "api,attempt" as bits of the places in `names`; none when one of them is not there.
template <class Names>
std::optional<std::uint32_t> bits_of(std::string_view list, const Names& names) {
    std::uint32_t bits = 0;
    while (true) {
        const auto comma = std::min(list.find(','), list.size());
        const auto found = std::find_if(names.begin(), names.end(), [&](const auto& name) {
            return name_of(name) == list.substr(0, comma);
        });
        if (found == names.end()) {
            return std::nullopt;
        }
        bits |= 1U << static_cast<unsigned>(found - names.begin());
        if (comma == list.size()) {
            return bits;
        }
        list.remove_prefix(comma + 1);
    }
}

template <class Number>
std::optional<Number> whole(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{value}
                                                                    : std::nullopt;
}

std::optional<Problem> set_status(JournalFilter& filter, std::string_view value) {
    if (value.size() == 3 && value[0] >= '1' && value[0] <= '5') {
        if (value.substr(1) == "xx") {
            filter.status_class = value[0] - '0';
            return std::nullopt;
        }
        if (const auto status = whole<int>(value)) {
            filter.status = *status;
            return std::nullopt;
        }
    }
    return Problem{"status", "a status like 404 or 4xx", std::string{value}};
}

std::optional<Problem> set_limit(JournalFilter& filter, std::string_view value) {
    const auto limit = whole<std::size_t>(value);
    if (!limit || *limit < 1 || *limit > most_entries_at_once) {
        return Problem{"limit", fmt::format("a whole number 1..{}", most_entries_at_once),
                       std::string{value}};
    }
    filter.limit = *limit;
    return std::nullopt;
}

std::optional<Problem> set_since(JournalFilter& filter, std::string_view value) {
    const auto since = whole<std::uint64_t>(value);
    if (!since || *since >= UINT64_MAX / 2) {
        return Problem{"since", "the number of an entry (seq)", std::string{value}};
    }
    filter.since = *since;
    return std::nullopt;
}

std::optional<EventType> event_of(const Entry& entry) {
    if (const auto* event = std::get_if<EventRaised>(&entry.what)) {
        return event->type;
    }
    if (const auto* attempt = std::get_if<AttemptMade>(&entry.what)) {
        return attempt->type;
    }
    if (const auto* const met = other_news<FaultMet>(entry.what);
        met != nullptr && met->delivery != DeliveryId::none) {
        return met->event;
    }
    if (const auto* const draws = other_news<DrawsMissed>(entry.what);
        draws != nullptr && draws->delivery != DeliveryId::none) {
        return draws->event;
    }
    return std::nullopt;
}

std::optional<int> status_of(const Entry& entry) {
    if (const auto* api = std::get_if<ApiExchange>(&entry.what)) {
        return api->status;
    }
    if (const auto* attempt = std::get_if<AttemptMade>(&entry.what);
        attempt != nullptr && attempt->result.end == AttemptEnd::answered) {
        return attempt->result.status;
    }
    return std::nullopt;
}

bool has_status(const JournalFilter& filter, const Entry& entry) {
    if (!filter.status && !filter.status_class) {
        return true;
    }
    const auto status = status_of(entry);
    return status && (!filter.status || *status == *filter.status) &&
           (!filter.status_class || *status / 100 == *filter.status_class);
}

bool has_path(const JournalFilter& filter, const Entry& entry) {
    if (filter.path.empty()) {
        return true;
    }
    const auto* api = std::get_if<ApiExchange>(&entry.what);
    return api != nullptr && api->target.starts_with(filter.path);
}

bool is_about_call(const JournalFilter& filter, const Entry& entry, const IdCodec& ids) {
    if (filter.call.empty()) {
        return true;
    }
    if (!entry.user || entry.call == CallId::none) {
        return false;
    }
    const std::uint64_t user = hash_of(entry.user.view());
    const auto is_wanted = [&](CallId id) {
        const auto wanted = ids.decode(id_kind(resource_of(id)), filter.call, user);
        return wanted && wanted->call_number == number_of(id);
    };
    if (is_wanted(entry.call)) {
        return true;
    }
    if (const auto* const member = other_news<ConferenceChanged>(entry.what)) {
        return is_wanted(member->call);
    }
    const auto* const bridge = other_news<BridgeChanged>(entry.what);
    return bridge != nullptr && std::any_of(bridge->calls.begin(), bridge->calls.end(), is_wanted);
}

}  // namespace

const std::vector<std::string_view>& filter_names() {
    static const std::vector<std::string_view> names{"call", "user",   "kind",  "event",
                                                     "path", "status", "since", "limit"};
    return names;
}

std::optional<Problem> set_filter(JournalFilter& filter, std::string_view name,
                                  std::string_view value) {
    if (name == "call" || name == "user" || name == "path") {
        (name == "call" ? filter.call : name == "user" ? filter.user : filter.path) = value;
        return std::nullopt;
    }
    if (name == "kind") {
        const auto kinds = bits_of(value, entry_kinds);
        filter.kinds = kinds.value_or(0);
        return kinds ? std::nullopt
                     : std::optional{Problem{"kind", "one or more of " + listed(entry_kinds),
                                             std::string{value}}};
    }
    if (name == "event") {
        const auto events = bits_of(value, event_types);
        filter.events = events.value_or(0);
        return events ? std::nullopt
                      : std::optional{Problem{"event", "one or more of " + listed(event_types),
                                              std::string{value}}};
    }
    if (name == "status") {
        return set_status(filter, value);
    }
    if (name == "since") {
        return set_since(filter, value);
    }
    if (name == "limit") {
        return set_limit(filter, value);
    }
    return Problem{std::string{name}, "one of " + listed(filter_names()), std::string{name}};
}

bool matches(const JournalFilter& filter, const Entry& entry, const IdCodec& ids) {
    if (filter.kinds != 0 && (filter.kinds & (1U << kind_number(entry))) == 0) {
        return false;
    }
    if (!filter.user.empty() && (!entry.user || entry.user.view() != filter.user)) {
        return false;
    }
    if (filter.events != 0) {
        const auto event = event_of(entry);
        if (!event || (filter.events & (1U << static_cast<unsigned>(*event))) == 0) {
            return false;
        }
    }
    return has_path(filter, entry) && has_status(filter, entry) &&
           is_about_call(filter, entry, ids);
}

}  // namespace ringback

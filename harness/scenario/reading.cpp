#include "harness/scenario/reading.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/scenario/events.h"
#include "harness/scenario/shown.h"

namespace ringback {

bool has_reference(std::string_view text) { return text.find("${") != std::string_view::npos; }

bool is_name(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !text.empty() && text.size() <= 64 && letter(text.front()) &&
           std::ranges::all_of(
               text, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

void note_texts(Reading& reading, const Cursor& at) {
    if (!reading.collects) {
        return;
    }
    if (const auto* text = at.value().get_ptr<const std::string*>(); text != nullptr) {
        if (has_reference(*text)) {
            reading.sites.push_back({at.file(), at.place(), *text, reading.moment, reading.scope});
        }
        return;
    }
    for (const Cursor& element : at.elements()) {
        note_texts(reading, element);
    }
    for (const auto& [name, member] : at.members()) {
        note_texts(reading, member);
    }
}

void note_matches(Reading& reading, const Cursor& at, const FieldMatches& matches) {
    if (!reading.collects) {
        return;
    }
    for (const FieldMatch& field : matches.fields) {
        field.matcher.each_text([&](const std::string& text, Place place) {
            if (has_reference(text)) {
                reading.sites.push_back({at.file(), place, text, reading.moment, reading.scope});
            }
        });
    }
}

KnownStep known_await(const ApiPattern& api) {
    KnownStep known;
    known.api = api;
    known.sees = {request_sights().begin(), request_sights().end()};
    return known;
}

std::string read_id(Reading& reading, const Cursor& at, const Place& step, KnownStep known) {
    const auto id = at.text();
    if (!id) {
        return "";
    }
    if (!is_name(*id)) {
        at.wrong("an id of letters, digits, _ and -, a letter first");
        return "";
    }
    if (!reading.collects) {
        return *id;
    }
    known.moment = reading.any_since.value_or(reading.moment);
    known.file = at.file();
    known.place = step;
    const auto [holder, is_new] = reading.ids.emplace(*id, std::move(known));
    // The same step, used or gone through again, is still the same step.
    const bool same = holder->second.file == at.file() && holder->second.place == step;
    if (!is_new && !same) {
        at.note(fmt::format("the id \"{}\" is taken: the step at {}:{}:{} has it", *id,
                            holder->second.file, holder->second.place.line,
                            holder->second.place.column));
    }
    return *id;
}

void note_at_name(const Cursor& member, std::string what) {
    member.mistakes().push_back(
        {member.file(), member.document().of_name(member.pointer()), std::move(what)});
}

std::optional<std::string> known_word(const Cursor& at, std::string_view kind,
                                      const std::vector<std::string_view>& known) {
    const auto* text = at.value().get_ptr<const std::string*>();
    if (text != nullptr && std::ranges::find(known, *text) != known.end()) {
        return *text;
    }
    const std::string near = text == nullptr ? "" : did_you_mean(*text, known);
    if (near.empty()) {
        at.wrong(fmt::format("{} (one of {})", kind, fmt::join(known, ", ")));
    } else {
        at.note(fmt::format("expected {}, found \"{}\"{}", kind, shown_text(*text, 40), near));
    }
    return std::nullopt;
}

}  // namespace ringback

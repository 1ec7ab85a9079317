// What a fault of callbacks may be for.
#include <fmt/format.h>

#include <array>
#include <string>

#include "harness/scenario/fault_words.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

constexpr std::array<std::string_view, 4> phases{"started", "done", "complete", "error"};

}  // namespace

const std::vector<std::string_view>& fault_event_names() {
    static const std::vector<std::string> texts = [] {
        std::vector<std::string> all{"*"};
        for (const EventType type : event_types) {
            const std::string name{word(type)};
            all.push_back(name);
            const bool is_audio = type == EventType::speak || type == EventType::playback;
            const bool is_file = type == EventType::recording || type == EventType::transcription;
            for (const std::string_view phase : phases) {
                const bool of_audio = phase == "started" || phase == "done";
                if ((is_audio && of_audio) || (is_file && !of_audio)) {
                    all.push_back(fmt::format("{}.{}", name, phase));
                }
            }
        }
        return all;
    }();
    static const std::vector<std::string_view> views{texts.begin(), texts.end()};
    return views;
}

EventFilter event_filter(std::string_view name) {
    EventFilter filter;
    if (name == "*") {
        return filter;
    }
    const std::size_t dot = name.find('.');
    for (const EventType type : event_types) {
        if (word(type) == name.substr(0, dot)) {
            filter.type = type;
        }
    }
    if (dot != std::string_view::npos) {
        const std::string_view phase = name.substr(dot + 1);
        filter.phase = phase == "started" ? EventFilter::Phase::started
                       : phase == "error" ? EventFilter::Phase::error
                                          : EventFilter::Phase::done;
    }
    return filter;
}

}  // namespace ringback

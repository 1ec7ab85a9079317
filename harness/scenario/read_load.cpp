// The part of a scenario that only a load run reads.
#include <fmt/format.h>
#include <re2/re2.h>

#include "harness/scenario/reading.h"
#include "harness/scenario/threshold_text.h"

namespace ringback {
namespace {

/// "20/1s", "20/s", "0.5/1m"
bool is_rate(const std::string& text) {
    static const RE2 form{R"(\d+(\.\d+)?/(\d+(\.\d+)?)?(ms|s|m|h))"};
    return RE2::FullMatch(text, form);
}

void read_form(const Cursor& at, bool (*fits)(const std::string&), std::string_view expected) {
    const auto* text = at.value().get_ptr<const std::string*>();
    if (text == nullptr || !fits(*text)) {
        at.wrong(expected);
    }
}

void read_stage(const Cursor& at) {
    if (!at.is_object()) {
        return;
    }
    at.only({"for", "rate"});
    if (const auto time = at.required("for")) {
        if (read_duration(*time) == Duration::zero()) {
            time->wrong("a time above 0");
        }
    }
    if (const auto rate = at.required("rate")) {
        read_form(*rate, is_rate, "a rate such as \"20/1s\"");
    }
}

/// A name and the steps that begin and end what is measured.
void read_timer(Reading& reading, const Cursor& at) {
    if (!at.is_array()) {
        return;
    }
    if (at.value().size() != 2) {
        at.note(fmt::format("expected the ids of two steps, found {}", at.value().size()));
    }
    for (const Cursor& element : at.elements()) {
        const auto id = element.text();
        if (id && reading.collects) {
            reading.id_sites.push_back({element.file(), element.place(), *id});
        }
    }
}

void read_threshold(Reading& reading, const Cursor& at, const std::vector<std::string>& timers) {
    const auto text = at.text();
    if (!text) {
        return;
    }
    const auto threshold = parse_threshold(*text, timers);
    if (!threshold) {
        at.note(threshold.error().what);
    } else if (const std::string& step = threshold.value().measure.step;
               !step.empty() && reading.collects) {
        reading.id_sites.push_back({at.file(), at.place(), step, true});
    }
}

bool is_arrivals(const std::string& text) {
    return text == "constant" || text == "poisson" ||
           (text.starts_with("trace=") && text.size() > 6);
}

}  // namespace

void read_load(Reading& reading, const Cursor& at) {
    if (!at.is_object()) {
        return;
    }
    at.only({"stages", "arrivals", "timers", "thresholds"});
    if (const auto stages = at.member("stages"); stages && stages->is_array()) {
        for (const Cursor& stage : stages->elements()) {
            read_stage(stage);
        }
    }
    if (const auto arrivals = at.member("arrivals")) {
        read_form(*arrivals, is_arrivals, R"("constant", "poisson" or "trace=FILE")");
    }
    std::vector<std::string> timers;
    if (const auto all = at.member("timers"); all && all->is_object()) {
        for (const auto& [name, timer] : all->members()) {
            timers.push_back(name);
            if (is_timed(name) || is_counted(name)) {
                timer.note(
                    fmt::format("\"{}\" is measured in every load run; a timer needs a name "
                                "of its own",
                                name));
            }
            read_timer(reading, timer);
        }
    }
    if (const auto thresholds = at.member("thresholds"); thresholds && thresholds->is_array()) {
        for (const Cursor& threshold : thresholds->elements()) {
            read_threshold(reading, threshold, timers);
        }
    }
}

}  // namespace ringback

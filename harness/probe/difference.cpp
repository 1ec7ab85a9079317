#include "harness/probe/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

namespace ringback {
namespace {

using Kind = Deviation::Kind;

std::string times(std::size_t count) {
    return count == 1 ? "once" : count == 2 ? "twice" : fmt::format("{} times", count);
}

std::string than_text(std::size_t before, std::size_t now) {
    return fmt::format("{} here, {} in the clean run", now == 0 ? "never" : times(now),
                       before == 0 ? "never" : times(before));
}

/// How often each was asked for, and where.
using Counted = std::map<std::string, std::vector<const Effect*>>;

Counted counted(const Behaviour& run, const Volatile& leave_out) {
    Counted all;
    for (const Effect& effect : run.effects) {
        all[text_of(effect, leave_out)].push_back(&effect);
    }
    return all;
}

std::map<std::string, std::size_t> answers_of(const std::vector<const Effect*>& effects) {
    std::map<std::string, std::size_t> all;
    for (const Effect* effect : effects) {
        ++all[effect->answer];
    }
    return all;
}

/// The same requests, the same number of times: were they answered alike?
void compare_answers(const std::string& text, const std::vector<const Effect*>& before,
                     const std::vector<const Effect*>& now, std::vector<Deviation>& found) {
    auto left = answers_of(before);
    for (const Effect* effect : now) {
        if (left[effect->answer] > 0) {
            --left[effect->answer];
            continue;
        }
        const auto other =
            std::ranges::find_if(left, [](const auto& one) { return one.second > 0; });
        found.push_back({Kind::other_answer, text,
                         fmt::format("answered {} here, {} in the clean run", effect->answer,
                                     other == left.end() ? "not" : other->first),
                         effect->seq, 0});
    }
}

void compare_effects(const Behaviour& clean, const Behaviour& disturbed, const Volatile& leave_out,
                     std::vector<Deviation>& found) {
    const Counted before = counted(clean, leave_out);
    const Counted now = counted(disturbed, leave_out);
    for (const auto& [text, effects] : now) {
        const auto known = before.find(text);
        const std::size_t count = known == before.end() ? 0 : known->second.size();
        if (effects.size() > count) {
            found.push_back(
                {Kind::extra, text, than_text(count, effects.size()), effects[count]->seq, 0});
        } else if (effects.size() == count) {
            compare_answers(text, known->second, effects, found);
        }
    }
    for (const auto& [text, effects] : before) {
        const auto known = now.find(text);
        const std::size_t count = known == now.end() ? 0 : known->second.size();
        if (count < effects.size()) {
            found.push_back(
                {Kind::missing, text, than_text(effects.size(), count), 0, effects[count]->seq});
        }
    }
}

void compare_answers_to_callbacks(const Behaviour& clean, const Behaviour& disturbed,
                                  std::vector<Deviation>& found) {
    std::map<std::pair<std::string, std::string>, std::size_t> usual;
    for (const BadAnswer& bad : clean.bad_answers) {
        ++usual[{bad.event, bad.answer}];
    }
    for (const BadAnswer& bad : disturbed.bad_answers) {
        std::size_t& left = usual[{bad.event, bad.answer}];
        if (left > 0) {
            --left;
            continue;
        }
        const bool is_status = !bad.answer.empty() && bad.answer.front() <= '9';
        found.push_back({Kind::bad_answer,
                         is_status ? fmt::format("{} was answered {}", bad.event, bad.answer)
                                   : fmt::format("{} got no answer: {}", bad.event, bad.answer),
                         "taken in the clean run", bad.seq, 0, bad.event});
    }
}

std::string answer_of(const KickAnswer& kick) {
    return kick.end == "answered" ? fmt::to_string(kick.status)
                                  : "no answer" + (kick.end.empty() ? "" : ": " + kick.end);
}

/// What a receiver's own user is told. One 2xx is as good as another: "done" where it had to wait,
/// "will be done" where it had not.
void compare_kicks(const Behaviour& clean, const Behaviour& disturbed,
                   std::vector<Deviation>& found) {
    if (!clean.kick || !disturbed.kick || clean.kick == disturbed.kick) {
        return;
    }
    constexpr int hundred = 100;
    const KickAnswer& kick = *disturbed.kick;
    if (clean.kick->status / hundred == 2 && kick.status / hundred == 2) {
        return;
    }
    found.push_back({Kind::kick_answer,
                     kick.end == "answered" ? "the kick was answered " + answer_of(kick)
                                            : "the kick got " + answer_of(kick),
                     answer_of(*clean.kick) + " in the clean run", 0, 0});
}

void compare_ends(const Behaviour& clean, const Behaviour& disturbed,
                  std::vector<Deviation>& found) {
    for (const CallEnd& end : disturbed.calls) {
        const auto known = std::ranges::find(clean.calls, end.call, &CallEnd::call);
        if (known == clean.calls.end() || known->state == end.state) {
            continue;  // what a call too much was asked for with is told
        }
        if (known->is_over && !end.is_over) {
            found.push_back({Kind::stuck,
                             fmt::format("{} never ends, it is still {}", end.call, end.state),
                             known->state + " in the clean run", 0, 0});
        } else {
            found.push_back({Kind::other_end, fmt::format("{} ends as {}", end.call, end.state),
                             known->state + " in the clean run", end.seq, 0});
        }
    }
}

/// What is too much, by where it came; then what is missing; then what it came to.
int rank(Kind kind) {
    switch (kind) {
        case Kind::broken_off:
            return 0;
        case Kind::extra:
        case Kind::other_answer:
        case Kind::bad_answer:
            return 1;
        case Kind::missing:
            return 2;
        case Kind::kick_answer:
        case Kind::stuck:
        case Kind::other_end:
            break;
    }
    return 3;
}

}  // namespace

std::vector<Deviation> differences(const Behaviour& clean, const Behaviour& disturbed,
                                   const Volatile& leave_out) {
    std::vector<Deviation> found;
    compare_effects(clean, disturbed, leave_out, found);
    compare_answers_to_callbacks(clean, disturbed, found);
    compare_kicks(clean, disturbed, found);
    compare_ends(clean, disturbed, found);
    std::ranges::stable_sort(found, [](const Deviation& one, const Deviation& other) {
        return std::tuple{rank(one.kind), one.seq, one.clean_seq} <
               std::tuple{rank(other.kind), other.seq, other.clean_seq};
    });
    return found;
}

std::string_view word_of(Kind kind) {
    switch (kind) {
        case Kind::extra:
            return "extra request";
        case Kind::missing:
            return "missing request";
        case Kind::other_answer:
            return "other answer";
        case Kind::bad_answer:
            return "callback not taken";
        case Kind::kick_answer:
            return "answer to the kick";
        case Kind::stuck:
            return "stuck call";
        case Kind::other_end:
            return "other end";
        case Kind::broken_off:
            break;
    }
    return "broken off";
}

}  // namespace ringback

#include "harness/ladder/story.h"

#include <fmt/format.h>

#include <map>

#include "harness/ladder/highlights.h"

namespace ringback {
namespace {

using nlohmann::json;

/// One callback as its entries so far tell it.
struct Told {
    std::string call;
    std::string event;
    std::string url;
    std::string outcome{"owed"};
    std::string how;  // the last try; "" before the first has ended
};

/// How things stand with one that is owed; `before`, of the same call, is owed too and comes first
/// (null: none). The journal hears of a try when it has ended, so it cannot tell a callback that is
/// with its receiver from one that is just leaving; but only one that is behind another can be held
/// back.
std::string standing(const Told& callback, const Told* before) {
    if (!callback.how.empty()) {
        return callback.how + "; to be tried again";
    }
    if (before == nullptr) {
        return "under way, no answer yet";
    }
    return fmt::format("behind {}, which is owed too; not sent yet, or not answered",
                       before->event);
}

std::uint64_t delivery_of(const json& entry) {
    const auto delivery = entry.find("delivery");
    return delivery != entry.end() && delivery->is_number_integer() ? delivery->get<std::uint64_t>()
                                                                    : 0;
}

bool is_over(const std::string& state) {
    return state == "completed" || state == "rejected" || state == "error";
}

}  // namespace

CallStory story_of(const std::vector<json>& entries) {
    CallStory story;
    std::map<std::uint64_t, Told> callbacks;  // by delivery, so in the order they became owed
    bool got_through = false;
    for (const json& entry : entries) {
        const std::string kind = text_member(entry, "kind");
        const std::string after = text_member(entry, "after");
        if (kind == "state" && is_over(after)) {
            story.ended = true;
            story.cause =
                after == "error" ? "an error of the platform" : text_member(entry, "cause");
        }
        if (kind == "fault" && text_member(entry, "lost") == "true") {
            callbacks[delivery_of(entry)].outcome = "lost";
        }
        if (kind != "event" && kind != "attempt") {
            continue;
        }
        Told& callback = callbacks[delivery_of(entry)];
        callback.call = text_member(entry, "call");
        callback.event = text_member(entry, "event");
        callback.url = text_member(entry, "url");
        if (kind == "attempt") {
            callback.outcome = text_member(entry, "outcome");
            callback.how = attempt_text(entry);
            const std::string end = text_member(entry, "end");
            got_through = got_through || (end != "could_not_connect" && end != "target_refused" &&
                                          text_member(entry, "sent_again") != "true");
        }
    }
    std::map<std::string, const Told*> first_owed;  // by call
    for (const auto& [delivery, callback] : callbacks) {
        story.hangup_told =
            story.hangup_told || ((callback.event == "hangup" || callback.event == "error") &&
                                  callback.outcome != "owed");
        const auto words = [&callback = callback](std::string_view how) {
            return fmt::format("{} to {}: {}", callback.event, callback.url, how);
        };
        if (callback.outcome == "failed") {
            story.failed.push_back(words(callback.how));
        } else if (callback.outcome == "owed") {
            const auto [first, is_first] = first_owed.emplace(callback.call, &callback);
            story.owed.push_back(words(standing(callback, is_first ? nullptr : first->second)));
        } else if (callback.outcome == "lost") {
            ++story.lost;
        } else {
            ++story.delivered;
        }
    }
    story.nobody_there = !story.failed.empty() && story.delivered == 0 && !got_through;
    return story;
}

}  // namespace ringback

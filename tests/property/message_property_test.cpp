#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "simulator/core/message_numbers.h"
#include "tests/support/seeds.h"
#include "tests/support/texting.h"

using namespace ringback;
using namespace ringback::test;

namespace random_texts {
namespace {

/// Random messages and commands, legal and illegal, between calls; then enough time for all to end.
class RandomTexts {
public:
    explicit RandomTexts(Seed seed)
        : dice_{mix(test::number_of(seed))}, texting_{settings(), seed, limits()} {
        for (int i = 0; i < 80; ++i) {
            act();
        }
        texting_.wait(60s);
        keep();
    }

    const Outputs& outputs() const { return outputs_; }
    const std::set<CallId>& forgotten() const { return forgotten_; }
    const std::vector<CallId>& ids() const { return ids_; }
    const Message* message(CallId id) const { return texting_.engine.find_message(id); }
    Engine& engine() { return texting_.engine; }
    /// Commands that should have been refused and were not, or the other way round.
    int wrong_outcomes() const { return wrong_outcomes_; }

private:
    static ModelSettings settings() {
        ModelSettings settings;
        settings.delays.sent = {0ms, 2s};
        settings.delays.receipt = {0ms, 5s};
        return settings;
    }
    static EngineLimits limits() {
        EngineLimits limits;
        limits.settled_messages = 20;
        return limits;
    }
    NewMessage any_message() {
        const auto magic = message_numbers();
        NewMessage message = Texting::outbound(static_cast<ReceiptRequested>(dice_.below(3)));
        if (dice_.below(2) == 0) {
            message.to = "+191955" + std::string{magic[dice_.below(magic.size())].suffix};
        }
        if (dice_.below(4) == 0) {
            message.direction = Direction::in;
        }
        if (dice_.below(4) == 0) {
            message.media = {"http://127.0.0.1:9000/logo.png"};
            message.receipts = ReceiptRequested::none;
        }
        if (dice_.below(8) == 0) {
            message.route = {};
        }
        message.queued_for = Duration{std::chrono::milliseconds{dice_.below(3) * 700}};
        return message;
    }
    void act() {
        const CallId some = ids_.empty() ? CallId{12345} : ids_[dice_.below(ids_.size())];
        switch (dice_.below(8)) {
            case 0: {
                const bool known = texting_.engine.find_message(some) != nullptr;
                const bool taken = texting_.redact(some).refusal == Refusal::none;
                wrong_outcomes_ += taken == known ? 0 : 1;
                break;
            }
            case 1:  // a call's command for a message, and one for nobody
                wrong_outcomes_ +=
                    texting_.does(some, Play{speech("hello")}).refusal == Refusal::no_such_item ? 0
                                                                                                : 1;
                wrong_outcomes_ += texting_.redact(message_id(user_of(some), 1U << 30U)).refusal ==
                                           Refusal::no_such_item
                                       ? 0
                                       : 1;
                break;
            case 2:
                if (dice_.below(6) == 0) {
                    keep();
                    texting_.engine.forget(some);
                    forgotten_.insert(some);
                }
                break;
            case 3:
                texting_.begin(Story::outbound());
                break;
            default:
                ids_.push_back(texting_.send(any_message()));
                break;
        }
        texting_.wait(Duration{std::chrono::milliseconds{dice_.below(1500)}});
        keep();
    }
    void keep() {
        outputs_.insert(outputs_.end(), texting_.engine.outputs().begin(),
                        texting_.engine.outputs().end());
        texting_.engine.outputs().clear();
    }

    Rng dice_;
    Texting texting_;
    std::vector<CallId> ids_;
    std::set<CallId> forgotten_;
    Outputs outputs_;
    int wrong_outcomes_{0};
};

/// The order in which a message can be told of.
int stage(const Message& message) {
    return static_cast<int>(message.state) * 4 + static_cast<int>(message.receipt);
}

}  // namespace

TEST_CASE("messages: each ends in the state that was told, whatever is asked of it",
          "[property][message]") {
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        RandomTexts run{seed};
        REQUIRE(run.wrong_outcomes() == 0);
        std::map<CallId, MessageBecame> last;
        for (const Output& output : run.outputs()) {
            if (const auto* change = std::get_if<MessageBecame>(&output.what)) {
                if (const auto before = last.find(output.call); before != last.end()) {
                    REQUIRE(change->before == before->second.after);
                }
                last[output.call] = *change;
            }
        }
        for (const CallId id : run.ids()) {
            REQUIRE(last.contains(id));
            const MessageBecame& told = last[id];
            const Message* const message = run.message(id);
            if (message != nullptr) {
                REQUIRE(message->state == told.after);
                REQUIRE(message->receipt == told.receipt);
                REQUIRE(message->code == told.code);
            }
            if (!run.forgotten().contains(id)) {
                Message end;
                end.state = told.after;
                end.receipt = told.receipt;
                REQUIRE(is_settled(end));
            }
        }
        REQUIRE(run.engine().live_messages() == 0);
        REQUIRE(run.engine().known_messages() <= 20);
    }
}

TEST_CASE("messages: events come in order, at most once each, and say what was told before",
          "[property][message]") {
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        const RandomTexts run{seed};
        std::map<CallId, int> reached;
        std::map<CallId, MessageBecame> now;
        for (const Output& output : run.outputs()) {
            if (const auto* change = std::get_if<MessageBecame>(&output.what)) {
                now[output.call] = *change;
            }
            const auto* const callback = std::get_if<Callback>(&output.what);
            const auto* const detail =
                callback != nullptr ? std::get_if<MessageDetail>(&callback->event.detail) : nullptr;
            if (detail == nullptr) {
                continue;
            }
            const Message& told = *detail->message.get();
            REQUIRE(told.state == now[output.call].after);
            REQUIRE(told.receipt == now[output.call].receipt);
            REQUIRE(callback->strand == output.call);
            const auto before = reached.find(output.call);
            REQUIRE((before == reached.end() || before->second < stage(told)));
            reached[output.call] = stage(told);
        }
    }
}

TEST_CASE("messages: the same seed gives the same run", "[property][message]") {
    for (const Seed seed : test::seeds(50)) {
        CAPTURE(test::number_of(seed));
        const bool same = RandomTexts{seed}.outputs() == RandomTexts{seed}.outputs();
        CHECK(same);
    }
    const bool differ = RandomTexts{Seed{1}}.outputs() != RandomTexts{Seed{2}}.outputs();
    CHECK(differ);
}

}  // namespace random_texts

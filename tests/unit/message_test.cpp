#include <catch2/catch.hpp>
#include <set>

#include "simulator/core/message_numbers.h"
#include "tests/support/texting.h"

using namespace ringback;
using namespace ringback::test;

namespace message_tests {
namespace {

/// What one message causes within a minute.
Lines events_of(const NewMessage& message) {
    Texting texting;
    texting.send(message);
    texting.wait(60s);
    return texting.events();
}

constexpr auto none = ReceiptRequested::none;
constexpr auto all = ReceiptRequested::all;
constexpr auto error = ReceiptRequested::error;

}  // namespace

// Spec v1 4.11, row by row.
TEST_CASE("message: every scenario of the table sends its events and no others",
          "[core][message]") {
    CHECK(events_of(Texting::outbound(none)) == Lines{"0.500 sms sent"});
    CHECK(events_of(Texting::outbound(all)) ==
          Lines{"0.500 sms sent waiting", "3.500 sms sent delivered 0"});
    CHECK(events_of(Texting::outbound(all, "+19195598720")) ==
          Lines{"0.500 sms sent waiting", "3.500 sms sent not-delivered 720"});
    CHECK(events_of(Texting::outbound(error)) == Lines{"0.500 sms sent waiting"});
    CHECK(events_of(Texting::outbound(error, "+19195598720")) ==
          Lines{"0.500 sms sent waiting", "3.500 sms sent not-delivered 720"});
    CHECK(events_of(Texting::outbound(none, "+19195598720")) == Lines{"0.500 sms sent"});
    CHECK(events_of(Texting::outbound(all, "+19195598000")) == Lines{"0.500 sms error"});
    CHECK(events_of(Texting::picture()) == Lines{"0.500 mms sent"});
    CHECK(events_of(Texting::picture("+19195598751")) ==
          Lines{"0.500 mms error not-delivered 751"});
    CHECK(events_of(Texting::inbound()) == Lines{"0.000 sms received"});
}

TEST_CASE("message: it is queued, then sending, then sent, and the receipt changes no state",
          "[core][message]") {
    Texting texting;
    const CallId id = texting.send(Texting::outbound(all));
    CHECK(texting.message(id).state == MessageState::queued);
    texting.wait(250ms - 1ns);
    CHECK(texting.message(id).state == MessageState::queued);
    texting.wait(1ns);
    CHECK(texting.message(id).state == MessageState::sending);
    texting.wait(250ms - 1ns);
    CHECK(texting.message(id).state == MessageState::sending);
    texting.wait(1ns);
    CHECK(texting.message(id).state == MessageState::sent);
    CHECK(texting.message(id).receipt == ReceiptState::waiting);
    texting.wait(3s - 1ns);
    CHECK(texting.message(id).receipt == ReceiptState::waiting);
    texting.wait(1ns);
    CHECK(texting.message(id).receipt == ReceiptState::delivered);
    CHECK(texting.became() ==
          Lines{"0.000 queued", "0.250 sending", "0.500 sent waiting", "3.500 sent delivered 0"});
    CHECK(texting.engine.next_due() == std::nullopt);
    CHECK(texting.engine.live_messages() == 0);
}

TEST_CASE("message: a receipt that nobody is told of is seen on the message", "[core][message]") {
    Texting texting;
    const CallId id = texting.send(Texting::outbound(error));
    texting.wait(10s);
    CHECK(texting.message(id).receipt == ReceiptState::delivered);
}

TEST_CASE("message: every delivery code but 0 has a number, and one for MMS by it",
          "[core][message]") {
    std::set<std::uint16_t> reached;
    for (const MessageNumber& number : message_numbers()) {
        CAPTURE(number.suffix);
        const std::string to = "+191955" + std::string{number.suffix};
        CHECK(message_number(to) == &number);
        if (number.fate.code == 0) {
            continue;
        }
        reached.insert(number.fate.code);
        const std::string code = std::to_string(number.fate.code);
        CHECK(number.suffix == "98" + code);
        CHECK(number.about ==
              "fails with " + code + ": " + std::string{delivery_description(number.fate.code)});
        CHECK(events_of(Texting::outbound(all, to)).back() ==
              "3.500 sms sent not-delivered " + code);
        CHECK(events_of(Texting::picture(to)) == Lines{"0.500 mms error not-delivered " + code});
    }
    CHECK(reached.size() == delivery_codes().size() - 1);
    for (const DeliveryCode& code : delivery_codes()) {
        CHECK((code.code == 0 || reached.contains(code.code)));
    }
    CHECK(message_number("98720") == nullptr);
    CHECK(message_number("+19195550187") == nullptr);
    CHECK(delivery_description(1) == "Unknown error");
}

TEST_CASE("message: what is set for a number is stronger than its last digits, until a reset",
          "[core][message]") {
    using What = MessageFate::What;
    const std::string to{"+19195598720"};
    Texting texting;
    const auto events = [&](const NewMessage& message) {
        static_cast<void>(texting.events());
        texting.send(message);
        texting.wait(60s);
        Lines lines = texting.events();
        for (std::string& line : lines) {
            line = line.substr(line.find(' ') + 1);
        }
        return lines;
    };
    CHECK(texting.engine.set_message_fate(to, MessageFate{}));
    CHECK(events(Texting::outbound(all, to)) == Lines{"sms sent waiting", "sms sent delivered 0"});
    CHECK(texting.engine.set_message_fate(to, MessageFate{What::not_delivered, 770}));
    CHECK(events(Texting::outbound(all, to)) ==
          Lines{"sms sent waiting", "sms sent not-delivered 770"});
    CHECK(events(Texting::picture(to)) == Lines{"mms error not-delivered 770"});
    CHECK(texting.engine.set_message_fate(to, MessageFate{What::not_sent, 0}));
    CHECK(events(Texting::outbound(all, to)) == Lines{"sms error"});
    CHECK(texting.engine.set_message_fate(to, std::nullopt));
    CHECK(events(Texting::outbound(all, to)) ==
          Lines{"sms sent waiting", "sms sent not-delivered 720"});

    CHECK(texting.engine.set_message_fate(to, MessageFate{}));
    texting.engine.reset_all();
    CHECK(events(Texting::outbound(all, to)) ==
          Lines{"sms sent waiting", "sms sent not-delivered 720"});
}

TEST_CASE("message: without a URL it lives the same life and nobody is told", "[core][message]") {
    NewMessage message = Texting::outbound(all);
    message.route = {};
    Texting texting;
    const CallId id = texting.send(message);
    texting.wait(10s);
    CHECK(texting.message(id).receipt == ReceiptState::delivered);
    CHECK(texting.events().empty());

    message.direction = Direction::in;
    texting.send(message);
    const Outputs& outputs = texting.engine.outputs();
    REQUIRE(outputs.size() == 2);
    CHECK(std::holds_alternative<NoCallbackUrl>(outputs[1].what));
}

TEST_CASE("message: a redaction in any state takes the text and nothing else", "[core][message]") {
    struct Row {
        NewMessage message;
        Duration wait;
        MessageState state;
        Lines later;
    };
    const std::vector<Row> rows{
        {Texting::outbound(all),
         0s,
         MessageState::queued,
         {"0.500 sms sent waiting", "3.500 sms sent delivered 0"}},
        {Texting::outbound(all),
         300ms,
         MessageState::sending,
         {"0.500 sms sent waiting", "3.500 sms sent delivered 0"}},
        {Texting::outbound(all), 1s, MessageState::sent, {"3.500 sms sent delivered 0"}},
        {Texting::outbound(all), 9s, MessageState::sent, {}},
        {Texting::outbound(all, "+19195598000"), 1s, MessageState::error, {}},
        {Texting::inbound(), 1s, MessageState::received, {}},
    };
    for (const Row& row : rows) {
        CAPTURE(static_cast<int>(row.state), row.wait.count());
        Texting texting;
        const CallId id = texting.send(row.message);
        texting.wait(row.wait);
        texting.engine.outputs().clear();
        REQUIRE(texting.message(id).state == row.state);
        Message expected = texting.message(id);
        expected.text.clear();

        CHECK(texting.redact(id).refusal == Refusal::none);
        CHECK(texting.message(id) == expected);
        CHECK(texting.redact(id).refusal == Refusal::none);  // again: nothing left to take
        texting.wait(10s);
        for (const Output& output : texting.engine.outputs()) {
            if (const auto* callback = std::get_if<Callback>(&output.what)) {
                CHECK(std::get<MessageDetail>(callback->event.detail).message->text.empty());
            }
        }
        CHECK(texting.events() == row.later);
    }
}

TEST_CASE("message: in every state a stale timer changes nothing", "[core][message]") {
    for (const Duration wait : {0ms, 300ms, 1000ms, 9000ms}) {
        Texting texting;
        const CallId id = texting.send(Texting::outbound(all));
        texting.wait(wait);
        Message message = texting.message(id);
        const ModelSettings settings;
        const Turn turn{texting.now, &settings, nullptr, 1};
        Effects effects;
        const Timer stale{TimerKind{}, static_cast<std::uint16_t>(message.serial - 1), 0};

        CHECK_FALSE(is_live(message, stale));
        step(message, MessageInput{TimerFired{stale}}, turn, effects);

        CHECK(message == texting.message(id));
        CHECK(effects == Effects{});
    }
}

TEST_CASE("message: an event keeps what the message was when it was raised", "[core][message]") {
    Texting texting;
    const CallId id = texting.send(Texting::outbound(all));
    texting.wait(1s);
    texting.redact(id);
    texting.wait(9s);
    Lines texts;
    for (const Output& output : texting.engine.outputs()) {
        if (const auto* callback = std::get_if<Callback>(&output.what)) {
            texts.push_back(std::get<MessageDetail>(callback->event.detail).message->text);
            CHECK(callback->event.time == dawn);  // of the message, not of the event
            CHECK(callback->strand == id);
        }
    }
    CHECK(texts == Lines{"Good morning", ""});
}

TEST_CASE("message: its text is shown for three days, to the nanosecond", "[core][message]") {
    Texting texting;
    const Message& message = texting.message(texting.send(Texting::outbound()));
    CHECK(shown_text(message, dawn + 72h - 1ns) == "Good morning");
    CHECK(shown_text(message, dawn + 72h).empty());
}

TEST_CASE("message: those of one millisecond are told apart by their sort key", "[core][message]") {
    CHECK(message_sort_key(dawn, 0) == 1'511'496'041'000'000'000);
    CHECK(message_sort_key(dawn, 1'511'496'041'000'000'000) == 1'511'496'041'000'000'001);
    CHECK(message_sort_key(dawn + 1ms, 1'511'496'041'000'000'001) == 1'511'496'041'001'000'000);
}

TEST_CASE("message: delays are drawn by its own stream, and a call's are not shifted",
          "[core][message]") {
    ModelSettings settings;
    settings.delays.sent = {1s, 9s};
    settings.delays.answer = {1s, 9s};
    const auto told = [&](bool with_messages) {
        Texting texting{settings};
        if (with_messages) {
            texting.send(Texting::outbound());
            texting.send(Texting::outbound());
        }
        texting.begin(Story::outbound());
        texting.wait(60s);
        return texting.events();
    };
    const Lines alone = told(false);
    const Lines together = told(true);
    REQUIRE(together.size() == 3);
    CHECK(std::ranges::count(together, alone.front()) == 1);
    CHECK(together == told(true));
}

TEST_CASE("engine: messages and calls of one number are two things", "[core][engine]") {
    Texting texting;
    const CallId call = texting.begin(Story::outbound());
    const CallId message = texting.send(Texting::outbound());
    CHECK(ringback::number_of(call) == ringback::number_of(message));
    CHECK(user_of(call) == user_of(message));
    CHECK(call != message);
    CHECK(texting.engine.find(message) == nullptr);
    CHECK(texting.engine.find_message(call) == nullptr);
    CHECK(texting.engine.knows(call));
    CHECK(texting.engine.knows(message));
    CHECK(texting.redact(call).refusal == Refusal::no_such_item);
    CHECK(texting.does(message, FarEndHangsUp{}).refusal == Refusal::no_such_item);
}

TEST_CASE("engine: what is due first happens first, be it a call's or a message's",
          "[core][engine]") {
    Texting texting;
    texting.begin(Story::outbound());  // answered at 4 s
    texting.wait(3s);
    texting.send(Texting::outbound(all));  // sent at 3.5 s, its receipt at 6.5 s
    CHECK(texting.engine.next_due() == dawn + 3250ms);
    texting.wait(10s);
    CHECK(texting.events() ==
          Lines{"3.500 sms sent waiting", "4.000 answer", "6.500 sms sent delivered 0"});
}

TEST_CASE("engine: settled messages are forgotten oldest first, the others never",
          "[core][engine]") {
    EngineLimits limits;
    limits.settled_messages = 2;
    limits.live_messages = 3;
    Texting texting{ModelSettings{}, Seed{1}, limits};
    const CallId first = texting.send(Texting::outbound());
    const CallId second = texting.send(Texting::outbound());
    const CallId third = texting.send(Texting::outbound());
    CHECK(texting.engine.create(texting.engine.user("u-1"), Texting::outbound(), texting.now) ==
          nullptr);
    CHECK(texting.engine.known_messages() == 3);
    texting.wait(10s);
    CHECK_FALSE(texting.engine.knows(first));
    CHECK(texting.engine.knows(second));
    CHECK(texting.engine.knows(third));
    CHECK(texting.redact(first).refusal == Refusal::no_such_item);
}

TEST_CASE("engine: a message forgotten or reset is never heard of again", "[core][engine]") {
    Texting texting;
    texting.engine.forget(texting.send(Texting::outbound()));
    const CallId of_user = texting.send(Texting::outbound());
    CHECK(texting.engine.live_messages() == 1);
    texting.engine.reset("u-1");
    CHECK(texting.engine.live_messages() == 0);
    CHECK_FALSE(texting.engine.knows(of_user));
    texting.engine.outputs().clear();
    texting.wait(60s);
    CHECK(texting.events().empty());
    CHECK(texting.engine.next_due() == std::nullopt);
    texting.send(Texting::outbound());
    texting.engine.reset_all();
    CHECK(texting.engine.live_messages() == 0);
    CHECK(texting.engine.known_messages() == 0);
}

}  // namespace message_tests

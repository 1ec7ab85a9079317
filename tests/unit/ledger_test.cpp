#include "simulator/core/ledger.h"

#include <catch2/catch.hpp>

#include "tests/support/texting.h"

using namespace ringback;
using namespace ringback::test;

namespace ledger_tests {
namespace {

struct Books : Texting {
    using Texting::Texting;

    const User& user() { return engine.user("u-1"); }
    std::vector<Transaction> transactions(std::size_t most = SIZE_MAX) {
        return transactions_of(
            user(), [](const Transaction&) { return true; }, most);
    }
    Money spent() { return spent_by(user()); }
    /// A call that lasts that long from its answer on.
    CallId talk(Duration length, NewCall call = Story::outbound()) {
        const CallId id = begin(call);
        if (call.direction == Direction::in) {
            does(id, IncomingTold{false});  // what its answer waits for
        }
        wait(call.direction == Direction::in ? 0s : 4s);
        wait(length - 200ms);
        does(id, to_state(WantedState::completed));
        wait(5s);
        return id;
    }
};

}  // namespace

TEST_CASE("ledger: a call costs by minutes begun, when it is over", "[core][ledger]") {
    Books books;
    const CallId id = books.begin(Story::outbound());
    books.wait(30s);
    CHECK(books.transactions().empty());

    books.does(id, to_state(WantedState::completed));
    books.wait(1s);

    REQUIRE(books.transactions().size() == 1);
    const Transaction one = books.transactions()[0];
    CHECK(one.product == Product::call_out);
    CHECK(one.units == 1);
    CHECK(one.amount == price_of(Product::call_out));
    CHECK(one.phone == "+19195550123");
    CHECK(one.number == number_of(id));
    CHECK(one.at == books.call(id).ended_at);
    CHECK(books.spent() == one.amount);
    books.talk(61s);
    CHECK(books.transactions()[0].units == 2);
    CHECK(books.spent() == price_of(Product::call_out) * 3);
}

TEST_CASE("ledger: so many as are asked for are the newest, in the order of all",
          "[core][ledger]") {
    Books books;
    for (int i = 0; i < 7; ++i) {
        books.talk(std::chrono::seconds{30 + 70 * (i % 3)});
        books.engine.charge(books.engine.user("u-1"), Product::cnam_search, "+19195550100", 0,
                            books.now);
        books.engine.charge(books.engine.user("u-1"), Product::cnam_search, "+19195550100", 0,
                            books.now);
    }
    const auto all = books.transactions();
    REQUIRE(all.size() == 21);
    for (std::size_t most = 0; most <= 22; ++most) {
        const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size()));
        CHECK(books.transactions(most) == std::vector<Transaction>(all.begin(), end));
    }
    const auto is_call = [](const Transaction& one) {
        return one.source == Transaction::Source::call;
    };
    const auto calls = transactions_of(books.user(), is_call, 3);
    REQUIRE(calls.size() == 3);
    CHECK(calls[0].number == 7);
    CHECK(calls[2].number == 5);
}

TEST_CASE("ledger: what nobody answered costs nothing", "[core][ledger]") {
    Books books;
    for (const auto* const number :
         {"+15550009901", "+15550009902", "+15550009903", "+15550009904", "+15550009905"}) {
        books.begin(Story::outbound(number));
    }
    books.wait(120s);
    CHECK(books.transactions().empty());
    CHECK(books.spent() == Money{});
}

TEST_CASE("ledger: direction and SIP addresses decide what a call is charged as",
          "[core][ledger]") {
    Books books;
    const auto product = [&](NewCall call) {
        books.talk(1s, std::move(call));
        return books.transactions()[0].product;
    };
    NewCall to_sip = Story::outbound("sip:a@b.c");
    NewCall from_sip = Story::inbound(true);
    from_sip.from = "sip:a@b.c";
    CHECK(product(Story::outbound()) == Product::call_out);
    CHECK(product(to_sip) == Product::sip_call_out);
    CHECK(product(Story::inbound(true)) == Product::call_in);
    CHECK(books.transactions()[0].phone == "+19195550123");
    CHECK(product(from_sip) == Product::sip_call_in);
}

TEST_CASE("ledger: messages cost by segment once they are handed over", "[core][ledger]") {
    Books books;
    NewMessage longer = Texting::outbound();
    longer.segments = 3;
    books.send(longer);
    CHECK(books.transactions().empty());
    books.wait(1s);
    CHECK(books.spent() == price_of(Product::sms_out) * 3);
    books.send(Texting::picture());
    books.wait(1s);
    CHECK(books.transactions()[0].product == Product::mms_out);
    books.send(Texting::inbound());
    CHECK(books.transactions()[0].product == Product::sms_in);
    books.send(Texting::outbound(ReceiptRequested::all, "+15555598000"));  // cannot be sent
    books.wait(10s);
    CHECK(books.transactions().size() == 3);
    CHECK(books.spent() ==
          price_of(Product::sms_out) * 3 + price_of(Product::mms_out) + price_of(Product::sms_in));
}

TEST_CASE("ledger: a transcription costs by the minutes of its recording", "[core][ledger]") {
    Books books;
    NewCall call = Story::outbound();
    call.recording_enabled = true;
    call.transcription_enabled = true;
    const CallId id = books.talk(70s, call);
    books.wait(20s);
    REQUIRE(books.transactions().size() == 2);
    const Money both = price_of(Product::call_out) * 2 + price_of(Product::transcription) * 2;
    CHECK(books.spent() == both);
    CHECK(cost_of(books.call(id)) == both);
}

TEST_CASE("ledger: what is forgotten stays paid for", "[core][ledger]") {
    EngineLimits limits;
    limits.ended_calls = 1;
    limits.settled_messages = 1;
    Books books{{}, Seed{1}, limits};
    for (int i = 0; i < 3; ++i) {
        books.talk(1s);
        books.send(Texting::outbound());
        books.wait(2s);
    }
    CHECK(books.transactions().size() == 2);
    CHECK(books.spent() == (price_of(Product::call_out) + price_of(Product::sms_out)) * 3);

    for (std::size_t i = 0; i < AccountLedger::most_charges + 5; ++i) {
        books.engine.charge(books.engine.user("u-1"), Product::cnam_search, "+19195550100", 0,
                            books.now);
    }
    CHECK(books.transactions().size() == 2 + AccountLedger::most_charges);
    CHECK(books.spent() == (price_of(Product::call_out) + price_of(Product::sms_out)) * 3 +
                               price_of(Product::cnam_search) *
                                   static_cast<std::int64_t>(AccountLedger::most_charges + 5));
    books.engine.reset("u-1");
    CHECK(books.spent() == Money{});
}

TEST_CASE("ledger: a call whose creation was taken back costs nothing", "[core][ledger]") {
    Books books;
    const CallId id = books.talk(1s);
    books.engine.forget(id);
    CHECK(books.transactions().empty());
    CHECK(books.spent() == Money{});
}

}  // namespace ledger_tests

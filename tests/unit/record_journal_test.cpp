#include <catch2/catch.hpp>

#include "harness/record/journal.h"
#include "tests/support/entries.h"

namespace ringback {
namespace {

using test::entry;

struct Fixture {
    explicit Fixture(JournalLimits limits = {}) : journal{ids, limits} {}

    std::vector<std::uint64_t> found(const JournalFilter& filter) const {
        std::vector<std::uint64_t> numbers;
        journal.each(filter, [&](const Entry& one) {
            numbers.push_back(one.seq);
            return true;
        });
        return numbers;
    }
    std::vector<std::uint64_t> found(std::string_view name, std::string_view value) const {
        JournalFilter filter;
        const auto problem = set_filter(filter, name, value);
        CHECK(problem == std::nullopt);
        return found(filter);
    }

    IdCodec ids{Seed{42}};
    Journal journal;
};
using Numbers = std::vector<std::uint64_t>;

StateChanged some_change() { return {CallState::started, CallState::active, {}}; }

TEST_CASE("journal: entries are numbered from 1 in the order they came", "[record][journal]") {
    Fixture f;
    for (int i = 0; i < 3; ++i) {
        f.journal.record(entry(some_change()));
    }

    CHECK(f.found({}) == Numbers{1, 2, 3});
    CHECK(f.journal.last_seq() == 3);
    CHECK(f.journal.counters().recorded == 3);
    CHECK(f.journal.counters().by_kind.at(3) == 3);
}

TEST_CASE("journal: beyond its bound the oldest entries go, and are counted", "[record][journal]") {
    for (const std::size_t bound : {1U, 3U, 256U, 257U, 300U}) {
        CAPTURE(bound);
        Fixture f{{.entries = bound}};
        for (std::size_t i = 0; i < bound + 2; ++i) {
            f.journal.record(entry(some_change()));
        }

        CHECK(f.journal.kept() == bound);
        CHECK(f.journal.counters().dropped == 2);
        CHECK(f.journal.oldest_seq() == 3);
        const auto numbers = f.found({});
        CHECK(numbers.size() == bound);
        CHECK(numbers.front() == 3);
        CHECK(numbers.back() == bound + 2);
    }
}

TEST_CASE("journal: long texts are bounded too, but the newest entry always stays",
          "[record][journal]") {
    Fixture f{{.entries = 100, .text_bytes = 10'000}};
    ApiExchange exchange = test::api("POST", "/x", 200);
    exchange.request_body = std::string(4'000, 'x');
    for (int i = 0; i < 5; ++i) {
        f.journal.record(entry(exchange));
    }
    CHECK(f.found({}) == Numbers{4, 5});

    exchange.request_body = std::string(20'000, 'x');
    f.journal.record(entry(exchange));
    CHECK(f.found({}) == Numbers{6});
}

TEST_CASE("journal: every filter keeps what it names", "[record][journal]") {
    Fixture f;
    const auto where = test::route("http://127.0.0.1/cb");
    f.journal.record(entry(test::api("POST", "/v1/users/u-a/calls", 201), "u-a", 1));     // 1
    f.journal.record(entry(test::api("GET", "/v1/users/u-b/calls/c-x", 404), "u-b", 0));  // 2
    f.journal.record(entry(test::event(EventType::answer, where, "{}"), "u-a", 1));       // 3
    f.journal.record(entry(test::attempt(EventType::answer, where, 500), "u-a", 1));      // 4
    f.journal.record(entry(test::event(EventType::hangup, where, "{}"), "u-a", 2));       // 5
    f.journal.record(entry(some_change(), "u-b", 1));                                     // 6
    f.journal.record(entry(ClockMoved{"paused", test::at()}, "", 0));                     // 7

    CHECK(f.found("kind", "api") == Numbers{1, 2});
    CHECK(f.found("kind", "event,attempt") == Numbers{3, 4, 5});
    CHECK(f.found("user", "u-b") == Numbers{2, 6});
    CHECK(f.found("event", "answer") == Numbers{3, 4});
    CHECK(f.found("event", "hangup,dtmf") == Numbers{5});
    CHECK(f.found("path", "/v1/users/u-a") == Numbers{1});
    CHECK(f.found("status", "404") == Numbers{2});
    CHECK(f.found("status", "5xx") == Numbers{4});
    CHECK(f.found("since", "5") == Numbers{6, 7});
    CHECK(f.found("since", "99") == Numbers{});
    CHECK(f.found("call", f.ids.text(IdKind::call, hash_of("u-a"), 1)) == Numbers{1, 3, 4});
    CHECK(f.found("call", f.ids.text(IdKind::call, hash_of("u-b"), 1)) == Numbers{6});
    CHECK(f.found("call", "c-nonsense") == Numbers{});
    JournalFilter both;
    both.user = "u-a";
    both.status = 201;
    CHECK(f.found(both) == Numbers{1});
    CHECK(f.journal.count(both) == 1);
}

TEST_CASE("journal: a bridge's news is found by the bridge and by each call in it",
          "[record][journal]") {
    Fixture f;
    Entry news = entry(BridgeChanged{BridgeState::created,
                                     BridgeState::active,
                                     true,
                                     {call_id(UserSlot{1}, 1), call_id(UserSlot{1}, 2)}},
                       "u-a");
    news.call = bridge_id(UserSlot{1}, 1);
    f.journal.record(news);                            // 1
    f.journal.record(entry(some_change(), "u-a", 2));  // 2
    other_news<BridgeChanged>(news.what)->calls[0] = CallId::none;
    f.journal.record(news);  // 3

    const auto found = [&](IdKind kind, std::uint64_t number) {
        return f.found("call", f.ids.text(kind, hash_of("u-a"), number));
    };
    CHECK(found(IdKind::bridge, 1) == Numbers{1, 3});
    CHECK(found(IdKind::bridge, 2) == Numbers{});
    CHECK(found(IdKind::call, 1) == Numbers{1});
    CHECK(found(IdKind::call, 2) == Numbers{1, 2, 3});
    CHECK(found(IdKind::call, 3) == Numbers{});
    CHECK(f.found("kind", "bridge") == Numbers{1, 3});
}

TEST_CASE("journal: a filter that cannot be understood says what there is", "[record][journal]") {
    JournalFilter filter;
    CHECK(set_filter(filter, "kind", "apis") ==
          Problem{"kind",
                  "one or more of api, event, attempt, state, phone, error, clock, message, "
                  "application, number, domain, charge, bridge, conference, bxml, fault, "
                  "draw",
                  "apis"});
    CHECK(set_filter(filter, "event", "ring")->found == "ring");
    CHECK(set_filter(filter, "event", "")->field == "event");
    CHECK(set_filter(filter, "since", "-1")->expected == "the number of an entry (seq)");
    CHECK(set_filter(filter, "limit", "0")->expected == "a whole number 1..50000");
    CHECK(set_filter(filter, "limit", "50001").has_value());
    for (const auto* const status : {"99", "600", "4x", "4xxx", "abc", "40a"}) {
        CHECK(set_filter(filter, "status", status)->expected == "a status like 404 or 4xx");
    }
    CHECK(set_filter(filter, "colour", "red")->expected ==
          "one of call, user, kind, event, path, status, since, limit");
}

TEST_CASE("journal: a reset forgets one user's entries and leaves the others'",
          "[record][journal]") {
    Fixture f;
    f.journal.record(entry(some_change(), "u-a"));
    f.journal.record(entry(some_change(), "u-b"));
    f.journal.record(entry(ClockMoved{"paused", test::at()}, "", 0));
    f.journal.record(entry(some_change(), "u-a"));

    f.journal.reset("u-a");
    CHECK(f.found({}) == Numbers{2, 3});
    CHECK(f.journal.kept() == 2);
    CHECK(f.journal.counters().dropped == 0);

    f.journal.record(entry(some_change(), "u-a"));
    CHECK(f.found({}) == Numbers{2, 3, 5});

    f.journal.reset(std::nullopt);
    CHECK(f.found({}) == Numbers{});
    f.journal.record(entry(some_change(), "u-a"));
    CHECK(f.found({}) == Numbers{6});
}

TEST_CASE("journal: where memory is out the older half goes, and is counted", "[record][journal]") {
    Fixture f;
    for (int i = 0; i < 5; ++i) {
        f.journal.record(entry(some_change(), i == 3 ? "u-b" : "u-a"));
    }
    f.journal.reset("u-b");

    f.journal.forget_half();
    CHECK(f.found({}) == Numbers{3, 5});
    CHECK(f.journal.counters().dropped == 2);
    f.journal.forget_half();
    f.journal.forget_half();
    CHECK(f.found({}) == Numbers{});
    f.journal.forget_half();
    f.journal.record(entry(some_change(), "u-a"));
    CHECK(f.found({}) == Numbers{6});
}

TEST_CASE("journal: whatever half of it goes, the rest stays, and it goes on as before",
          "[record][journal]") {
    for (const std::size_t bound : {3U, 256U, 257U, 600U, 2000U}) {
        CAPTURE(bound);
        Fixture f{{.entries = bound}};
        std::uint64_t last = 0;
        for (const int more : {1, 255, 1, 300, 1500, 2, 700}) {
            for (int i = 0; i < more; ++i) {
                f.journal.record(entry(some_change()));
            }
            last += static_cast<std::uint64_t>(more);
            const std::size_t kept = f.journal.kept();

            f.journal.forget_half();

            const Numbers numbers = f.found({});
            REQUIRE(numbers.size() == kept / 2);
            if (!numbers.empty()) {
                CHECK(numbers.front() == last + 1 - numbers.size());
                CHECK(numbers.back() == last);
            }
        }
    }
}

TEST_CASE("journal: what has given its memory back goes on with the next number",
          "[record][journal]") {
    for (const std::size_t bound : {3U, 256U, 257U, 600U}) {
        CAPTURE(bound);
        Fixture f{{.entries = bound}};
        for (int i = 0; i < 300; ++i) {
            f.journal.record(entry(some_change()));
        }
        f.journal.release();
        CHECK(f.found({}).empty());
        CHECK(f.journal.kept() == 0);

        f.journal.record(entry(some_change()));
        CHECK(f.found({}) == Numbers{301});
        for (int i = 0; i < 700; ++i) {
            f.journal.record(entry(some_change()));
        }
        const Numbers numbers = f.found({});
        CHECK(numbers.size() == bound);
        CHECK(numbers.back() == 1001);
        CHECK(numbers.front() == 1002 - bound);
    }
}

TEST_CASE("journal: forgotten entries of a reset make no difference to the bound",
          "[record][journal]") {
    Fixture f{{.entries = 4}};
    for (int i = 0; i < 4; ++i) {
        f.journal.record(entry(some_change(), i % 2 == 0 ? "u-a" : "u-b"));
    }
    f.journal.reset("u-a");
    for (int i = 0; i < 3; ++i) {
        f.journal.record(entry(some_change(), "u-c"));
    }

    CHECK(f.found({}) == Numbers{4, 5, 6, 7});
    CHECK(f.journal.counters().dropped == 1);
}

class Listener : public JournalListener {
public:
    explicit Listener(std::function<void(const RecordedEntry&)> then) : then_{std::move(then)} {}
    void recorded(const RecordedEntry& one) override {
        heard.push_back(one.entry().seq);
        then_(one);
    }
    Numbers heard;

private:
    std::function<void(const RecordedEntry&)> then_;
};

TEST_CASE("journal: listeners hear every entry until they stop, also from inside",
          "[record][journal]") {
    Fixture f;
    Listener steady{[](const RecordedEntry&) {}};
    Listener once{[&](const RecordedEntry&) { f.journal.stop_listening(once); }};
    f.journal.listen(once);
    f.journal.listen(steady);
    f.journal.record(entry(some_change()));
    f.journal.record(entry(some_change()));
    f.journal.stop_listening(steady);
    f.journal.record(entry(some_change()));

    CHECK(once.heard == Numbers{1});
    CHECK(steady.heard == Numbers{1, 2});
}

TEST_CASE("journal: what a listener records comes after, to everybody in the same order",
          "[record][journal]") {
    Fixture f{
        {.entries = 1}};  // the ring has room for one entry only: the present one must survive
    std::string seen;
    Listener echo{[&](const RecordedEntry& one) {
        if (one.entry().seq < 3) {
            f.journal.record(entry(OnThePhone{OnThePhone::What::said, "echo"}));
        }
        seen += kind_of(one.entry());
        seen += ' ';
    }};
    Listener steady{[](const RecordedEntry&) {}};
    f.journal.listen(echo);
    f.journal.listen(steady);
    f.journal.record(entry(some_change()));

    CHECK(echo.heard == Numbers{1, 2, 3});
    CHECK(steady.heard == Numbers{1, 2, 3});
    CHECK(seen == "state phone phone ");
}

}  // namespace
}  // namespace ringback

// Orders of events that probes try, and how a failing one is made small.
#include <catch2/catch.hpp>
#include <set>

#include "harness/probe/inquiry.h"
#include "harness/probe/order_scenario.h"
#include "tests/support/probed_call.h"

namespace ringback {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using test::menu_call;
using test::ProbedCall;

}  // namespace

TEST_CASE("probe: an event can be overtaken by those that come before the receiver says more",
          "[probe]") {
    const Behaviour clean =
        menu_call("one").behaviour();  // answer, started, done, dtmf, gather, hangup

    CHECK(overtakers(clean, 0) == 0);
    CHECK(overtakers(clean, 1) == 1);
    CHECK(overtakers(clean, 2) == 0);
    CHECK(overtakers(clean, 3) == 1);
    CHECK(overtakers(clean, 4) == 0);
}

TEST_CASE("probe: orders are tried from small to large, none twice, never more than allowed",
          "[probe]") {
    const Behaviour clean = menu_call("one").behaviour();

    const auto all = changed_orders(clean, 200, 42);

    REQUIRE(all.size() > 20);
    CHECK(all[0] == Changes{{1, 1, {}}});
    CHECK(all[1] == Changes{{3, 1, {}}});
    CHECK(all[2] == Changes{{0, 0, 1s}});
    std::set<std::string> orders{resulting_order({}, clean)};
    std::size_t most{1};
    for (const Changes& changes : all) {
        CHECK(orders.insert(resulting_order(changes, clean)).second);
        CHECK(changes.size() >= std::min<std::size_t>(most, 3));
        most = std::max(most, changes.size());
    }
    CHECK(most > 2);
    CHECK(changed_orders(clean, 5, 42).size() == 5);
    CHECK(changed_orders(clean, 200, 42) == all);
    CHECK(changed_orders(clean, 200, 43) != all);
}

TEST_CASE("probe: a failing order is made small: fewer changes first, then smaller numbers",
          "[probe]") {
    SmallerOrders smaller{{{1, 3, {}}, {4, 0, 5s}, {6, 1, {}}}};
    const auto fails = [](const Changes& changes) {  // what is wrong is the first event, far behind
        return std::ranges::any_of(
            changes, [](const Change& one) { return one.event == 1 && one.behind >= 2; });
    };

    std::size_t tries{0};
    while (const auto next = smaller.next()) {
        smaller.tried(fails(*next));
        REQUIRE(++tries < 41);
    }

    CHECK(smaller.smallest() == Changes{{1, 2, {}}});
}

TEST_CASE("probe: lateness is halved as long as it fails, and the tries come to an end",
          "[probe]") {
    SmallerOrders smaller{{{4, 0, 5s}}};

    std::size_t tries{0};
    while (smaller.next()) {
        smaller.tried(true);
        REQUIRE(++tries < 41);
    }

    REQUIRE(smaller.smallest().size() == 1);
    CHECK(smaller.smallest()[0].late < 200ms);
}

TEST_CASE("probe: the first failing order ends the search and is told when it is small",
          "[probe]") {
    Inquiry inquiry{menu_call("one").record(), {ProbeKind::reorder}, {}};
    inquiry.told(menu_call("two").record());

    std::optional<ProbeTry> found;
    std::size_t played{0};
    while (const auto next = inquiry.next()) {
        const bool fails = std::ranges::any_of(
            next->changes, [](const Change& one) { return one.event == 2 && one.late >= 1500ms; });
        auto told = inquiry.told(fails ? ProbedCall{"x"}.becomes("active").record()
                                       : menu_call("x").record());
        if (told && !told->blame.failing.empty()) {
            found = std::move(told);
        }
        REQUIRE(++played < 100);
    }

    REQUIRE(found);
    CHECK(found->disturbance.what == "speak.done comes 2500 ms late");
    const auto results = inquiry.take_results();
    CHECK(results[0].failed() == 1);
    CHECK(results[0].minimised_in == 2);
    CHECK(results[0].tries.back().disturbance.changes == Changes{{2, 0, 2500ms}});
}

TEST_CASE("probe: a failing order is the scenario with its faults, comments and all", "[probe]") {
    const Behaviour clean = menu_call("one").behaviour();
    const Disturbance order = reordered({{1, 1, {}}, {2, 0, 250ms}}, clean);

    const auto made = order_scenario("// a { menu\n{\n  \"version\": 1 }\n", order);
    const auto merged = order_scenario(R"({"version": 1, "faults": ["chaos"]})", order);

    REQUIRE(made);
    CHECK(
        made.value() ==
        "// a { menu\n{\n  // ringback run --probe reorder: speak.started comes behind speak.done, "
        "speak.done comes 250 ms late\n  \"faults\": [\n"
        "    "
        "{\"reorder\":{\"behind\":1,\"within\":\"30000ms\"},\"on\":\"speak.started\",\"nth\":1},\n"
        "    {\"delay\":\"250ms\",\"on\":\"speak.done\",\"nth\":1}\n  ],\n  \"version\": 1 }\n");
    REQUIRE(merged);
    CHECK(json::parse(merged.value())["faults"].size() == 3);
    CHECK_FALSE(order_scenario("[1]", order));
    CHECK(order_file("calls/menu.json") == "calls/menu.reorder.json");
    CHECK(order_file("builtin:busy") == "busy.reorder.json");
    CHECK(order_file("calls/menu.json", 2) == "calls/menu.reorder-2.json");
}

}  // namespace ringback

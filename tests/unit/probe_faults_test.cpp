// Probes of runs in which faults that were asked for are at work as well.
#include <catch2/catch.hpp>

#include "harness/probe/inquiry.h"

namespace ringback {
namespace {

using nlohmann::json;
using Kind = Deviation::Kind;

/// A journal of one call.
class OneCall {
public:
    OneCall& asks(const std::string& sentence, int status = 200, const std::string& fate = {}) {
        json entry{{"kind", "api"},
                   {"method", "POST"},
                   {"path", "/v1/users/u/calls/c-00000001/audio"},
                   {"status", status},
                   {"request", {{"sentence", sentence}}}};
        if (!fate.empty()) {
            entry["fault"] = "fail";
            entry["fate"] = fate;
        }
        return add(std::move(entry));
    }
    OneCall& owes(const std::string& event) {
        return add({{"kind", "event"}, {"event", event}, {"delivery", ++delivery_}});
    }
    /// A fault that the last event meets.
    OneCall& meets(const std::string& flag) {
        return add({{"kind", "fault"},
                    {"fault", "any"},
                    {"event", "answer"},
                    {"delivery", delivery_},
                    {flag, true}});
    }
    OneCall& answers(int status, int attempt = 1) {
        return add({{"kind", "attempt"},
                    {"event", "answer"},
                    {"delivery", delivery_},
                    {"attempt", attempt},
                    {"end", "answered"},
                    {"status", status}});
    }
    [[nodiscard]] Behaviour behaviour() const { return behaviour_of(entries_); }
    [[nodiscard]] RunRecord record() const {
        RunRecord run;
        run.scenario = "menu";
        run.entries = entries_;
        return run;
    }

private:
    OneCall& add(json entry) {
        entry["seq"] = entries_.size() + 1;
        entry["call"] = "c-00000001";
        entries_.push_back(std::move(entry));
        return *this;
    }

    std::vector<json> entries_;
    std::uint64_t delivery_{0};
};

std::vector<Deviation> compared(const OneCall& clean, const OneCall& disturbed) {
    return differences(clean.behaviour(), disturbed.behaviour(), {});
}

}  // namespace

TEST_CASE("probe faults: what a fault refused and was asked for again is no request too many",
          "[probe][faults]") {
    const OneCall clean = OneCall{}.asks("one", 503, "refused").asks("one").asks("two");
    const OneCall disturbed = OneCall{}.asks("one").asks("two", 503, "refused").asks("two");
    const OneCall twice = OneCall{}.asks("one").asks("one").asks("two");
    const OneCall given_up = OneCall{}.asks("one").asks("two", 503, "refused");

    CHECK(compared(clean, disturbed).empty());
    REQUIRE(compared(clean, twice).size() == 1);
    CHECK(compared(clean, twice).front().kind == Kind::extra);
    REQUIRE(compared(clean, given_up).size() == 1);
    CHECK(compared(clean, given_up).front().kind == Kind::missing);
}

TEST_CASE("probe faults: what was done counts as done, though a fault has answered it",
          "[probe][faults]") {
    CHECK(compared(OneCall{}.asks("one", 500, "acted"), OneCall{}.asks("one")).empty());
    CHECK(compared(OneCall{}.asks("one", 500), OneCall{}.asks("one")).size() == 1);
}

TEST_CASE("probe faults: callbacks that were sent badly or altered may be refused",
          "[probe][faults]") {
    const OneCall clean = OneCall{}.owes("answer").answers(200);

    CHECK(compared(clean, OneCall{}.owes("answer").answers(400, 0).answers(200)).empty());
    CHECK(compared(clean, OneCall{}.owes("answer").meets("altered").answers(400)).empty());
    CHECK(compared(clean, OneCall{}.owes("answer").meets("altered").answers(500)).size() == 1);
    CHECK(compared(clean, OneCall{}.owes("answer").answers(400)).size() == 1);
}

TEST_CASE("probe faults: where they drop another event than in the clean run, lack is only told",
          "[probe][faults]") {
    const OneCall clean = OneCall{}.owes("answer").answers(200).asks("one");
    for (const bool is_lost : {true, false}) {
        CAPTURE(is_lost);
        Inquiry inquiry{clean.record(), {ProbeKind::duplicates}, {}};
        inquiry.told(clean.record());
        OneCall disturbed = OneCall{}.owes("answer");
        is_lost ? disturbed.meets("lost") : disturbed.answers(200);

        const auto tried = inquiry.told(disturbed.record());

        REQUIRE(tried);
        CHECK(tried->blame.failing.size() == (is_lost ? 0 : 1));
        CHECK(tried->blame.told.size() == (is_lost ? 1 : 0));
    }
}

}  // namespace ringback

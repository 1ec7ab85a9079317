#include "simulator/core/number_stock.h"

#include <catch2/catch.hpp>
#include <set>
#include <vector>

namespace ringback {
namespace {

bool nobody_has(const std::string& /*digits*/) { return false; }

NumberSearch in_area(std::string code) {
    NumberSearch search;
    search.area_code = std::move(code);
    return search;
}

TEST_CASE("numbers: the same seed and search find the same, each number once", "[core][numbers]") {
    NumberSearch search = in_area("919");
    search.quantity = 5000;
    const auto found = find_numbers(Seed{42}, search, nobody_has);
    CHECK(found.size() == 5000);
    CHECK(found == find_numbers(Seed{42}, search, nobody_has));
    CHECK(found != find_numbers(Seed{43}, search, nobody_has));
    std::set<std::string> different;
    for (const AvailableNumber& one : found) {
        different.insert(one.digits);
        CHECK(one.digits.size() == 10);
        CHECK(one.digits.starts_with("919"));
        CHECK(one.digits.substr(3, 3) != "555");
        CHECK(one.digits[3] >= '2');
        REQUIRE(one.place != nullptr);
        CHECK(one.place->state == "NC");
    }
    CHECK(different.size() == found.size());
}

TEST_CASE("numbers: what somebody has is not offered again", "[core][numbers]") {
    const auto before = find_numbers(Seed{42}, in_area("919"), nobody_has);
    const std::string taken = before[0].digits;
    const auto after = find_numbers(Seed{42}, in_area("919"),
                                    [&](const std::string& digits) { return digits == taken; });
    CHECK(after[0] == before[1]);
    CHECK(after.size() == 10);
}

TEST_CASE("numbers: state, city, ZIP code and area code narrow the places", "[core][numbers]") {
    const auto cities = [](const NumberSearch& search) {
        std::set<std::string_view> names;
        for (const AvailableNumber& one : find_numbers(Seed{1}, search, nobody_has)) {
            names.insert(one.place->city);
        }
        return names;
    };
    NumberSearch by_state;
    by_state.state = "OR";
    CHECK(cities(by_state) == std::set<std::string_view>{"PORTLAND", "EUGENE"});
    by_state.city = "EUGENE";
    CHECK(cities(by_state) == std::set<std::string_view>{"EUGENE"});
    by_state.city = "NOWHERE";
    CHECK(cities(by_state).empty());
    NumberSearch by_zip;
    by_zip.zip = "27513";
    CHECK(cities(by_zip) == std::set<std::string_view>{"CARY"});
    by_zip.zip = "83201";  // Pocatello: no place of its own, so one of Idaho's
    CHECK(cities(by_zip) == std::set<std::string_view>{"BOISE"});
    by_zip.zip = "00000";
    CHECK(cities(by_zip).empty());
    CHECK(cities(in_area("999")).empty());
}

TEST_CASE("numbers: every state has some, and every place is plausible", "[core][numbers]") {
    std::set<std::string_view> states;
    const auto [first, last] = number_places();
    for (const NumberPlace* place = first; place != last; ++place) {
        CAPTURE(place->city, place->area_code);
        states.insert(place->state);
        CHECK(place->area_code.size() == 3);
        CHECK(place->lata.size() == 3);
        CHECK(place->rate_center.size() <= 10);
        CHECK(state_of_zip(place->zip) == place->state);
        NumberSearch search;
        search.state = place->state;
        search.city = place->city;
        CHECK(find_numbers(Seed{7}, search, nobody_has).size() == 10);
    }
    CHECK(states.size() == 51);
}

TEST_CASE("numbers: a local number begins as asked, also in overlaid area codes if wanted",
          "[core][numbers]") {
    NumberSearch search = in_area("919");
    search.local_number = "234";
    search.quantity = 5000;
    for (const AvailableNumber& one : find_numbers(Seed{1}, search, nobody_has)) {
        REQUIRE(one.digits.starts_with("919234"));
    }
    search.local_number = "2345";
    search.in_local_calling_area = true;
    std::set<std::string> codes;
    for (const AvailableNumber& one : find_numbers(Seed{1}, search, nobody_has)) {
        REQUIRE(one.digits.substr(3, 4) == "2345");
        codes.insert(one.digits.substr(0, 3));
    }
    CHECK(codes == std::set<std::string>{"919", "984"});
    for (const auto* const nobodys : {"555", "111", "411", "0123"}) {
        search.local_number = nobodys;
        CHECK(find_numbers(Seed{1}, search, nobody_has).empty());
    }
}

TEST_CASE("numbers: toll-free ones have no place", "[core][numbers]") {
    NumberSearch search;
    search.toll_free = true;
    search.quantity = 100;
    const auto found = find_numbers(Seed{1}, search, nobody_has);
    CHECK(found.size() == 100);
    std::set<std::string> codes;
    for (const AvailableNumber& one : found) {
        codes.insert(one.digits.substr(0, 3));
        CHECK(one.place == nullptr);
    }
    CHECK(codes == std::set<std::string>{"800", "833", "844", "855", "866", "877", "888"});
}

TEST_CASE("numbers: a pattern matches all ten digits and shows those it names", "[core][numbers]") {
    const auto match = [](std::string_view pattern, std::string_view digits) {
        return pattern_match(pattern, digits).value_or("no");
    };
    CHECK(match("*2?9*", "9195551239") == "       2 9");
    CHECK(match("*2?9*", "9195552190") == "      2 9 ");
    CHECK(match("*", "9195552190") == "          ");
    CHECK(match("9195552190", "9195552190") == "9195552190");
    CHECK(match("919*90", "9195552190") == "919     90");
    CHECK(match("??????????", "9195552190") == "          ");
    CHECK(match("*call", "9195552255") == "      2255");
    CHECK(match("*aab", "9192222222") == "       222");
    CHECK(match("919*", "9185552190") == "no");
    CHECK(match("?????????", "9195552190") == "no");
    CHECK(match("*0*0*0*", "9195552190") == "no");
    CHECK(match("919555219", "9195552190") == "no");
    CHECK(match("91955521900", "9195552190") == "no");
    CHECK(is_number_pattern("*2?9aZ*"));
    CHECK_FALSE(is_number_pattern("2-9"));
}

TEST_CASE("numbers: a pattern narrows the search, and all that match are found",
          "[core][numbers]") {
    NumberSearch all = in_area("919");
    all.quantity = 5000;
    std::vector<AvailableNumber> expected;
    for (const AvailableNumber& one : find_numbers(Seed{3}, all, nobody_has)) {
        if (one.digits.ends_with("77")) {
            expected.push_back(one);
        }
    }
    all.pattern = "*77";
    auto found = find_numbers(Seed{3}, all, nobody_has);
    REQUIRE(found.size() >= expected.size());
    found.resize(expected.size());  // the first 5,000 numbers are not all
    CHECK(found == expected);
    CHECK_FALSE(expected.empty());
}

TEST_CASE("numbers: who has one is known in North America, unless it is not in service",
          "[core][numbers]") {
    const auto name = caller_name(Seed{1}, "+19195550123");
    REQUIRE(name);
    CHECK(name == caller_name(Seed{1}, "+19195550123"));
    CHECK(name->find(' ') != std::string::npos);
    CHECK(name->size() <= 16);
    CHECK_FALSE(caller_name(Seed{1}, "+15550009904"));
    CHECK_FALSE(caller_name(Seed{1}, "+442079460123"));
    CHECK_FALSE(caller_name(Seed{1}, "+1919555012"));
}

}  // namespace
}  // namespace ringback

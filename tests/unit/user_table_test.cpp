#include "simulator/core/user_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace ringback;

namespace {

std::vector<std::string> names(const UserTable& users) {
    std::vector<std::string> names;
    for (const User* const user : users.all()) {
        names.push_back(user->name);
    }
    return names;
}

}  // namespace

TEST_CASE("users: found by name and by slot, listed in the order they came", "[core][users]") {
    UserTable users;
    User& b = users.open("u-b");
    User& a = users.open("u-a");
    CHECK(&users.open("u-b") == &b);
    CHECK(users.find("u-a") == &a);
    CHECK(users.find(a.slot) == &a);
    CHECK(users.find("u-c") == nullptr);
    CHECK(users.find(UserSlot{0}) == nullptr);
    CHECK(users.find(UserSlot{3}) == nullptr);
    CHECK(names(users) == std::vector<std::string>{"u-b", "u-a"});
}

TEST_CASE("users: a slot is never given twice, whoever is erased", "[core][users]") {
    UserTable users;
    const UserSlot first = users.open("u-a").slot;
    users.erase(*users.find("u-a"));
    CHECK(users.find(first) == nullptr);
    const UserSlot second = users.open("u-a").slot;
    CHECK(second != first);
    users.clear();
    CHECK(users.find(second) == nullptr);
    CHECK(names(users).empty());
    const UserSlot third = users.open("u-a").slot;
    CHECK(third != first);
    CHECK(third != second);
    CHECK(users.find(third) == users.find("u-a"));
    CHECK(users.find(first) == nullptr);
}

TEST_CASE("users: many that come and go leave the others where they are", "[core][users]") {
    UserTable users;
    std::vector<UserSlot> slots;
    for (int i = 0; i < 1000; ++i) {
        slots.push_back(users.open("u-" + std::to_string(i)).slot);
        if (i >= 10) {
            users.erase(*users.find("u-" + std::to_string(i - 10)));
        }
        REQUIRE(users.find(slots.back()) == users.find("u-" + std::to_string(i)));
        REQUIRE(names(users).size() == std::min<std::size_t>(slots.size(), 10));
    }
    for (int i = 0; i < 990; ++i) {
        REQUIRE(users.find(slots[static_cast<std::size_t>(i)]) == nullptr);
    }
    CHECK(users.find(slots[990])->name == "u-990");
}

TEST_CASE("calls: forgotten pages cost nothing and later calls are still found", "[core][calls]") {
    NumberedTable<Call> table;
    for (std::uint64_t n = 1; n <= 1000; ++n) {
        table.add(Call{}).id = CallId{n};
        if (n > 40) {
            table.forget(n - 40);
        }
        REQUIRE(table.find(n)->id == CallId{n});
        REQUIRE(table.size() == std::min<std::uint64_t>(n, 40));
    }
    for (std::uint64_t n = 1; n <= 1000; ++n) {
        table.forget(n);
    }
    CHECK(table.size() == 0);
    CHECK(table.next_number() == 1001);
    table.add(Call{}).id = CallId{1001};
    CHECK(table.find(1001)->id == CallId{1001});
    CHECK(table.find(1000) == nullptr);
}

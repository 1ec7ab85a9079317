#include <catch2/catch.hpp>

#include "simulator/core/engine.h"
#include "tests/support/owning.h"

namespace ringback::test::directory {
namespace {

using Lines = std::vector<std::string>;

DirectoryOutcome made(std::uint64_t id) { return {DirectoryRefusal::none, id}; }
DirectoryOutcome refused(DirectoryRefusal why) { return {why, 0}; }

}  // namespace

TEST_CASE("directory: applications and numbers are counted apart, from 1", "[core][directory]") {
    Owning owning;
    CHECK(owning.does(CreateApplication{application()}) == made(1));
    CHECK(owning.does(AddNumber{phone_number("+19195550123", 1)}) == made(1));
    CHECK(owning.does(CreateApplication{application("", "http://127.0.0.1:9/m")}) == made(2));
    CHECK(owning.told() ==
          Lines{"created application 1", "created number 1 of 1", "created application 2"});

    const PhoneNumber* const number = owning.directory.number("+19195550123");
    REQUIRE(number != nullptr);
    CHECK(number == owning.directory.number(1));
    CHECK(number->created_at == owning.now);
    REQUIRE(owning.directory.application_of(*number) != nullptr);
    CHECK(owning.directory.application_of(*number)->calls->url == "http://127.0.0.1:9/calls");
    CHECK(owning.directory.number("+19195550124") == nullptr);
}

TEST_CASE("directory: a change keeps the id, a number also what it is and since when",
          "[core][directory]") {
    Owning owning;
    owning.does(CreateApplication{application()});
    owning.does(AddNumber{phone_number()});
    owning.now += std::chrono::seconds{60};
    Application renamed = application("http://127.0.0.1:9/other");
    renamed.id = 77;
    CHECK(owning.does(ChangeApplication{1, renamed}) == made(0));
    CHECK(owning.directory.application(1)->calls->url == "http://127.0.0.1:9/other");
    CHECK(owning.directory.application(1)->id == 1);
    CHECK(owning.directory.application(77) == nullptr);

    PhoneNumber other = phone_number("+15550000000", 1);
    other.name = "desk";
    CHECK(owning.does(ChangeNumber{1, other}) == made(0));
    const PhoneNumber& number = *owning.directory.number(1);
    CHECK(number.number == "+19195550123");
    CHECK(number.name == "desk");
    CHECK(number.application == 1);
    CHECK(number.created_at == Instant{std::chrono::seconds{100}});
    CHECK(owning.directory.number("+15550000000") == nullptr);
}

TEST_CASE("directory: the numbers of a removed application stay, and are nobody's",
          "[core][directory]") {
    Owning owning;
    owning.does(CreateApplication{application()});
    owning.does(CreateApplication{application()});
    owning.does(AddNumber{phone_number("+19195550123", 1)});
    owning.does(AddNumber{phone_number("+19195550124", 2)});
    owning.changes.clear();
    CHECK(owning.does(RemoveApplication{1}) == made(0));
    CHECK(owning.told() == Lines{"changed number 1 of 0", "removed application 1"});
    CHECK(owning.directory.number("+19195550123")->application == 0);
    CHECK(owning.directory.number("+19195550124")->application == 2);
    CHECK(owning.directory.application(1) == nullptr);
    CHECK(owning.does(CreateApplication{application()}) == made(3));
}

TEST_CASE("directory: what a command refuses changes nothing and is not told",
          "[core][directory]") {
    Owning owning;
    owning.does(CreateApplication{application()});
    owning.does(AddNumber{phone_number("+19195550123", 1)});
    owning.changes.clear();

    using Refusal = DirectoryRefusal;
    const std::vector<std::pair<DirectoryCommand, Refusal>> table{
        {ChangeApplication{2, application()}, Refusal::no_such_application},
        {ChangeApplication{0, application()}, Refusal::no_such_application},
        {RemoveApplication{2}, Refusal::no_such_application},
        {AddNumber{phone_number("+19195550123")}, Refusal::duplicate_number},
        {AddNumber{phone_number("+19195550124", 2)}, Refusal::no_such_application},
        {ChangeNumber{1, phone_number("+19195550123", 2)}, Refusal::no_such_application},
        {ChangeNumber{2, phone_number()}, Refusal::no_such_number},
        {RemoveNumber{2}, Refusal::no_such_number},
        {RemoveNumber{0}, Refusal::no_such_number},
    };
    for (const auto& [command, why] : table) {
        CAPTURE(command.index());
        CHECK(owning.does(command) == refused(why));
    }
    CHECK(owning.changes.empty());
    CHECK(owning.directory.number(1)->application == 1);
    CHECK(owning.directory.numbers().size() == 1);
    CHECK(owning.directory.applications().size() == 1);
}

TEST_CASE("directory: a removed number is free again, under another id", "[core][directory]") {
    Owning owning;
    owning.does(AddNumber{phone_number()});
    CHECK(owning.does(RemoveNumber{1}) == made(0));
    CHECK(owning.directory.number("+19195550123") == nullptr);
    CHECK(owning.does(RemoveNumber{1}) == refused(DirectoryRefusal::no_such_number));
    CHECK(owning.does(AddNumber{phone_number()}) == made(2));
    CHECK(owning.directory.number(1) == nullptr);
}

TEST_CASE("engine: users have their numbers apart, and a reset forgets one user's",
          "[core][directory]") {
    Engine engine{Seed{1}, {}};
    const Instant now{std::chrono::seconds{1}};
    CHECK(engine.apply(engine.user("u-1"), AddNumber{phone_number()}, now) == made(1));
    CHECK(engine.apply(engine.user("u-2"), AddNumber{phone_number()}, now) == made(1));
    REQUIRE(engine.outputs().size() == 2);
    CHECK(user_of(engine.outputs()[1].call) == engine.user("u-2").slot);
    engine.reset("u-1");
    CHECK_FALSE(engine.user("u-1").directory);
    CHECK(engine.user("u-2").directory->number("+19195550123") != nullptr);
}

TEST_CASE("engine: no more applications and numbers than it may hold, whoever has them",
          "[core][directory]") {
    EngineLimits limits;
    limits.applications = 2;
    limits.numbers = 1;
    Engine engine{Seed{1}, {}, limits};
    const auto does = [&](const char* user, const DirectoryCommand& command) {
        return engine.apply(engine.user(user), command, Instant{}).refusal;
    };
    CHECK(does("u-1", CreateApplication{application()}) == DirectoryRefusal::none);
    CHECK(does("u-2", CreateApplication{application()}) == DirectoryRefusal::none);
    CHECK(does("u-1", CreateApplication{application()}) == DirectoryRefusal::full);
    CHECK(does("u-1", AddNumber{phone_number()}) == DirectoryRefusal::none);
    CHECK(does("u-2", AddNumber{phone_number()}) == DirectoryRefusal::full);
    engine.outputs().clear();
    CHECK(does("u-2", RemoveApplication{1}) == DirectoryRefusal::none);
    CHECK(does("u-1", CreateApplication{application()}) == DirectoryRefusal::none);
    engine.reset("u-1");
    CHECK(does("u-2", AddNumber{phone_number()}) == DirectoryRefusal::none);
    engine.reset_all();
    CHECK(does("u-3", CreateApplication{application()}) == DirectoryRefusal::none);
    CHECK(does("u-3", CreateApplication{application()}) == DirectoryRefusal::none);
}

}  // namespace ringback::test::directory

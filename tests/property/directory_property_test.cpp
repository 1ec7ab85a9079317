#include <catch2/catch.hpp>
#include <map>

#include "simulator/core/engine.h"
#include "tests/support/owning.h"
#include "tests/support/seeds.h"

using namespace ringback;
using namespace ringback::test;

namespace random_owning {
namespace {

/// Two maps and the rules in as few words as possible: what a directory must agree with.
struct PlainModel {
    std::map<std::uint64_t, Application> applications;
    std::map<std::uint64_t, PhoneNumber> numbers;
    std::uint64_t last_application{0};
    std::uint64_t last_number{0};

    [[nodiscard]] bool has(const std::string& number) const {
        for (const auto& [id, known] : numbers) {
            if (known.number == number) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] bool knows(std::uint64_t application) const {
        return application == 0 || applications.contains(application);
    }

    using Refusal = DirectoryRefusal;
    Refusal operator()(const CreateApplication& it) {
        applications[++last_application] = it.wanted;
        applications[last_application].id = last_application;
        return Refusal::none;
    }
    Refusal operator()(const ChangeApplication& it) {
        if (!applications.contains(it.id)) {
            return Refusal::no_such_application;
        }
        applications[it.id] = it.wanted;
        applications[it.id].id = it.id;
        return Refusal::none;
    }
    Refusal operator()(const RemoveApplication& it) {
        for (auto& [id, number] : numbers) {
            number.application = number.application == it.id ? 0 : number.application;
        }
        return applications.erase(it.id) == 1 ? Refusal::none : Refusal::no_such_application;
    }
    Refusal operator()(const AddNumber& it) {
        if (has(it.wanted.number)) {
            return Refusal::duplicate_number;
        }
        if (!knows(it.wanted.application)) {
            return Refusal::no_such_application;
        }
        numbers[++last_number] = it.wanted;
        numbers[last_number].id = last_number;
        return Refusal::none;
    }
    Refusal operator()(const ChangeNumber& it) {
        if (!numbers.contains(it.id)) {
            return Refusal::no_such_number;
        }
        if (!knows(it.wanted.application)) {
            return Refusal::no_such_application;
        }
        const std::string number = numbers[it.id].number;
        numbers[it.id] = it.wanted;
        numbers[it.id].id = it.id;
        numbers[it.id].number = number;
        return Refusal::none;
    }
    Refusal operator()(const RemoveNumber& it) {
        return numbers.erase(it.id) == 1 ? Refusal::none : Refusal::no_such_number;
    }
};

std::string some_number(Rng& dice) { return "+1919555010" + std::to_string(dice.below(8)); }

DirectoryCommand any_command(Rng& dice) {
    const std::uint64_t id = dice.below(6);
    switch (dice.below(6)) {
        case 0:
            return CreateApplication{application("http://127.0.0.1:9/" + std::to_string(id))};
        case 1:
            return ChangeApplication{id, application("http://127.0.0.1:9/changed")};
        case 2:
            return RemoveApplication{id};
        case 3:
            return ChangeNumber{id, phone_number(some_number(dice), dice.below(6))};
        case 4:
            return RemoveNumber{id};
        default:
            return AddNumber{phone_number(some_number(dice), dice.below(5))};
    }
}

/// Numbers as they are, but for the time, which the plain model does not know.
std::map<std::uint64_t, PhoneNumber> numbers_of(const Directory& directory) {
    std::map<std::uint64_t, PhoneNumber> all;
    directory.numbers().newest_first([&](const PhoneNumber& number) {
        all[number.id] = number;
        all[number.id].created_at = Instant{};
        return true;
    });
    return all;
}
std::map<std::uint64_t, Application> applications_of(const Directory& directory) {
    std::map<std::uint64_t, Application> all;
    directory.applications().newest_first([&](const Application& application) {
        all[application.id] = application;
        return true;
    });
    return all;
}

/// What one believes who only read what changed.
struct Reader {
    std::map<std::uint64_t, Application> applications;
    std::map<std::uint64_t, PhoneNumber> numbers;

    void read(const Output& output) {
        if (const auto* const about = other_news<ApplicationChanged>(output.what)) {
            keep(applications, about->news, *about->application.get());
        } else if (const auto* const number = other_news<NumberChanged>(output.what)) {
            PhoneNumber timeless = *number->number.get();
            timeless.created_at = Instant{};
            keep(numbers, number->news, timeless);
        }
    }
    template <class Item>
    static void keep(std::map<std::uint64_t, Item>& items, ItemNews news, const Item& item) {
        REQUIRE((news == ItemNews::created) != items.contains(item.id));
        items[item.id] = item;
        if (news == ItemNews::removed) {
            items.erase(item.id);
        }
    }
};

}  // namespace

TEST_CASE("directory: it agrees with a plain model, and with all that was told of it",
          "[property][directory]") {
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        Rng dice{mix(test::number_of(seed))};
        Engine engine{seed, {}};
        PlainModel model;
        Reader reader;
        User& user = engine.user("u-1");
        for (int i = 0; i < 200; ++i) {
            const DirectoryCommand command = any_command(dice);
            CAPTURE(i, command.index());
            const DirectoryOutcome outcome =
                engine.apply(user, command, Instant{std::chrono::seconds{i}});
            REQUIRE(outcome.refusal == std::visit(model, command));
            REQUIRE((outcome.refusal == DirectoryRefusal::none || engine.outputs().empty()));
            for (const Output& output : engine.outputs()) {
                reader.read(output);
            }
            engine.outputs().clear();
        }
        REQUIRE(numbers_of(*user.directory.get()) == model.numbers);
        REQUIRE(applications_of(*user.directory.get()) == model.applications);
        REQUIRE(reader.numbers == model.numbers);
        REQUIRE(reader.applications == model.applications);
        for (const auto& [id, number] : model.numbers) {
            const PhoneNumber* const found = user.directory->number(number.number);
            REQUIRE(found != nullptr);
            REQUIRE(found->id == id);
        }
    }
}

TEST_CASE("directory: the engine knows how many users have a number, without asking them",
          "[property][directory]") {
    for (const Seed seed : test::seeds(100)) {
        CAPTURE(test::number_of(seed));
        Rng dice{mix(test::number_of(seed))};
        Engine engine{seed, {}};
        const auto check = [&] {
            for (int i = 0; i < 8; ++i) {
                const std::string number = "+1919555010" + std::to_string(i);
                std::size_t holders = 0;
                for (const User* const user : engine.users()) {
                    holders += user->directory && user->directory->number(number) != nullptr;
                }
                REQUIRE(engine.holders_of(number) == holders);
            }
        };
        for (int i = 0; i < 100; ++i) {
            const std::string user = "u-" + std::to_string(dice.below(4));
            if (dice.below(20) == 0) {
                engine.reset(user);
            } else {
                engine.apply(engine.user(user), any_command(dice),
                             Instant{std::chrono::seconds{i}});
            }
            check();
        }
        engine.reset_all();
        check();
    }
}

}  // namespace random_owning

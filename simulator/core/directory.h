#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "simulator/core/boxed.h"
#include "simulator/core/numbered_table.h"
#include "simulator/core/route.h"
#include "simulator/core/time.h"

namespace ringback {

/// Who answers for phone numbers: where the events of what comes in to them go. Both routes have
/// the same method; one without a URL is for what nobody is told of.
struct Application {
    std::uint64_t id{};  // from 1, the how-manieth of its user
    std::string name;
    RouteRef calls{};     // incomingCallUrl, its fallback and timeout
    RouteRef messages{};  // incomingMessageUrl, the same
    bool auto_answer{true};

    friend bool operator==(const Application&, const Application&) = default;
};

/// A number of the account.
struct PhoneNumber {
    std::uint64_t id{};  // from 1, the how-manieth of its user
    std::string number;  // E.164; a user has each but once
    std::string name;
    std::string city;
    std::string state;            // two letters
    std::string fallback_number;  // who gets a call that no URL takes
    std::string price{"0.35"};
    std::uint64_t application{0};  // whose it is; 0: nobody's
    Instant created_at{};

    friend bool operator==(const PhoneNumber&, const PhoneNumber&) = default;
};

/// What a command did to an application or a number.
enum class ItemNews : std::uint8_t { created, changed, removed };

/// Boxed, because most outputs and journal entries are about calls.
struct ApplicationChanged {
    ItemNews news{};
    Boxed<Application> application{};  // as it is now, or was at last; never empty
    friend bool operator==(const ApplicationChanged&, const ApplicationChanged&) = default;
};
struct NumberChanged {
    ItemNews news{};
    Boxed<PhoneNumber> number{};
    friend bool operator==(const NumberChanged&, const NumberChanged&) = default;
};
using DirectoryChange = std::variant<ApplicationChanged, NumberChanged>;

/// One user's applications and phone numbers.
class Directory {
public:
    [[nodiscard]] const NumberedTable<Application>& applications() const { return applications_; }
    [[nodiscard]] const NumberedTable<PhoneNumber>& numbers() const { return numbers_; }

    [[nodiscard]] const Application* application(std::uint64_t id) const {
        return applications_.find(id);
    }
    [[nodiscard]] const PhoneNumber* number(std::uint64_t id) const { return numbers_.find(id); }
    /// By what it is dialled by.
    [[nodiscard]] const PhoneNumber* number(std::string_view dialled) const;
    /// Whom the number belongs to; null: nobody.
    [[nodiscard]] const Application* application_of(const PhoneNumber& number) const {
        return applications_.find(number.application);
    }

private:
    friend class DirectoryStep;

    NumberedTable<Application> applications_;
    NumberedTable<PhoneNumber> numbers_;
    std::map<std::string, std::uint64_t, std::less<>> by_number_;
};

// What can be done to a directory. `wanted` replaces all but id and time of creation.
struct CreateApplication {
    Application wanted;
};
struct ChangeApplication {
    std::uint64_t id{};
    Application wanted;
};
/// Its numbers stay and have none then.
struct RemoveApplication {
    std::uint64_t id{};
};
struct AddNumber {
    PhoneNumber wanted;
};
struct ChangeNumber {
    std::uint64_t id{};
    PhoneNumber wanted;  // of the same number
};
struct RemoveNumber {
    std::uint64_t id{};
};
using DirectoryCommand = std::variant<CreateApplication, ChangeApplication, RemoveApplication,
                                      AddNumber, ChangeNumber, RemoveNumber>;

enum class DirectoryRefusal : std::uint8_t {
    none,
    no_such_application,
    no_such_number,
    duplicate_number,
    full,  // EngineLimits::applications, numbers
};

struct DirectoryOutcome {
    DirectoryRefusal refusal{DirectoryRefusal::none};
    std::uint64_t id{0};  // of what was created
    friend bool operator==(const DirectoryOutcome&, const DirectoryOutcome&) = default;
};

/// All branching of applications and numbers: what it was, what is asked and when -> what it
/// becomes. Appends what changed to `changes`; a refusal changes nothing.
DirectoryOutcome step(Directory& directory, const DirectoryCommand& command, Instant now,
                      std::vector<DirectoryChange>& changes);

}  // namespace ringback

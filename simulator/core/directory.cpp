#include "simulator/core/directory.h"

#include <utility>

#include "simulator/core/overloaded.h"
#include "simulator/core/result.h"

namespace ringback {
namespace {

template <class Item>
Boxed<Item> boxed(const Item& item) {
    Boxed<Item> box;
    box.open() = item;
    return box;
}

DirectoryOutcome refused(DirectoryRefusal why) { return {why, 0}; }

}  // namespace

const PhoneNumber* Directory::number(std::string_view dialled) const {
    const auto found = by_number_.find(dialled);
    return found == by_number_.end() ? nullptr : numbers_.find(found->second);
}

/// One command being carried out.
class DirectoryStep {
public:
    DirectoryStep(Directory& directory, Instant now, std::vector<DirectoryChange>& changes)
        : in_{directory}, now_{now}, changes_{changes} {}

    DirectoryOutcome operator()(const CreateApplication& command) {
        Application made = command.wanted;
        made.id = in_.applications_.next_number();
        const Application& kept = in_.applications_.add(std::move(made));
        tell(ItemNews::created, kept);
        return {DirectoryRefusal::none, kept.id};
    }

    DirectoryOutcome operator()(const ChangeApplication& command) {
        Application* const known = in_.applications_.find(command.id);
        if (known == nullptr) {
            return refused(DirectoryRefusal::no_such_application);
        }
        *known = command.wanted;
        known->id = command.id;
        tell(ItemNews::changed, *known);
        return {};
    }

    DirectoryOutcome operator()(const RemoveApplication& command) {
        const Application* const known = in_.applications_.find(command.id);
        if (known == nullptr) {
            return refused(DirectoryRefusal::no_such_application);
        }
        for (const auto& [dialled, id] : in_.by_number_) {
            PhoneNumber& number = *in_.numbers_.find(id);
            if (number.application == command.id) {
                number.application = 0;
                tell(ItemNews::changed, number);
            }
        }
        tell(ItemNews::removed, *known);
        in_.applications_.forget(command.id);
        return {};
    }

    DirectoryOutcome operator()(const AddNumber& command) {
        if (in_.by_number_.contains(command.wanted.number)) {
            return refused(DirectoryRefusal::duplicate_number);
        }
        if (!may_belong_to(command.wanted.application)) {
            return refused(DirectoryRefusal::no_such_application);
        }
        PhoneNumber made = command.wanted;
        made.id = in_.numbers_.next_number();
        made.created_at = now_;
        const PhoneNumber& kept = in_.numbers_.add(std::move(made));
        in_.by_number_.emplace(kept.number, kept.id);
        tell(ItemNews::created, kept);
        return {DirectoryRefusal::none, kept.id};
    }

    DirectoryOutcome operator()(const ChangeNumber& command) {
        PhoneNumber* const known = in_.numbers_.find(command.id);
        if (known == nullptr) {
            return refused(DirectoryRefusal::no_such_number);
        }
        if (!may_belong_to(command.wanted.application)) {
            return refused(DirectoryRefusal::no_such_application);
        }
        PhoneNumber next = command.wanted;
        next.id = command.id;
        next.number = known->number;
        next.created_at = known->created_at;
        *known = std::move(next);
        tell(ItemNews::changed, *known);
        return {};
    }

    DirectoryOutcome operator()(const RemoveNumber& command) {
        const PhoneNumber* const known = in_.numbers_.find(command.id);
        if (known == nullptr) {
            return refused(DirectoryRefusal::no_such_number);
        }
        tell(ItemNews::removed, *known);
        in_.by_number_.erase(known->number);
        in_.numbers_.forget(command.id);
        return {};
    }

private:
    [[nodiscard]] bool may_belong_to(std::uint64_t application) const {
        return application == 0 || in_.applications_.find(application) != nullptr;
    }
    void tell(ItemNews news, const Application& about) {
        changes_.emplace_back(ApplicationChanged{news, boxed(about)});
    }
    void tell(ItemNews news, const PhoneNumber& about) {
        changes_.emplace_back(NumberChanged{news, boxed(about)});
    }

    Directory& in_;
    Instant now_;
    std::vector<DirectoryChange>& changes_;
};

DirectoryOutcome step(Directory& directory, const DirectoryCommand& command, Instant now,
                      std::vector<DirectoryChange>& changes) {
    return std::visit(DirectoryStep{directory, now, changes}, command);
}

}  // namespace ringback

#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace ringback {

/// A JSON object whose copies are one object until one of them is changed: the variables of a
/// scenario are the same for a million calls that never set one. On one thread.
class SharedObject {
public:
    using Json = nlohmann::json;

    SharedObject() = default;
    SharedObject(Json object)  // braces would make an array of it
        : object_(std::make_shared<Json>(std::move(object))) {}
    SharedObject(Json::initializer_list_t members) : SharedObject(Json(members)) {}

    operator const Json&() const { return read(); }
    [[nodiscard]] const Json& read() const {
        static const Json none = Json::object();
        return object_ == nullptr ? none : *object_;
    }

    /// This copy's own from now on.
    [[nodiscard]] Json& own() {
        if (object_ == nullptr || object_.use_count() > 1) {
            object_ = std::make_shared<Json>(read());
        }
        return *object_;
    }

private:
    std::shared_ptr<Json> object_;
};

}  // namespace ringback

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace ringback {

/// A value within a JSON document, and how it was reached. The first thing that is not as it should
/// be is kept and told with its path; what is read behind it is zero or empty. A part must not
/// outlive what it is a part of.
class JsonAt {
public:
    /// `first_wrong`: where "/counts/planned: expected ..., found ..." goes, once.
    JsonAt(const nlohmann::json& root, std::optional<std::string>& first_wrong)
        : value_{&root}, first_wrong_{&first_wrong} {}

    [[nodiscard]] JsonAt member(std::string_view name) const;
    [[nodiscard]] std::optional<JsonAt> maybe(std::string_view name) const;

    /// An object, with these members and no others.
    void only(std::initializer_list<std::string_view> names) const;

    template <class Each>
    void elements(Each each) const {
        if (is(value_->is_array(), "an array")) {
            for (std::size_t at = 0; at < value_->size(); ++at) {
                each(JsonAt{(*value_)[at], *this, {}, at});
            }
        }
    }
    /// Of an object: name and value.
    template <class Each>
    void members(Each each) const {
        if (is(value_->is_object(), "an object")) {
            for (const auto& [name, value] : value_->items()) {
                each(name, JsonAt{value, *this, name, 0});
            }
        }
    }

    [[nodiscard]] std::uint64_t count(std::uint64_t most = UINT64_MAX) const;
    [[nodiscard]] double number() const;  // not below 0
    [[nodiscard]] bool truth() const;
    [[nodiscard]] std::string text() const;
    [[nodiscard]] const nlohmann::json& object() const;

    void wrong(std::string_view what) const;

private:
    JsonAt(const nlohmann::json& value, const JsonAt& parent, std::string_view name,
           std::size_t index)
        : value_{&value},
          first_wrong_{parent.first_wrong_},
          parent_{&parent},
          name_{name},
          index_{index} {}

    [[nodiscard]] bool is(bool fits, std::string_view expected) const;
    [[nodiscard]] std::string path() const;

    const nlohmann::json* value_;
    std::optional<std::string>* first_wrong_;
    const JsonAt* parent_{nullptr};
    std::string_view name_;
    std::size_t index_{0};
};

}  // namespace ringback

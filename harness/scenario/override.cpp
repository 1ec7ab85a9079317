#include "harness/scenario/override.h"

#include <fmt/format.h>

#include <charconv>

#include "simulator/wire/redaction.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

/// The pointer of the object that holds `"id": id`; depth first, in the order of the file.
std::optional<std::string> holder_of(const ordered_json& value, const std::string& id,
                                     const std::string& pointer) {
    const auto own = value.is_object() ? value.find("id") : value.end();
    if (own != value.end() && *own == id) {
        return pointer;
    }
    if (!value.is_structured()) {
        return std::nullopt;
    }
    for (const auto& [name, inner] : value.items()) {
        if (auto found = holder_of(inner, id, pointer + "/" + pointer_step(name))) {
            return found;
        }
    }
    return std::nullopt;
}

/// The next name of a path: the longest that `value` has, else what stands before the first dot.
std::string_view next_name(const ordered_json& value, std::string_view path) {
    for (std::size_t end = path.size(); end != 0 && end != std::string_view::npos;
         end = path.rfind('.', end - 1)) {
        if (value.is_object() && value.contains(path.substr(0, end))) {
            return path.substr(0, end);
        }
    }
    return path.substr(0, path.find('.'));
}

bool is_index(const ordered_json& array, std::string_view name) {
    std::size_t index{0};
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, index);
    return error == std::errc{} && stop == end && index < array.size();
}

}  // namespace

Result<Override> override_of(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view left = text.substr(0, equals);
    const std::size_t colon = left.find(':');
    Override edit;
    edit.step = colon == std::string_view::npos ? "" : left.substr(0, colon);
    edit.path = colon == std::string_view::npos ? left : left.substr(colon + 1);
    if (equals == std::string_view::npos || edit.path.empty() || colon == 0) {
        return Error{"", fmt::format("expected STEP:PATH=VALUE or PATH=VALUE, found \"{}\"",
                                     redacted(text))};
    }
    edit.value = text.substr(equals + 1);
    return edit;
}

std::optional<Error> apply(const Override& edit, Document& document) {
    const auto holder = edit.step.empty() ? std::optional<std::string>{""}
                                          : holder_of(document.root(), edit.step, "");
    if (!holder) {
        return Error{"--override", fmt::format("there is no step \"{}\"", edit.step)};
    }
    std::string pointer = *holder;
    const ordered_json* value = &document.root().at(ordered_json::json_pointer{pointer});
    std::string_view path = edit.path;
    while (!path.empty()) {
        const std::string_view name =
            value == nullptr ? path.substr(0, path.find('.')) : next_name(*value, path);
        const bool array = value != nullptr && value->is_array();
        if (value != nullptr && !value->is_object() && !(array && is_index(*value, name))) {
            return Error{"--override",
                         fmt::format(R"("{}" leads through {}, which has no "{}")", edit.path,
                                     redacted(value->dump(-1, ' ', false,
                                                          ordered_json::error_handler_t::replace))
                                         .substr(0, 40),
                                     name)};
        }
        pointer += "/" + pointer_step(name);
        const ordered_json::json_pointer next{"/" + pointer_step(name)};
        value = value != nullptr && value->contains(next) ? &value->at(next) : nullptr;
        path.remove_prefix(std::min(name.size() + 1, path.size()));
    }
    ordered_json made = ordered_json::parse(edit.value, nullptr, false);
    document.put(pointer, made.is_discarded() ? ordered_json(edit.value) : std::move(made));
    return std::nullopt;
}

}  // namespace ringback

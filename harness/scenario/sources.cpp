#include "harness/scenario/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "harness/scenario/cursor.h"
#include "harness/scenario/limits.h"
#include "harness/scenario/load.h"
#include "harness/scenario/shown.h"

namespace ringback {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_scenario_bytes = (std::size_t{1} << 20U) + 1;  // one more is too many
constexpr std::size_t most_shown_of_name = 80;

std::string quoted(std::string_view name) {
    return fmt::format("\"{}\"", shown_text(name, most_shown_of_name));
}

bool is_below(const fs::path& path, const fs::path& root) {
    const auto [in_root, in_path] =
        std::mismatch(root.begin(), root.end(), path.begin(), path.end());
    return in_root == root.end();
}

const BuiltIn* built_in(std::string_view name) {
    constexpr std::string_view prefix{"builtin:"};
    if (name.starts_with(prefix)) {
        name.remove_prefix(prefix.size());
    }
    const auto found = std::ranges::find(built_in_scenarios(), name, &BuiltIn::name);
    return found == built_in_scenarios().end() ? nullptr : &*found;
}

Error no_such_scenario(std::string_view name, const std::string& why_no_file) {
    std::vector<std::string_view> names;
    for (const BuiltIn& each : built_in_scenarios()) {
        names.push_back(each.name);
    }
    return Error{"", fmt::format("{}, and no built-in scenario has that name{}", why_no_file,
                                 did_you_mean(name, names))};
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
    const std::string_view near = nearest_word(word, known);
    return near.empty() ? "" : fmt::format(", did you mean \"{}\"?", near);
}

Result<std::string> file_text(const fs::path& path, std::size_t most, bool is_typed) {
    const auto reason = [](int number) { return std::generic_category().message(number); };
    std::error_code no_status;
    const fs::file_type type = fs::status(path, no_status).type();
    if (type == fs::file_type::directory) {
        return Error{"", "expected a file, found a folder"};
    }
    if (!is_typed && type != fs::file_type::regular && type != fs::file_type::not_found) {
        return Error{"", "expected a file, found a pipe or a device"};
    }
    errno = 0;
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        return Error{"", fmt::format("cannot be opened: {}", reason(errno))};
    }
    std::string text(most, '\0');
    in.read(text.data(), static_cast<std::streamsize>(most));
    if (in.bad()) {
        return Error{"", fmt::format("cannot be read: {}", reason(errno))};
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

Sources::Sources(const fs::path& folder, std::vector<Mistake>& mistakes, std::string_view of)
    : of_{of}, mistakes_{&mistakes} {
    std::error_code no_folder;
    root_ = folder.empty() ? fs::path{} : fs::canonical(folder, no_folder);
}

/// The real path of what `name` means; nothing outside the scenario's folder, whatever leads there.
Result<fs::path> Sources::inside(std::string_view name, const fs::path& from) const {
    const fs::path path{name};
    const bool climbs =
        std::ranges::any_of(path, [](const fs::path& step) { return step == ".."; });
    if (name.empty() || name.find('\0') != std::string_view::npos || path.is_absolute() || climbs) {
        return Error{"", fmt::format("expected a file beside the {} or below it, found {}", of_,
                                     quoted(name))};
    }
    std::error_code error;
    const fs::path real =
        root_.empty() || from.empty() ? fs::path{} : fs::canonical(from / path, error);
    if (real.empty()) {
        return Error{"", fmt::format("there is no file {} beside the {}", quoted(name), of_)};
    }
    if (!is_below(real, root_)) {
        return Error{"",
                     fmt::format("expected a file beside the {} or below it, found {}, a link that "
                                 "leads out",
                                 of_, quoted(name))};
    }
    if (!fs::is_regular_file(real, error)) {
        return Error{"", fmt::format("expected a file, found {}, which is none", quoted(name))};
    }
    return real;
}

Source& Sources::add(std::string key, std::string shown, std::string_view text, fs::path folder) {
    const std::size_t before = mistakes_->size();
    Document document = Document::parse(shown, text, *mistakes_);
    auto source = std::make_unique<Source>(
        Source{key, std::move(shown), std::move(folder), std::move(document), false});
    source->broken = mistakes_->size() > before;
    auto& place = all_[std::move(key)];
    place = std::move(source);
    return *place;
}

Result<Source*> Sources::scenario(std::string_view name, const fs::path& from) {
    const bool built_in_wanted = name.starts_with("builtin:");
    const Result<fs::path> path =
        built_in_wanted ? Result<fs::path>{Error{"", "this names no file"}} : inside(name, from);
    if (!path) {
        const BuiltIn* const found = built_in(name);
        if (found == nullptr) {
            const bool may_be_one = name.find_first_of("/.") == std::string_view::npos;
            return may_be_one ? no_such_scenario(name, path.error().what) : path.error();
        }
        const std::string key = fmt::format("builtin:{}", found->name);
        const auto known = all_.find(key);
        return known != all_.end() ? known->second.get() : &add(key, key, found->text, {});
    }
    const std::string key = path.value().string();
    if (const auto known = all_.find(key); known != all_.end()) {
        return known->second.get();
    }
    if (all_.size() >= most_files) {
        return Error{"",
                     fmt::format("expected at most {} files in one scenario, with those of every "
                                 "\"use\"; {} is one more",
                                 most_files, quoted(name))};
    }
    const Result<std::string> text = file_text(path.value(), most_scenario_bytes, false);
    if (!text) {
        return Error{"", fmt::format("{} {}", quoted(name), text.error().what)};
    }
    const fs::path shown = (from / name).lexically_normal();
    return &add(key, shown.string(), text.value(),
                shown.has_parent_path() ? shown.parent_path() : fs::path{"."});
}

Result<NeighbourText> Sources::neighbour(std::string_view name, const fs::path& from,
                                         std::size_t most) const {
    const Result<fs::path> path = inside(name, from);
    if (!path) {
        return path.error();
    }
    Result<std::string> text = file_text(path.value(), most + 1, false);
    if (!text) {
        return Error{"", fmt::format("{} {}", quoted(name), text.error().what)};
    }
    if (text.value().size() > most) {
        return Error{
            "", fmt::format("expected at most {} bytes, found more in {}", most, quoted(name))};
    }
    return NeighbourText{(from / name).lexically_normal().string(), std::move(text).value()};
}

}  // namespace ringback

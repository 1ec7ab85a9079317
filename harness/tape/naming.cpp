#include "harness/tape/naming.h"

#include <algorithm>

#include "harness/tape/urls.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t least_named = 4;

}  // namespace

Naming::Naming(const Secrets& secrets, const TapeSettings& settings)
    : settings_{settings}, secrets_{secrets.known().begin(), secrets.known().end()} {}

void Naming::call(const std::string& value, const std::string& reference) {
    if (value.size() >= least_named) {
        names_.emplace(value, reference);
    }
}

std::string Naming::named(const std::string& text) const {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = std::string_view{text}.substr(at);
        const std::pair<const std::string, std::string>* longest = nullptr;
        for (const auto& name : names_) {
            if (rest.starts_with(name.first) &&
                (longest == nullptr || name.first.size() > longest->first.size())) {
                longest = &name;
            }
        }
        std::string_view value = longest == nullptr ? "" : std::string_view{longest->first};
        std::string_view reference = longest == nullptr ? "" : std::string_view{longest->second};
        for (const auto& [secret, its_reference] : secrets_) {
            if (rest.starts_with(secret) && secret.size() > value.size()) {
                value = secret;
                reference = its_reference;
            }
        }
        if (!value.empty()) {
            out += reference;
            at += value.size();
            continue;
        }
        out += rest.starts_with("${") ? "$" : "";
        out += text[at++];
    }
    return out;
}

ordered_json Naming::named(const ordered_json& value) const {
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        return in_receiver(text) ? url(text) : named(text);
    }
    if (value.is_array()) {
        ordered_json out = ordered_json::array();
        for (const ordered_json& element : value) {
            out.push_back(named(element));
        }
        return out;
    }
    if (!value.is_object()) {
        return value;
    }
    ordered_json out = ordered_json::object();
    for (const auto& [name, member] : value.items()) {
        const bool secret = std::ranges::any_of(secrets_, [&name = name](const auto& known) {
            return name.find(known.first) != std::string::npos;
        });
        if (!secret) {
            out[name] = named(member);
        }
    }
    return out;
}

std::string Naming::url(const std::string& url) const {
    // What is put in for secrets must not be escaped again.
    constexpr std::string_view reference{"${secret}"};
    const auto there = in_receiver(url);
    const std::string rest = Secrets::clean_url(there.value_or(url));
    std::string out{there ? "${receiver}" : ""};
    std::size_t from = 0;
    for (std::size_t at = rest.find(reference); at != std::string::npos;
         at = rest.find(reference, from)) {
        out.append(named(rest.substr(from, at - from))).append(reference);
        from = at + reference.size();
    }
    return out.append(named(rest.substr(from)));
}

/// What comes behind the receiver's URL, whether the receiver or the recorder is named.
std::optional<std::string> Naming::in_receiver(const std::string& url) const {
    constexpr std::string_view stand_in{"http://receiver.invalid"};
    const std::string there =
        moved_url(url, settings_.recorder, origin_of(settings_.receiver)).value_or(url);
    const auto moved = moved_url(there, settings_.receiver, stand_in);
    // User information stands before the stand-in's host, and is not wanted.
    return moved ? std::optional{moved->substr(moved->find("receiver.invalid") +
                                               std::string_view{"receiver.invalid"}.size())}
                 : std::nullopt;
}

std::string Naming::id(const std::string& value) const {
    const auto name = names_.find(value);
    return name == names_.end() ? "*" : name->second;
}

}  // namespace ringback

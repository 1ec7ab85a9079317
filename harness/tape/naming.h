#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/tape/secrets.h"

namespace ringback {

/// Which texts are written as references: what is secret, what is another in the next run.
class Naming {
public:
    Naming(const Secrets& secrets, const TapeSettings& settings);

    /// From here on `value` is written as `reference`. The first name stays; short values that are
    /// part of anything get none.
    void call(const std::string& value, const std::string& reference);

    /// A text with everything that has a name replaced, and what looks like a reference escaped.
    [[nodiscard]] std::string named(const std::string& text) const;
    /// The same for every text in a value. Members whose names hold a secret are left out.
    [[nodiscard]] nlohmann::ordered_json named(const nlohmann::ordered_json& value) const;
    /// A URL without secrets; "${receiver}/cb" when it leads to the receiver.
    [[nodiscard]] std::string url(const std::string& url) const;
    /// "${create:callId}" of an id, "*" when it has no name.
    [[nodiscard]] std::string id(const std::string& value) const;

private:
    [[nodiscard]] std::optional<std::string> in_receiver(const std::string& url) const;

    const TapeSettings& settings_;
    std::map<std::string, std::string> names_;
    std::vector<std::pair<std::string, std::string>> secrets_;
};

}  // namespace ringback

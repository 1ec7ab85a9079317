#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/tape/tape.h"

namespace ringback {

/// What must not be written, and what stands in its place.
class Secrets {
public:
    /// Everything secret in what passed: Authorization headers and what they hold, user information
    /// of URLs, members and query values whose names say so ("password", "apiKey").
    Secrets(const std::vector<Passage>& passages, const std::vector<std::string>& further);

    /// By text: "${token}", "${secret}".
    [[nodiscard]] const std::map<std::string, std::string>& known() const { return known_; }

    /// Does a text hold something that cannot be written: user information, a secret in a query?
    [[nodiscard]] static bool holds_one(const std::string& text);
    /// A URL without its user information and with "${secret}" as the value of secret parameters.
    [[nodiscard]] static std::string clean_url(const std::string& url);
    /// Takes away every member that is secret by its name or by what it holds; how many they were.
    static std::size_t take_away(nlohmann::ordered_json& value);

private:
    void learn(std::string_view text, std::string_view reference);
    void learn_authorization(const std::string& value, bool of_api);
    void learn_urls(const std::string& text);
    void learn_members(const nlohmann::ordered_json& value);

    std::map<std::string, std::string> known_;
};

}  // namespace ringback

#include "harness/tape/secrets.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>

#include "harness/tape/urls.h"
#include "simulator/wire/base64.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t least_hidden = 4;  // shorter ones are part of everything
constexpr std::size_t most_known = 128;  // every text is searched for all of them

const RE2& secret_name() {
    static const RE2 pattern{
        R"((?i)secret|passw|passphrase|token|api[-_]?key|auth|credential|signature|private[-_]?key)"};
    return pattern;
}

const RE2& user_information() {
    static const RE2 pattern{R"(://([^/?#\s"'<>]*)@)"};
    return pattern;
}

/// One parameter of a query: its name and its value.
const RE2& parameter() {
    static const RE2 pattern{R"(([?&])([^=&#\s]+)=([^&#\s"]*))"};
    return pattern;
}

/// Also without the padding at its end, which some clients leave out.
std::optional<std::string> base64_decoded(std::string_view text) {
    std::string padded{text.substr(0, text.find('='))};
    padded.append((4 - padded.size() % 4) % 4, '=');
    return base64_bytes(padded);
}

std::string_view behind(std::string_view text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    return at == std::string_view::npos ? std::string_view{} : text.substr(at + mark.size());
}

}  // namespace

Secrets::Secrets(const std::vector<Passage>& passages, const std::vector<std::string>& further) {
    for (const std::string& text : further) {
        learn(text, "${secret}");
    }
    for (const Passage& passage : passages) {
        learn_authorization(passage.request.authorization, passage.leg == Passage::Leg::api);
    }
    for (const Passage& passage : passages) {
        const ordered_json body = shallow_json(passage.request.body);
        learn_urls(passage.request.target);
        learn_urls(passage.answer.location);
        if (!body.is_discarded()) {
            learn_members(body);
        }
    }
}

void Secrets::learn(std::string_view text, std::string_view reference) {
    if (text.size() < least_hidden || known_.size() >= most_known) {
        return;
    }
    known_.emplace(text, reference);
    known_.emplace(percent_encoded(text), reference);
}

/// "Basic dDpz", "Bearer abc", or anything.
void Secrets::learn_authorization(const std::string& value, bool of_api) {
    const std::string_view word = behind(value, " ");
    const auto decoded = base64_decoded(word);
    const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon != std::string::npos) {
        learn(decoded->substr(0, colon), of_api ? "${token}" : "${secret}");
        learn(decoded->substr(colon + 1), "${secret}");
    }
    learn(word, "${secret}");
    learn(value, "${secret}");
}

void Secrets::learn_urls(const std::string& text) {
    re2::StringPiece left{text};
    std::string found;
    while (RE2::FindAndConsume(&left, user_information(), &found)) {
        const std::size_t colon = found.find(':');
        learn(found.substr(0, colon), "${secret}");
        if (colon != std::string::npos) {
            learn(found.substr(colon + 1), "${secret}");
        }
    }
    left = text;
    std::string mark;
    std::string name;
    while (RE2::FindAndConsume(&left, parameter(), &mark, &name, &found)) {
        if (RE2::PartialMatch(name, secret_name())) {
            learn(found, "${secret}");
            learn(percent_decoded(found).value_or(""), "${secret}");
        }
    }
}

void Secrets::learn_members(const ordered_json& value) {
    if (value.is_string()) {
        learn_urls(value.get_ref<const std::string&>());
    }
    if (!value.is_structured()) {
        return;
    }
    for (const auto& [name, member] : value.items()) {
        if (value.is_object() && member.is_string() && RE2::PartialMatch(name, secret_name())) {
            learn(member.get_ref<const std::string&>(), "${secret}");
        }
        learn_members(member);
    }
}

bool Secrets::holds_one(const std::string& text) {
    if (RE2::PartialMatch(text, user_information())) {
        return true;
    }
    re2::StringPiece left{text};
    std::string mark;
    std::string name;
    std::string value;
    while (RE2::FindAndConsume(&left, parameter(), &mark, &name, &value)) {
        if (RE2::PartialMatch(name, secret_name())) {
            return true;
        }
    }
    return false;
}

std::string Secrets::clean_url(const std::string& url) {
    std::string clean = url;
    RE2::GlobalReplace(&clean, user_information(), "://");
    std::string out;
    re2::StringPiece left{clean};
    std::string mark;
    std::string name;
    std::string value;
    const char* begin = clean.data();
    while (RE2::FindAndConsume(&left, parameter(), &mark, &name, &value)) {
        const auto matched = static_cast<std::size_t>(left.data() - begin);
        const std::string_view whole{begin, matched};
        begin = left.data();
        const bool secret = RE2::PartialMatch(name, secret_name());
        out += secret ? whole.substr(0, whole.size() - value.size()) : whole;
        out += secret ? "${secret}" : "";
    }
    return out.append(left.data(), left.size());
}

std::size_t Secrets::take_away(ordered_json& value) {
    std::size_t taken = 0;
    if (value.is_object()) {
        for (auto member = value.begin(); member != value.end();) {
            const bool secret =
                (member->is_string() && holds_one(member->get_ref<const std::string&>())) ||
                RE2::PartialMatch(member.key(), secret_name());
            if (secret) {
                member = value.erase(member);
                ++taken;
                continue;
            }
            taken += take_away(*member);
            ++member;
        }
    } else if (value.is_array()) {
        for (ordered_json& element : value) {
            if (element.is_string() && holds_one(element.get_ref<const std::string&>())) {
                element = nullptr;
                ++taken;
            } else {
                taken += take_away(element);
            }
        }
    }
    return taken;
}

}  // namespace ringback

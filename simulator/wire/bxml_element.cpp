#include "simulator/wire/bxml_element.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "simulator/wire/json_in.h"
#include "simulator/wire/printable.h"
#include "simulator/wire/url_text.h"

namespace ringback::bxml {
namespace {

using std::string_view;

constexpr std::int64_t default_request_ms = 30'000;
constexpr std::int64_t longest_request_ms = 3'600'000;

string_view trimmed(string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

bool has_scheme(string_view url) {
    const std::size_t colon = url.find_first_of(":/?#");
    return colon != string_view::npos && colon > 0 && url[colon] == ':';
}

/// One that becomes an http URL once it is put on top of one.
bool is_relative_url(string_view url) {
    if (url.starts_with("//")) {
        return is_http_url("http:" + std::string{url});
    }
    return !has_scheme(url) &&
           is_http_url("http://h" + std::string{url.starts_with('/') ? "" : "/"} +
                       std::string{url});
}

constexpr string_view url_expected{"an http or https URL, or a relative one"};

bool is_url(string_view url) { return is_http_url(url) || is_relative_url(url); }

}  // namespace

bool is_known_verb(string_view name) {
    constexpr std::array<string_view, 11> names{
        "Gather",   "Hangup", "Pause",    "PhoneNumber",   "PlayAudio", "Record",
        "Redirect", "Reject", "SendDtmf", "SpeakSentence", "Transfer"};
    return std::ranges::find(names, name) != names.end();
}

void Findings::refuse(std::size_t offset, std::string expected, std::string found) {
    if (!fault_ || offset < fault_->offset) {
        fault_ = Fault{offset, std::move(expected), std::move(found)};
    }
}

void Findings::notice(Notice::Kind kind, string_view name, string_view in, std::size_t offset) {
    notices_.emplace_back(
        offset, Notice{kind, printable(name, 64), printable(in, 64), Place{}, steps.size()});
}

Document Findings::finish() {
    Document document;
    document.steps = std::move(steps);
    std::ranges::stable_sort(notices_, {}, [](const auto& each) { return each.first; });
    for (auto& [offset, notice] : notices_) {
        notice.place = places_.at(offset);
        document.notices.push_back(std::move(notice));
    }
    return document;
}

std::size_t Findings::offset_of(const char* parsed, std::size_t otherwise) const {
    const std::less<> before;
    const bool ours = !before(parsed, parsed_) && !before(parsed_ + text_.size(), parsed);
    return ours ? static_cast<std::size_t>(parsed - parsed_) : otherwise;
}

Element::Element(pugi::xml_node node, Findings& findings)
    : node_{node}, findings_{&findings}, offset_{findings.offset_of(node.name(), 1) - 1} {}

std::size_t Element::offset_of(pugi::xml_attribute attribute) const {
    return findings_->offset_of(attribute.value(), offset_);
}

std::int64_t Element::whole(const char* name, std::int64_t least, std::int64_t most,
                            std::int64_t otherwise) const {
    if (!has(name)) {
        return otherwise;
    }
    const auto number = whole_number(trimmed(node_.attribute(name).value()));
    if (!number || *number < least || *number > most) {
        refuse_value(name, fmt::format("a whole number {}..{}", least, most));
        return otherwise;
    }
    return *number;
}

Duration Element::seconds(const char* name, std::int64_t least, std::int64_t most,
                          std::int64_t otherwise) const {
    return std::chrono::seconds{whole(name, least, most, otherwise)};
}

bool Element::flag(const char* name) const { return one_of(name, {"false", "true"}) == 1; }

std::size_t Element::one_of(const char* name, std::initializer_list<string_view> words) const {
    if (!has(name)) {
        return 0;
    }
    const string_view said = trimmed(node_.attribute(name).value());
    const auto* const found =
        std::ranges::find_if(words, [&](string_view each) { return same_word(said, each); });
    if (found == words.end()) {
        refuse_value(name, fmt::format("one of {}", fmt::join(words, ", ")));
        return 0;
    }
    return static_cast<std::size_t>(found - words.begin());
}

std::string Element::url(const char* name) const {
    const string_view said = trimmed(node_.attribute(name).value());
    if (!said.empty() && !is_url(said)) {
        refuse_value(name, url_expected);
    }
    return std::string{said};
}

std::string Element::trimmed_text(const char* name) const {
    return std::string{trimmed(node_.attribute(name).value())};
}

std::string Element::tag() const {
    std::string said = text("tag");
    if (said.size() > longest_tag) {
        refuse_value("tag", fmt::format("at most {} bytes", longest_tag));
    }
    return said;
}

RequestUrl Element::request() const {
    return {url("requestUrl"),
            std::chrono::milliseconds{
                whole("requestUrlTimeout", 1, longest_request_ms, default_request_ms)}};
}

void Element::only(std::initializer_list<string_view> known) const {
    for (const pugi::xml_attribute attribute : node_.attributes()) {
        if (std::ranges::find(known, string_view{attribute.name()}) == known.end()) {
            findings_->notice(Notice::Kind::unknown_attribute, attribute.name(), name(),
                              findings_->offset_of(attribute.name(), offset_));
        }
    }
}

void Element::idle(std::initializer_list<const char*> names) const {
    for (const char* const each : names) {
        if (has(each)) {
            findings_->notice(Notice::Kind::idle_attribute, each, name(),
                              findings_->offset_of(node_.attribute(each).name(), offset_));
        }
    }
}

std::string Element::content() const {
    std::string text;
    for (const pugi::xml_node child : node_.children()) {
        if (child.type() == pugi::node_element) {
            misplaced(Element{child, *findings_});
        } else {
            text += child.value();
        }
    }
    return std::string{trimmed(text)};
}

std::string Element::content_url() const {
    std::string url = content();
    if (url.empty() || !is_url(url)) {
        refuse_content(url_expected, url);
    }
    return url;
}

std::vector<Element> Element::children() const {
    std::vector<Element> all;
    for (const pugi::xml_node child : node_.children()) {
        if (child.type() == pugi::node_element) {
            all.emplace_back(child, *findings_);
        } else if (!trimmed(child.value()).empty()) {
            const string_view text{child.value()};
            const auto blank = static_cast<std::size_t>(trimmed(text).data() - text.data());
            findings_->notice(Notice::Kind::stray_text, name(), name(),
                              findings_->offset_of(child.value(), offset_) + blank);
        }
    }
    return all;
}

void Element::misplaced(const Element& child) const {
    if (is_known_verb(child.name())) {
        child.refuse(fmt::format("no <{}> inside <{}>", child.name(), name()),
                     fmt::format("<{}>", child.name()));
    } else {
        findings_->notice(Notice::Kind::unknown_verb, child.name(), name(), child.offset_);
    }
}

void Element::no_children() const {
    for (const Element& child : children()) {
        misplaced(child);
    }
}

void Element::refuse(std::string expected, std::string found) const {
    findings_->refuse(offset_, std::move(expected), std::move(found));
}

void Element::refuse_value(const char* name, string_view expected) const {
    const auto attribute = node_.attribute(name);
    findings_->refuse(offset_of(attribute),
                      fmt::format("{} as {} of {}", expected, name, this->name()),
                      attribute.empty() ? "nothing" : shown(redacted_url(attribute.value())));
}

void Element::refuse_content(string_view expected, string_view text) const {
    std::size_t offset = offset_;
    for (const pugi::xml_node child : node_.children()) {
        if (child.type() != pugi::node_element && !trimmed(child.value()).empty()) {
            const string_view all{child.value()};
            offset = findings_->offset_of(child.value(), offset_) +
                     static_cast<std::size_t>(trimmed(all).data() - all.data());
            break;
        }
    }
    findings_->refuse(offset, fmt::format("{} in {}", expected, name()),
                      text.empty() ? "nothing" : shown(redacted_url(text)));
}

}  // namespace ringback::bxml

#include "simulator/wire/bxml_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

#include "simulator/wire/ascii.h"
#include "simulator/wire/bxml.h"
#include "simulator/wire/printable.h"
#include "simulator/wire/utf8.h"

namespace ringback::bxml {
namespace {

using std::string_view;
constexpr std::size_t nowhere = string_view::npos;

constexpr bool ends_name(char c) { return is_space(c) || c == '>' || c == '/' || c == '='; }

constexpr bool starts_name(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           byte == ':' || byte >= 0x80;
}

/// Char of XML 1.0.
constexpr bool is_character(std::uint32_t point) {
    return point == 0x9 || point == 0xa || point == 0xd || (point >= 0x20 && point <= 0xd7ff) ||
           (point >= 0xe000 && point <= 0xfffd) || (point >= 0x10000 && point <= 0x10ffff);
}

/// The inside of `&...;`: one of the five names, or the number of a character.
bool is_reference(string_view name) {
    constexpr std::array names{"amp", "lt", "gt", "quot", "apos"};
    if (std::ranges::find(names, name) != names.end()) {
        return true;
    }
    const bool hex = name.starts_with("#x");
    if (!name.starts_with('#')) {
        return false;
    }
    name.remove_prefix(hex ? 2 : 1);
    std::uint32_t point{0};
    const auto [end, error] =
        std::from_chars(name.data(), name.data() + name.size(), point, hex ? 16 : 10);
    return error == std::errc{} && end == name.data() + name.size() && is_character(point);
}

std::optional<Fault> bad_bytes(string_view text) {
    using namespace std::string_view_literals;
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") || text.starts_with("<\0"sv) ||
        text.starts_with("\0<"sv)) {
        return Fault{0, "UTF-8", "UTF-16"};
    }
    if (text.size() > largest_document) {
        return Fault{largest_document, fmt::format("at most {} bytes", largest_document),
                     fmt::format("{}", text.size())};
    }
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte >= 0x20 && byte < 0x7f) {  // nearly all of them
            ++at;
            continue;
        }
        const string_view rest = text.substr(at);
        const std::size_t length = utf8_sequence(rest);
        if (length == 0) {
            return Fault{at, "well-formed UTF-8", fmt::format("the byte \\x{:02x}", byte)};
        }
        const bool control = byte < 0x20 && !is_space(rest.front());
        if (control || rest.starts_with("\xef\xbf\xbe") || rest.starts_with("\xef\xbf\xbf")) {
            return Fault{at, "characters of XML 1.0", shown(rest.substr(0, length))};
        }
        at += length;
    }
    return std::nullopt;
}

/// Follows the markup of a text up to the first fault.
class Scan {
public:
    explicit Scan(string_view text) : text_{text}, at_{mark_length(text)} {}

    std::optional<Fault> run() {
        while (!over()) {
            if (here().starts_with('<')) {
                markup();
                begun_ = true;
            } else {
                characters(std::min(text_.find('<', at_), text_.size()));
            }
        }
        if (!fault_ && !open_.empty()) {
            refuse(text_.size(), end_of(open_.back()));
        } else if (!fault_ && !rooted_) {
            refuse(text_.size(), "the start tag <Response>");
        }
        return fault_;
    }

private:
    struct Open {
        string_view name;
        std::size_t offset;
    };

    [[nodiscard]] bool over() const { return fault_ || at_ >= text_.size(); }
    [[nodiscard]] string_view here() const { return text_.substr(at_); }

    void refuse(std::size_t offset, std::string expected) {
        fault_ = Fault{offset, std::move(expected), shown_at(text_, offset)};
    }

    /// Where what begins here ends, behind `end`; a fault if it does not.
    std::size_t behind(string_view end, std::size_t from) {
        const std::size_t found = text_.find(end, from);
        if (found == nowhere && !fault_) {
            refuse(at_, fmt::format("{} at the end of what begins here", end));
        }
        return found == nowhere ? text_.size() : found + end.size();
    }

    [[nodiscard]] std::string end_of(const Open& element) const {
        const Place place = Places{text_}.at(element.offset);
        return fmt::format("</{}> for the tag of {}:{}", printable(element.name, 64), place.line,
                           place.column);
    }

    [[nodiscard]] string_view name_at(std::size_t offset) const {
        std::size_t end = offset;
        while (end < text_.size() && !ends_name(text_[end])) {
            ++end;
        }
        return text_.substr(offset, end - offset);
    }

    void markup() {
        if (here().starts_with("<!--")) {
            comment();
        } else if (here().starts_with("<![CDATA[")) {
            if (open_.empty()) {
                refuse(at_, "text only inside the root element");
            }
            at_ = behind("]]>", at_);
        } else if (here().starts_with("<!")) {
            refuse(at_, "no document type or entity declaration");
        } else if (here().starts_with("<?")) {
            instruction();
        } else if (here().starts_with("</")) {
            end_tag();
        } else {
            start_tag();
        }
    }

    void comment() {
        const std::size_t end = behind("-->", at_ + 4);
        const std::size_t dashes = text_.find("--", at_ + 4);
        if (!fault_ && dashes + 3 != end) {
            refuse(dashes, "\"--\" in a comment only as its end");
        }
        at_ = end;
    }

    void instruction() {
        const std::size_t end = behind("?>", at_ + 2);
        const string_view inside = text_.substr(at_, end - at_);
        const bool declares = inside.size() > 5 &&
                              equal_ignoring_case(inside.substr(2, 3), "xml") &&
                              (is_space(inside[5]) || inside[5] == '?');
        if (declares && begun_) {
            refuse(at_, "an XML declaration only at the start of the document");
        } else if (declares && !fault_) {
            pseudo_attribute(inside, "version", {"1.0"});
            pseudo_attribute(inside, "encoding", {"UTF-8", "UTF8", "US-ASCII"});
        }
        at_ = end;
    }

    /// One part of the XML declaration, if it is there.
    void pseudo_attribute(string_view inside, string_view name,
                          std::initializer_list<string_view> values) {
        const std::size_t found = inside.find(name);
        const std::size_t quote = found == nowhere ? nowhere : inside.find_first_of("\"'", found);
        if (quote == nowhere || fault_) {
            return;
        }
        const string_view value =
            inside.substr(quote + 1, inside.find(inside[quote], quote + 1) - quote - 1);
        const bool good = std::ranges::any_of(
            values, [&](string_view each) { return equal_ignoring_case(value, each); });
        if (!good) {
            fault_ =
                Fault{at_ + quote + 1, fmt::format("{} {}", name, *values.begin()), shown(value)};
        }
    }

    void end_tag() {
        const string_view name = name_at(at_ + 2);
        if (open_.empty()) {
            refuse(at_, "the start tag <Response>");
        } else if (name != open_.back().name) {
            refuse(at_, end_of(open_.back()));
        } else {
            open_.pop_back();
            at_ = behind(">", at_);
        }
    }

    void start_tag() {
        const std::size_t begin = at_;
        const string_view name = name_at(at_ + 1);
        if (name.empty() || !starts_name(name.front())) {
            refuse(begin, "the name of an element behind <, or &lt;");
        } else if (open_.empty() && rooted_) {
            refuse(begin, "nothing behind the root element");
        } else if (open_.size() == deepest_element) {
            refuse(begin, fmt::format("elements at most {} deep", deepest_element));
        } else if (++elements_ > most_elements) {
            refuse(begin, fmt::format("at most {} elements", most_elements));
        }
        rooted_ = true;
        at_ += 1 + name.size();
        attributes();
        if (at_ >= text_.size() && !fault_) {
            refuse(text_.size(), "the > of a tag");
        } else if (text_[at_ - 1] != '/') {
            open_.push_back({name, begin});
        }
        ++at_;
    }

    /// Up to the `>` of a start tag.
    void attributes() {
        std::size_t count{0};
        while (!over() && text_[at_] != '>') {
            const char c = text_[at_];
            if (c == '"' || c == '\'') {
                const std::size_t end = behind({&text_[at_], 1}, at_ + 1);
                if (++count > most_attributes) {
                    refuse(at_, fmt::format("at most {} attributes", most_attributes));
                } else {
                    value(at_ + 1, end);
                }
                at_ = end;
            } else if (c == '=') {
                at_ = std::min(text_.find_first_not_of(" \t\r\n", at_ + 1), text_.size());
                if (!over() && text_[at_] != '"' && text_[at_] != '\'') {
                    refuse(at_, "an attribute as name=\"value\"");
                }
            } else if (c == '<') {
                refuse(at_, "the > of the tag before");
            } else if (c == '/' && !text_.substr(at_).starts_with("/>")) {
                refuse(at_, "/> without anything between");
            } else {
                ++at_;
            }
        }
    }

    void value(std::size_t from, std::size_t end) {
        const std::size_t less = text_.find('<', from);
        if (less < end) {
            refuse(less, "the quote that ends the attribute, or &lt;");
        }
        references(from, std::min(end, less));
    }

    void characters(std::size_t end) {
        const string_view inside = text_.substr(at_, end - at_);
        if (open_.empty()) {
            const auto* const text = std::ranges::find_if_not(inside, is_space);
            if (text != inside.end()) {
                refuse(at_ + static_cast<std::size_t>(text - inside.begin()),
                       rooted_ ? "nothing behind the root element" : "the start tag <Response>");
            }
        } else if (const std::size_t bracket = inside.find("]]>"); bracket != nowhere) {
            refuse(at_ + bracket, "\"]]>\" only as the end of a CDATA section");
        }
        references(at_, end);
        at_ = end;
    }

    void references(std::size_t from, std::size_t end) {
        for (std::size_t at = text_.find('&', from); at < end && !fault_;
             at = text_.find('&', at + 1)) {
            const std::size_t semicolon = text_.substr(0, end).find(';', at);
            if (semicolon == nowhere || !is_reference(text_.substr(at + 1, semicolon - at - 1))) {
                refuse(at, "&amp;, another predefined entity or the number of a character");
            }
        }
    }

    string_view text_;
    std::size_t at_;
    std::vector<Open> open_;
    std::size_t elements_{0};
    bool begun_{false};  // there is markup already, before which alone a declaration may stand
    bool rooted_{false};
    std::optional<Fault> fault_{};
};

}  // namespace

Places::Places(string_view text) : text_{text}, start_{mark_length(text)}, offset_{start_} {}

Place Places::at(std::size_t offset) {
    offset = std::clamp(offset, start_, text_.size());
    if (offset < offset_) {
        offset_ = start_;
        place_ = {};
    }
    for (; offset_ < offset; ++offset_) {
        const char c = text_[offset_];
        const bool half = c == '\r' && text_.substr(offset_ + 1).starts_with('\n');
        if (c == '\n' || (c == '\r' && !half)) {
            place_ = {place_.line + 1, 1};
        } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) {
            ++place_.column;
        }
    }
    return place_;
}

std::optional<Fault> scan(string_view text) {
    auto fault = bad_bytes(text);
    return fault ? fault : Scan{text}.run();
}

std::string shown(string_view text) { return '"' + printable(text, 64) + '"'; }

std::string shown_at(string_view text, std::size_t offset) {
    constexpr std::size_t most = 24;
    if (offset >= text.size()) {
        return "the end of the document";
    }
    const string_view rest = text.substr(offset);
    std::string word{rest.substr(0, std::min(rest.find_first_of(" \t\r\n<>", 1), rest.size()))};
    if (const std::size_t at = word.rfind('@'); at != nowhere) {
        word.replace(0, at, "***");  // it may be a URL, or what is left of one, with a password
    }
    return shown(utf8_crop(word, most));
}

std::size_t mark_length(string_view text) { return text.starts_with("\xef\xbb\xbf") ? 3 : 0; }

}  // namespace ringback::bxml

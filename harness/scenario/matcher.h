#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/scenario/cursor.h"
#include "harness/scenario/expand.h"

namespace ringback {

/// How a value was held against one matcher.
struct Finding {
    bool fits{false};
    std::string expected;  // "matches /(?i)press one/", "numeric <= 10"
    std::string found;     // "\"Press 1\"", "nothing"
    std::string why;       // only when it does not fit: "expected ..., got ..."
    /// It could not be asked: a reference leads nowhere, or what it leads to is no expression.
    /// Never fits, and `not` does not make it fit.
    bool unknown{false};
};

/// One question about a value, by WireMock's names. Texts may hold ${...}, expanded when it is
/// asked; then all must hold of
///
///   equalTo         a text, number, true or false; the value's text is the same: "1" fits "1" and
///                   1, not 1.0. With "caseInsensitive": true, a-z and A-Z are the same.
///   equalToJson     any JSON, or (as WireMock has it) an object or array written as a text. With
///                   "ignoreExtra": true the value may hold more members and, after those that are
///                   expected, more elements; with "ignoreOrder": true elements in any order.
///   numeric         "<=10", "==1", "1..300" (both ends included), 5; numbers and texts that are
///   one matches         an RE2 expression found anywhere in the value's text; ^ and $ make it all
///   of
///                   it. A ${...} beside other characters stands for its own characters, one that
///                   is the whole expression is an expression.
///   doesNotMatch, contains, doesNotContain
///   absent          true: the value is not there (null is); false: it is
///   xpath           an XPath 1.0 expression that holds in the value, an XML text, as XPath has it:
///   a
///                   node, true, a number that is not 0, some text. {"expression": ..., MATCHER}
///                   asks about the text of what it leads to; of several nodes one is enough.
///   oneOf, allOf    an array of matchers: at least one, every one must hold
///   not             a matcher that must not hold
///
/// A bare text, number or boolean is equalTo. A value that is not there fits `absent` and `not`
/// only. A text that is no XML cannot be asked for what stands in it: unknown.
class Matcher {
public:
    /// Reads one from a scenario; mistakes are noted, none then.
    [[nodiscard]] static std::optional<Matcher> read(const Cursor& at);

    /// Null `value`: it is absent.
    [[nodiscard]] Finding judge(const nlohmann::json* value, const Bindings& bindings) const;

    /// The one value it wants, where it is nothing but equalTo; none: others fit too, or what it
    /// refers to is not there.
    [[nodiscard]] std::optional<nlohmann::json> exact(const Bindings& bindings) const;

    /// Every text in it that may hold references, for the check at load time.
    void each_text(const std::function<void(const std::string&, Place)>& visit) const;

private:
    friend class MatcherReader;
    struct Question;
    explicit Matcher(std::shared_ptr<const Question> question) : question_{std::move(question)} {}

    std::shared_ptr<const Question> question_;
};

/// A number with a comparison.
struct Comparison {
    enum class Op { less, at_most, equal, not_equal, at_least, more };
    Op op{Op::equal};
    double bound{0};

    [[nodiscard]] bool holds(double value) const;
};
/// "<=10", "==1", "!=0", "5"; none when it is no comparison.
[[nodiscard]] std::optional<Comparison> parse_comparison(std::string_view text);
/// "<250ms" becomes {less, 250}, the bound in milliseconds; a bare "250ms" is the most it may be.
[[nodiscard]] std::optional<Comparison> parse_latency(std::string_view text);

/// Named values held against matchers: of a body by path, of headers (any case), of a query.
struct FieldMatch {
    std::string in;    // "body", "headers", "query", "" (of an event's payload)
    std::string path;  // "maxDigits", "prompt.sentence", "Content-Type"
    Matcher matcher;
    Place place;
};

/// What a request or an answer must look like: the object behind `match`, or of `expect`.
struct FieldMatches {
    std::vector<FieldMatch> fields;

    /// Reads {"body": {path: matcher}, "headers": {...}, "query": {...}}; each may be left out, and
    /// other members are the caller's. A body whose members are all named like matchers is one
    /// matcher for the whole body, and so is a bare value: path "".
    [[nodiscard]] static FieldMatches read(const Cursor& at);
    /// Reads {path: matcher}, of `in`: "" for an event's payload or a resource.
    [[nodiscard]] static FieldMatches read_paths(const Cursor& at, std::string_view in);
};

/// One line of a near miss.
struct FieldFinding {
    std::string field;  // "body.maxDigits", "body", "headers.Content-Type"; a payload's: the path
    Finding finding;
    Place place;
};

/// Holds {"body": any, "headers": {lower-case name: text}, "query": {name: text}} against them, and
/// fields in "" against `message` itself. A body that is null counts as none.
[[nodiscard]] std::vector<FieldFinding> judge(const FieldMatches& matches,
                                              const nlohmann::json& message,
                                              const Bindings& bindings);

}  // namespace ringback

#include "harness/scenario/questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/scenario/shown.h"
#include "simulator/wire/ascii.h"
#include "simulator/wire/redaction.h"

namespace ringback {

using nlohmann::json;

namespace {

/// `expected` says what the value should be, `must` the same as a sentence's beginning.
Finding answer(bool fits, std::string expected, std::string_view must, const json* value) {
    std::string found = found_text(value);
    std::string why = fits ? "" : fmt::format("{}, got {}", must, found);
    return {fits, std::move(expected), std::move(found), std::move(why)};
}

/// A reference could not be followed: neither yes nor no, and so not a fit.
Finding unknown(std::string expected, const json* value, const Error& error) {
    return {false, std::move(expected), found_text(value),
            fmt::format("cannot be told: {}", to_text(error)), true};
}

std::string quoted(const std::string& text) { return shown(json(text)); }

std::optional<double> number_in(const json& value) {
    if (value.is_number()) {
        return value.get<double>();
    }
    const auto* text = value.get_ptr<const std::string*>();
    return text == nullptr ? std::nullopt : parse_number(*text);
}

/// The expression with its references followed. One that is nothing but a reference is what it
/// says; beside other characters ("^${from}$" with "+1555...") a value means its own characters.
/// `redact`: for people, without passwords.
Result<std::string> expression_of(const std::string& wanted, const Bindings& bindings,
                                  bool redact = false) {
    const auto held = references(wanted);
    if (!held) {
        return held.error();
    }
    const bool whole =
        held.value().size() == 1 && held.value().front().text.size() + 3 == wanted.size();
    if (whole) {
        auto expression = expanded_text(wanted, bindings);
        return redact && expression ? Result<std::string>{redacted(expression.value())}
                                    : expression;
    }
    return redact ? expanded_text(
                        redacted(wanted), bindings,
                        [](const std::string& text) { return RE2::QuoteMeta(redacted(text)); })
                  : expanded_text(wanted, bindings,
                                  [](const std::string& text) { return RE2::QuoteMeta(text); });
}

}  // namespace

std::string found_text(const json* value) { return value == nullptr ? "nothing" : shown(*value); }

std::shared_ptr<const RE2> compile(const std::string& expression) {
    RE2::Options options;
    options.set_log_errors(false);  // it is told as a mistake or a finding
    return std::make_shared<const RE2>(expression, options);
}

Finding answer_to(const EqualTo& asked, const json* value, const Bindings& bindings) {
    const auto wanted = expanded(asked.wanted, bindings);
    if (!wanted) {
        return unknown("equal to " + shown(asked.wanted), value, wanted.error());
    }
    const std::string text = text_of(wanted.value());
    const bool fits =
        value != nullptr &&
        (asked.ignore_case ? equal_ignoring_case(text, text_of(*value)) : text == text_of(*value));
    const std::string more = asked.ignore_case ? " in any case" : "";
    const std::string shown_wanted = shown(wanted.value());
    return answer(fits, fmt::format("equal to {}{}", shown_wanted, more),
                  fmt::format("expected {}{}", shown_wanted, more), value);
}

Finding answer_to(const EqualToJson& asked, const json* value, const Bindings& bindings) {
    const auto wanted = expanded(asked.wanted, bindings);
    const std::string expected =
        fmt::format("equal to {}{}{}", shown(wanted ? wanted.value() : asked.wanted),
                    asked.how.ignore_extra ? ", more may be there" : "",
                    asked.how.ignore_order ? ", in any order" : "");
    if (!wanted) {
        return unknown(expected, value, wanted.error());
    }
    if (value == nullptr) {
        return answer(false, expected, "expected " + shown(wanted.value()), value);
    }
    std::string difference = first_difference(wanted.value(), *value, asked.how);
    return {difference.empty(), expected, found_text(value), std::move(difference)};
}

Finding answer_to(const Numeric& asked, const json* value, const Bindings& bindings) {
    const auto wanted = expanded_text(asked.wanted, bindings);
    const std::string expected =
        "numeric " + shown_text(redacted(wanted ? wanted.value() : asked.wanted), most_shown);
    if (!wanted) {
        return unknown(expected, value, wanted.error());
    }
    const auto range = parse_number_range(wanted.value());
    if (!range) {
        return unknown(
            expected, value,
            Error{redacted(asked.wanted), fmt::format("expected a comparison such as \"<=10\", "
                                                      "found {}",
                                                      quoted(wanted.value()))});
    }
    const auto number = value == nullptr ? std::nullopt : number_in(*value);
    Finding finding =
        answer(number && range->holds(*number), expected, "expected " + expected, value);
    if (value != nullptr && !number) {
        finding.why += ", which is no number";
    }
    return finding;
}

Finding answer_to(const Pattern& asked, const json* value, const Bindings& bindings) {
    const char* const verb = asked.must_match ? "matches" : "does not match";
    auto expression = expression_of(asked.wanted, bindings);
    auto told = expression_of(asked.wanted, bindings, true);
    // One of which the expression has a part and a value another is seen in what they come to.
    if (const auto plain = expanded_text(asked.wanted, bindings);
        plain && redacted(plain.value()) != plain.value()) {
        told = redacted(plain.value());
    }
    const std::string between_slashes =
        fmt::format("/{}/", shown_text(told ? told.value() : redacted(asked.wanted)));
    const std::string expected = fmt::format("{} {}", verb, between_slashes);
    if (!expression) {
        return unknown(expected, value, expression.error());
    }
    const auto compiled = asked.compiled ? asked.compiled : compile(expression.value());
    if (!compiled->ok()) {
        const auto as_told =
            compile(told ? told.value() : redacted(asked.wanted));  // its error repeats it
        return unknown(
            expected, value,
            Error{between_slashes, as_told->ok() ? "no regular expression" : as_told->error()});
    }
    const bool fits =
        value != nullptr && RE2::PartialMatch(text_of(*value), *compiled) == asked.must_match;
    return answer(
        fits, expected,
        fmt::format("expected it {}to match {}", asked.must_match ? "" : "not ", between_slashes),
        value);
}

Finding answer_to(const Contains& asked, const json* value, const Bindings& bindings) {
    const auto wanted = expanded_text(asked.wanted, bindings);
    const std::string text = quoted(wanted ? wanted.value() : asked.wanted);
    const std::string expected =
        fmt::format("{} {}", asked.must_contain ? "contains" : "does not contain", text);
    if (!wanted) {
        return unknown(expected, value, wanted.error());
    }
    const bool fits = value != nullptr && (text_of(*value).find(wanted.value()) !=
                                           std::string::npos) == asked.must_contain;
    return answer(
        fits, expected,
        fmt::format("expected it {}to contain {}", asked.must_contain ? "" : "not ", text), value);
}

Finding answer_to(const Absent& asked, const json* value, const Bindings& /*bindings*/) {
    return answer((value == nullptr) == asked.wanted, asked.wanted ? "absent" : "present",
                  asked.wanted ? "expected nothing" : "expected a value", value);
}

}  // namespace ringback

#include <array>
#include <charconv>
#include <utility>

#include "harness/scenario/matcher.h"
#include "harness/scenario/questions.h"
#include "simulator/wire/duration_text.h"

namespace ringback {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    return first == std::string_view::npos
               ? std::string_view{}
               : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Takes "<=" or the like off the front.
std::optional<Comparison::Op> take_op(std::string_view& text) {
    using enum Comparison::Op;
    // The longer first.
    constexpr std::array<std::pair<std::string_view, Comparison::Op>, 6> ops{{{"<=", at_most},
                                                                              {">=", at_least},
                                                                              {"==", equal},
                                                                              {"!=", not_equal},
                                                                              {"<", less},
                                                                              {">", more}}};
    for (const auto& [sign, op] : ops) {
        if (text.starts_with(sign)) {
            text = trimmed(text.substr(sign.size()));
            return op;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
    // from_chars also knows "inf" and "nan", which are no numbers to a person.
    if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) {
        return std::nullopt;
    }
    double value{0};
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stopped == end ? std::optional{value} : std::nullopt;
}

bool Comparison::holds(double value) const {
    switch (op) {
        case Op::less:
            return value < bound;
        case Op::at_most:
            return value <= bound;
        case Op::equal:
            return value == bound;
        case Op::not_equal:
            return value != bound;
        case Op::at_least:
            return value >= bound;
        case Op::more:
            return value > bound;
    }
    return false;
}

std::optional<Comparison> parse_comparison(std::string_view text) {
    text = trimmed(text);
    const auto op = take_op(text);
    const auto bound = parse_number(text);
    return bound ? std::optional{Comparison{op.value_or(Comparison::Op::equal), *bound}}
                 : std::nullopt;
}

std::optional<Comparison> parse_latency(std::string_view text) {
    text = trimmed(text);
    const auto op = take_op(text);
    const auto bound = parse_duration(text);
    if (!bound) {
        return std::nullopt;
    }
    const std::chrono::duration<double, std::milli> milliseconds{bound.value()};
    return Comparison{op.value_or(Comparison::Op::at_most), milliseconds.count()};
}

std::optional<NumberRange> parse_number_range(std::string_view text) {
    using enum Comparison::Op;
    if (const auto dots = text.find(".."); dots != std::string_view::npos) {
        const auto least = parse_number(trimmed(text.substr(0, dots)));
        const auto most = parse_number(trimmed(text.substr(dots + 2)));
        return least && most && *least <= *most
                   ? std::optional{NumberRange{{at_least, *least}, {at_most, *most}}}
                   : std::nullopt;
    }
    const auto one = parse_comparison(text);
    return one ? std::optional{NumberRange{*one, *one}} : std::nullopt;
}

}  // namespace ringback

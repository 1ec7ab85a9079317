#pragma once

// Inside of Matcher: questions about a text that is XML. Not for use elsewhere.

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/scenario/matcher.h"
#include "simulator/core/result.h"

namespace ringback {

/// An expression of XPath 1.0, compiled. Copies share it.
class XPath {
public:
    /// Errors: it is no expression; what and at which of its characters.
    [[nodiscard]] static Result<XPath> read(const std::string& expression);

    /// What it leads to in an XML text. Errors: the text is no XML as a BXML document has to be (16
    /// KB, no entities of its own), with line and column.
    struct Found {
        bool holds{false};  // as XPath has it: a node, true, a number that is not 0, some text
        std::vector<std::string> texts;  // of each node, in the text's order; or the one value
    };
    [[nodiscard]] Result<Found> in(std::string_view xml) const;

private:
    struct Compiled;
    explicit XPath(std::shared_ptr<const Compiled> compiled) : compiled_{std::move(compiled)} {}

    std::shared_ptr<const Compiled> compiled_;
};

/// What stands in an XML text.
struct InXml {
    std::string wanted;               // "/Response/Gather/@maxDigits"
    std::optional<XPath> compiled{};  // none: holds references, so it is another each time
    std::optional<Matcher> part{};    // of what it leads to, of any where there are several; none:
                                      // it holds
};

/// Null `value`: it is absent.
[[nodiscard]] Finding answer_to(const InXml& asked, const nlohmann::json* value,
                                const Bindings& bindings);

}  // namespace ringback

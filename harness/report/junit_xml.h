#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "simulator/core/time.h"

namespace ringback {

// What JUnit XML is put together from, in the form that the schemas of Ant and of Jenkins both
// take: junit_report() of runs, load_junit() of load runs.

/// XML has no way to write most control bytes; line ends and tabs may stay.
[[nodiscard]] std::string xml_text(std::string_view text);

/// Counts what it holds when it is closed.
[[nodiscard]] pugi::xml_node open_suite(pugi::xml_node suites, std::size_t id,
                                        const std::string& name, Instant began);
void close_suite(pugi::xml_node suite, Duration wall, const std::string& out);

void add_property(pugi::xml_node properties, const char* name, const std::string& value);

pugi::xml_node add_case(pugi::xml_node suite, const std::string& name, const std::string& group,
                        Duration time);

/// `element`: "failure" or "error".
void add_failure(pugi::xml_node test, const char* element, const char* type,
                 const std::string& message, const std::string& text);

/// A test that was not run. The schema of Jenkins knows that, the old one of Ant does not: where
/// all were run there is none.
void add_skipped(pugi::xml_node test, const std::string& why);

/// "0.120": seconds.
[[nodiscard]] std::string xml_seconds(Duration time);

[[nodiscard]] std::string xml_document(const pugi::xml_document& document);

}  // namespace ringback

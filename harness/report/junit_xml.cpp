#include "harness/report/junit_xml.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "simulator/wire/printable.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

using pugi::xml_node;

/// The Ant schema wants a name; a machine without one is "localhost".
std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 && name.front() != '\0'
               ? xml_text(name.data())
               : "localhost";
}

/// "2026-11-23T22:09:48": the Ant schema allows neither fraction nor zone.
std::string timestamp(Instant at) {
    std::string text = time_text(at);
    text.pop_back();
    return text;
}

void set(xml_node node, const char* name, const std::string& value) {
    node.append_attribute(name).set_value(xml_text(value).c_str());
}

}  // namespace

std::string xml_text(std::string_view text) {
    constexpr std::size_t most = 1U << 20U;
    std::string clean;
    while (!text.empty()) {
        const std::size_t end = text.find_first_of("\n\t");
        clean += printable(text.substr(0, end), most);
        if (end == std::string_view::npos) {
            break;
        }
        clean += text[end];
        text.remove_prefix(end + 1);
    }
    return clean;
}

std::string xml_seconds(Duration time) {
    return fmt::format("{:.3f}", std::chrono::duration<double>(time).count());
}

xml_node add_case(xml_node suite, const std::string& name, const std::string& group,
                  Duration time) {
    xml_node made = suite.append_child("testcase");
    set(made, "name", name);
    set(made, "classname", group);
    set(made, "time", xml_seconds(time));
    return made;
}

void add_failure(xml_node test, const char* element, const char* type, const std::string& message,
                 const std::string& text) {
    xml_node made = test.append_child(element);
    set(made, "message", message);
    set(made, "type", type);
    made.append_child(pugi::node_pcdata).set_value(xml_text(text).c_str());
}

void add_skipped(xml_node test, const std::string& why) {
    test.append_child("skipped").append_child(pugi::node_pcdata).set_value(xml_text(why).c_str());
}

xml_node open_suite(xml_node suites, std::size_t id, const std::string& name, Instant began) {
    xml_node made = suites.append_child("testsuite");
    set(made, "name", name);
    set(made, "package", "ringback");
    set(made, "id", fmt::to_string(id));
    set(made, "timestamp", timestamp(began));
    set(made, "hostname", host_name());
    return made;
}

void close_suite(xml_node suite, Duration wall, const std::string& out) {
    const auto with = [&](const char* element) {
        const auto cases = suite.children("testcase");
        return fmt::to_string(std::count_if(cases.begin(), cases.end(), [&](xml_node test) {
            return *element == '\0' || !test.child(element).empty();
        }));
    };
    set(suite, "tests", with(""));
    set(suite, "failures", with("failure"));
    set(suite, "errors", with("error"));
    if (const std::string skipped = with("skipped"); skipped != "0") {
        set(suite, "skipped", skipped);
    }
    set(suite, "time", xml_seconds(wall));
    suite.append_child("system-out")
        .append_child(pugi::node_pcdata)
        .set_value(xml_text(out).c_str());
    suite.append_child("system-err");
}

void add_property(xml_node properties, const char* name, const std::string& value) {
    xml_node made = properties.append_child("property");
    set(made, "name", name);
    set(made, "value", value);
}

std::string xml_document(const pugi::xml_document& document) {
    std::ostringstream out;
    document.save(out, "  ", pugi::format_indent, pugi::encoding_utf8);
    return std::move(out).str();
}

}  // namespace ringback

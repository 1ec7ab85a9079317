// How patterns and matchers are written; compiled_pattern.cpp reads them.
#include <ringback/expect.h>

#include <stdexcept>
#include <utility>

#include "harness/testing/compiled_pattern.h"

namespace ringback::testing {

using nlohmann::json;

Matcher equal_to(json value) { return json{{"equalTo", std::move(value)}}; }
Matcher equal_to_json(json value) { return json{{"equalToJson", std::move(value)}}; }
Matcher numeric(std::string comparison) { return json{{"numeric", std::move(comparison)}}; }
Matcher matches(std::string expression) { return json{{"matches", std::move(expression)}}; }
Matcher does_not_match(std::string expression) {
    return json{{"doesNotMatch", std::move(expression)}};
}
Matcher contains(std::string part) { return json{{"contains", std::move(part)}}; }
Matcher does_not_contain(std::string part) { return json{{"doesNotContain", std::move(part)}}; }
Matcher absent() { return json{{"absent", true}}; }
Matcher present() { return json{{"absent", false}}; }
Matcher one_of(std::vector<Matcher> matchers) {
    return json{{"oneOf", json::array_t(std::move(matchers))}};
}
Matcher all_of(std::vector<Matcher> matchers) {
    return json{{"allOf", json::array_t(std::move(matchers))}};
}
Matcher negated(Matcher matcher) { return json{{"not", std::move(matcher)}}; }

Pattern Pattern::with(const char* part, const std::string& path, Matcher matcher) const {
    Pattern more = *this;
    more.match_[part][path] = std::move(matcher);
    return more;
}

/// A file could not say both either.
void Pattern::refuse_two_bodies(bool whole) const {
    if (match_.contains("body") && (whole || whole_body_)) {
        throw std::runtime_error{"with_body: expected the whole body or parts of it, found both"};
    }
}

Pattern Pattern::with_body(const std::string& path, Matcher matcher) const {
    refuse_two_bodies(false);
    return with("body", path, std::move(matcher));
}

Pattern Pattern::with_body(Matcher matcher) const {
    refuse_two_bodies(true);
    Pattern more = *this;
    more.whole_body_ = true;
    more.match_["body"] = std::move(matcher);
    return more;
}

Pattern Pattern::with_query(const std::string& name, Matcher matcher) const {
    return with("query", name, std::move(matcher));
}

Pattern Pattern::with_header(const std::string& name, Matcher matcher) const {
    return with("headers", name, std::move(matcher));
}

Pattern Pattern::answered(Matcher status) const {
    Pattern more = *this;
    more.answered_ = std::move(status);
    return more;
}

std::string Pattern::text() const { return CompiledPattern{*this}.text(); }

Pattern request(std::string method, std::string path) {
    Pattern pattern;
    pattern.method_ = std::move(method);
    pattern.path_ = std::move(path);
    return pattern;
}

Pattern event(std::string name) {
    Pattern pattern;
    pattern.event_ = std::move(name);
    return pattern;
}

}  // namespace ringback::testing

#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "simulator/wire/query_object.h"
#include "tests/support/fake_network.h"

namespace ringback::test {

/// Whom the calls and messages of a story are between: from and to.
using Parties = std::set<std::pair<std::string, std::string>>;

/// The catalogue of spec v1's events: every variant by "type/variant", of BXML "bxml type/variant".
class EventCatalogue {
public:
    using json = nlohmann::json;

    EventCatalogue() {
        std::ifstream in{RINGBACK_SOURCE_DIR "/fixtures/v1-events.json"};
        json catalogue = json::parse(in);
        for (json& entry : catalogue["events"]) {
            const std::string name = (entry["mode"] == "bxml" ? "bxml " : "") +
                                     entry["eventType"].get<std::string>() + "/" +
                                     entry["variant"].get<std::string>();
            entries_.emplace(name, std::move(entry));
        }
    }

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    /// What can be sent by that method.
    [[nodiscard]] std::set<std::string> names(Method method) const {
        const json by = method == Method::get ? "GET" : "POST";
        std::set<std::string> all;
        for (const auto& [name, entry] : entries_) {
            const json& methods = entry["methods"];
            if (std::find(methods.begin(), methods.end(), by) != methods.end()) {
                all.insert(name);
            }
        }
        return all;
    }

    /// Holds what was sent against the variant, key by key: the example's keys are all there,
    /// others only where the variant may have them; words of closed lists and numbers are the
    /// example's; types, ids, URLs and times are of its form; from and to are those of the story.
    void compare(const std::string& name, Method method, const std::string& payload,
                 const Parties& parties) const {
        CAPTURE(name, payload);
        REQUIRE(entries_.contains(name));
        const json& entry = entries_.at(name);
        const bool by_get = method == Method::get;
        const json told = by_get ? query_object(payload) : json::parse(payload);
        const json expected =
            by_get ? query_object(entry["example_get"].get<std::string>()) : entry["example_post"];
        std::set<std::string> optional;
        std::map<std::string, json> closed;
        for (const json& field : entry["fields"]) {
            if (!field["required"].get<bool>()) {
                optional.insert(field["name"]);
            }
            if (field.contains("values")) {
                closed.emplace(field["name"], field["values"]);
            }
        }
        for (const auto& [key, value] : expected.items()) {
            CAPTURE(key);
            REQUIRE(told.contains(key));
            CHECK(told[key].type() == value.type());
            if (key == "dtmfDigit") {  // the one closed list that tells no variants apart
                const json& words = closed.at(key);
                CHECK(std::find(words.begin(), words.end(), told[key]) != words.end());
            } else if (closed.contains(key) || is_number(entry, key)) {
                CHECK(told[key] == value);
            } else {
                CHECK(form_of(told[key]) == form_of(value));
            }
        }
        if (told.contains("from") && told.contains("to")) {
            CHECK(parties.contains({told["from"], told["to"]}));
        }
        if (told.contains("displayName")) {  // nobody in these stories has a name
            CHECK(told["displayName"] == told["from"]);
        }
        for (const auto& [key, value] : told.items()) {
            CAPTURE(key);
            CHECK((expected.contains(key) || optional.contains(key)));
        }
    }

private:
    /// Whether a field is a number, in whichever form it is told.
    static bool is_number(const json& entry, const std::string& key) {
        const json& posted = entry["example_post"];
        return posted.is_object() && posted.contains(key) && posted[key].is_number();
    }

    /// The same of each text within; all else as it is.
    static json form_of(const json& value) {
        if (value.is_string()) {
            return form_of(value.get<std::string>());
        }
        json form = value;
        for (json& part : form) {
            if (value.is_structured()) {
                part = form_of(part);
            }
        }
        return form;
    }

    /// What stays of a text when all that differs between two calls is taken out.
    static std::string form_of(const std::string& text) {
        static const std::regex id{"\\b(c|m|a|n|gtr|rec|tr|conf|member|brg)-[a-z2-7]{22}[aiqy]"};
        static const std::regex user{"/users/[^/]+"};
        static const std::regex time{"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$"};
        if (std::regex_match(text, time)) {
            return "(time)";
        }
        if (text.starts_with("+")) {
            return "(number)";
        }
        if (!text.starts_with("http") && !std::regex_search(text, id)) {
            return "(text)";
        }
        return std::regex_replace(std::regex_replace(text, id, "$1-(id)"), user, "/users/(user)");
    }

    std::map<std::string, json> entries_;
};

/// Which variants were told by which method.
using Produced = std::map<Method, std::set<std::string>>;

/// One story of the catalogue: a network whose receiver acts, and what it is told, in order.
class CatalogueStory {
public:
    using json = nlohmann::json;
    using React = std::function<void(CatalogueStory& story, const json& event)>;

    explicit CatalogueStory(Method method, React react = {}) : method_{method} {
        network.transport.respond = [this, react = std::move(react)](const auto& sent) {
            const json event =
                sent.method == Method::get ? query_object(sent.payload) : json::parse(sent.payload);
            if (react) {
                react(*this, event);
            }
            return 200;
        };
    }

    /// POST to a path below the user's, which must be taken.
    json post(const std::string& below, json body) {
        const Response answer = network.request("POST", users + below, body.dump());
        CAPTURE(below, body.dump(), answer.body);
        REQUIRE(answer.status < 300);
        const std::string location = FakeNetwork::header(answer, "Location");
        return location.substr(location.rfind('/') + 1);
    }
    /// What creates a call or message, with its events by the story's method.
    json create(const std::string& collection, const std::string& to, json more = {}) {
        json body{{"from", "+19195550123"}, {"to", to}, {"callbackUrl", url}};
        body["callbackHttpMethod"] = method_ == Method::get ? "GET" : "POST";
        body.update(more.is_null() ? json::object() : more);
        are_between(body["from"], to);
        return post(collection, body);
    }
    json call(const std::string& to = "+19195550187", json more = {}) {
        return create("/calls", to, std::move(more));
    }
    void of_call(const json& event, const std::string& below, json body) {
        if (body.contains("transferTo")) {
            are_between(event["from"], body["transferTo"]);
        }
        post("/calls/" + event["callId"].get<std::string>() + below, std::move(body));
    }
    void hang_up(const json& event) { of_call(event, "", {{"state", "completed"}}); }
    /// A call or message of the story is.
    void are_between(std::string from, std::string to) {
        parties_.emplace(std::move(from), std::move(to));
    }
    [[nodiscard]] RouteRef route() const {
        Route made;
        made.url = url;
        made.method = method_;
        return RouteRef{std::move(made)};
    }

    /// Plays to the end; each thing told is the variant named at its place, and no more is told.
    /// What that was goes into `produced`.
    void ends_with(const EventCatalogue& catalogue, const std::vector<std::string>& variants,
                   Produced& produced) {
        REQUIRE(network.until_quiet());
        std::string told;
        for (const auto& sent : network.transport.sent) {
            told += sent.payload + "\n";
        }
        CAPTURE(told);
        REQUIRE(network.transport.sent.size() == variants.size());
        for (std::size_t i = 0; i < variants.size(); ++i) {
            const auto& sent = network.transport.sent[i];
            catalogue.compare(variants[i], sent.method, sent.payload, parties_);
            produced[sent.method].insert(variants[i]);
        }
    }

    FakeNetwork network;

private:
    static constexpr const char* users = "/v1/users/u-test";
    static constexpr const char* url = "http://127.0.0.1:9000/cb";
    Method method_;
    Parties parties_;
};

}  // namespace ringback::test

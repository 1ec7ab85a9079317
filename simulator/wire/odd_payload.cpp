#include "simulator/wire/odd_payload.h"

#include <nlohmann/json.hpp>

#include "simulator/core/result.h"
#include "simulator/wire/query_object.h"

namespace ringback {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using What = fault::Odd::What;

constexpr std::string_view beyond_ascii{"Zoë Müller 山田 😀 עברית"};

/// What says which event of which call it is.
bool identifies(std::string_view name) { return name == "eventType" || name.ends_with("Id"); }

/// A value of another type; in a query, where all are texts, one of another kind.
ordered_json of_another_type(const ordered_json& value) {
    if (value.is_string()) {
        return value.get_ref<const std::string&>().size();
    }
    if (value.is_structured()) {
        return value.dump(-1, ' ', false, json::error_handler_t::replace);
    }
    return "not " + value.dump();
}

/// The members that are other, or more, than in `said`.
ordered_json changes_of(const ordered_json& said, What what) {
    ordered_json changes = ordered_json::object();
    switch (what) {
        case What::unknown_type:
            changes["eventType"] = "somethingNobodyKnows";
            break;
        case What::extra_members:
            changes["unknownNumber"] = 42;
            changes["unknownObject"] = {{"list", {1, "two", nullptr}}, {"deep", {{"er", true}}}};
            changes["unknown member"] = "";
            break;
        case What::nulls:
        case What::wrong_types:
            for (const auto& [name, value] : said.items()) {
                if (!identifies(name) && (what == What::wrong_types || value.is_string())) {
                    changes[name] = what == What::nulls ? ordered_json() : of_another_type(value);
                }
            }
            break;
        case What::utf8_names:
            changes["displayName"] = beyond_ascii;
            changes["tag"] = beyond_ascii;
            break;
        case What::large_tag:
            changes["tag"] = std::string(large_tag_bytes, 'x');
            break;
    }
    return changes;
}

/// In a query null is an empty text: edited_query() would take the member away.
json for_query(const ordered_json& changes) {
    json texts = json::object();
    for (const auto& [name, value] : changes.items()) {
        texts[name] = value.is_null() ? json("") : json(value);
    }
    return texts;
}

}  // namespace

std::string odd_payload(std::string_view payload, Method method, What what) {
    if (method == Method::get) {
        return edited_query(payload, for_query(changes_of(query_object(payload), what)));
    }
    ordered_json said = ordered_json::parse(payload, nullptr, /*allow_exceptions=*/false);
    if (!said.is_object()) {
        return std::string{payload};  // whoever edits events has made something else of it
    }
    const ordered_json changes = changes_of(said, what);
    for (const auto& [name, value] : changes.items()) {
        said[name] = value;
    }
    return said.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string_view odd_text(What what) {
    switch (what) {
        case What::unknown_type:
            return "an eventType that nobody knows";
        case What::extra_members:
            return "members that nobody knows";
        case What::nulls:
            return "null in place of texts";
        case What::utf8_names:
            return "a name and a tag beyond ASCII";
        case What::large_tag:
            return "a tag of 100 kB";
        case What::wrong_types:
            return "numbers for texts, texts for others";
    }
    bug("an odd payload without a word");
}

}  // namespace ringback

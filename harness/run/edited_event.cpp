#include "harness/run/edited_event.h"

#include <nlohmann/json.hpp>

#include "harness/script/happening.h"
#include "simulator/wire/query_object.h"

namespace ringback {

using nlohmann::json;

void edit_event(Script& script, Method method, std::string& payload) {
    if (!script.edits_events()) {
        return;
    }
    const bool in_query = method == Method::get;
    json said = in_query ? query_object(payload) : json::parse(payload, nullptr, false);
    const json name = said.value("eventType", json());
    const Step* const editor = script.editor_of(
        event_name(name.is_string() ? name.get<std::string>() : std::string{}, said), said);
    if (editor == nullptr) {
        return;
    }
    const auto wanted = expanded(std::get<Send>(editor->what).set, script.bindings());
    if (!wanted) {
        script.cannot_do(*editor, "set: " + to_text(wanted.error()));
    } else if (in_query) {
        payload = edited_query(payload, wanted.value());
    } else {
        said.merge_patch(wanted.value());
        payload = said.dump(-1, ' ', false, json::error_handler_t::replace);
    }
}

}  // namespace ringback

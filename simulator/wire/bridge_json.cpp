#include "simulator/wire/bridge_json.h"

#include "simulator/wire/json_out.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

void append_call_ids(JsonObject& object, const Bridge& bridge, const ResourceText& text) {
    std::string& out = object.member("callIds");
    out += '[';
    for (const BridgedCall& one : bridge.calls) {
        out += out.back() == '[' ? "\"" : ",\"";
        text.ids->append(out, IdKind::call, text.user_hash, number_of(one.call));
        out += '"';
    }
    out += ']';
}

}  // namespace

void append_bridge(std::string& out, const Bridge& bridge, const ResourceText& text) {
    JsonObject object{out};
    object.text("id", text.id(bridge).view());
    object.text("state", word(bridge.state));
    object.boolean("bridgeAudio", bridge.audio);
    append_call_ids(object, bridge, text);
    std::string& url = object.member("calls");
    url += '"';
    append_bridge_url(url, bridge, text);
    url += "/calls\"";
    object.text("createdTime", time_text(bridge.created_at));
    if (bridge.activated_at != never) {
        object.text("activatedTime", time_text(bridge.activated_at));
    }
    if (bridge.completed_at != never) {
        object.text("completedTime", time_text(bridge.completed_at));
    }
    object.end();
}

void append_bridge_url(std::string& out, const Bridge& bridge, const ResourceText& text) {
    append_item_url(out, "bridges", text.id(bridge).view(), text);
}

}  // namespace ringback

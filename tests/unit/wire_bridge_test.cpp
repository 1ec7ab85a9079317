#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "simulator/core/overloaded.h"
#include "simulator/wire/bridge_json.h"
#include "simulator/wire/bridge_request.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/words.h"
#include "tests/support/entries.h"

namespace ringback::bridge_wire_tests {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using namespace std::chrono_literals;

const IdCodec& ids() {
    static const IdCodec codec{Seed{7}};
    return codec;
}

const std::uint64_t hash = hash_of("u-1");

std::string shown(const Bridge& bridge) {
    std::string out;
    append_bridge(out, bridge, ResourceText{&ids(), "http://127.0.0.1:8080", "u-1", hash});
    return out;
}

std::string call_text(std::uint64_t number) { return ids().text(IdKind::call, hash, number); }

/// "audio on, calls [a b]"; "404 code: message" for a refusal.
std::string read(const std::string& text) {
    const auto body = RequestBody::parse(text);
    REQUIRE(body);
    return std::visit(Overloaded{[](const BridgeRequest& request) {
                                     std::string said;
                                     if (request.audio) {
                                         said += *request.audio ? "audio on " : "audio off ";
                                     }
                                     if (request.call_ids) {
                                         said += "calls [";
                                         for (const std::string& id : *request.call_ids) {
                                             said += id + ";";
                                         }
                                         said += "]";
                                     }
                                     return said;
                                 },
                                 [](const ApiError& error) {
                                     return std::to_string(error.status) + " " + error.code + ": " +
                                            error.message;
                                 }},
                      read_bridge_request(body.value()));
}

}  // namespace

TEST_CASE("bridge json: it reads as the table of fields says, member by member", "[wire][bridge]") {
    Bridge bridge;
    bridge.id = bridge_id(UserSlot{1}, 3);
    bridge.created_at = test::at();
    const std::string id = ids().text(IdKind::bridge, hash, 3);
    const std::string url = "http://127.0.0.1:8080/v1/users/u-1/bridges/" + id;
    CHECK(shown(bridge) == R"({"id":")" + id +
                               R"(","state":"created","bridgeAudio":true,"callIds":[],"calls":")" +
                               url + R"(/calls","createdTime":"2026-01-05T09:00:00Z"})");

    bridge.state = BridgeState::hold;
    bridge.audio = false;
    bridge.calls = {{call_id(UserSlot{1}, 1), true}, {call_id(UserSlot{1}, 2), false}};
    bridge.activated_at = test::at(4s);
    bridge.completed_at = test::at(5s);
    CHECK(json::parse(shown(bridge)) == json{{"id", id},
                                             {"state", "hold"},
                                             {"bridgeAudio", false},
                                             {"callIds", {call_text(1), call_text(2)}},
                                             {"calls", url + "/calls"},
                                             {"createdTime", "2026-01-05T09:00:00Z"},
                                             {"activatedTime", "2026-01-05T09:00:04Z"},
                                             {"completedTime", "2026-01-05T09:00:05Z"}});
    CHECK(word(BridgeState::active) == "active");
    CHECK(word(BridgeState::completed) == "completed");
}

TEST_CASE("bridge ids: brg- and 23 characters, which decode to the bridge and nothing else",
          "[wire][bridge]") {
    const std::string id = ids().text(IdKind::bridge, hash, 3);
    CHECK(id.starts_with("brg-"));
    CHECK(id.size() == 27);
    CHECK(ids().decode(IdKind::bridge, id, hash) == IdCodec::Decoded{3, 0});
    CHECK_FALSE(ids().decode(IdKind::call, "c-" + id.substr(4), hash).has_value());
    CHECK_FALSE(ids().decode(IdKind::bridge, id, hash_of("u-2")).has_value());
    CHECK(id_kind(Resource::bridge) == IdKind::bridge);
    CHECK(id_kind(Resource::message) == IdKind::message);
    CHECK(id_kind(Resource::call) == IdKind::call);
}

TEST_CASE("bridge request: all that clients send is understood, and nothing else",
          "[wire][bridge]") {
    struct Row {
        const char* body;
        const char* expected;
    };
    const Row row = GENERATE(
        Row{"", ""}, Row{"[]", ""}, Row{"{}", ""},
        Row{R"({"bridgeAudio":null,"callIds":null})", ""}, Row{R"({"tag":"x","unknown":[1]})", ""},
        Row{R"({"bridgeAudio":true})", "audio on "},
        Row{R"({"bridgeAudio":"False"})", "audio off "}, Row{R"({"callIds":[]})", "calls []"},
        Row{R"({"bridgeAudio":"true","callIds":["c-1","c-2"]})", "audio on calls [c-1;c-2;]"},
        Row{R"({"callIds":["c-1","c-2","c-3"]})", "calls [c-1;c-2;c-3;]"},
        Row{R"({"callIds":"c-1"})", "calls [c-1;]"});
    CAPTURE(row.body);
    CHECK(read(row.body) == row.expected);
    for (const char* const wrong :
         {R"({"bridgeAudio":"loud"})", R"({"bridgeAudio":[]})", R"({"callIds":[1]})",
          R"({"callIds":{"a":"b"}})", R"({"callIds":7})", R"({"callIds":["c-1",null]})"}) {
        CAPTURE(wrong);
        CHECK(
            read(wrong).starts_with("400 validation-error: Bad parameters: the 'bridge' resource"));
    }
}

TEST_CASE("bridge errors: each has the documented status and code, and names what it is about",
          "[wire][bridge]") {
    struct Row {
        Refusal refusal;
        const char* expected;
        ErrorDetails details;
    };
    const ErrorDetails bridge{{"bridgeId", "brg-1"}};
    const ErrorDetails both{{"bridgeId", "brg-1"}, {"callId", "c-1"}};
    const ErrorDetails call{{"callId", "c-1"}};
    const Row row = GENERATE_COPY(
        Row{Refusal::too_many_calls,
            "403 forbidden bridge-callIds-overflow: Only two calls are allowed in a bridge brg-1",
            both},
        Row{Refusal::no_such_item, "403 forbidden call-id-not-found: Call Id not found. callId c-1",
            call},
        Row{Refusal::in_another_bridge,
            "400 bad-request bridge-bridged-callId: The call c-1 is already in another bridge",
            both},
        Row{Refusal::call_not_active,
            "400 bad-request bridge-invalid-operation: The call c-1 is not active", both},
        Row{Refusal::invalid_state,
            "403 forbidden call-invalid-state: Unable to update call c-1: it is under control of "
            "BXML, so that only its state can be set to completed",
            call},
        Row{Refusal::no_active_calls,
            "400 bad-request bridge-invalid-operation: No active calls in the bridge brg-1", both},
        Row{Refusal::bridge_is_over,
            "400 bad-request bridge-invalid-state: Unable to update bridge brg-1. Invalid bridge "
            "state completed",
            both},
        Row{Refusal::nothing_playing,
            "403 forbidden call-audio-invalid-state: The audio for bridge brg-1 could not be "
            "updated. The audio has already finished or does not exist.",
            both});
    const ApiError error = bridge_error(row.refusal, "brg-1", "c-1");
    CHECK(std::to_string(error.status) + " " + error.category + " " + error.code + ": " +
              error.message ==
          row.expected);
    CHECK(error.details == row.details);

    const ApiError without = bridge_error(Refusal::too_many_calls, "", "");
    CHECK(without.message == "Only two calls are allowed in a bridge");
    CHECK(without.details.empty());
    const ApiError hostile = bridge_error(Refusal::no_such_item, "", "\x1b[31m");
    CHECK(hostile.message == "Call Id not found. callId");
    CHECK(hostile.details.empty());
}

TEST_CASE("entry json: a bridge's news names it, its audio and its calls", "[wire][bridge]") {
    Entry entry = test::entry(BridgeChanged{BridgeState::created,
                                            BridgeState::active,
                                            true,
                                            {call_id(UserSlot{1}, 1), call_id(UserSlot{1}, 2)}},
                              "u-1");
    entry.seq = 4;
    entry.call = bridge_id(UserSlot{1}, 3);
    const std::string id = ids().text(IdKind::bridge, hash, 3);
    CHECK(entry_line(entry, ids()) ==
          R"({"seq":4,"time":"2026-01-05T09:00:00.000Z","kind":"bridge","user":"u-1","bridge":")" +
              id + R"(","before":"created","after":"active","bridgeAudio":true,"callIds":[")" +
              call_text(1) + R"(",")" + call_text(2) + R"("],"wall":{"at_us":5000}})");
    *other_news<BridgeChanged>(entry.what) = {BridgeState::hold, BridgeState::completed, false, {}};
    CHECK(entry_json(entry, ids())["callIds"] == ordered_json::array());
}

}  // namespace ringback::bridge_wire_tests

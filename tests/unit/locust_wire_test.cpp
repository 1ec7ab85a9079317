#include "harness/locust/locust_wire.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "harness/locust/locust_names.h"
#include "harness/locust/locust_pack.h"
#include "harness/locust/spawn_order.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;

const std::string id{"host_0123456789abcdef0123456789abcdef"};

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view digits{"0123456789abcdef"};
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
    }
    return bytes;
}

/// By name, in hex: what tests/support/locust_golden.py has Locust pack.
std::map<std::string, std::string> golden() {
    std::ifstream in{std::string{RINGBACK_SOURCE_DIR} + "/tests/unit/locust_golden.txt"};
    std::map<std::string, std::string> messages;
    for (std::string name, hex; in >> name >> hex;) {
        messages[name] = hex;
    }
    REQUIRE(messages.size() == 12);
    return messages;
}

/// START of locust_golden.py, and so much later.
LocustTime at(std::chrono::milliseconds later = 0ms) {
    return LocustTime{} + 1'767'600'000'250ms + later;
}

LocustStats golden_stats() {
    LocustStats stats{at()};
    stats.add({.method = "EVENT", .name = "answer", .response = 12'500us, .at = at(1s)});
    stats.add({.method = "EVENT",
               .name = "answer",
               .response = 147ms,
               .at = at(2s),
               .error = "answer: 500"});
    stats.add(
        {.method = "REACT", .name = "greet", .response = 3432ms, .bytes = 10, .at = at(2500ms)});
    stats.add({.method = "REACT", .name = "greet", .at = at(2750ms), .error = "nothing came"});
    return stats;
}

TEST_CASE("locust wire: the worker's messages are byte for byte what Locust packs", "[locust]") {
    const auto expected = golden();
    CHECK(hex_of(locust_client_ready(id)) == expected.at("client_ready"));
    for (const char* plain : {"client_stopped", "spawning", "quit"}) {
        CHECK(hex_of(locust_message(plain, id)) == expected.at(plain));
    }
    CHECK(hex_of(locust_heartbeat("ready", {12.5, 41'000'000}, id)) == expected.at("heartbeat"));
    CHECK(hex_of(locust_spawning_complete({{"Menu", 300}, {"Ringback", 0}}, id)) ==
          expected.at("spawning_complete"));
    CHECK(hex_of(locust_exception({"no line", "menu.json:8:5"}, id)) == expected.at("exception"));
    CHECK(hex_of(locust_report(golden_stats(), {{"Menu", 2}, {"Ringback", 0}}, id)) ==
          expected.at("stats"));
}

TEST_CASE("locust wire: the master's messages are read", "[locust]") {
    const auto messages = golden();
    const auto read = [&](const char* name) {
        auto message = read_locust_message(bytes_of(messages.at(name)));
        REQUIRE(message.ok());
        CHECK(message.value().type == name);
        return std::move(message).value().data;
    };
    CHECK(read("ack") == nlohmann::json{{"index", 2}});
    CHECK(read("stop").is_null());
    CHECK(read("reconnect").is_null());

    const auto order = read_spawn_order(read("spawn"));
    REQUIRE(order.ok());
    CHECK(order.value().timestamp == 1767600000.25);
    CHECK(order.value().users == LocustUsers{{"Menu", 3}, {"Ringback", 0}});
    CHECK(order.value().grace == 2500ms);
    CHECK(order.value().test.host.empty());
    CHECK(order.value().test.options.at("expect_workers") == 3);
}

TEST_CASE("locust wire: what is no message is an error, not an end", "[locust]") {
    const std::string deep(1'000'000, '\x91');
    const std::string huge_claim{"\xdd\xff\xff\xff\xff", 5};
    const std::string huge_text{"\xdb\xff\xff\xff\xff", 5};
    const std::string integer_key{"\x93\xa1x\x81\x01\x02\xa1y", 8};
    for (const std::string& bytes :
         {std::string{}, std::string{"\x93"}, std::string{"\xc0"}, std::string{"\x90"},
          std::string{"\x93\x01\xc0\xa1x"}, std::string{"\x93\xa1x\xc0\xa1x\xc0"}, deep, huge_claim,
          huge_text, integer_key, std::string{"{\"type\":\"spawn\"}"}}) {
        CAPTURE(hex_of(bytes.substr(0, 20)));
        CHECK_FALSE(read_locust_message(bytes).ok());
    }
    // Every cut and every flipped byte of a real one.
    const std::string spawn = bytes_of(golden().at("spawn"));
    for (std::size_t i = 0; i < spawn.size(); ++i) {
        CHECK_FALSE(read_locust_message(spawn.substr(0, i)).ok());
        for (const int flip : {1, 0x40, 0x80, 0xff}) {
            std::string broken = spawn;
            broken[i] = static_cast<char>(broken[i] ^ flip);
            if (const auto read = read_locust_message(broken)) {
                static_cast<void>(read_spawn_order(read.value().data));
            }
        }
    }
}

TEST_CASE("locust wire: an order that cannot be meant is refused with its member", "[locust]") {
    using nlohmann::json;
    const json good{{"timestamp", 1.5}, {"user_classes_count", {{"Menu", 1}}}};
    REQUIRE(read_spawn_order(good).ok());
    const std::vector<std::pair<json, std::string>> bad{
        {json{{"timestamp", "now"}}, "timestamp"},
        {json{{"user_classes_count", nullptr}}, "user_classes_count"},
        {json{{"user_classes_count", {{"Menu", -1}}}}, "users of Menu"},
        {json{{"user_classes_count", {{"Menu", 1.5}}}}, "users of Menu"},
        {json{{"user_classes_count", {{"Menu", 1'000'001}}}}, "users of Menu"},
        {json{{"stop_timeout", -1}}, "stop_timeout"},
        {json{{"stop_timeout", "10s"}}, "stop_timeout"},
        {json{{"stop_timeout", 1e9}}, "stop_timeout"},
        {json{{"host", 3}}, "host"},
        {json{{"parsed_options", {1, 2}}}, "parsed_options"}};
    for (const auto& [change, named] : bad) {
        json order = good;
        order.update(change);
        const auto read = read_spawn_order(order);
        CAPTURE(change.dump());
        REQUIRE_FALSE(read.ok());
        CHECK(read.error().what.find(named) != std::string::npos);
    }
    CHECK_FALSE(read_spawn_order(nullptr).ok());
}

TEST_CASE("locust wire: text that is no UTF-8 is mended, long text cropped", "[locust]") {
    CHECK(hex_of(LocustPacker{}.text("a\xff\xc3\xa4").take()) ==
          "a6"
          "61"
          "efbfbd"
          "c3a4");
    CHECK(LocustPacker{}.text(std::string(100'000, 'x')).take().size() == 3 + 4096);
}

TEST_CASE("locust wire: containers of every size have the shortest head", "[locust]") {
    CHECK(hex_of(LocustPacker{}.array(15).take()) == "9f");
    CHECK(hex_of(LocustPacker{}.array(16).take()) == "dc0010");
    CHECK(hex_of(LocustPacker{}.array(65'536).take()) == "dd00010000");
    CHECK(hex_of(LocustPacker{}.map(15).take()) == "8f");
    CHECK(hex_of(LocustPacker{}.map(65'535).take()) == "deffff");
    CHECK(hex_of(LocustPacker{}.map(65'536).take()) == "df00010000");
}

TEST_CASE("locust stats: response times are rounded as Python rounds", "[locust]") {
    const std::vector<std::pair<std::chrono::nanoseconds, std::int64_t>> table{
        {0ns, 0},       {-5ms, 0},       {500us, 0},        {500'001ns, 1},   {1'500us, 2},
        {2'500us, 2},   {99'400us, 99},  {99'600us, 100},   {100ms, 100},     {145ms, 140},
        {147ms, 150},   {155ms, 160},    {999ms, 1000},     {1050ms, 1000},   {1150ms, 1200},
        {3432ms, 3400}, {9990ms, 10000}, {10'500ms, 10000}, {58'760ms, 59000}};
    for (const auto& [response, rounded] : table) {
        CAPTURE(response.count());
        CHECK(locust_rounded_ms(response) == rounded);
    }
}

TEST_CASE("locust stats: the sum of several loops is what one would have counted", "[locust]") {
    LocustStats whole{at()};
    LocustStats one{at(1s)};
    LocustStats two{at()};
    for (int i = 0; i < 1000; ++i) {
        const LocustSample sample{
            .method = i % 3 == 0 ? "API" : "EVENT",
            .name = i % 2 == 0 ? "answer" : "hangup",
            .response = i % 7 == 0
                            ? std::nullopt
                            : std::optional{std::chrono::nanoseconds{std::chrono::milliseconds{i}}},
            .bytes = 3,
            .at = at(std::chrono::milliseconds{10 * i}),
            .error = i % 11 == 0 ? "refused" : ""};
        whole.add(sample);
        (i % 2 == 0 ? one : two).add(sample);
    }
    one.add(LocustException{"what", "where"});
    two.merge(one);

    CHECK(two.since() == whole.since());
    CHECK(two.rows() == whole.rows());
    CHECK(two.total() == whole.total());
    CHECK(two.errors() == whole.errors());
    CHECK(two.exceptions() == one.exceptions());
    CHECK(whole.total().requests == 1000);
    CHECK(whole.total().without_time == 143);
    CHECK(whole.total().failures == 91);
}

TEST_CASE("locust names: a scenario's class is a name in Python", "[locust]") {
    CHECK(locust_class_name("answer-speak-gather-hangup") == "AnswerSpeakGatherHangup");
    CHECK(locust_class_name("my menu_v2.1") == "MyMenuV21");
    CHECK(locust_class_name("IVR main") == "IVRMain");
    CHECK(locust_class_name("2 calls") == "Scenario2Calls");
    CHECK(locust_class_name("größe") == "GrE");
    CHECK(locust_class_name("") == "Scenario");
}

TEST_CASE("locust names: where the master is", "[locust]") {
    CHECK(locust_address_of("locust").value() == LocustAddress{"locust", 5557});
    CHECK(locust_address_of("10.0.0.7:5558").value() == LocustAddress{"10.0.0.7", 5558});
    CHECK(locust_address_of("[::1]:5558").value().endpoint() == "tcp://[::1]:5558");
    CHECK(locust_address_of("a.b:1").value().text() == "a.b:1");
    for (const char* bad : {"", ":5557", "a:", "a:0", "a:65536", "a:1x", "tcp://a:1", "[::1",
                            "[]:1", "[::1]5557", "a b", "a/b:1", "::1"}) {
        CAPTURE(bad);
        const auto read = locust_address_of(bad);
        REQUIRE_FALSE(read.ok());
        CHECK(read.error().what.starts_with("expected HOST:PORT of a Locust master, found "));
    }
}

}  // namespace
}  // namespace ringback

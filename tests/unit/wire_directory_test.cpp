// One row per rule of the tables in spec v1 2.6 and 2.7, and what GET shows.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "simulator/wire/application_json.h"
#include "simulator/wire/application_request.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/number_json.h"
#include "simulator/wire/number_request.h"
#include "simulator/wire/redaction.h"
#include "tests/support/entries.h"
#include "tests/support/owning.h"

namespace ringback::directory_wire {
namespace {

using nlohmann::json;

std::optional<std::string> loopback_only(std::string_view url) {
    return url.find("127.0.0.1") != std::string_view::npos
               ? std::nullopt
               : std::optional<std::string>{"add --allow-target x"};
}

Intake<Application> read(const std::string& body, const Application* before = nullptr) {
    const auto parsed = RequestBody::parse(body);
    REQUIRE(parsed);
    return read_application(parsed.value(), loopback_only, before);
}
Intake<NumberRequest> read_phone(const std::string& body, const PhoneNumber* before = nullptr) {
    const auto parsed = RequestBody::parse(body);
    REQUIRE(parsed);
    return read_number(parsed.value(), before);
}
/// "400 missing-property: ...name...", or "taken".
template <class T>
std::string verdict(const Intake<T>& intake) {
    const auto* const error = std::get_if<ApiError>(&intake);
    return error == nullptr
               ? "taken"
               : std::to_string(error->status) + " " + error->code + ": " + error->message;
}

struct Row {
    std::string body;
    std::string says;
};

const IdCodec ids{Seed{7}};
const ResourceText text{&ids, "http://127.0.0.1:8080", "u-1", hash_of("u-1")};

json shown(const Application& application) {
    std::string out;
    append_application(out, application, text);
    return json::parse(out);
}
json shown(const PhoneNumber& number) {
    std::string out;
    append_number(out, number, text);
    return json::parse(out);
}

constexpr const char* call_url = R"("incomingCallUrl":"http://127.0.0.1:9/c")";

std::string menu(const std::string& more) { return R"({"name":"Menu",)" + more + "}"; }

}  // namespace

TEST_CASE("application: every rule of its table has its refusal", "[wire][directory]") {
    const std::string url{call_url};
    const std::vector<Row> rows{
        {R"({"incomingCallUrl":"http://127.0.0.1:9/c"})",
         "400 missing-property: The 'application' resource property 'name'"},
        {R"({"name":null,"incomingCallUrl":"http://127.0.0.1:9/c"})", "400 missing-property"},
        {R"({"name":"  ","incomingCallUrl":"http://127.0.0.1:9/c"})", "400 blank-property"},
        {R"({"name":7,"incomingCallUrl":"http://127.0.0.1:9/c"})", "400 validation-error"},
        {R"({"name":")" + std::string(1001, 'x') + R"(",)" + url + "}",
         "exceeds the limit of 1000 characters"},
        {R"({"name":"Menu"})",
         "400 validation-error: Your application must have a least one callback URL."},
        {menu(R"("incomingCallUrl":"","incomingMessageUrl":"none")"), "a least one callback URL"},
        {menu(R"("incomingCallUrl":"ftp://127.0.0.1/")"),
         "400 callback-invalid-url: The URL ftp://127.0.0.1/ is not a valid incomingCallUrl"},
        {menu(R"("incomingCallUrl":"http://example.com/")"), "add --allow-target x"},
        {menu(R"("incomingSmsUrl":"nowhere")"), "is not a valid incomingSmsUrl"},
        {menu(url + R"(,"incomingCallUrlCallbackTimeout":0)"),
         "400 validation-error: The 'application' resource property "
         "'incomingCallUrlCallbackTimeout' must be greater than 0"},
        {menu(url + R"(,"incomingCallUrlCallbackTimeout":10001)"), "exceeds the limit of 10000"},
        {menu(url + R"(,"incomingSmsUrlCallbackTimeout":"soon")"), "400 validation-error"},
        {menu(url + R"(,"incomingCallFallbackUrl":" ")"),
         "400 validation-error: The 'application' resource property 'incomingCallFallbackUrl' must "
         "contain"},
        {menu(url + R"(,"incomingMessageFallbackUrl":"http://127.0.0.1:9/f")"),
         "400 validation-error: The 'application' resource property 'incomingMessageFallbackUrl' "
         "needs"},
        {menu(
             R"("incomingMessageUrl":"http://127.0.0.1:9/m","incomingCallFallbackUrl":"http://127.0.0.1:9/f")"),
         "needs the property 'incomingCallUrl'"},
        {menu(url + R"(,"incomingCallFallbackUrl":"http://example.com/")"),
         "400 callback-invalid-url"},
        {menu(url + R"(,"callbackHttpMethod":"PUT")"),
         "must be one of the following values: POST, GET"},
        {menu(url + R"(,"autoAnswer":"maybe")"), "must be true or false"},
        {menu(url), "taken"},
        {menu(R"("incomingMessageUrl":"http://127.0.0.1:9/m","incomingCallUrl":null)"), "taken"},
        {menu(
             R"("incomingSmsUrl":"http://127.0.0.1:9/m","incomingSmsFallbackUrl":"http://127.0.0.1:9/f")"),
         "taken"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.body);
        CHECK_THAT(verdict(read(row.body)), Catch::Contains(row.says));
    }
}

TEST_CASE("application: what is sent is what GET shows, both names of the message URL too",
          "[wire][directory]") {
    auto made =
        std::get<Application>(read(menu(R"("incomingCallUrl":"http://me:secret@127.0.0.1:9/c",
        "incomingCallUrlCallbackTimeout":"2000","incomingCallFallbackUrl":"http://127.0.0.1:9/f",
        "incomingSmsUrl":"http://127.0.0.1:9/m","callbackHttpMethod":"get","autoAnswer":"False",
        "someday":1)")));
    CHECK(made.calls->url == "http://me:secret@127.0.0.1:9/c");
    CHECK(made.messages->method == Method::get);
    made.id = 3;
    const json expected{{"id", ids.text(IdKind::application, hash_of("u-1"), 3)},
                        {"name", "Menu"},
                        {"incomingCallUrl", "http://***@127.0.0.1:9/c"},
                        {"incomingCallUrlCallbackTimeout", 2000},
                        {"incomingCallFallbackUrl", "http://127.0.0.1:9/f"},
                        {"incomingMessageUrl", "http://127.0.0.1:9/m"},
                        {"incomingMessageUrlCallbackTimeout", 10000},
                        {"incomingSmsUrl", "http://127.0.0.1:9/m"},
                        {"incomingSmsUrlCallbackTimeout", 10000},
                        {"callbackHttpMethod", "GET"},
                        {"autoAnswer", false}};
    CHECK(shown(made) == expected);
}

TEST_CASE("application: an update keeps what is not sent", "[wire][directory]") {
    const auto before = std::get<Application>(
        read(menu(std::string{call_url} + R"(,"incomingCallFallbackUrl":"http://127.0.0.1:9/f",
            "incomingCallUrlCallbackTimeout":1500,"callbackHttpMethod":"GET","autoAnswer":false)")));
    CHECK(std::get<Application>(read("{}", &before)) == before);
    CHECK(std::get<Application>(read(R"({"name":null})", &before)) == before);
    const auto renamed = std::get<Application>(read(R"({"name":"Bar"})", &before));
    CHECK(renamed.name == "Bar");
    CHECK(renamed.calls == before.calls);

    CHECK_THAT(verdict(read(R"({"incomingCallUrl":""})", &before)),
               Catch::Contains("a least one callback URL"));
    const auto moved = std::get<Application>(
        read(R"({"incomingCallUrl":"","incomingMessageUrl":"http://127.0.0.1:9/m"})", &before));
    CHECK(moved.calls->url.empty());
    CHECK(moved.calls->fallback_url.empty());
    CHECK_FALSE(moved.calls->timeout.has_value());
    CHECK(moved.messages->method == Method::get);
    CHECK_THAT(verdict(read(R"({"name":""})", &before)), Catch::Contains("400 blank-property"));
}

TEST_CASE("number: every rule of its table has its refusal", "[wire][directory]") {
    const std::vector<Row> rows{
        {"{}", "400 missing-property: The 'number' resource property 'number'"},
        {R"({"number":" "})", "400 blank-property"},
        {R"({"number":"19195550123"})", "400 validation-error: Invalid phone number"},
        {R"({"number":"+0195550123"})", "400 validation-error: Invalid phone number"},
        {R"({"number":"sip:bob@example.com"})", "400 validation-error: Invalid phone number"},
        {R"({"number":5})", "400 validation-error"},
        {R"({"number":"+19195550123","fallbackNumber":"x"})",
         "400 validation-error: Invalid phone number"},
        {R"({"number":"+19195550123","applicationId":5})", "400 validation-error"},
        {R"({"number":"+19195550123","provider":"bandwidth"})", "'provider' must be an object"},
        {R"({"number":"+19195550123","provider":{"properties":{"password":1}}})",
         "'password' must be a string"},
        {R"({"number":"+19195550123","name":"\t"})", "400 blank-property"},
        {R"({"number":"+19195550123","name":null,"applicationId":null,"fallbackNumber":"sip:a@b.c"})",
         "taken"},
        {R"({"number":"+19195550123","provider":{"providerName":"bandwidth-dashboard","properties":{"accountId":"1","userName":"u","password":"p"}}})",
         "taken"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.body);
        CHECK_THAT(verdict(read_phone(row.body)), Catch::Contains(row.says));
    }
}

TEST_CASE("number: it reads as the table of fields says", "[wire][directory]") {
    PhoneNumber number = test::phone_number("+19195550123");
    number.id = 2;
    number.created_at = Instant{std::chrono::seconds{1511496041}};
    const std::string id = ids.text(IdKind::phone_number, hash_of("u-1"), 2);
    CHECK(id.starts_with("n-"));
    json expected{
        {"id", id},        {"number", "+19195550123"}, {"nationalNumber", "(919) 555-0123"},
        {"price", "0.35"}, {"numberState", "enabled"}, {"createdTime", "2017-11-24T04:00:41Z"}};
    CHECK(shown(number) == expected);

    number.name = "desk";
    number.city = "Durham";
    number.state = "NC";
    number.fallback_number = "+19195550144";
    number.application = 5;
    const std::string application = ids.text(IdKind::application, hash_of("u-1"), 5);
    expected.update(
        {{"name", "desk"},
         {"city", "Durham"},
         {"state", "NC"},
         {"fallbackNumber", "+19195550144"},
         {"applicationId", application},
         {"application", "http://127.0.0.1:8080/v1/users/u-1/applications/" + application}});
    CHECK(shown(number) == expected);
}

TEST_CASE("number: what it is dialled by at home", "[wire][directory]") {
    CHECK(national_number("+19195550123") == "(919) 555-0123");
    CHECK(national_number("+4930123456") == "4930123456");
    CHECK(national_number("+1919555012") == "1919555012");
}

TEST_CASE("number: an update keeps what is not sent, and the empty text takes away",
          "[wire][directory]") {
    PhoneNumber before = test::phone_number("+19195550123", 4);
    before.name = "desk";
    before.fallback_number = "+19195550144";
    const auto same = std::get<NumberRequest>(read_phone("{}", &before));
    CHECK(same.number == before);
    CHECK_FALSE(same.application_id.has_value());
    const auto bare = std::get<NumberRequest>(
        read_phone(R"({"name":"","fallbackNumber":"","applicationId":"","number":"+1"})", &before));
    CHECK(bare.number.name.empty());
    CHECK(bare.number.fallback_number.empty());
    CHECK(bare.number.number == "+19195550123");
    CHECK(bare.application_id == "");
}

TEST_CASE("journal: an application and a number say what was done to them and what they are",
          "[wire][directory]") {
    ApplicationChanged change;
    change.news = ItemNews::created;
    change.application.open() = test::application("http://me:secret@127.0.0.1:9/c");
    change.application->id = 1;
    json line = entry_json(test::entry(change, "u-1", 0), ids);
    line.erase("wall");
    line.erase("seq");
    line.erase("time");
    CHECK(line == json{{"kind", "application"},
                       {"user", "u-1"},
                       {"applicationId", ids.text(IdKind::application, hash_of("u-1"), 1)},
                       {"what", "created"},
                       {"name", "Menu"},
                       {"incomingCallUrl", "http://***@127.0.0.1:9/c"},
                       {"callbackHttpMethod", "POST"},
                       {"autoAnswer", true}});
    NumberChanged removed;
    removed.news = ItemNews::removed;
    removed.number.open() = test::phone_number("+19195550123", 1);
    removed.number->id = 9;
    line = entry_json(test::entry(removed, "u-1", 0), ids);
    CHECK(line["kind"] == "number");
    CHECK(line["what"] == "removed");
    CHECK(line["number"] == "+19195550123");
    CHECK(line["numberId"] == ids.text(IdKind::phone_number, hash_of("u-1"), 9));
    CHECK(line["applicationId"] == ids.text(IdKind::application, hash_of("u-1"), 1));
    CHECK_FALSE(line.contains("call"));
}

TEST_CASE("journal: no password of a request body is kept", "[wire][directory]") {
    CHECK(without_passwords("") == "");
    CHECK(without_passwords(R"({"credentials":"secret","token":"secret"})") ==
          R"({"credentials":"***","token":"***"})");
    CHECK(without_passwords(R"({"a":{"pass\u0077ord":"secret"},"b":[{"password":["secret"]}]})") ==
          R"({"a":{"password":"***"},"b":[{"password":"***"}]})");
    CHECK(without_passwords(R"({"password":"secret")") == "***");
    CHECK(without_passwords(R"({"name":"password"})") == R"({"name":"password"})");
}

}  // namespace ringback::directory_wire

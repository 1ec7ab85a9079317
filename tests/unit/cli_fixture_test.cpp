#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "harness/cli/fixture.h"
#include "harness/cli/options.h"
#include "tests/support/fixture_files.h"

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;

namespace fixture_files {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

/// A folder of the test's own, gone behind it.
class Folder {
public:
    Folder() : path_{fs::temp_directory_path() / "ringback-fixture-XXXXXX"} {
        std::string name = path_.string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    std::string file(const std::string& name, const std::string& text) const {
        std::ofstream{path_ / name, std::ios::binary} << text;
        return (path_ / name).string();
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::optional<std::string> loopback_only(std::string_view url) {
    return url.find("127.0.0.1") != std::string_view::npos
               ? std::nullopt
               : std::optional<std::string>{"add --allow-target"};
}

/// The mistakes without the name of the file: "3:7: accounts/0/userId: expected ...".
Texts mistakes(const std::string& text) {
    const Folder folder;
    const std::string file = folder.file("f.json", text);
    Texts told;
    for (const Mistake& mistake : load_fixtures({file}, loopback_only).mistakes) {
        CHECK(mistake.file == file);
        told.push_back(to_text(mistake).substr(file.size() + 1));
    }
    return told;
}
std::string account(const std::string& more) {
    return R"({"accounts":[{"userId":"u-1")" + more + "}]}";
}

bool schema_takes(const json& document) {
    using valijson::adapters::NlohmannJsonAdapter;
    valijson::Schema schema;
    const json text = json::parse(text_of_file(fixtures / "fixture.schema.json"));
    valijson::SchemaParser{}.populateSchema(NlohmannJsonAdapter{text}, schema);
    return valijson::Validator{}.validate(schema, NlohmannJsonAdapter{document}, nullptr);
}

}  // namespace

TEST_CASE("fixture: every example is read without a mistake, and its schema takes it",
          "[cli][fixture]") {
    int seen = 0;
    for (const auto& entry : fs::directory_iterator{fixtures / "accounts"}) {
        if (entry.path().extension() != ".json") {
            continue;
        }
        ++seen;
        CAPTURE(entry.path());
        const Fixtures read = load_fixtures({entry.path().string()}, loopback_only);
        for (const Mistake& mistake : read.mistakes) {
            FAIL_CHECK(to_text(mistake));
        }
        CHECK(schema_takes(
            json::parse(text_of_file(entry.path()), nullptr, true, /*ignore_comments=*/true)));
    }
    CHECK(seen > 0);
}

TEST_CASE("fixture: it says who has what", "[cli][fixture]") {
    const Fixtures read =
        load_fixtures({(fixtures / "accounts/menu.json").string()}, loopback_only);
    CHECK(read.accounts.empty());
    REQUIRE(read.seeded.size() == 1);
    const Seeded& menu = read.seeded[0];
    CHECK(menu.user == "u-menu");
    REQUIRE(menu.applications.size() == 2);
    CHECK(*menu.applications[0].calls == Route{"http://127.0.0.1:3000/calls", "", Method::post,
                                               true, std::chrono::milliseconds{2000}});
    CHECK(menu.applications[0].messages->url == "http://127.0.0.1:3000/messages");
    CHECK(menu.applications[0].auto_answer);
    CHECK(*menu.applications[1].calls == Route{"http://127.0.0.1:3000/desk",
                                               "http://127.0.0.1:3000/desk-fallback", Method::get,
                                               true, std::nullopt});
    CHECK_FALSE(menu.applications[1].auto_answer);
    REQUIRE(menu.numbers.size() == 3);
    CHECK(menu.numbers[0].number == "+19195550123");
    CHECK(menu.numbers[0].application == 1);
    CHECK(menu.numbers[0].name == "main line");
    CHECK(menu.numbers[1].application == 2);
    CHECK(menu.numbers[1].fallback_number == "+19195550144");
    CHECK(menu.numbers[1].city == "Durham");
    CHECK(menu.numbers[1].state == "NC");
    CHECK(menu.numbers[2].application == 0);
    REQUIRE(menu.media.size() == 2);
    CHECK(menu.media[0].bytes == "Welcome. Press 1 for the desk.\n");
    CHECK(menu.media[1].bytes == text_of_file(fixtures / "accounts/greeting.wav"));
    CHECK(menu.media[1].type == "audio/wav");
}

TEST_CASE("fixture: every mistake has its place, its field, what was expected and what was found",
          "[cli][fixture]") {
    const Texts told = mistakes(R"({
  "acounts": [],
  "accounts": [
    { "userId": "a/b", "token": "t" },
    { "userId": "u-1",
      "applications": [
        { "incomingCallUrl": "ftp://x", "autoAnswer": "yes" },
        { "name": "Menu" },
        { "name": "Menu", "incomingCallUrl": "http://user:secret@example.com/",
          "incomingCallUrlCallbackTimeout": 10001, "callbackHttpMethod": "PUT",
          "incomingMessageFallbackUrl": "http://127.0.0.1/f" }
      ],
      "numbers": [
        { "number": "12", "application": "Menus" },
        { "number": "+19195550123", "fallbackNumber": 5 },
        { "number": "+19195550123", "states": "NC" },
        7
      ],
      "media": [
        { "name": "a", "text": "x", "file": "y" },
        { "name": "a", "file": "../x" },
        { "name": "", "file": "nowhere" },
        { "name": "b" }
      ] }
  ]
})");
    const Texts expected{
        R"(2:3: the file: unknown member "acounts", did you mean "accounts"?)",
        R"(4:5: accounts/0: expected a member "secret")",
        R"(4:17: accounts/0/userId: expected 1 to 128 characters of A-Z a-z 0-9 - . _ ~, found "a/b")",
        R"(7:9: accounts/1/applications/0: expected a member "name")",
        R"(7:30: accounts/1/applications/0/incomingCallUrl: expected an absolute http or https URL, found "ftp://x")",
        R"(7:55: accounts/1/applications/0/autoAnswer: expected true or false, found "yes")",
        R"(8:9: accounts/1/applications/1: expected incomingCallUrl or incomingMessageUrl, found neither)",
        R"(9:19: accounts/1/applications/2/name: expected another name, found "Menu" a second time)",
        R"(9:46: accounts/1/applications/2/incomingCallUrl: expected a URL that may be called: add --allow-target, found "http://***@example.com/")",
        R"(10:45: accounts/1/applications/2/incomingCallUrlCallbackTimeout: expected a whole number from 1 to 10000, found 10001)",
        R"(10:74: accounts/1/applications/2/callbackHttpMethod: expected "POST" or "GET", found "PUT")",
        R"(11:41: accounts/1/applications/2/incomingMessageFallbackUrl: expected "incomingMessageUrl" beside it, found none)",
        R"(14:21: accounts/1/numbers/0/number: expected a number like "+19195550123", found "12")",
        R"(14:42: accounts/1/numbers/0/application: expected the name of an application of the account, did you mean "Menu"?, found "Menus")",
        R"(15:55: accounts/1/numbers/1/fallbackNumber: expected a text, found 5)",
        R"(16:21: accounts/1/numbers/2/number: expected a number once, found +19195550123 a second time)",
        R"(17:9: accounts/1/numbers/3: expected an object, found 7)",
        R"(20:9: accounts/1/media/0: expected text or file, found both)",
        R"(21:19: accounts/1/media/1/name: expected another name, found "a" a second time)",
        R"(21:32: accounts/1/media/1/file: expected a file beside the fixture or below it, found "../x")",
        R"(22:19: accounts/1/media/2/name: expected a text of 1 to 1000 characters, found "")",
        R"(22:31: accounts/1/media/2/file: there is no file "nowhere" beside the fixture)",
        R"(23:9: accounts/1/media/3: expected text or file, found neither)",
    };
    for (const std::string& one : expected) {
        CAPTURE(one, told);
        CHECK(std::any_of(told.begin(), told.end(),
                          [&](const std::string& line) { return line.starts_with(one); }));
    }
    CHECK(std::any_of(told.begin(), told.end(), [](const std::string& line) {
        return line.starts_with("16:37: accounts/1/numbers/2: ") &&
               line.find("\"states\"") != std::string::npos;
    }));
    CHECK(told.size() == expected.size() + 1);
    for (const std::string& line : told) {
        CHECK(line.find("secret@") == std::string::npos);
    }
}

TEST_CASE("fixture: what is no JSON, or no file, is one mistake", "[cli][fixture]") {
    CHECK(mistakes("{").size() == 1);
    CHECK(mistakes("[]") == Texts{"1:1: the file: expected an object, found an array"});
    CHECK(mistakes("{}").size() == 1);
    const Fixtures none = load_fixtures({"/nowhere/f.json"}, loopback_only);
    REQUIRE(none.mistakes.size() == 1);
    CHECK_THAT(to_text(none.mistakes[0]), Catch::StartsWith("/nowhere/f.json: cannot be opened"));
    CHECK_THAT(mistakes(account(R"(,"userId":"u-2")"))[0], Catch::Contains("a second time"));
}

TEST_CASE("fixture: no mistake shows a secret", "[cli][fixture]") {
    const Texts secrets{R"(["hush"])", "\"hush" + std::string(300, 'x') + "\""};
    for (const std::string& secret : secrets) {
        const Texts told = mistakes(account(R"(,"token":"t","secret":)" + secret));
        REQUIRE(told.size() == 1);
        CHECK_THAT(told[0], Catch::Contains("accounts/0/secret: expected a text"));
        CHECK(told[0].find("hush") == std::string::npos);
    }
}

TEST_CASE("fixture: a token longer than what is compared is refused", "[cli][fixture]") {
    std::string token;
    for (int i = 0; i < 129; ++i) {
        token += "\U0001f600";  // four bytes; of characters it has not too many
    }
    const Texts told = mistakes(account(R"(,"secret":"s","token":")" + token + "\""));
    REQUIRE(told.size() == 1);
    CHECK_THAT(told[0], Catch::EndsWith("accounts/0/token: expected at most 512 bytes, found 516"));
    CHECK(mistakes(account(R"(,"secret":"s","token":")" + token.substr(4) + "\"")).empty());
}

TEST_CASE("fixture: what the reader takes its schema takes, and the other way round",
          "[cli][fixture]") {
    const std::string url = R"("incomingCallUrl":"http://127.0.0.1/")";
    const Texts good{
        account(""),
        account(R"(,"token":"t","secret":"s")"),
        account(R"(,"applications":[{"name":"a",)" + url + "}]"),
        account(R"(,"media":[{"name":"a","text":""}])"),
        account(R"(,"numbers":[{"number":"+1919"}])"),
    };
    const Texts bad{
        R"({"accounts":{}})",
        R"({"accounts":[{}]})",
        account(R"(,"token":"t")"),
        account(R"(,"token":"t","secret":"")"),
        account(R"(,"applications":[{"name":"a"}])"),
        account(R"(,"applications":[{)" + url + "}]"),
        account(R"(,"applications":[{"name":"a","autoAnswer":"true",)" + url + "}]"),
        account(R"(,"applications":[{"name":"a","incomingCallUrlCallbackTimeout":0,)" + url + "}]"),
        account(R"(,"applications":[{"name":"a","callbackHttpMethod":"get",)" + url + "}]"),
        account(R"(,"applications":[{"name":"a","incomingSmsUrl":"http://127.0.0.1/",)" + url +
                "}]"),
        account(R"(,"numbers":[{"number":"919"}])"),
        account(R"(,"numbers":[{"number":"+1919","numberState":"enabled"}])"),
        account(R"(,"media":[{"name":"a"}])"),
        account(R"(,"media":[{"name":"a","text":"","file":"x"}])"),
        account(R"(,"media":{})"),
        account(R"(,"media":[{"name":"..","text":"x"}])"),
        account(R"(,"media":[{"name":"a\nb","text":"x"}])"),
        account(R"(,"media":[{"name":"a","text":"x","contentType":"text/plain\r\nX: y"}])"),
        account(R"(,"numbers":[{"number":"+1919","state":"North Carolina"}])"),
    };
    for (const std::string& text : good) {
        CAPTURE(text);
        CHECK(mistakes(text).empty());
        CHECK(schema_takes(json::parse(text)));
    }
    for (const std::string& text : bad) {
        CAPTURE(text);
        CHECK_FALSE(mistakes(text).empty());
        CHECK_FALSE(schema_takes(json::parse(text)));
    }
}

TEST_CASE("fixture: several files add to each other, and know of each other", "[cli][fixture]") {
    const Folder folder;
    const std::string first =
        folder.file("1.json", account(R"(,"token":"t","secret":"s","applications":[{"name":"Menu",
                              "incomingCallUrl":"http://127.0.0.1/"}],
                              "numbers":[{"number":"+1919"}])"));
    const std::string second =
        folder.file("2.json", account(R"(,"numbers":[{"number":"+1920","application":"Menu"}]},
                            {"userId":"u-2","numbers":[{"number":"+1919"}])"));
    const Fixtures read = load_fixtures({first, second}, loopback_only);
    CHECK(read.mistakes.empty());
    REQUIRE(read.seeded.size() == 2);
    CHECK(read.seeded[0].numbers.size() == 2);
    CHECK(read.seeded[0].numbers[1].application == 1);
    CHECK(read.seeded[1].user == "u-2");
    REQUIRE(read.accounts.size() == 1);
    CHECK(read.accounts[0].token == "t");
    const Fixtures twice = load_fixtures({first, first}, loopback_only);
    CHECK(twice.mistakes.size() == 3);  // token, application and number
}

TEST_CASE("fixture: serve takes them, and what is wrong with them is told with the flags",
          "[cli][fixture]") {
    const auto problems_of = [](const Args& args, ServeOptions& options) {
        const auto flags = serve_flags(options);
        REQUIRE(flags->parse(args) == Flags::Parsed::go_on);
        complete(options, *flags);
        Texts problems;
        for (const Error& problem : flags->problems()) {
            problems.push_back(to_text(problem));
        }
        return problems;
    };
    const std::string menu = (fixtures / "accounts/menu.json").string();
    ServeOptions good;
    CHECK(problems_of({"--fixture", menu, "--strict-numbers"}, good).empty());
    CHECK(good.fake.simulator.seeded.size() == 1);
    CHECK(good.fake.simulator.accounts.empty());

    const Folder folder;
    const std::string abroad = folder.file("f.json", account(R"(,"token":"t","secret":"s",
        "applications":[{"name":"a","incomingCallUrl":"http://hooks.example/"}])"));
    ServeOptions refused;
    const Texts problems = problems_of({"--fixture", abroad, "--max-media", "1"}, refused);
    REQUIRE(problems.size() == 1);
    CHECK_THAT(problems[0], Catch::StartsWith(abroad + ":2:55: accounts/0/applications/0/"));
    CHECK_THAT(problems[0], Catch::Contains("--allow-target hooks.example"));
    ServeOptions allowed;
    CHECK(problems_of({"--fixture", abroad, "--allow-target", "hooks.example"}, allowed).empty());
    CHECK(allowed.fake.simulator.accounts.size() == 1);

    ServeOptions cramped;
    CHECK_THAT(problems_of({"--fixture", menu, "--max-media", "4kB"}, cramped).at(0),
               Catch::Contains("--max-media"));
}

}  // namespace fixture_files

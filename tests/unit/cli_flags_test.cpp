#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "harness/cli/accounts.h"
#include "harness/cli/call_options.h"
#include "harness/cli/options.h"

using namespace ringback;
using namespace std::chrono_literals;

namespace {

using Texts = std::vector<std::string>;

/// What serve makes of these words.
struct Served {
    ServeOptions options;
    Texts problems;
};
std::unique_ptr<Served> serve_with(const Args& args) {
    auto served = std::make_unique<Served>();
    const auto flags = serve_flags(served->options);
    if (flags->parse(args) == Flags::Parsed::go_on) {
        complete(served->options, *flags);
    }
    for (const Error& problem : flags->problems()) {
        served->problems.push_back(to_text(problem));
    }
    return served;
}

/// A variable for the time of one test.
class Variable {
public:
    Variable(const char* name, const char* value) : name_{name} { ::setenv(name, value, 1); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { ::unsetenv(name_); }

private:
    const char* name_;
};

/// A file for the time of one test.
class File {
public:
    explicit File(const std::string& text)
        : path_{std::filesystem::temp_directory_path() /
                ("ringback-accounts-" + std::to_string(::getpid()) + ".json")} {
        std::ofstream{path_} << text;
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { std::filesystem::remove(path_); }
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

void check_width(const std::string& help) {
    std::size_t begin = 0;
    for (auto end = help.find('\n'); end != std::string::npos; end = help.find('\n', begin)) {
        const std::string line = help.substr(begin, end - begin);
        CAPTURE(line);
        CHECK(line.size() <= 80);
        CHECK_FALSE(line.ends_with(' '));
        begin = end + 1;
    }
    CHECK(help.find("\n\n\n") == std::string::npos);
}

}  // namespace

TEST_CASE("flags: --help keeps within 80 columns", "[cli]") {
    ServeOptions serve;
    CallOptions call;
    check_width(serve_flags(serve)->help());
    check_width(call_flags(call)->help());
}

TEST_CASE("flags: without any, serve has the documented defaults", "[cli]") {
    const auto served = serve_with({});

    CHECK(served->problems.empty());
    const FakeSettings& fake = served->options.fake;
    CHECK(fake.server.port == 12180);
    CHECK(fake.server.bind_address == "127.0.0.1");
    CHECK(fake.simulator.clock.mode == ClockSettings::Mode::real);
    CHECK(fake.simulator.seed == Seed{42});
    CHECK(fake.simulator.delivery.ordering == Ordering::patient);
    CHECK(fake.simulator.accounts.empty());
    CHECK(fake.simulator.targets.allow.empty());
    CHECK(fake.narrate == Narrate::problems);
    CHECK_FALSE(served->options.outside);
}

TEST_CASE("flags: a public base that would break every body is refused", "[cli]") {
    CHECK(serve_with({"--public-base", "http://127.0.0.1:1/a\"b"})->problems.size() == 1);
    CHECK(serve_with({"--public-base", "http://127.0.0.1:1/a"})->problems.empty());
}

TEST_CASE("flags: what is asked for is what is set", "[cli]") {
    const auto served = serve_with({"--port",
                                    "0",
                                    "--clock=virtual",
                                    "--settle",
                                    "5ms",
                                    "--seed",
                                    "7",
                                    "--answer-delay",
                                    "2s..6s",
                                    "--speech-per-word",
                                    "1s",
                                    "--length-of",
                                    "Hello=30s",
                                    "--far-end",
                                    "+19195550100=busy",
                                    "--no-hangup-after-timeout",
                                    "--prompt-events",
                                    "--caller-fields",
                                    "always",
                                    "--retries",
                                    "3",
                                    "--no-fallback",
                                    "-k",
                                    "--strict-order",
                                    "-H",
                                    "X-Run: 7",
                                    "--public-base",
                                    "http://127.0.0.1:1",
                                    "--strict-numbers",
                                    "--strict-conference",
                                    "--number",
                                    "+19195550123",
                                    "--transcript",
                                    "call me",
                                    "--max-body-size",
                                    "64kB",
                                    "--fsync",
                                    "always",
                                    "--journal",
                                    "j.ndjson",
                                    "--verbose",
                                    "--reply-patience",
                                    "1s",
                                    "--allow-target",
                                    "10.0.0.0/8",
                                    "--admin-port",
                                    "0"});

    CHECK(served->problems.empty());
    const FakeSettings& fake = served->options.fake;
    const SimulatorSettings& simulator = fake.simulator;
    CHECK(fake.server.port == 0);
    CHECK(fake.admin.port == 0);
    CHECK(fake.server.max_body == 65536);
    CHECK(fake.journal.file == "j.ndjson");
    CHECK(fake.journal.fsync == Fsync::always);
    CHECK(fake.narrate == Narrate::everything);
    CHECK(simulator.clock.mode == ClockSettings::Mode::jumping);
    CHECK(simulator.clock.settle == 5ms);
    CHECK(simulator.seed == Seed{7});
    CHECK(simulator.model.delays.answer == DelayRange{2s, 6s});
    CHECK(simulator.model.delays.speech_per_word == 1s);
    CHECK(simulator.model.delays.length_of.at("Hello") == 30s);
    CHECK(simulator.model.far_ends.at("+19195550100").act == FarEndAct::busy);
    CHECK(simulator.model.transcript == "call me");
    CHECK_FALSE(simulator.model.switches.hangup_after_timeout);
    CHECK(simulator.model.switches.prompt_events);
    CHECK(simulator.api.caller_fields == CallerFields::always);
    CHECK(simulator.api.public_base == "http://127.0.0.1:1");
    CHECK(simulator.api.strict_numbers);
    CHECK(simulator.model.switches.strict_conference);
    CHECK(simulator.api.numbers.contains("+19195550123"));
    CHECK(simulator.delivery.policy.retries == 3);
    CHECK_FALSE(simulator.delivery.policy.fallback);
    CHECK_FALSE(simulator.delivery.verify_tls);
    CHECK(simulator.delivery.ordering == Ordering::strict);
    CHECK(simulator.delivery.reply_patience == 1s);
    CHECK(simulator.delivery.headers == Texts{"X-Run: 7"});
    CHECK(simulator.targets.allow == Texts{"10.0.0.0/8"});
}

TEST_CASE("flags: a callback URL is consent for its host and port", "[cli]") {
    const auto served = serve_with({"-f", "https://u:p@hooks.example/cb"});

    CHECK(served->problems.empty());
    CHECK(served->options.fake.simulator.api.inbound_url == "https://u:p@hooks.example/cb");
    CHECK(served->options.fake.simulator.targets.allow == Texts{"hooks.example:443"});
}

TEST_CASE("flags: everything that is wrong is told at once", "[cli]") {
    CHECK(serve_with({"--answer-delay", "soon", "--port", "99999", "--prot", "3", "extra"})
              ->problems ==
          Texts{"--port: expected a port 0-65535, 0 for any, found \"99999\"",
                "--answer-delay: expected a duration such as 4s or 2s..6s, found \"soon\"",
                "--prot: no such flag, did you mean --port?", "extra: not expected here"});
}

TEST_CASE("flags: what does not go together is told", "[cli]") {
    CHECK(serve_with({"--strict-order", "--concurrent-delivery"})->problems ==
          Texts{"--strict-order: expected without --concurrent-delivery"});
    CHECK(serve_with({"--clock", "virtual", "--time-scale", "20"})->problems ==
          Texts{"--time-scale: expected without --clock virtual, which needs no scale"});
    CHECK(serve_with({"--cert", "c.pem", "--tls-dir", "d", "--client-ca", "ca.pem"})->problems ==
          Texts{"--cert: expected together with --https-port",
                "--tls-dir: expected together with --https-port",
                "--client-ca: expected together with --https-port",
                "--tls-dir: expected without --cert: then nothing is made"});
    CHECK(serve_with({"--https-port", "0", "--key", "k.pem"})->problems ==
          Texts{"--key: expected together with --cert"});
    CHECK(serve_with({"--user-id", "u-1", "--token", "t-1"})->problems ==
          Texts{"--user-id: expected as many --user-id as --token and --secret, found 1, 1 and 0"});
    CHECK(serve_with({"--strict-numbers"})->problems.empty());  // the API makes numbers too
}

TEST_CASE("flags: the API's certificate has two names, and callbacks show another", "[cli]") {
    const auto served = serve_with({"--https-port", "0", "--certificate", "c.pem", "--key", "k.pem",
                                    "--callback-cert", "own.pem", "--callback-key", "own-key.pem"});
    CHECK(served->problems.empty());
    CHECK(served->options.fake.server.certificate_file == "c.pem");
    CHECK(served->options.fake.server.key_file == "k.pem");
    CHECK(served->options.fake.simulator.delivery.certificate_file == "own.pem");
    CHECK(served->options.fake.simulator.delivery.key_file == "own-key.pem");
    CHECK(serve_with({"--https-port", "0", "--cert", "d.pem"})
              ->options.fake.server.certificate_file == "d.pem");
    CHECK(serve_with({"--https-port", "0"})->problems.empty());
    const Variable variable{"RINGBACK_CERTIFICATE", "e.pem"};
    CHECK(serve_with({"--https-port", "0"})->options.fake.server.certificate_file == "e.pem");
}

TEST_CASE("flags: secrets to sign with come from a file or the environment, and are not shown",
          "[cli]") {
    const std::string secret{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
    const std::string other{"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"};
    const auto signing = [](const Served& served) {
        Texts texts;
        for (const SigningSecret& one : served.options.fake.simulator.delivery.signing) {
            texts.push_back(one.text());
        }
        return texts;
    };
    const File file{other + "\n" + secret + "\n"};

    CHECK(signing(*serve_with({})).empty());
    CHECK(signing(*serve_with({"--signing-secret-file", file.path()})) == Texts{other, secret});
    CHECK(serve_with({"--signing-secret-file", secret})->problems ==
          Texts{"--signing-secret-file: expected a file, found what looks like a secret: put it "
                "into a file, or into RINGBACK_SIGNING_SECRET"});
    CHECK(serve_with({"--signing-secret-file", "/nowhere"})->problems ==
          Texts{"--signing-secret-file: /nowhere: cannot be opened for reading"});
    const Variable variable{"RINGBACK_SIGNING_SECRET", secret.c_str()};
    CHECK(signing(*serve_with({})) == Texts{secret});
    CHECK(signing(*serve_with({"--signing-secret-file", file.path()})) == Texts{other, secret});
    const Variable bad{"RINGBACK_SIGNING_SECRET", "hunter2"};
    CHECK(serve_with({})->problems ==
          Texts{"RINGBACK_SIGNING_SECRET: expected a secret that begins with whsec_, found "
                "another text"});
}

TEST_CASE("flags: an address others can reach needs accounts", "[cli]") {
    CHECK(serve_with({"--bind-address", "0.0.0.0"})->problems.size() == 1);

    const auto open = serve_with(
        {"--bind-address", "0.0.0.0", "--user-id", "u", "--token", "t", "--secret", "s"});
    CHECK(open->problems.empty());
    CHECK(open->options.outside);
    CHECK(open->options.warnings.size() == 1);
}

TEST_CASE("flags: the environment speaks where the command line is silent", "[cli]") {
    const Variable port{"RINGBACK_PORT", "7001"};
    const Variable delay{"RINGBACK_ANSWER_DELAY", "9s"};
    const Variable strict{"RINGBACK_PROMPT_EVENTS", "1"};
    const Variable off{"RINGBACK_RATE_LIMITS", "0"};

    const auto served = serve_with({"--answer-delay", "1s"});

    CHECK(served->problems.empty());
    CHECK(served->options.fake.server.port == 7001);
    CHECK(served->options.fake.simulator.model.delays.answer == DelayRange{1s});
    CHECK(served->options.fake.simulator.model.switches.prompt_events);
    CHECK_FALSE(served->options.fake.simulator.api.rate_limits);
}

TEST_CASE("flags: the two kinds of rate limits have switches of their own and one for both",
          "[cli]") {
    const auto api = [](const Args& flags) {
        const auto served = serve_with(flags);
        CHECK(served->problems.empty());
        return served->options.fake.simulator.api;
    };
    CHECK_FALSE(api({}).rate_limits);
    CHECK_FALSE(api({}).creation_limits);
    CHECK(api({"--rate-limits"}).rate_limits);
    CHECK(api({"--rate-limits"}).creation_limits);
    CHECK(api({"--request-limits"}).rate_limits);
    CHECK_FALSE(api({"--request-limits"}).creation_limits);
    CHECK_FALSE(api({"--creation-limits"}).rate_limits);
    CHECK(api({"--creation-limits"}).creation_limits);
}

TEST_CASE("flags: PORT counts, behind RINGBACK_PORT", "[cli]") {
    const Variable port{"PORT", "7002"};
    CHECK(serve_with({})->options.fake.server.port == 7002);

    const Variable own{"RINGBACK_PORT", "7003"};
    CHECK(serve_with({})->options.fake.server.port == 7003);
}

TEST_CASE("flags: a wrong variable is told like the flag it stands for", "[cli]") {
    const Variable quiet{"RINGBACK_QUIET", "maybe"};

    CHECK(serve_with({})->problems == Texts{"--quiet: expected 1 or 0, found \"maybe\""});
}

TEST_CASE("flags: every flag of serve has its own name, lower case with dashes", "[cli]") {
    ServeOptions options;
    const Texts names = serve_flags(options)->long_names();

    CHECK(names.size() > 60);
    for (const std::string& name : names) {
        CAPTURE(name);
        CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos);
    }
}

TEST_CASE("accounts: a file makes the API strict", "[cli]") {
    const File file{R"([{"userId": "u-1", "token": "t-1", "secret": "s-1"}])"};

    const auto served = serve_with({"--accounts", file.path()});

    CHECK(served->problems.empty());
    REQUIRE(served->options.fake.simulator.accounts.size() == 1);
    CHECK(served->options.fake.simulator.accounts[0].secret == "s-1");
}

TEST_CASE("accounts: a wrong file is told all that is wrong with it, without its secrets",
          "[cli]") {
    const File file{R"([{"userId": "", "token": 7, "secret": "hunter2"}, 5,
                        {"userId": "u", "token": "t", "secret": "s", "sceret": 1}])"};

    const Texts problems = serve_with({"--accounts", file.path()})->problems;

    CHECK(problems ==
          Texts{file.path() + ":/0/userId: expected a non-empty string, found an empty one",
                file.path() + ":/0/token: expected a non-empty string, found number",
                file.path() + ":/1: expected an object, found number",
                file.path() + ":/2: expected userId, token and secret only, found another member"});
}

TEST_CASE("accounts: a token or secret longer than what is compared is refused, not repeated",
          "[cli]") {
    const std::string longest(longest_credential, 'a');
    const std::string longer = longest + "a";
    const auto problems = [](const std::string& token, const std::string& secret) {
        return serve_with({"--user-id", "u", "--token", token, "--secret", secret})->problems;
    };
    CHECK(problems(longest, longest).empty());
    const std::string told = "expected at most 512 bytes, found 513";
    CHECK(problems(longer, "s") == Texts{"--token: " + told});
    CHECK(problems("t", longer) == Texts{"--secret: " + told});

    const auto listed = [](const std::string& token, const std::string& secret) {
        return R"([{"userId": "u", "token": ")" + token + R"(", "secret": ")" + secret + "\"}]";
    };
    CHECK(load_accounts(File{listed(longest, longest)}.path()).problems.empty());
    const File file{listed(longer, longer)};
    CHECK(serve_with({"--accounts", file.path()})->problems ==
          Texts{file.path() + ":/0/token: " + told, file.path() + ":/0/secret: " + told});
}

TEST_CASE("accounts: no file, no JSON, no account", "[cli]") {
    CHECK(load_accounts("/nonexistent/accounts.json").problems.size() == 1);
    CHECK(load_accounts(File{"{"}.path()).problems.size() == 1);
    CHECK(load_accounts(File{"[]"}.path()).problems.size() == 1);
}

TEST_CASE("call: its own fake is virtual and takes any port", "[cli]") {
    CallOptions options;
    const auto flags = call_flags(options);

    REQUIRE(flags->parse({"--to", "+19195559901", "--format", "json", "--seed", "3", "-f",
                          "http://hooks.example:81/"}) == Flags::Parsed::go_on);

    CHECK(options.to == "+19195559901");
    CHECK(options.json);
    CHECK(options.fake.simulator.seed == Seed{3});
    CHECK(options.fake.server.port == 0);
    CHECK(options.fake.simulator.clock.mode == ClockSettings::Mode::jumping);
    CHECK(options.fake.simulator.targets.allow == Texts{"hooks.example:81"});
}

TEST_CASE("call: RINGBACK_URL names the fake to use", "[cli]") {
    const Variable url{"RINGBACK_URL", "http://127.0.0.1:12180"};
    CallOptions options;

    REQUIRE(call_flags(options)->parse({}) == Flags::Parsed::go_on);

    CHECK(options.api == "http://127.0.0.1:12180");
}

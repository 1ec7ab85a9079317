#include <fmt/format.h>
#include <ringback/fake.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "harness/report/run_json.h"
#include "harness/report/story.h"
#include "harness/run/model.h"
#include "harness/scenario/load.h"
#include "harness/testing/backstage.h"
#include "harness/testing/compiled_pattern.h"
#include "simulator/edge/target.h"
#include "simulator/wire/standard_webhooks.h"
#include "simulator/wire/url_text.h"

namespace ringback::testing {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::chrono::seconds patience{30};  // with our own loop, which answers at once

Backstage::Clock::time_point after(milliseconds time) { return Backstage::Clock::now() + time; }

[[noreturn]] void refuse(const std::string& what) { throw std::runtime_error{"ringback: " + what}; }

std::string text_of(const json& body) {
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

void check(const FakeOptions& options) {
    constexpr std::size_t longest_user = 128;
    constexpr std::chrono::seconds longest_settle{60};
    const std::string& user = options.user;
    if (user.empty() || user.size() > longest_user || !std::ranges::all_of(user, is_unreserved)) {
        refuse(fmt::format("user: expected 1..{} characters of A-Z a-z 0-9 - . _ ~, found {}",
                           longest_user, text_of(user)));
    }
    if (!(options.time_scale >= 0.001 && options.time_scale <= 1e6)) {
        refuse(fmt::format("time_scale: expected a number from 0.001 to 1000000, found {}",
                           options.time_scale));
    }
    if (options.settle < milliseconds{0} || options.settle > longest_settle) {
        refuse(fmt::format("settle: expected 0..60000 ms, found {} ms", options.settle.count()));
    }
    if (!options.model.is_object()) {
        refuse(
            fmt::format("model: expected an object of delays, found {}", text_of(options.model)));
    }
}

/// The model's delays are read as those of a scenario that says nothing else.
SimulatorSettings settings_of(const FakeOptions& options) {
    check(options);
    SimulatorSettings settings;
    Scenario said;
    said.file = "options";
    said.virtual_clock = options.clock != Clock::real_time;
    said.time_scale = options.time_scale;
    said.model = options.model;
    if (const auto problem = model_of(said, settings)) {
        refuse(to_text(*problem));
    }
    settings.seed = Seed{options.seed};
    settings.clock.settle = options.settle;
    settings.targets.allow = options.allow_targets;
    settings.api.inbound_url = options.callback_url;
    for (const std::string& text : options.signing_secrets) {
        Result<SigningSecret> secret = SigningSecret::from(text);
        if (!secret) {
            refuse("signing_secrets: " + secret.error().what);
        }
        settings.delivery.signing.push_back(std::move(secret).value());
    }
    if (options.check_credentials) {
        settings.accounts.push_back({options.user, options.token, options.secret});
    }
    if (!options.callback_url.empty()) {
        const Result<Target> target = parse_target(options.callback_url);
        if (!target) {
            refuse("callback_url: " + target.error().what);
        }
        settings.targets.allow.push_back(target.value().host_and_port());
    }
    return settings;
}

Answer answer_of(const Response& response) {
    Answer answer{response.status, nullptr, {}};
    if (!response.body.empty()) {
        answer.body = json::parse(response.body, nullptr, false);
        answer.body = answer.body.is_discarded() ? json(response.body) : std::move(answer.body);
    }
    for (const Header& field : response.headers) {
        if (field.name == "Location") {
            answer.location = field.value;
        }
    }
    return answer;
}

std::string last_segment(const std::string& url) { return url.substr(url.rfind('/') + 1); }

}  // namespace

struct Fake::Parts {
    explicit Parts(FakeOptions wanted) : options{std::move(wanted)} {
        auto started = Backstage::start(settings_of(options), options.port,
                                        options.clock == Clock::virtual_time);
        if (!started) {
            refuse(to_text(started.error()));
        }
        stage = std::move(started).value();
    }

    [[nodiscard]] Answer ask(const std::string& method, const std::string& path, const json& body,
                             milliseconds deadline = patience, bool waits = false) const {
        const auto response =
            stage->ask(method, path, body.is_null() ? "" : text_of(body), after(deadline), waits);
        if (!response) {
            refuse(fmt::format("{} {}: expected an answer within {} ms, found none", method, path,
                               deadline.count()));
        }
        return answer_of(*response);
    }
    /// Throws for an answer that is no success.
    Answer insist(const std::string& method, const std::string& path, const json& body,
                  milliseconds deadline = patience, bool waits = false) const {
        constexpr int first_failure = 300;
        Answer answer = ask(method, path, body, deadline, waits);
        if (answer.status >= first_failure) {
            const json error =
                answer.body.is_object() ? answer.body.value("error", json()) : json();
            refuse(
                fmt::format("{} {} was refused: {} {}", method, path, answer.status,
                            error.is_string() ? error.get<std::string>() : text_of(answer.body)));
        }
        return answer;
    }

    FakeOptions options;
    std::unique_ptr<Backstage> stage;
    std::mutex playing;
    std::map<std::pair<std::string, std::size_t>, std::size_t> takes;  // by name and row
};

Fake::Fake(FakeOptions options) : parts_{std::make_unique<Parts>(std::move(options))} {}

Fake::~Fake() = default;

const std::string& Fake::url() const { return parts_->stage->url(); }
const std::string& Fake::user() const { return parts_->options.user; }
const std::string& Fake::token() const { return parts_->options.token; }
const std::string& Fake::secret() const { return parts_->options.secret; }

Call Fake::create_call(const json& members) {
    json body{{"from", "+19195550123"}, {"to", "+19195550187"}};
    if (!parts_->options.callback_url.empty()) {
        body["callbackUrl"] = parts_->options.callback_url;
    }
    if (!members.is_object()) {
        refuse("create_call: expected an object of members, found " + text_of(members));
    }
    body.update(members);
    const Answer made = parts_->insist("POST", "/v1/users/" + user() + "/calls", body);
    return {*this, user(), last_segment(made.location)};
}

Call Fake::inbound_call(const json& members) {
    json body{{"userId", user()}, {"from", "+19195550187"}, {"to", "+19195550123"}};
    if (!members.is_object()) {
        refuse("inbound_call: expected an object of members, found " + text_of(members));
    }
    body.update(members);
    const Answer made = parts_->insist("POST", "/__admin/calls", body);
    return {*this, body.at("userId").get<std::string>(), last_segment(made.location)};
}

void Fake::far_end(const json& members) {
    static_cast<void>(parts_->insist("POST", "/__admin/far-ends", members));
}

Call Fake::call(const std::string& id) {
    const Answer found = parts_->insist("GET", "/__admin/calls/" + percent_encoded(id), nullptr);
    return {*this, found.body.at("user").get<std::string>(), id};
}

std::vector<Call> Fake::calls() {
    const Answer found = parts_->insist("GET", "/__admin/calls?limit=10000", nullptr);
    std::vector<Call> all;
    for (auto summary = found.body.rbegin(); summary != found.body.rend(); ++summary) {
        all.push_back(
            {*this, summary->at("user").get<std::string>(), summary->at("id").get<std::string>()});
    }
    return all;
}

Answer Fake::ask(const std::string& method, const std::string& path, const json& body) {
    return parts_->ask(method, path, body);
}

void Fake::advance(milliseconds by, milliseconds deadline) {
    static_cast<void>(parts_->insist("POST", "/__admin/clock",
                                     json{{"advance", fmt::format("{}ms", by.count())}}, deadline,
                                     true));
}

Journal Fake::journal() const { return Journal{parts_->stage->record().entries()}; }

Judgement Fake::wait_until_idle(milliseconds deadline) {
    const auto busy = parts_->stage->wait_until_quiet(after(deadline));
    return {
        !busy, busy ? fmt::format("idle within {} ms: {}", deadline.count(), *busy) : "idle", {}};
}

Judgement Fake::wait_for(const Pattern& pattern, milliseconds deadline) {
    const CompiledPattern compiled{pattern};
    const bool came = parts_->stage->wait_for(
        [&](const std::vector<json>& entries, std::size_t at) {
            const auto candidate = compiled.judge(entries, at);
            return candidate && candidate->misses() == 0;
        },
        after(deadline));
    Judgement judgement = received(journal(), pattern);
    if (!came) {
        judgement.text = fmt::format("within {} ms: {}", deadline.count(), judgement.text);
    }
    return judgement;
}

std::ostream& operator<<(std::ostream& out, const Fake& fake) { return out << fake.journal(); }

// --- calls

Call::Call(Fake& fake, std::string user, std::string id)
    : fake_{&fake}, user_{std::move(user)}, id_{std::move(id)} {}

void Call::act(const json& action) const {
    static_cast<void>(fake_->parts_->insist("POST", "/__admin/calls/" + id_ + "/caller", action));
}

void Call::press(const std::string& keys) const { act({{"action", "press"}, {"digits", keys}}); }
void Call::say(const std::string& words) const { act({{"action", "say"}, {"text", words}}); }
void Call::answer() const { act({{"action", "answer"}}); }
void Call::decline() const { act({{"action", "decline"}}); }
void Call::hang_up() const { act({{"action", "hangup"}}); }

std::string Call::state() const {
    return fake_->parts_->insist("GET", "/__admin/calls/" + id_, nullptr)
        .body.at("state")
        .get<std::string>();
}

json Call::resource() const {
    return fake_->parts_->insist("GET", "/v1/users/" + user_ + "/calls/" + id_, nullptr).body;
}

// --- scenarios

namespace {

using Outcome = ScenarioOutcome::Result;

Scenario loaded(const std::string& file_or_name, const ScenarioOptions& options) {
    LoadedScenario read = load_scenario(file_or_name);
    if (!read.scenario) {
        std::string mistakes;
        for (const Mistake& mistake : read.mistakes) {
            mistakes += "\n" + to_text(mistake);
        }
        refuse("the scenario cannot be played:" + mistakes);
    }
    for (const auto& [name, value] : options.vars) {
        read.scenario->vars[name] = value;
    }
    return std::move(*read.scenario);
}

/// The failed is worst.
Outcome worse(Outcome before, Judged::Result now) {
    const Outcome one = now == Judged::Result::passed   ? Outcome::passed
                        : now == Judged::Result::failed ? Outcome::failed
                                                        : Outcome::inconclusive;
    return before == Outcome::failed || one == Outcome::passed ? before : one;
}

/// What `ringback run` needs to play it as it was played here.
std::string rest_of_command(const ScenarioOptions& options, const StageSettings& settings) {
    std::string rest;
    for (const auto& [name, value] : options.vars) {
        rest += variable_flag(name, value.is_string() ? value.get<std::string>() : value.dump());
    }
    return rest + receiver_flag(settings.receiver);
}

void append(ScenarioOutcome& outcome, const RunRecord& run, const std::string& behind) {
    const StoryStyle style;
    outcome.text += summary_line(run, style) + "\n";
    const std::string story = failure_story(run, behind, style);
    outcome.text += story.empty() ? "" : "\n" + story + "\n";
    outcome.json.push_back(json(run_json(run)));
    outcome.result = worse(outcome.result, run.verdict.result);
    outcome.journal = Journal{run.entries};
}

}  // namespace

ScenarioOutcome Fake::run_scenario(const std::string& file_or_name,
                                   const ScenarioOptions& options) {
    const Scenario scenario = loaded(file_or_name, options);
    const FakeOptions& own = parts_->options;
    StageSettings settings;
    settings.seed = options.seed.value_or(scenario.seed);
    const auto named = scenario.vars.find("userId");
    settings.user =
        named != scenario.vars.end() && named->is_string() ? named->get<std::string>() : own.user;
    settings.token = own.token;
    settings.secret = own.secret;
    settings.receiver = options.callback_url.empty() ? own.callback_url : options.callback_url;
    settings.run_id = "run-" + last_segment(url());
    settings.timeout = options.timeout;
    while (settings.receiver.ends_with('/')) {
        settings.receiver.pop_back();
    }
    if (settings.receiver.empty()) {
        refuse("callback_url: expected where the receiver is, found nothing");
    }
    const std::lock_guard one_at_a_time{parts_->playing};
    ScenarioOutcome outcome{Outcome::passed, {}, json::array(), {}};
    settings.row = scenario.rows.empty() ? 0 : 1;
    for (; settings.row <= scenario.rows.size(); ++settings.row) {
        settings.take = parts_->takes[{scenario.name, settings.row}]++;
        const Result<RunRecord> run = parts_->stage->play(scenario, settings);
        if (!run) {
            refuse(to_text(run.error()));
        }
        append(outcome, run.value(), rest_of_command(options, settings));
    }
    return outcome;
}

ScenarioOutcome Fake::run_scenario(const std::string& file_or_name) {
    return run_scenario(file_or_name, ScenarioOptions{});
}

std::ostream& operator<<(std::ostream& out, const ScenarioOutcome& outcome) {
    return out << '\n' << outcome.text;
}

}  // namespace ringback::testing

// trigger: one event, or those of a scenario, sent to a receiver now; no fake, no call.
#include <fmt/format.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "harness/cli/commands.h"
#include "harness/cli/flags.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/tls_options.h"
#include "harness/cli/values.h"
#include "harness/scenario/events.h"
#include "harness/scenario/load.h"
#include "harness/trigger/sample_event.h"
#include "simulator/edge/http_transport.h"
#include "simulator/edge/target.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;
using std::chrono::milliseconds;

struct TriggerOptions {
    std::string what;
    std::string callback_url;
    TargetSettings targets;
    DeliverySettings delivery;
    std::optional<Method> method{};  // none: as the API does
    milliseconds timeout{10'000};
    std::vector<Override> overrides;
    SampleCall call;
    SigningFault sign_fault{SigningFault::none};
    bool json{false};
};

/// What BXML alone brings about is never sent by POST (spec v1 3.6).
Method how_sent(std::string_view event, const TriggerOptions& options) {
    const bool of_bxml_only = event == "redirect" || event == "transferComplete";
    return options.method.value_or(of_bxml_only ? Method::get : Method::post);
}

std::unique_ptr<Flags> trigger_flags(TriggerOptions& options) {
    auto flags = std::make_unique<Flags>(
        "trigger",
        "Sends one event, or the events of a scenario one after the other, to your receiver now, "
        "as "
        "the API would. No fake, no call: what the receiver asks of the API goes where it goes.");
    flags->group("What");
    flags->positional("EVENT|SCENARIO",
                      "answer, speak.done, ...; a scenario file, or a built-in one",
                      into(options.what, non_empty_of));
    flags->values("--override", "[STEP:]MEMBER=VALUE",
                  "a member to be other than it would be; null takes it away; repeatable",
                  onto(options.overrides, override_of));
    flags->value("--method", "POST|GET",
                 "how it is sent (as the scenario's start says; else POST, but for redirect and "
                 "transferComplete)",
                 [&options](std::string_view text) -> Result<bool> {
                     if (text != "POST" && text != "GET") {
                         return expected("POST or GET", text);
                     }
                     options.method = text == "GET" ? Method::get : Method::post;
                     return true;
                 });
    flags->value("--from", "NUMBER", "who calls (+19195550123)",
                 into(options.call.from, number_of_phone));
    flags->value("--to", "NUMBER", "who is called (+19195550187)",
                 into(options.call.to, number_of_phone));
    flags->value("--tag", "TEXT", "the call's tag (none)", into(options.call.tag, non_empty_of));
    flags->value("--user-id", "ID", "whose call it is (u-ringback)",
                 into(options.call.user, non_empty_of));
    add_seed_flag(*flags, "the call's id follows from it (42)", options.call.seed);
    flags->group("Your receiver");
    add_callback_url_flag(*flags, "where it is", options.callback_url, options.targets);
    add_delivery_flags(*flags, options.delivery);
    add_signing_flag(*flags, options.delivery);
    flags->value("--sign-fault", "FAULT",
                 "sign wrongly, which a receiver has to refuse: wrong-key, stale-timestamp (ten "
                 "minutes old), changed-body, or missing",
                 [&options](std::string_view text) -> Result<bool> {
                     const auto fault = signing_fault_of(text);
                     if (!fault) {
                         return expected("wrong-key, stale-timestamp, changed-body or missing",
                                         text);
                     }
                     options.sign_fault = *fault;
                     return true;
                 });
    flags->value("--callback-timeout", "TIME", "how long an answer may take (10s)",
                 into(options.timeout, [](std::string_view text) {
                     return deadline_of(text, milliseconds{1}, std::chrono::hours{1});
                 }));
    flags->group("Output");
    flags->value("--format", "FORMAT", "text, or json: one line an event",
                 into(options.json, is_json_of));
    flags->footer(
        "Exit status: 0 every event was answered with 2xx, 1 one was not, 2 bad usage\n"
        "(nothing was sent), 4 nobody answers there.");
    return flags;
}

/// Sends one event after the other over one transport.
class Sender : private AttemptListener {
public:
    Sender(boost::asio::io_context& loop, HttpTransport& transport)
        : loop_{loop}, transport_{transport} {
        transport_.listen(*this);
    }

    AttemptResult send(const TriggerOptions& options, Method method, const std::string& payload) {
        AttemptRequest request;
        request.id = AttemptId{++last_};
        request.now = wall_now();
        request.url = options.callback_url;
        request.method = method;
        request.payload = payload;
        request.timeout = options.timeout;
        request.message = last_;
        request.signing_fault = options.sign_fault;
        ended_ = false;
        transport_.start(request);
        while (!ended_) {
            loop_.run_one();
        }
        return std::exchange(result_, {});
    }

private:
    void attempt_sent(AttemptId /*id*/, WallInstant /*at*/) override {}
    void attempt_ended(AttemptId /*id*/, AttemptResult&& result) override {
        result_ = std::move(result);
        ended_ = true;
    }

    boost::asio::io_context& loop_;
    HttpTransport& transport_;
    std::uint64_t last_{0};
    AttemptResult result_;
    bool ended_{false};
};

double took_ms(const AttemptResult& result) {
    const auto from = result.sent == WallInstant::min() ? result.due : result.sent;
    return std::chrono::duration<double, std::milli>(result.ended - from).count();
}

bool tell(const TriggeredEvent& event, const AttemptResult& result, const TriggerOptions& options) {
    const bool answered = result.end == AttemptEnd::answered;
    if (options.json) {
        ordered_json line{
            {"event", event.event},
            {"method", how_sent(event.event, options) == Method::get ? "GET" : "POST"}};
        line["payload"] = event.members;
        if (answered) {
            line["status"] = result.status;
            line["reply"] = result.body.view();
        } else {
            line["error"] = result.error.view();
        }
        line["latency_ms"] = took_ms(result);
        return print(line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
    }
    std::string text = fmt::format("{:<22} ", event.event);
    if (answered) {
        text += fmt::format("{}  {:.1f} ms", result.status, took_ms(result));
        text += result.body.empty() ? "" : "  " + printable(result.body.view(), 60);
    } else {
        text += printable(result.error.view());
    }
    return print(text + "\n");
}

/// What is to be sent; nothing: every mistake is told.
std::vector<TriggeredEvent> events_of(TriggerOptions& options) {
    std::vector<TriggeredEvent> events;
    if (auto one = sample_event(options.what, how_sent(options.what, options), options.call)) {
        events.push_back(std::move(*one));
    } else {
        const LoadedScenario loaded = load_scenario(options.what);
        for (const Mistake& mistake : loaded.mistakes) {
            say(printable(to_text(mistake)));
        }
        if (!loaded.scenario) {
            say(fmt::format("events: {}", fmt::join(event_names(), ", ")));
            return {};
        }
        if (!options.method && method_of(loaded.scenario->start) == Method::get) {
            options.method = Method::get;
        }
        events =
            triggered_events(*loaded.scenario, options.method.value_or(Method::post), options.call);
        if (events.empty()) {
            complain(printable(options.what) + ": the scenario sends no event");
        }
    }
    for (const Override& edit : options.overrides) {
        if (const auto problem = apply(edit, events)) {
            complain(printable(to_text(*problem), 512));
            return {};
        }
    }
    return events;
}

Exit trigger_all(TriggerOptions& options) {
    const std::vector<TriggeredEvent> events = events_of(options);
    const Result<TargetPolicy> policy = TargetPolicy::from(options.targets);
    const Result<Target> target = callback_target_of(options.callback_url);
    if (events.empty() || !policy || !target) {
        if (!policy || !target) {
            complain(to_text(policy ? target.error() : policy.error()));
        }
        return Exit::bad_usage;
    }
    if (const auto refusal = policy.value().refusal(target.value())) {
        complain("--callback-url: " + *refusal);
        return Exit::bad_usage;
    }
    boost::asio::io_context loop;
    auto transport = HttpTransport::open(loop, options.delivery, policy.value());
    if (!transport) {
        complain(to_text(transport.error()));
        return Exit::could_not_start;
    }
    const auto keep = boost::asio::make_work_guard(loop);
    Sender sender{loop, *transport.value()};
    Exit exit = Exit::passed;
    for (const TriggeredEvent& event : events) {
        const Method method = how_sent(event.event, options);
        const AttemptResult result = sender.send(options, method, event.text(method));
        if (!tell(event, result, options) || !is_success(result)) {
            exit = Exit::failed;
        }
        if (result.end == AttemptEnd::could_not_connect) {
            return Exit::unreachable;
        }
    }
    return exit;
}

}  // namespace

Exit trigger(const Args& args) {
    TriggerOptions options;
    const auto flags = trigger_flags(options);
    if (const auto ended = ended_by_flags(*flags, args)) {
        return *ended;
    }
    if (options.what.empty()) {
        flags->add_problem({"EVENT|SCENARIO", fmt::format("expected one of {}, or a scenario",
                                                          fmt::join(event_names(), ", "))});
    }
    if (options.callback_url.empty()) {
        flags->add_problem({"--callback-url", "expected where your receiver is"});
    }
    if (options.sign_fault != SigningFault::none && options.delivery.signing.empty()) {
        flags->add_problem({"--sign-fault",
                            "expected together with --signing-secret-file, or with "
                            "RINGBACK_SIGNING_SECRET"});
    }
    if (const auto ended = ended_by_problems(*flags)) {
        return *ended;
    }
    options.call.now = Instant{} + std::chrono::duration_cast<Duration>(
                                       std::chrono::system_clock::now().time_since_epoch());
    return trigger_all(options);
}

}  // namespace ringback

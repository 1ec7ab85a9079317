#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/admin/admin_api.h"
#include "harness/record/journal.h"
#include "simulator/edge/controls.h"

namespace ringback::test {

/// A simulator without sockets: a real engine, a clock that moves when told, and timers the test
/// fires.
class FakeControls : public Controls {
public:
    Engine& engine() override { return engine_; }
    const IdCodec& ids() const override { return ids_; }
    Instant now() override { return now_; }
    WallInstant wall() const override { return wall_; }

    bool clock_paused() const override { return paused_; }
    void pause(bool paused) override { paused_ = paused; }
    ClockSettings clock_settings() const override { return clock; }
    void advance(Duration by, std::function<void()> when_delivered) override {
        advanced_by = by;
        now_ += by;
        engine_.advance_to(now_);
        delivered = std::move(when_delivered);
    }

    Result<CallId> ring_in(std::string_view user, NewCall call) override {
        rung_in = call;
        if (refuses_calls) {
            return Error{"", "stopping"};
        }
        const Call* const made = engine_.create(engine_.user(user), call, now_);
        return made->id;
    }
    Result<CallId> text_in(std::string_view user, NewMessage message) override {
        texted_in = message;
        if (refuses_calls) {
            return Error{"", "stopping"};
        }
        return engine_.create(engine_.user(user), message, now_)->id;
    }
    void forget(CallId call) override { engine_.forget(call); }
    Outcome act(CallId call, Input input) override {
        acted.push_back(input);
        return engine_.apply(call, input, now_);
    }
    bool set_far_end(std::string number, std::optional<FarEnd> far_end) override {
        const bool set = engine_.set_far_end(number, far_end);
        far_ends.emplace_back(std::move(number), std::move(far_end));
        return set;
    }
    std::optional<std::string> refuse_url(std::string_view url) override {
        return url.find("127.0.0.1") == std::string_view::npos
                   ? std::optional<std::string>{"add --allow-target to allow it"}
                   : std::nullopt;
    }

    void set_faults(FaultPlan plan) override { fault_plan = std::move(plan); }
    [[nodiscard]] FaultTally fault_tally() const override { return fault_tally_so_far; }
    [[nodiscard]] const FaultPlan* faults() const override {
        return fault_plan.rules.empty() ? nullptr : &fault_plan;
    }
    void reset(std::optional<std::string> user) override {
        if (user) {
            engine_.reset(*user);
        } else {
            engine_.reset_all();
        }
        resets.push_back(std::move(user));
    }

    bool quiet() const override { return is_quiet; }
    void when_quiet(std::function<void()> then) override {
        quiet_waiters.push_back(std::move(then));
    }
    std::size_t deliveries_pending() const override { return 3; }
    std::optional<std::string> not_ready() const override { return reason_not_ready; }
    void when_ready(std::function<void()> then) override {
        ready_waiters.push_back(std::move(then));
    }
    void after(std::chrono::milliseconds wall_time, std::function<void()> then) override {
        timers.emplace_back(wall_ + wall_time, std::move(then));
    }
    void at(Instant /*instant*/, std::function<void()> /*then*/) override {
        FAIL("the admin plane sets no alarm");
    }
    void hold_clock() override { FAIL("the admin plane holds no clock"); }
    void release_clock() override { FAIL("the admin plane holds no clock"); }
    void shut_down() override { ++shut_downs; }

    /// Lets real time pass; fires what comes due, in order.
    void pass(std::chrono::milliseconds time) {
        const WallInstant end = wall_ + time;
        while (true) {
            const auto next =
                std::min_element(timers.begin(), timers.end(),
                                 [](const auto& a, const auto& b) { return a.first < b.first; });
            if (next == timers.end() || next->first > end) {
                break;
            }
            const auto due = std::move(*next);
            timers.erase(next);
            wall_ = due.first;
            due.second();
        }
        wall_ = end;
    }
    static void call_all(std::vector<std::function<void()>>& waiters) {
        for (const auto& waiter : std::exchange(waiters, {})) {
            waiter();
        }
    }

    ClockSettings clock{ClockSettings::Mode::jumping};
    bool refuses_calls{false};
    bool is_quiet{false};
    std::optional<std::string> reason_not_ready{};
    std::optional<NewCall> rung_in{};
    std::optional<NewMessage> texted_in{};
    std::optional<Duration> advanced_by{};
    FaultPlan fault_plan;
    FaultTally fault_tally_so_far;
    std::function<void()> delivered;
    std::vector<Input> acted;
    std::vector<std::pair<std::string, std::optional<FarEnd>>> far_ends;
    std::vector<std::optional<std::string>> resets;
    std::vector<std::function<void()>> quiet_waiters;
    std::vector<std::function<void()>> ready_waiters;
    std::vector<std::pair<WallInstant, std::function<void()>>> timers;
    int shut_downs{0};

private:
    Instant now_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}.time_since_epoch() +
                 std::chrono::hours{9}};
    WallInstant wall_{std::chrono::seconds{1000}};
    bool paused_{false};
    Engine engine_{Seed{42}, ModelSettings{}};
    IdCodec ids_{Seed{42}};
};

/// What a client of an open answer has got.
class FakeStream : public ResponseStream {
public:
    bool write(std::string_view bytes) override {
        if (is_open) {
            text += bytes;
            ++writes;
        }
        return is_open;
    }
    void end() override { is_open = false; }
    bool open() const override { return is_open; }

    std::string text;
    int writes{0};
    bool is_open{true};
};

class AdminResponder : public Responder {
public:
    void send(Response response) override {
        ++answers;
        got = std::move(response);
        if (got.after_sent) {
            got.after_sent();
        }
    }
    std::shared_ptr<ResponseStream> stream(Response head) override {
        ++answers;
        got = std::move(head);
        opened = std::make_shared<FakeStream>();
        return opened;
    }

    int answers{0};
    Response got;
    std::shared_ptr<FakeStream> opened;
};

[[nodiscard]] inline std::string header_of(const Response& response, std::string_view name) {
    for (const Header& header : response.headers) {
        if (header.name == name) {
            return header.value;
        }
    }
    return {};
}

/// An admin plane over fakes, and requests to it that have everything a proper one has.
struct AdminFixture {
    explicit AdminFixture(AdminSettings settings = {})
        : journal{controls.ids()}, admin{controls, journal, std::move(settings)} {}

    [[nodiscard]] static Request request(std::string method, std::string target,
                                         std::string body = {}) {
        Request request;
        request.method = std::move(method);
        request.target = std::move(target);
        const auto mark = std::min(request.target.find('?'), request.target.size());
        request.path = request.target.substr(0, mark);
        request.query = request.target.substr(std::min(mark + 1, request.target.size()));
        request.headers = {{"Host", "127.0.0.1:12180"}};
        if (!body.empty()) {
            request.headers.push_back({"Content-Type", "application/json"});
        }
        request.body = std::move(body);
        request.remote = "127.0.0.1:50000";
        return request;
    }

    std::shared_ptr<AdminResponder> send(Request request) {
        auto responder = std::make_shared<AdminResponder>();
        admin.handle(std::move(request), responder);
        return responder;
    }
    std::shared_ptr<AdminResponder> get(const std::string& below) {
        return send(request("GET", "/__admin" + below));
    }
    std::shared_ptr<AdminResponder> post(const std::string& below, const std::string& body = {}) {
        return send(request("POST", "/__admin" + below, body));
    }

    /// An outbound call of `user`, and its text id.
    std::string call(std::string_view user = "u-test", std::string to = "+19195550187") {
        NewCall wanted;
        wanted.from = "+19195550123";
        wanted.to = std::move(to);
        User& owner = controls.engine().user(user);
        const Call* const made = controls.engine().create(owner, wanted, controls.now());
        return controls.ids().text(IdKind::call, owner.hash, number_of(made->id));
    }

    FakeControls controls;
    Journal journal;
    AdminApi admin;
};

[[nodiscard]] inline nlohmann::json json_of(const AdminResponder& responder) {
    return nlohmann::json::parse(responder.got.body);
}

}  // namespace ringback::test

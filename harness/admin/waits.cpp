#include "harness/admin/waits.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/admin/answers.h"

namespace ringback {
namespace {

bool has_happened(const WaitFor& what, Controls& controls) {
    switch (what.what) {
        case Awaited::ready:
            return !controls.not_ready().has_value();
        case Awaited::idle:
            return controls.quiet();
        case Awaited::call_ended: {
            const Call* const call = controls.engine().find(what.call);
            return call != nullptr && is_over(call->state);
        }
    }
    bug("an Awaited without a question");
}

std::string why_not(const WaitFor& what, Controls& controls) {
    switch (what.what) {
        case Awaited::ready:
            return controls.not_ready().value_or("");
        case Awaited::idle:
            return fmt::format("{} calls are not over, {} events are not delivered",
                               controls.engine().live_calls(), controls.deliveries_pending());
        case Awaited::call_ended: {
            const Call* const call = controls.engine().find(what.call);
            return call == nullptr ? "the call has been forgotten" : "the call is not over";
        }
    }
    bug("an Awaited without a reason");
}

}  // namespace

std::string_view name_of(Awaited awaited) {
    switch (awaited) {
        case Awaited::ready:
            return "ready";
        case Awaited::idle:
            return "idle";
        case Awaited::call_ended:
            return "call-ended";
    }
    bug("an Awaited without a name");
}

/// One request that waits.
class Waits::Wait : public JournalListener, public std::enable_shared_from_this<Wait> {
public:
    Wait(Waits& all, WaitFor what, std::shared_ptr<Responder> responder)
        : all_{all},
          what_{std::move(what)},
          responder_{std::move(responder)},
          since_{all.controls_.wall()} {}
    ~Wait() override { all_.journal_.stop_listening(*this); }

    void begin() {
        const auto happened = [weak = weak_from_this()] {
            if (const auto wait = weak.lock()) {
                wait->all_.finish(wait.get(), true);
            }
        };
        switch (what_.what) {
            case Awaited::ready:
                all_.controls_.when_ready(happened);
                break;
            case Awaited::idle:
                all_.ask_for_quiet();
                break;
            case Awaited::call_ended:
                all_.journal_.listen(*this);
                break;
        }
        all_.controls_.after(what_.timeout, [weak = weak_from_this()] {
            if (const auto wait = weak.lock()) {
                wait->all_.finish(wait.get(), false);
            }
        });
    }

    [[nodiscard]] Awaited awaited() const { return what_.what; }

    void recorded(const RecordedEntry& entry) override {
        const auto* const change = std::get_if<StateChanged>(&entry.entry().what);
        if (change != nullptr && entry.entry().call == what_.call && is_over(change->after)) {
            const auto alive = shared_from_this();
            all_.finish(this, true);
        }
    }

    void answer(bool met) {
        nlohmann::ordered_json body{{"for", name_of(what_.what)}, {"met", met}};
        if (!what_.call_text.empty()) {
            body["call"] = what_.call_text;
        }
        body["waited_ms"] = (all_.controls_.wall() - since_) / std::chrono::milliseconds{1};
        if (!met) {
            body["error"] = "the time is over: " + why_not(what_, all_.controls_);
        }
        responder_->send(json_answer(met ? 200 : 504, body));
    }

private:
    Waits& all_;
    WaitFor what_;
    std::shared_ptr<Responder> responder_;
    WallInstant since_;
};

Waits::Waits(Controls& controls, Journal& journal) : controls_{controls}, journal_{journal} {}

Waits::~Waits() = default;

void Waits::add(WaitFor what, std::shared_ptr<Responder> responder) {
    const bool already = has_happened(what, controls_);
    const bool at_once = already || what.timeout.count() == 0;
    auto wait = std::make_shared<Wait>(*this, std::move(what), std::move(responder));
    if (at_once) {
        wait->answer(already);
        return;
    }
    waits_.push_back(wait);
    wait->begin();
}

void Waits::ask_for_quiet() {
    if (std::exchange(asked_for_quiet_, true)) {
        return;
    }
    controls_.when_quiet([this, alive = std::weak_ptr<bool>{alive_}] {
        if (alive.expired()) {
            return;
        }
        asked_for_quiet_ = false;
        const auto all = waits_;  // an answer may lead to the next request
        for (const auto& wait : all) {
            if (wait->awaited() == Awaited::idle) {
                finish(wait.get(), true);
            }
        }
    });
}

void Waits::finish(Wait* wait, bool met) {
    const auto found = std::find_if(waits_.begin(), waits_.end(),
                                    [&](const auto& one) { return one.get() == wait; });
    if (found == waits_.end()) {
        return;
    }
    const auto finished = std::move(*found);
    waits_.erase(found);
    finished->answer(met);
}

}  // namespace ringback

#include "harness/cli/load_receiver.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <utility>

#include "harness/cli/output.h"
#include "harness/cli/process.h"
#include "harness/cli/values.h"
#include "harness/load/handshake.h"
#include "harness/load/known_name.h"
#include "simulator/edge/target.h"

namespace ringback {
namespace {

constexpr std::chrono::seconds name_patience{10};
constexpr std::chrono::seconds consent_patience{10};

Exit refused_with(Exit exit, const Error& error) {
    complain(printable(to_text(error)));
    return exit;
}

}  // namespace

LoadReceiver::~LoadReceiver() { stop(); }

/// Load is for receivers of one's own, or for those who have agreed to it; whoever is neither must
/// not get a single callback.
std::optional<Exit> LoadReceiver::refused() {
    const Result<Target> target = callback_target_of(url_);
    if (!target) {
        return refused_with(Exit::bad_usage, {"--callback-url", target.error().what});
    }
    const auto policy = TargetPolicy::from(options_.allowed);
    if (!policy) {
        return refused_with(Exit::bad_usage, policy.error());
    }
    if (const auto refusal = policy.value().refusal(target.value())) {
        return refused_with(Exit::bad_usage, {"--callback-url", *refusal});
    }
    const Reach reach = reach_of(target.value());
    const std::string where = target.value().host_and_port();
    bounds_ = bounds_of(options_, reach);
    if (const auto beyond = beyond_bounds(where)) {
        return refused_with(Exit::bad_usage, *beyond);
    }
    if (const auto lost = look_up(target.value(), policy.value())) {
        return lost;
    }
    if (needs_consent(reach, options_.owned, demand_)) {
        if (const auto disagreed = not_agreed(policy.value(), reach, where)) {
            return refused_with(Exit::bad_usage, *disagreed);
        }
    }
    if (!options_.owned && reach != Reach::here && demand_) {
        bounds_.calls_per_second = demand_->calls_per_second;  // no key goes beyond what was agreed
    }
    return std::nullopt;
}

/// Who is asked for consent, waited for and loaded must be one and the same: a name is resolved
/// once.
std::optional<Exit> LoadReceiver::look_up(const Target& target, const TargetPolicy& policy) {
    if (target.address || target.is_localhost()) {
        return std::nullopt;
    }
    auto known = resolve_once(target, policy, name_patience);
    if (!known) {
        const bool is_refused = !known.error().where.empty();
        return refused_with(is_refused ? Exit::bad_usage : Exit::unreachable, known.error());
    }
    delivery_.known_names.push_back(std::move(known).value());
    return std::nullopt;
}

/// What is planned, or where a search begins, is more than may come.
std::optional<Error> LoadReceiver::beyond_bounds(const std::string& where) const {
    const double planned = demand_ ? demand_->calls_per_second
                                   : (options_.find_max.empty() ? 0 : options_.rate.value_or(0));
    if (!bounds_.calls_per_second || planned <= *bounds_.calls_per_second) {
        return std::nullopt;
    }
    return Error{
        "--max-rate",
        fmt::format("expected at least {:g}/1s for this load to {}, found {}{:g}/1s", planned,
                    where, options_.most_rate ? "" : "none, which with other machines is ",
                    *bounds_.calls_per_second)};
}

/// Why it may not be sent that, once it was asked.
std::optional<Error> LoadReceiver::not_agreed(const TargetPolicy& policy, Reach reach,
                                              const std::string& where) const {
    if (!demand_) {
        return Error{"--i-own-this-target",
                     fmt::format("expected, as nobody knows before what load {} would have to "
                                 "agree to",
                                 where)};
    }
    const auto why = ask_consent(url_, *demand_, delivery_, policy, consent_patience);
    if (!why) {
        return std::nullopt;
    }
    const std::string instead =
        reach == Reach::near ? fmt::format(", or at most {:.0f} calls/s", calls_per_second_unasked)
                             : std::string{};
    return Error{"--i-own-this-target",
                 fmt::format("expected for this load to {}{}, or its consent to OPTIONS with "
                             "WebHook-Request-Rate: {}; found none: {}",
                             where, instead, demand_->callbacks_per_minute(), *why)};
}

std::optional<Exit> LoadReceiver::find() {
    const Result<std::string> receiver = receiver_url(options_.run.callback_url, claim_);
    if (!receiver) {
        return refused_with(Exit::could_not_start, receiver.error());
    }
    url_ = receiver.value();
    if (const auto refusal = refused()) {
        return refusal;
    }
    const auto sign = options_.run.wait_for.empty() ? listening_address(url_)
                                                    : parse_receiver_address(options_.run.wait_for);
    if (!sign) {
        return refused_with(Exit::bad_usage, sign.error());
    }
    sign_ = sign.value();
    return std::nullopt;
}

std::optional<Exit> LoadReceiver::start(const LoadHallSettings& who, const std::string& api) {
    if (options_.run.command.empty() || child_) {
        return std::nullopt;
    }
    const ReceiverCommand command{options_.run.command,
                                  who.user,
                                  who.token,
                                  who.secret,
                                  who.run_id,
                                  {},  // no admin plane
                                  options_.run.suite.simulator.delivery.signing};
    auto started = start_receiver(command, api, url_);
    if (!started) {
        return refused_with(Exit::could_not_start, started.error());
    }
    child_ = std::move(started).value();
    return std::nullopt;
}

void LoadReceiver::stop() {
    if (child_) {
        child_->stop(options_.run.term_patience);
        child_.reset();
    }
}

SuiteReceiver LoadReceiver::under_test() const {
    SuiteReceiver receiver{url_, child_ ? child_->pidfd() : -1, {}, {}, {}};
    const auto enough = std::make_shared<Bell>();  // of this run, not of those behind it
    receiver.await = [this, enough]() {
        return await_receiver(*sign_, std::chrono::steady_clock::now() + options_.run.wait_timeout,
                              child_.get(), enough->get());
    };
    receiver.give_up = [this, enough] {
        enough->ring();
        if (child_) {
            // By descriptor: the waiting thread may reap the number.
            ::syscall(SYS_pidfd_send_signal, child_->pidfd(), SIGTERM, nullptr, 0U);
        }
    };
    return receiver;
}

}  // namespace ringback

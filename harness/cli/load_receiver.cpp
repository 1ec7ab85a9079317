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
#include "simulator/edge/target.h"

namespace ringback {
namespace {

Exit refused_with(Exit exit, const Error& error) {
    complain(printable(to_text(error)));
    return exit;
}

}  // namespace

LoadReceiver::~LoadReceiver() { stop(); }

/// Load is for receivers of one's own, or for those who have agreed to it; whoever is neither must
/// not get a single callback.
std::optional<Error> LoadReceiver::refused() const {
    const Result<Target> target = callback_target_of(url_);
    if (!target) {
        return Error{"--callback-url", target.error().what};
    }
    const auto policy = TargetPolicy::from(options_.allowed);
    if (!policy) {
        return policy.error();
    }
    if (const auto refusal = policy.value().refusal(target.value())) {
        return Error{"--callback-url", *refusal};
    }
    const Reach reach = reach_of(target.value());
    if (!needs_consent(reach, options_.owned, demand_)) {
        return std::nullopt;
    }
    const std::string where = target.value().host_and_port();
    if (!demand_) {
        return Error{"--i-own-this-target",
                     fmt::format("expected, as nobody knows before what load {} would have to "
                                 "agree to",
                                 where)};
    }
    constexpr std::chrono::seconds patience{10};
    const auto why = ask_consent(url_, *demand_, options_.run.suite.simulator.delivery,
                                 policy.value(), patience);
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

bool LoadReceiver::was_asked() const {
    const Result<Target> target = callback_target_of(url_);
    return !options_.owned && target && reach_of(target.value()) != Reach::here;
}

std::optional<Exit> LoadReceiver::find() {
    const Result<std::string> receiver = receiver_url(options_.run.callback_url, claim_);
    if (!receiver) {
        return refused_with(Exit::could_not_start, receiver.error());
    }
    url_ = receiver.value();
    if (const auto refusal = refused()) {
        return refused_with(Exit::bad_usage, *refusal);
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
    receiver.await = [this]() {
        return await_receiver(*sign_, std::chrono::steady_clock::now() + options_.run.wait_timeout,
                              child_.get());
    };
    receiver.give_up = [this] {
        if (child_) {
            // Its end ends the wait. By descriptor: the waiting thread may reap the number.
            ::syscall(SYS_pidfd_send_signal, child_->pidfd(), SIGTERM, nullptr, 0U);
        }
    };
    return receiver;
}

}  // namespace ringback

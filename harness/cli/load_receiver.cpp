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
#include "simulator/edge/target.h"

namespace ringback {
namespace {

/// Load is for receivers of one's own: on this machine, or said to be one's own.
std::optional<Error> refused_target(const LoadOptions& options, const std::string& receiver) {
    const Result<Target> target = callback_target_of(receiver);
    if (!target) {
        return Error{"--callback-url", target.error().what};
    }
    const bool is_here = !TargetPolicy{}.refusal(target.value());
    if (!options.owned && !is_here) {
        return Error{"--i-own-this-target",
                     fmt::format("expected for load to another machine, found the receiver {}",
                                 target.value().host_and_port())};
    }
    return std::nullopt;
}

Exit ended(Exit exit, const Error& error) {
    complain(printable(to_text(error)));
    return exit;
}

}  // namespace

LoadReceiver::~LoadReceiver() { stop(); }

std::optional<Exit> LoadReceiver::find() {
    const Result<std::string> receiver = receiver_url(options_.run.callback_url, claim_);
    if (!receiver) {
        return ended(Exit::could_not_start, receiver.error());
    }
    url_ = receiver.value();
    if (const auto refusal = refused_target(options_, url_)) {
        return ended(Exit::bad_usage, *refusal);
    }
    const auto sign = options_.run.wait_for.empty() ? listening_address(url_)
                                                    : parse_receiver_address(options_.run.wait_for);
    if (!sign) {
        return ended(Exit::bad_usage, sign.error());
    }
    sign_ = sign.value();
    return std::nullopt;
}

std::optional<Exit> LoadReceiver::start(const LoadHallSettings& who, const std::string& api) {
    if (options_.run.command.empty() || child_) {
        return std::nullopt;
    }
    const ReceiverCommand command{options_.run.command, who.user, who.token, who.secret,
                                  who.run_id};
    auto started = start_receiver(command, api, url_);
    if (!started) {
        return ended(Exit::could_not_start, started.error());
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

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/cli/commands.h"
#include "harness/process/child.h"
#include "harness/process/port_claim.h"
#include "harness/process/wait_for.h"
#include "simulator/core/result.h"
#include "simulator/wire/standard_webhooks.h"

namespace ringback {

// The receiver under test: where it is, and the command that starts it.

/// Words before "--" are ours, those behind it the receiver's command.
[[nodiscard]] std::pair<Args, Args> split_at_dashes(const Args& args);

/// Where the receiver is, or is to be: as asked for, without a slash at the end; "": a port of this
/// machine that is free now, claimed for as long as `claim` lives.
[[nodiscard]] Result<std::string> receiver_url(const std::string& callback_url,
                                               std::optional<PortClaim>& claim);

/// The port behind a receiver's URL.
[[nodiscard]] Result<ReceiverAddress> listening_address(const std::string& receiver);

/// The command behind "--" and who it is told to be.
struct ReceiverCommand {
    std::vector<std::string> argv;
    std::string user;
    std::string token;
    std::string secret;
    std::string run_id;
    std::string admin{};                   // base URL of the admin plane; "" = there is none
    std::vector<SigningSecret> signing{};  // what its callbacks are signed with
};
/// Starts it with RINGBACK_URL, PORT and the others in its environment; RINGBACK_SIGNING_SECRET
/// where its callbacks are signed.
[[nodiscard]] Result<std::unique_ptr<Child>> start_receiver(const ReceiverCommand& command,
                                                            const std::string& api,
                                                            const std::string& receiver);

}  // namespace ringback

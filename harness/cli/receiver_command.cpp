#include "harness/cli/receiver_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/cli/values.h"

namespace ringback {

std::pair<Args, Args> split_at_dashes(const Args& args) {
    const auto dashes = std::ranges::find(args, "--");
    Args command;
    if (dashes != args.end()) {
        command.assign(dashes + 1, args.end());
    }
    return {Args{args.begin(), dashes}, command};
}

Result<std::string> receiver_url(const std::string& callback_url, std::optional<PortClaim>& claim) {
    if (!callback_url.empty()) {
        std::string url = callback_url;
        while (url.ends_with('/')) {
            url.pop_back();
        }
        return url;
    }
    auto port = free_port();
    if (!port) {
        return port.error();
    }
    claim.emplace(std::move(port).value());
    return fmt::format("http://127.0.0.1:{}", claim->number());
}

Result<ReceiverAddress> listening_address(const std::string& receiver) {
    const Result<Target> target = callback_target_of(receiver);
    if (!target) {
        return target.error();
    }
    return parse_receiver_address(target.value().host_and_port());
}

Result<std::unique_ptr<Child>> start_receiver(const ReceiverCommand& command,
                                              const std::string& api, const std::string& receiver) {
    ChildSettings wanted;
    wanted.argv = command.argv;
    wanted.environment = {{"RINGBACK_URL", api},
                          {"RINGBACK_RUN_ID", command.run_id},
                          {"RINGBACK_CALLBACK_URL", receiver},
                          {"RINGBACK_USER_ID", command.user},
                          {"RINGBACK_TOKEN", command.token},
                          {"RINGBACK_SECRET", command.secret},
                          {"BW_API_URL", api},
                          {"BW_VOICE_URL", api}};
    if (!command.admin.empty()) {
        wanted.environment["RINGBACK_ADMIN_URL"] = command.admin;
    }
    for (const SigningSecret& secret : command.signing) {
        std::string& all = wanted.environment["RINGBACK_SIGNING_SECRET"];
        all += (all.empty() ? "" : " ") + secret.text();
    }
    if (const Result<Target> target = callback_target_of(receiver)) {
        wanted.environment["PORT"] = fmt::to_string(target.value().port);
    }
    return Child::start(wanted);
}

}  // namespace ringback

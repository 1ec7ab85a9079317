#include "harness/cli/rest_of_command.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "harness/cli/values.h"
#include "harness/report/story.h"
#include "simulator/wire/duration_text.h"
#include "simulator/wire/redaction.h"

namespace ringback {

std::string rest_of_command(const RunOptions& options) {
    std::string rest;
    for (const auto& [name, value] : options.vars) {
        rest += variable_flag(name, value);
    }
    if (!options.faults.empty()) {
        rest += " --faults " + shell_word(options.faults);
    }
    if (!options.data.empty()) {
        rest += " --data " + shell_word(options.data);
    }
    for (const Override& edit : options.overrides) {
        const std::string step = edit.step.empty() ? "" : edit.step + ":";
        rest += " --override " +
                shell_word(fmt::format("{}{}={}", step, edit.path, redacted(edit.value)));
    }
    const auto add = [&rest](std::string_view flag, const std::string& value) {
        rest += fmt::format(" {} {}", flag, shell_word(value));
    };
    const RunOptions usual;
    if (options.virtual_clock) {
        add("--clock", *options.virtual_clock ? "virtual" : "real");
    }
    if (options.suite.simulator.clock.settle != usual.suite.simulator.clock.settle) {
        add("--settle", duration_text(options.suite.simulator.clock.settle));
    }
    if (options.suite.timeout != usual.suite.timeout) {
        add("--timeout", duration_text(options.suite.timeout));
    }
    if (options.suite.user != usual.suite.user) {
        add("--user-id", options.suite.user);
    }
    // Their values may be secrets, and this line goes into reports.
    if (options.suite.token != usual.suite.token) {
        add("--token", "***");
    }
    if (options.suite.secret != usual.suite.secret) {
        add("--secret", "***");
    }
    if (options.suite.port != usual.suite.port) {
        add("--port", fmt::to_string(options.suite.port));
    }
    if (!options.wait_for.empty()) {
        add("--wait-for", options.wait_for);
    }
    if (options.wait_timeout != usual.wait_timeout) {
        add("--wait-timeout", duration_text(options.wait_timeout));
    }
    const DeliverySettings& delivery = options.suite.simulator.delivery;
    for (const std::string& header : delivery.headers) {
        rest += " -H " + shell_word(header.substr(0, header.find(':')) + ": ***");
    }
    if (!delivery.ca_file.empty()) {
        add("--cacert", delivery.ca_file);
    }
    if (!delivery.verify_tls) {
        rest += " --insecure";
    }
    for (const auto& [flag, file] : {std::pair{"--callback-cert", delivery.certificate_file},
                                     std::pair{"--callback-key", delivery.key_file},
                                     std::pair{"--signing-secret-file", delivery.signing_file}}) {
        if (!file.empty()) {
            add(flag, file);
        }
    }
    const Result<Target> own = callback_target_of(options.callback_url);
    for (const std::string& target : options.suite.simulator.targets.allow) {
        if (!own || target != own.value().host_and_port()) {  // -f allows its own
            add("--allow-target", target);
        }
    }
    if (!options.callback_url.empty()) {
        rest += receiver_flag(options.callback_url);
    }
    for (std::size_t at = 0; at < options.command.size(); ++at) {
        rest += (at == 0 ? " -- " : " ") + shell_word(redacted(options.command[at]));
    }
    return rest;
}

}  // namespace ringback

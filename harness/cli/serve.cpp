#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "harness/cli/commands.h"
#include "harness/cli/fake.h"
#include "harness/cli/narration.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/process.h"
#include "harness/report/fault_words.h"

namespace ringback {
namespace {

/// The first line on standard output, which programs that start us wait for.
std::string ready_line(const Fake::Addresses& at, const ServeOptions& options, bool token_made_up) {
    nlohmann::ordered_json line{{"event", "ready"}, {"api", at.api}, {"admin", at.admin}};
    if (!at.api_tls.empty()) {
        line["apiTls"] = at.api_tls;
    }
    if (!at.certificate.empty()) {
        line["certificate"] = at.certificate;
    }
    if (token_made_up) {
        line["adminToken"] = options.fake.admin.token;
    }
    line["pid"] = ::getpid();
    line["seed"] = static_cast<std::uint64_t>(options.fake.simulator.seed);
    return line.dump() + "\n";
}

/// What a person sees who has typed `ringback serve`.
void greet(const Fake::Addresses& at, const ServeOptions& options) {
    const ClockSettings& clock = options.fake.simulator.clock;
    say(fmt::format("API    {}   point your client here instead of the provider", at.api));
    if (!at.certificate.empty()) {
        say(fmt::format("TLS    {}   your client has to trust {}", at.api_tls, at.certificate));
    } else if (!at.api_tls.empty()) {
        say(fmt::format("TLS    {}", at.api_tls));
    }
    say(fmt::format("admin  {}", at.admin));
    say(fmt::format("clock  {}", clock.mode == ClockSettings::Mode::jumping ? "virtual"
                                 : clock.scale == 1.0
                                     ? "real"
                                     : fmt::format("real, {} times as fast", clock.scale)));
    say(options.fake.simulator.accounts.empty() ? "users  any well-formed credentials are accepted"
                                                : "users  the given accounts only");
    say("Ctrl-C ends it; ringback help serve shows every switch.");
}

}  // namespace

Exit serve(const Args& args) {
    ServeOptions options;
    const std::unique_ptr<Flags> flags = serve_flags(options);
    if (const auto ended = ended_by_flags(*flags, args)) {
        return *ended;
    }
    complete(options, *flags);
    if (const auto ended = ended_by_problems(*flags)) {
        return *ended;
    }
    const bool token_made_up = options.outside && options.fake.admin.token.empty();
    if (token_made_up) {
        options.fake.admin.token = secret_token();
    }
    for (const std::string& warning : options.warnings) {
        complain(warning);
    }

    Fake fake{options.fake};
    const Result<Fake::Addresses> started = fake.start();
    if (!started) {
        complain(to_text(started.error()));
        return started.error().where.starts_with("--") ? Exit::bad_usage : Exit::could_not_start;
    }
    fake.end_on_signals(options.drain_timeout);
    const std::string ready = ready_line(started.value(), options, token_made_up);
    if (!options.ready_file.empty()) {
        const Result<bool> written = write_by_rename(
            options.ready_file, ready, token_made_up ? Readers::owner : Readers::everybody);
        if (!written) {
            complain("--ready-file: " + to_text(written.error()));
            return Exit::could_not_start;
        }
    }
    // Said if it cannot be written, but no reason to end: the API is what counts.
    static_cast<void>(print(ready));
    if (!options.quiet && terminal_of(STDERR_FILENO, options.no_color).is_terminal) {
        greet(started.value(), options);
    }
    const Fake::Ended ended = fake.run();
    if (!options.quiet) {
        tell_faults(fault_words(fake.faults_played()));
        if (const std::string lost = losses_text(fake.losses()); !lost.empty()) {
            say(lost);
        }
    }
    switch (ended) {
        case Fake::Ended::drained:
            break;
        case Fake::Ended::late:
            complain("the time to drain was over; what was still owed is marked in the journal");
            break;
        case Fake::Ended::cut:
            return Exit::interrupted;
    }
    return Exit::passed;
}

}  // namespace ringback

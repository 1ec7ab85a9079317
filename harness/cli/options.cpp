#include "harness/cli/options.h"

#include <fmt/format.h>

#include "harness/cli/accounts.h"
#include "harness/cli/fixture.h"
#include "harness/cli/tls_options.h"
#include "harness/cli/values.h"
#include "harness/scenario/faults.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Flags::Take deadline_into(milliseconds& target, milliseconds least, milliseconds most) {
    return into(target,
                [least, most](std::string_view text) { return deadline_of(text, least, most); });
}

void make_accounts(ServeOptions& options, Flags& flags) {
    const std::size_t triples = options.user_ids.size();
    if (options.tokens.size() != triples || options.secrets.size() != triples) {
        flags.add_problem(
            {"--user-id", fmt::format("expected as many --user-id as --token and --secret, "
                                      "found {}, {} and {}",
                                      triples, options.tokens.size(), options.secrets.size())});
        return;
    }
    for (std::size_t i = 0; i < triples; ++i) {
        options.fake.simulator.accounts.push_back(
            {options.user_ids[i], options.tokens[i], options.secrets[i]});
    }
    if (!options.accounts_file.empty()) {
        AccountsFile file = load_accounts(options.accounts_file);
        for (Error& problem : file.problems) {
            flags.add_problem(std::move(problem));
        }
        for (Account& account : file.accounts) {
            options.fake.simulator.accounts.push_back(std::move(account));
        }
    }
}

/// Of all users together; what is beyond could not be had.
void check_room(const SimulatorSettings& simulator, Flags& flags) {
    std::size_t applications = 0;
    std::size_t numbers = 0;
    std::size_t bytes = 0;
    for (const Seeded& seeded : simulator.seeded) {
        applications += seeded.applications.size();
        numbers += seeded.numbers.size();
        for (const SeededMedium& medium : seeded.media) {
            constexpr std::size_t around = 4096;  // its name and what else is kept of it
            bytes += medium.bytes.size() + around;
        }
    }
    const auto check = [&](std::size_t found, std::size_t most, std::string_view what) {
        if (found > most) {
            flags.add_problem(
                {"--fixture", fmt::format("expected at most {} {}, found {}", most, what, found)});
        }
    };
    check(applications, simulator.limits.applications, "applications");
    check(numbers, simulator.limits.numbers, "phone numbers");
    check(bytes, simulator.api.most_media, "bytes of media (see --max-media)");
}

void read_fixtures(ServeOptions& options, Flags& flags) {
    SimulatorSettings& simulator = options.fake.simulator;
    if (options.fixtures.empty()) {
        return;
    }
    const Result<TargetPolicy> policy = TargetPolicy::from(simulator.targets);
    if (!policy) {
        return;  // told when the network is opened, which is not reached with a problem here either
    }
    Fixtures read =
        load_fixtures(options.fixtures, [&](std::string_view url) -> std::optional<std::string> {
            const Result<Target> target = parse_target(url);
            return target ? policy.value().refusal(target.value())
                          : std::optional{target.error().what};
        });
    for (const Mistake& mistake : read.mistakes) {
        flags.add_problem({"", to_text(mistake)});
    }
    simulator.seeded = std::move(read.seeded);
    for (Account& account : read.accounts) {
        simulator.accounts.push_back(std::move(account));
    }
    check_room(simulator, flags);
}

void check_listening(ServeOptions& options, Flags& flags) {
    check_https(options.fake.server, options.fake.tls_folder, flags);
    const ServerSettings& server = options.fake.server;
    if (options.fake.admin.port && options.fake.admin.port != 0 &&
        (*options.fake.admin.port == server.port || options.fake.admin.port == server.https_port)) {
        flags.add_problem({"--admin-port", fmt::format("expected a port of its own, found {} twice",
                                                       *options.fake.admin.port)});
    }
    options.outside = !is_loopback_address(server.bind_address);
    if (!options.outside) {
        return;
    }
    if (options.fake.simulator.accounts.empty()) {
        flags.add_problem({"--bind-address",
                           fmt::format("{} can be reached from outside, which needs accounts: add "
                                       "--user-id, --token and --secret, or --accounts",
                                       server.bind_address)});
    }
    options.warnings.push_back(
        fmt::format("listening on {}: other machines can reach this", server.bind_address));
}

}  // namespace

void add_callback_url_flag(Flags& flags, std::string_view about, std::string& url,
                           TargetSettings& targets) {
    flags.value("-f,--callback-url,--forward-to", "URL", about,
                [&url, &targets](std::string_view text) -> Result<bool> {
                    const Result<Target> target = callback_target_of(text);
                    if (!target) {
                        return target.error();
                    }
                    url = text;
                    targets.allow.push_back(target.value().host_and_port());
                    return true;
                });
}

void add_seed_flag(Flags& flags, std::string_view about, Seed& seed) {
    flags.value("--seed", "N", about, [&seed](std::string_view text) -> Result<bool> {
        const Result<std::uint64_t> number = whole_number_of(text, 0, UINT64_MAX);
        if (!number) {
            return number.error();
        }
        seed = Seed{number.value()};
        return true;
    });
}

void add_faults_flag(Flags& flags, FaultPlan& plan, std::string& typed) {
    flags.values(
        "--faults", "LIST",
        "what goes wrong, by commas: built-in names (chaos, duplicates, lossy, ...: `ringback "
        "scenarios faults`), files, or drop=speak.done, dup-gather and the like; repeatable",
        [&flags, &plan, &typed](std::string_view text) -> Result<bool> {
            LoadedFaults loaded = load_faults(text);
            for (const Mistake& mistake : loaded.mistakes) {
                flags.add_problem({"", to_text(mistake)});
            }
            if (loaded.plan) {
                plan.rules.insert(plan.rules.end(), loaded.plan->rules.begin(),
                                  loaded.plan->rules.end());
                plan.seed = loaded.plan->seed ? loaded.plan->seed : plan.seed;
                typed += typed.empty() ? "" : ",";
                typed += text;
            }
            return true;
        });
}

void add_delivery_flags(Flags& flags, DeliverySettings& delivery) {
    flags.values("-H,--header", "'NAME: VALUE'", "a further header of every callback; repeatable",
                 onto(delivery.headers, header_of));
    flags.value("--cacert", "FILE", "PEM certificates to trust for https receivers",
                into(delivery.ca_file, non_empty_of));
    flags.toggle("-k,--insecure,--skip-verify", "do not check the certificates of https receivers",
                 [&delivery](bool on) { delivery.verify_tls = !on; });
    add_callback_certificate_flags(flags, delivery);
}

void add_listening_flags(Flags& flags, ServeOptions& options) {
    ServerSettings& server = options.fake.server;
    AdminOptions& admin = options.fake.admin;
    flags.group("Listening");
    flags.value("--port", "N", "the API's port; 0 = any free one (12180)",
                into(server.port, port_of));
    flags.also_from("PORT");
    flags.value("--bind-address", "ADDRESS",
                "where to listen (127.0.0.1); any but a loopback address needs accounts",
                into(server.bind_address, bind_address_of));
    add_https_flags(flags, server, options.fake.tls_folder);
    flags.value("--admin-port", "N", "a port of its own for /__admin (default: the API's)",
                into(admin.port, port_of));
    flags.value(
        "--admin-token", "TEXT",
        "ask for `Authorization: Bearer TEXT` on /__admin; made up and printed when the bind "
        "address is not loopback",
        into(admin.token, non_empty_of));
    flags.values("--host-name", "NAME", "a further name by which /__admin may be called",
                 onto(admin.host_names, non_empty_of));
    flags.value("--ready-file", "FILE", "write the ready line there too, once listening",
                into(options.ready_file, non_empty_of));
}

void add_account_flags(Flags& flags, ServeOptions& options) {
    flags.group("Accounts (none: any well-formed credentials are accepted)");
    flags.values("--user-id", "ID", "an account's user id; repeatable, with --token and --secret",
                 onto(options.user_ids, non_empty_of));
    flags.values("--token", "TOKEN", "its API token", onto(options.tokens, credential_of));
    flags.values("--secret", "SECRET",
                 "its API secret; RINGBACK_SECRET or --accounts keep it out of the process list",
                 onto(options.secrets, credential_of));
    flags.value("--accounts", "FILE",
                R"(JSON: [{"userId": "u-1", "token": "t-1", "secret": "..."}])",
                into(options.accounts_file, non_empty_of));
    flags.values("--fixture", "FILE",
                 "accounts with their applications, phone numbers and media, there from the start\n"
                 "and again after each reset (fixtures/README.md); repeatable",
                 onto(options.fixtures, non_empty_of));
}

void add_receiver_flags(Flags& flags, ServeOptions& options) {
    SimulatorSettings& simulator = options.fake.simulator;
    DeliverySettings& delivery = simulator.delivery;
    flags.group("Your receiver");
    add_callback_url_flag(
        flags, "where inbound calls and messages go; also consent to call that very host and port",
        simulator.api.inbound_url, simulator.targets);
    flags.values(
        "--allow-target", "HOST|CIDR",
        "callbacks may go there too, as HOST, HOST:PORT or CIDR; only loopback may be called "
        "otherwise",
        onto(simulator.targets.allow, non_empty_of));
    add_delivery_flags(flags, delivery);
    add_signing_flag(flags, delivery);
    flags.value("--user-agent", "TEXT", "User-Agent of callbacks (BandwidthAPI/v1)",
                into(delivery.user_agent, non_empty_of));
    flags.value("--reply-patience", "TIME",
                "wall time after which an unanswered callback no longer holds up the next (250ms)",
                deadline_into(delivery.reply_patience, milliseconds{0}, seconds{10}));
    flags.toggle("--strict-order",
                 "wait for each answer or the full timeout before the next callback",
                 [&options](bool on) { options.strict_order = on; });
    flags.toggle("--concurrent-delivery",
                 "send callbacks at once, so that they can overtake each other",
                 [&options](bool on) { options.concurrent_delivery = on; });
    flags.value("--retries", "N", "further tries before the fallback URL (0)",
                count_into(delivery.policy.retries, 0, 11));
    flags.toggle("--follow-redirects", "follow 3xx answers of receivers",
                 [&delivery](bool on) { delivery.policy.follow_redirects = on; });
    flags.toggle("--no-fallback", "never use a call's fallbackUrl",
                 [&delivery](bool on) { delivery.policy.fallback = !on; });
    add_faults_flag(flags, simulator.faults, options.faults);
}

void add_record_flags(Flags& flags, ServeOptions& options) {
    JournalOptions& journal = options.fake.journal;
    flags.group("Journal and output");
    flags.value("--journal", "FILE", "append everything that happens there, one JSON line each",
                into(journal.file, non_empty_of));
    flags.value("--fsync", "WHEN", "never, batch (every 50 ms) or always (batch)",
                [&journal](std::string_view text) -> Result<bool> {
                    if (text == "never") {
                        journal.fsync = Fsync::none;
                    } else if (text == "batch") {
                        journal.fsync = Fsync::batch;
                    } else if (text == "always") {
                        journal.fsync = Fsync::always;
                    } else {
                        return expected("never, batch or always", text);
                    }
                    return true;
                });
    flags.value("--max-journal-entries", "N", "kept in memory for /__admin/journal (50000)",
                count_into(journal.most_entries, 1, 100'000'000));
    flags.value("--drain-timeout", "TIME", "for callbacks in flight at SIGINT or SIGTERM (10s)",
                deadline_into(options.drain_timeout, milliseconds{0}, seconds{600}));
    flags.toggle("--quiet", "say nothing on standard error but why it ends",
                 [&options](bool on) { options.quiet = on; });
    flags.toggle("--verbose", "a line on standard error for everything that happens",
                 [&options](bool on) { options.verbose = on; });
    flags.toggle("--no-color", "plain text, as with NO_COLOR",
                 [&options](bool on) { options.no_color = on; });
}

void add_limit_flags(Flags& flags, ServeOptions& options) {
    ServerSettings& server = options.fake.server;
    SimulatorSettings& simulator = options.fake.simulator;
    flags.group("Limits");
    flags.value("--max-calls", "N",
                "calls in progress, transfers' legs too; beyond it POST /calls is 503 but "
                "transfers go on (2000000)",
                count_into(simulator.limits.live_calls, 1, 100'000'000));
    flags.value("--max-ended-calls", "N", "ended calls kept for GET (100000)",
                count_into(simulator.limits.ended_calls, 0, 100'000'000));
    flags.value("--max-pending-events", "N", "callbacks owed; beyond it the API is 503 (100000)",
                count_into(simulator.delivery.pending_limit, 1, 100'000'000));
    flags.value("--max-attempts", "N", "callbacks in flight at once (4096)",
                count_into(simulator.delivery.attempts_at_once, 1, 1'000'000));
    flags.value("--max-attempts-per-target", "N", "the same for one host and port (1024)",
                count_into(simulator.delivery.attempts_per_target, 1, 1'000'000));
    flags.value("--max-connections", "N", "API connections (20000)",
                count_into(server.max_connections, 1, 1'000'000));
    flags.value("--max-body-size", "SIZE", "of an API request but PUT media (1MB)",
                into(server.max_body, size_of));
    flags.value("--max-media", "SIZE", "of all media files together, of 65MB each at most (256MB)",
                into(simulator.api.most_media, size_of));
    flags.value("--head-deadline", "TIME", "for the head of an API request (10s)",
                deadline_into(server.head_deadline, milliseconds{1}, seconds{3600}));
    flags.value("--body-deadline", "TIME", "for its body (10s)",
                deadline_into(server.body_deadline, milliseconds{1}, seconds{3600}));
    flags.value("--idle-deadline", "TIME", "for an idle API connection (30s)",
                deadline_into(server.idle_deadline, milliseconds{1}, seconds{3600}));
}

std::unique_ptr<Flags> serve_flags(ServeOptions& options) {
    auto flags = std::make_unique<Flags>(
        "serve",
        "The fake API with its admin plane, until SIGINT. The first line on standard output "
        "says where it listens.");
    add_listening_flags(*flags, options);
    add_account_flags(*flags, options);
    add_receiver_flags(*flags, options);
    add_clock_flags(*flags, options);
    add_far_end_flags(*flags, options);
    add_delay_flags(*flags, options);
    add_api_flags(*flags, options);
    add_record_flags(*flags, options);
    add_limit_flags(*flags, options);
    flags->footer(
        "TIME is 250ms, 2s or 1m30s; RANGE is a TIME, or 2s..6s to draw from by the seed.\n"
        "Every flag is also an environment variable: RINGBACK_ANSWER_DELAY=4s.\n"
        "Numbers that choose an outcome by themselves: ringback help numbers");
    return flags;
}

void complete(ServeOptions& options, Flags& flags) {
    make_accounts(options, flags);
    read_fixtures(options, flags);
    check_listening(options, flags);
    options.fake.narrate = options.verbose ? Narrate::everything
                           : options.quiet ? Narrate::nothing
                                           : Narrate::problems;
    const ClockSettings& clock = options.fake.simulator.clock;
    if (clock.mode == ClockSettings::Mode::jumping && clock.scale != 1.0) {
        flags.add_problem(
            {"--time-scale", "expected without --clock virtual, which needs no scale"});
    }
    if (options.strict_order && options.concurrent_delivery) {
        flags.add_problem({"--strict-order", "expected without --concurrent-delivery"});
    }
    if (options.strict_order) {
        options.fake.simulator.delivery.ordering = Ordering::strict;
    } else if (options.concurrent_delivery) {
        options.fake.simulator.delivery.ordering = Ordering::concurrent;
    }
}

}  // namespace ringback

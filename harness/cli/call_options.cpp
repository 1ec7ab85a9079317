#include "harness/cli/call_options.h"

#include "harness/cli/options.h"
#include "harness/cli/tls_options.h"
#include "harness/cli/values.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;

/// The text itself, once it is known to name a server.
Result<std::string> address_of(std::string_view text) {
    const Result<HttpPeer> peer = http_peer_of(text);
    return peer ? Result<std::string>{std::string{text}} : peer.error();
}

void add_call_flags(Flags& flags, CallOptions& options) {
    flags.group("The call");
    flags.value("--to", "NUMBER",
                "who is called (+19195550187); the last four digits can choose the "
                "outcome, see ringback help numbers",
                into(options.to, non_empty_of));
    flags.value("--from", "NUMBER", "who calls (+19195550123)", into(options.from, non_empty_of));
    flags.value("--tag", "TEXT", "the call's tag", into(options.tag, non_empty_of));
    flags.value("--callback-http-method", "METHOD", "POST (default) or GET",
                [&options](std::string_view text) -> Result<bool> {
                    if (text != "POST" && text != "GET") {
                        return expected("POST or GET", text);
                    }
                    options.callback_method = text;
                    return true;
                });
    flags.value("--sentence", "TEXT", "what the bundled receiver says; \"\" hangs up at once",
                [&options](std::string_view text) -> Result<bool> {
                    options.sentence = text;
                    return true;
                });
}

void add_parties(Flags& flags, CallOptions& options) {
    flags.group("Between whom");
    add_callback_url_flag(
        flags,
        "your own receiver instead of the bundled one; also consent to call that very host and "
        "port",
        options.callback_url, options.fake.simulator.targets);
    add_signing_flag(flags, options.fake.simulator.delivery);
    flags.value("--api", "URL", "a running fake instead of a built-in one; also RINGBACK_URL",
                into(options.api, address_of));
    flags.also_from("RINGBACK_URL");
    flags.value("--admin", "URL", "its admin plane, when that has a port of its own",
                into(options.admin, address_of));
    flags.value("--user-id", "ID", "whose call it is (u-demo)",
                into(options.user.user_id, non_empty_of));
    flags.value("--token", "TOKEN", "the API token", into(options.user.token, non_empty_of));
    flags.value("--secret", "SECRET", "the API secret; better as RINGBACK_SECRET",
                into(options.user.secret, non_empty_of));
    flags.value("--admin-token", "TEXT", "when the running fake asks for one",
                into(options.admin_token, non_empty_of));
}

void add_output_flags(Flags& flags, CallOptions& options) {
    flags.group("Output");
    flags.value("--timeout", "TIME", "real time the call may take (30s)",
                into(options.timeout, [](std::string_view text) {
                    return deadline_of(text, milliseconds{1}, std::chrono::hours{24});
                }));
    flags.value("--format", "FORMAT", "text (a ladder), or json: the journal's entries, one a line",
                into(options.json, is_json_of));
    flags.toggle("--no-color", "plain text, as with NO_COLOR",
                 [&options](bool on) { options.no_color = on; });
    add_seed_flag(flags, "of the built-in fake (42)", options.fake.simulator.seed);
}

}  // namespace

std::unique_ptr<Flags> call_flags(CallOptions& options) {
    options.fake.server.port = 0;
    options.fake.simulator.clock.mode = ClockSettings::Mode::jumping;
    auto flags = std::make_unique<Flags>(
        "call",
        "Places one call, follows it to its end and prints it as a ladder. With no flags at all it "
        "starts a fake and a receiver of its own: a whole call in a second, because the clock of "
        "the "
        "modelled telephone network jumps over the waiting.");
    add_call_flags(*flags, options);
    add_parties(*flags, options);
    add_output_flags(*flags, options);
    flags->footer(
        "Exit status: 0 all went well, 1 a callback failed, the call was refused, or the\n"
        "result could not be written, 2 bad usage, 3 could not start, 4 the fake or the\n"
        "receiver cannot be reached, 5 --timeout was over.");
    return flags;
}

void check_call(const CallOptions& options, Flags& flags) {
    // A secret in the environment may be meant for that very fake.
    if (!options.api.empty() && !options.fake.simulator.delivery.signing_file.empty()) {
        flags.add_problem(
            {"--signing-secret-file",
             "expected without --api or RINGBACK_URL: whoever serves there sends the callbacks"});
    }
}

}  // namespace ringback

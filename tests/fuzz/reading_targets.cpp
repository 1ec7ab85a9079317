// Texts that are read for what they mean: scenarios, BXML, URLs, the journal.
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/record/journal_query.h"
#include "harness/record/journal_scan.h"
#include "harness/record/sealed_line.h"
#include "harness/scenario/load.h"
#include "harness/script/checks.h"
#include "simulator/core/engine.h"
#include "simulator/edge/redirect.h"
#include "simulator/edge/target.h"
#include "simulator/wire/bxml.h"
#include "simulator/wire/bxml_news.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"
#include "tests/fuzz/targets.h"

namespace ringback::fuzz {

Pieces::Pieces(std::string_view input) : state_{hash_of(input)} {}

std::size_t Pieces::next(std::size_t most) {
    state_ = mix(state_);
    constexpr std::uint64_t largest = 64;
    return std::min<std::size_t>(most, 1 + state_ % largest);
}

bool is_fit_to_show(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) {
            return false;
        }
    }
    return is_utf8(text);
}

/// A document is a document or a refusal with a place in it, and a call that goes on by it comes to
/// an end.
void take_bxml(std::string_view input) {
    const bxml::Reading reading = bxml::read(input);
    if (const auto* const refusal = std::get_if<bxml::Refusal>(&reading)) {
        require(refusal->place.line >= 1 && refusal->place.column >= 1, "a refusal has a place");
        require(is_fit_to_show(bxml::to_text(*refusal)), "a refusal is fit to be shown");
    }
    Engine engine{Seed{7}, {}};
    NewCall wanted;
    wanted.from = "+19195550123";
    wanted.to = "+19195550187";
    Route route;
    route.url = "http://127.0.0.1:9/cb";
    route.method = Method::get;
    wanted.route = RouteRef{route};
    Instant now{std::chrono::seconds{1'511'496'041}};
    const CallId id = engine.create(engine.user("u-1"), wanted, now)->id;
    engine.advance_to(now += std::chrono::seconds{5});
    engine.outputs().clear();
    engine.apply(id, read_answer(EventType::answer, "http://127.0.0.1:9/cb", input), now);
    engine.advance_to(now += std::chrono::seconds{1});
    engine.apply(id, PressKeys{"12#"}, now);
    engine.advance_to(now += std::chrono::hours{30}, 100'000);
    engine.apply(id, FarEndHangsUp{}, now);
    engine.advance_to(now += std::chrono::hours{30}, 100'000);
    require(is_over(engine.find(id)->state), "a call with a document ends when it is hung up");
}

/// A scenario or everything that is wrong with it; what it is held against judges it without a word
/// too much.
void take_scenario(std::string_view input) {
    const LoadedScenario loaded = read_scenario("fuzz.json", input, {});
    require(loaded.scenario.has_value() == loaded.mistakes.empty(),
            "a scenario is read, or mistakes are told, never both");
    for (const Mistake& mistake : loaded.mistakes) {
        require(!to_text(mistake).empty(), "a mistake is told");
        require(is_fit_to_show(to_text(mistake)), "a mistake is fit to be shown");
    }
    if (!loaded.scenario) {
        return;
    }
    Bindings bindings;
    bindings.vars = Shared{nlohmann::json{{"userId", "u-1"}, {"receiver", "http://127.0.0.1:1"}}};
    Script script{*loaded.scenario, bindings, 42};
    script.begin(Instant{}, WallInstant{});
    script.time_is(Instant{} + std::chrono::hours{1}, WallInstant{} + std::chrono::hours{1});
    script.nothing_to_come(Instant{} + std::chrono::hours{1},
                           WallInstant{} + std::chrono::hours{1});
    script.out_of_time(WallInstant{} + std::chrono::hours{2});
    const std::vector<Happening> nothing;
    const std::map<std::string, nlohmann::json> resources;
    const Verdict verdict = verdict_of({*loaded.scenario, script, nothing, resources});
    require(!verdict.judged.empty(), "a scenario that was played comes to a verdict");
}

/// Nobody but loopback may be called, however it is spelled, and nothing secret is shown.
void take_url(std::string_view input) {
    const auto target = parse_target(input);
    static_cast<void>(redacted_url(input));
    static_cast<void>(redacted_address(input));
    static_cast<void>(redirect_target("http://127.0.0.1:9/cb?x=1", input));
    TargetSettings settings;
    settings.allow.emplace_back(input);
    const auto rules = TargetPolicy::from(settings);
    require(rules.ok() || is_fit_to_show(to_text(rules.error())), "a bad rule is told");
    if (!target) {
        require(is_fit_to_show(target.error().what), "why a URL is none is fit to be shown");
        return;
    }
    const Target& read = target.value();
    require(is_http_url(input), "what is taken for a target is an http URL");
    require(read.port != 0 && !read.host.empty(), "a target has a host and a port");
    require(read.request_target.starts_with('/'), "a target has a path");
    require(read.request_target.find_first_of(" \r\n") == std::string::npos &&
                read.host_header.find_first_of(" \r\n@") == std::string::npos,
            "nothing of a URL breaks out of its line");
    const TargetPolicy loopback;
    if (loopback.allows(read)) {
        require(read.is_localhost() ||
                    (read.address && loopback.allows_address(*read.address, read.port, read.host)),
                "only loopback is called unless somebody said so");
    }
    const auto again = parse_target(read.redacted_url());
    require(again.ok() && again.value().host == read.host && again.value().port == read.port,
            "a URL that is shown leads to the same place");
}

namespace {

/// What a journal file was found to hold, as text.
class Inventory : public JournalReader {
public:
    Inventory(std::string_view file, const std::function<std::size_t(std::size_t)>& piece) {
        JournalScan scan{*this};
        for (std::size_t at = 0; at < file.size();) {
            const std::size_t size = piece(file.size() - at);
            scan.feed(file.substr(at, size));
            at += size;
        }
        text += scan.end() ? "a whole last line" : "";
        require(reached_ <= file.size(), "no damage reaches beyond the file");
    }
    void sound(const JournalLine& line) override {
        require(line.number >= line_, "lines are told in their order");
        line_ = line.number;
        text += std::to_string(line.number) + ": " + std::to_string(line.seq) + " ";
        text += line.kind;
        text += line.sealed ? " sealed\n" : "\n";
    }
    void damaged(const JournalDamage& damage) override {
        require(damage.offset >= reached_ && damage.bytes > 0, "damage is told once");
        require(is_fit_to_show(damage.why), "why it is damaged is told in our own words");
        reached_ = damage.offset + damage.bytes;
        text += std::to_string(damage.offset) + "+" + std::to_string(damage.bytes) + "\n";
    }
    std::string text;

private:
    std::uint64_t line_{0};
    std::uint64_t reached_{0};
};

}  // namespace

/// A journal file is read the same however it is cut. Whatever strangers said, an entry about it is
/// one line of JSON with nothing in it that moves a cursor; and what people ask of the journal is
/// understood, or told why not.
void take_journal(std::string_view input) {
    Pieces pieces{input};
    const Inventory whole{input, [](std::size_t all) { return all; }};
    const Inventory cut{input, [&](std::size_t all) { return pieces.next(all); }};
    require(whole.text == cut.text, "a journal file holds the same however it is cut");
    const IdCodec ids{Seed{7}};
    const auto check = [&](Entry entry) {
        entry.seq = 1;
        const std::string line = entry_line(entry, ids);
        require(line.find('\n') == std::string::npos && is_fit_to_show(line),
                "an entry is one line, fit to be shown");
        require(nlohmann::json::accept(line), "an entry is JSON");
        std::string sealed;
        append_sealed(sealed, line);
        sealed.pop_back();  // its newline
        require(seal_of(sealed) == Seal::good && nlohmann::json::accept(sealed),
                "an entry is JSON with its checksum too, which is right");
    };
    const std::string half{input.substr(0, input.size() / 2)};
    Entry exchange;
    exchange.user = Text{half};
    put_news<ApiExchange>(exchange.what, half, std::string{input}, input, 200, std::string{input},
                          input, half, Duration{});
    check(std::move(exchange));

    Entry attempt;
    AttemptMade made;
    Route route;
    route.url = std::string{input};
    made.route = RouteRef{std::move(route)};
    made.redirected_to = Text{half};
    made.result.end = AttemptEnd::answered;
    made.result.status = 200;
    made.result.reason = Text{half};
    made.result.location = Text{input};
    made.result.body = Text{input};
    made.result.headers = Text{input};
    put_news<AttemptMade>(attempt.what, std::move(made));
    check(std::move(attempt));

    JournalFilter filter;
    for (const std::string_view name : filter_names()) {
        if (const auto problem = set_filter(filter, name, input)) {
            require(!problem->expected.empty(), "who asked wrongly is told what is expected");
        }
    }
}

}  // namespace ringback::fuzz

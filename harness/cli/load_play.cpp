#include "harness/cli/load_play.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <utility>

#include "harness/cli/key_terminal.h"
#include "harness/cli/live_view.h"
#include "harness/cli/output.h"
#include "simulator/edge/target.h"

namespace ringback {
namespace {

/// What is told of a run while it goes on: a view with keys on a terminal, else a line a second.
class Progress {
public:
    Progress(const LoadOptions& options, const std::string& title) : quiet_{options.run.quiet} {
        const Terminal terminal = terminal_of(STDERR_FILENO, options.run.no_color);
        // A terminal that cannot move its cursor gets lines.
        if (quiet_ || !terminal.is_terminal || is_dumb()) {
            return;
        }
        keys_.emplace();
        std::optional<Keys> which;
        if (keys_->descriptor() >= 0) {
            which = options.find_max.empty() ? Keys::all : Keys::quit;
        }
        view_.emplace(title, terminal, which);
    }
    void tell(const LoadNews& news) {
        if (view_) {
            view_->show(news);
        } else if (!quiet_) {
            say(progress_line(news));
        }
    }
    [[nodiscard]] int keys() const { return keys_ ? keys_->descriptor() : -1; }

private:
    [[nodiscard]] static bool is_dumb() {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables
        const char* const kind = std::getenv("TERM");
        return kind == nullptr || std::string_view{kind} == "dumb";
    }

    bool quiet_;
    std::optional<KeyTerminal> keys_{};
    std::optional<LiveView> view_{};
};

std::vector<AbortWatch> watches_of(const LoadOptions& options) {
    std::vector<AbortWatch> watches;
    for (const AbortRule& rule : options.abort_rules) {
        watches.emplace_back(rule);
    }
    if (options.ends_by_itself) {
        watches.emplace_back(abort_by_itself());
    }
    return watches;
}

Exit ended(Exit exit, const Error& error) {
    complain(printable(to_text(error)));
    return exit;
}

}  // namespace

std::variant<LoadResult, Exit> play_plan(const LoadOptions& options, LoadRunSettings settings,
                                         LoadReceiver& receiver) {
    const LoadHallSettings who = settings.hall;
    const std::string title =
        fmt::format("{} to {}", settings.scenario.name, redact_url(receiver.url()));
    settings.most_rate = receiver.bounds().calls_per_second;
    settings.hall.simulator.delivery = receiver.delivery();
    settings.hall.most_in_flight = receiver.bounds().in_flight;
    LoadRun load{std::move(settings)};
    const Result<std::string> api = load.listen();
    if (!api) {
        return ended(api.error().where.empty() ? Exit::bad_usage : Exit::could_not_start,
                     api.error());
    }
    if (const auto problem = load.prepare(receiver.url())) {
        return ended(Exit::bad_usage, *problem);
    }
    if (const auto exit = receiver.start(who, api.value())) {
        return *exit;
    }
    std::vector<AbortWatch> watches = watches_of(options);
    const SuiteReceiver under_test = receiver.under_test();
    Progress progress{options, printable(title)};
    load.take_keys(progress.keys(), options.find_max.empty() ? Keys::all : Keys::quit);
    auto result = load.run(under_test, [&](const LoadNews& news) {
        progress.tell(news);
        for (AbortWatch& watch : watches) {
            if (auto why = watch.take(news.second)) {
                return *why;
            }
        }
        return std::string{};
    });
    if (!result) {
        return ended(load.unreachable() ? Exit::unreachable : Exit::could_not_start,
                     result.error());
    }
    return std::move(result).value();
}

}  // namespace ringback

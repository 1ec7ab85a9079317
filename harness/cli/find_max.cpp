// --find-max: one run after another, each at the rate that the search asks for.
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <map>
#include <utility>

#include "harness/cli/load_play.h"
#include "harness/cli/output.h"
#include "harness/load/ceiling.h"
#include "harness/load/rate_search.h"
#include "harness/load/report_words.h"
#include "harness/load/search_words.h"
#include "harness/load/threshold.h"

namespace ringback {
namespace {

/// SIGINT and SIGTERM between two runs, where nobody else takes them.
class Interruption {
public:
    Interruption() {
        signals_.async_wait([this](const boost::system::error_code& cancelled, int /*which*/) {
            came_ = !cancelled;
        });
    }
    [[nodiscard]] bool came() {
        loop_.poll();
        return came_;
    }

private:
    boost::asio::io_context loop_;
    boost::asio::signal_set signals_{loop_, SIGINT, SIGTERM};
    bool came_{false};
};

/// What is kept of a search while it goes on: all that held and was not refuted may be its result.
class Search {
public:
    Search(double first, std::optional<double> allowed, const std::vector<Threshold>& claims)
        : search_{settings_for(first, allowed)} {
        for (const Threshold& claim : claims) {
            claims_.push_back(claim.expression);
        }
    }

    [[nodiscard]] std::optional<WantedProbe> next() const { return search_.next(); }
    [[nodiscard]] std::size_t played() const { return probes_.size(); }

    /// Takes a run at next(); false: the search cannot go on behind it.
    bool take(LoadResult run, bool receiver_is_gone) {
        const WantedProbe wanted = *search_.next();
        const bool over = run.interrupted || receiver_is_gone;
        if (!over) {
            probes_.push_back(probe_of(wanted, run));
            const ProbeOutcome outcome = probes_.back().outcome;
            const std::optional<double> ceiling = run.truth.ceiling_rate;
            search_.tell(outcome, ceiling && wanted.rate >= *ceiling);
            if (outcome == ProbeOutcome::held) {
                held_.insert_or_assign(wanted.rate, run);
            }
        }
        last_ = std::move(run);
        return !over;
    }
    void interrupt() { last_.interrupted = true; }
    [[nodiscard]] const SearchProbe& last_probe() const { return probes_.back(); }

    [[nodiscard]] LoadResult result() {
        SearchResult found = search_.result();
        found.claims = std::move(claims_);
        found.probes = std::move(probes_);
        const auto best = found.held ? held_.find(*found.held) : held_.end();
        LoadResult result = best == held_.end() ? last_ : std::move(best->second);
        result.interrupted = last_.interrupted;
        if (found.end == SearchEnd::ended_early) {
            result.aborted = last_.aborted;
        }
        result.search = std::move(found);
        return result;
    }

private:
    [[nodiscard]] static RateSearchSettings settings_for(double first,
                                                         std::optional<double> allowed) {
        RateSearchSettings settings;
        settings.allowed = allowed;
        settings.first = first;
        return settings;
    }

    RateSearch search_;
    std::vector<std::string> claims_;
    std::vector<SearchProbe> probes_;
    std::map<double, LoadResult> held_;
    LoadResult last_;
};

/// The settings of the n-th probe (from 0). Its seed is one of its own: a receiver that remembers
/// calls would else meet the same ones again.
LoadRunSettings settings_of_probe(const LoadRunSettings& all, double rate, std::size_t n) {
    LoadRunSettings settings = all;
    LoadStage& stage = settings.plan.stages.front();
    stage.rate_from = rate;
    stage.rate_to = rate;
    settings.plan.seed += n;
    settings.hall.seed = settings.plan.seed;
    return settings;
}

/// The receiver is told one API for all probes, so its port stays.
std::optional<Error> fix_port(LoadRunSettings& settings, std::optional<PortClaim>& claim) {
    if (settings.port != 0) {
        return std::nullopt;
    }
    auto port = free_port();
    if (!port) {
        return port.error();
    }
    claim.emplace(std::move(port).value());
    settings.port = claim->number();
    return std::nullopt;
}

void tell(const LoadOptions& options, const std::string& text) {
    if (!options.run.quiet) {
        say(printable(text));
    }
}

}  // namespace

std::variant<LoadResult, Exit> find_max(const LoadOptions& options, const LoadRunSettings& settings,
                                        const std::vector<Threshold>& claims,
                                        LoadReceiver& receiver) {
    LoadRunSettings all = settings;
    std::optional<PortClaim> claim;
    const auto no_port = fix_port(all, claim);
    const auto ceiling = measure_ceiling(all.workers);
    if (no_port || !ceiling) {
        complain(printable(to_text(no_port ? *no_port : ceiling.error())));
        return Exit::could_not_start;
    }
    all.measure_ceiling = false;
    all.ceiling = ceiling.value();
    Interruption interruption;
    Search search{all.plan.stages.front().rate_from, receiver.bounds().calls_per_second, claims};
    while (const auto wanted = search.next()) {
        tell(options, fmt::format("probe {}, {}: {}", search.played() + 1, word(wanted->role),
                                  rate_text(wanted->rate)));
        auto played =
            play_plan(options, settings_of_probe(all, wanted->rate, search.played()), receiver);
        if (const Exit* const exit = std::get_if<Exit>(&played)) {
            if (search.played() == 0) {
                return *exit;
            }
            break;  // it was told; what was found until then is the result
        }
        LoadResult run = std::get<LoadResult>(std::move(played));
        run.thresholds = evaluate(claims, run);
        const bool gone = receiver.is_gone();
        if (!search.take(std::move(run), gone)) {
            break;
        }
        const SearchProbe& probe = search.last_probe();
        tell(options, fmt::format("probe {}: {}{}{}", search.played(), word(probe.outcome),
                                  probe.why.empty() ? "" : ": ", probe.why));
        if (interruption.came() && search.next()) {
            search.interrupt();
            break;
        }
    }
    return search.result();
}

}  // namespace ringback

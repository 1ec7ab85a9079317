// A worker of a Locust cluster whose host places no call but counts as if: what it reports is
// known. It writes one line of JSON for whatever it is told and whatever it gives away.
//
// locust_worker HOST:PORT [each=N] [patience=SECONDS]
//   each: after so many calls a user is done, and idles (0: never)

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <string_view>

#include "harness/locust/locust_link.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

void tell(const json& line) {
    const std::string text = line.dump() + "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

/// Every 10 ms each user makes one call: rows, failures and times by arithmetic on its number.
class CountingHost : public LocustHost {
public:
    CountingHost(boost::asio::io_context& loop, std::uint64_t each) : timer_{loop}, each_{each} {}

    std::vector<std::string> user_classes() const override { return {"AnswerHangup", "Ringback"}; }

    void begin(const LocustTest& test) override {
        tell({{"begin", test.host}});
        stats_ = LocustStats{std::chrono::system_clock::now()};
    }

    void set_users(const LocustUsers& users, std::chrono::milliseconds grace,
                   std::function<void()> then) override {
        tell({{"users", users}, {"grace", grace.count()}});
        std::size_t sum{0};
        for (const auto& [name, count] : users) {
            sum += count;
        }
        calls_.resize(sum, 0);
        then();
        next();
    }

    void stop(std::chrono::milliseconds grace, std::function<void()> then) override {
        tell({{"stop", grace.count()}});
        calls_.clear();
        timer_.cancel();
        then();
    }

    LocustStats take_stats() override {
        LocustStats taken{std::chrono::system_clock::now()};
        std::swap(taken, stats_);
        json rows = json::object();
        for (const auto& [key, row] : taken.rows()) {
            rows[key.first + " " + key.second] = {row.requests, row.failures};
        }
        tell({{"report", rows}});
        return taken;
    }

private:
    void next() {
        if (calls_.empty()) {
            return;
        }
        timer_.expires_after(10ms);
        timer_.async_wait([this](const auto& error) {
            if (!error) {
                for (std::uint64_t& made : calls_) {
                    if (each_ == 0 || made < each_) {
                        call(made++);
                    }
                }
                next();
            }
        });
    }

    void call(std::uint64_t n) {
        const auto at = std::chrono::system_clock::now();
        const bool fails = n % 10 == 9;
        stats_.add({.method = "CALL", .name = "answer-hangup", .response = 250ms, .at = at});
        stats_.add({.method = "EVENT",
                    .name = "answer",
                    .response = fails ? 3432ms : 12ms,
                    .bytes = 5,
                    .at = at,
                    .error = fails ? "answered 500" : ""});
        stats_.add({.method = "API",
                    .name = "POST /calls/{id}/audio",
                    .response = 1500us,
                    .bytes = 2,
                    .at = at});
        if (n == 0) {
            stats_.add(
                LocustException{"the first call of a line is an exception", "menu.json:8:5"});
        }
    }

    boost::asio::steady_timer timer_;
    std::uint64_t each_;
    std::vector<std::uint64_t> calls_;  // of each user, how many it has made
    LocustStats stats_{std::chrono::system_clock::now()};
};

std::uint64_t option(int argc, char** argv, std::string_view name, std::uint64_t fallback) {
    for (int i = 2; i < argc; ++i) {
        const std::string_view word{argv[i]};
        if (word.starts_with(name) && word.substr(name.size()).starts_with('=')) {
            const std::string_view value = word.substr(name.size() + 1);
            std::from_chars(value.data(), value.data() + value.size(), fallback);
        }
    }
    return fallback;
}

int work(int argc, char** argv) {
    const auto master = locust_address_of(argc > 1 ? argv[1] : "");
    if (!master) {
        fmt::print(stderr, "{}\n", to_text(master.error()));
        return 2;
    }
    boost::asio::io_context loop{1};
    CountingHost host{loop, option(argc, argv, "each", 0)};
    boost::asio::signal_set signals{loop, SIGINT, SIGTERM};
    int status{0};
    LocustLink link{loop,
                    host,
                    {.master = master.value(),
                     .patience = std::chrono::seconds{option(argc, argv, "patience", 300)}},
                    [](std::string_view line) {
                        tell({{"note", line}});
                    },
                    [&](const std::optional<Error>& error) {
                        tell({{"end", error ? to_text(*error) : ""}});
                        status = error ? 1 : 0;
                        loop.stop();
                    }};
    signals.async_wait([&link](const auto& error, int) {
        if (!error) {
            link.leave();
        }
    });
    link.start();
    loop.run();
    return status;
}

}  // namespace
}  // namespace ringback

int main(int argc, char** argv) { return ringback::work(argc, argv); }

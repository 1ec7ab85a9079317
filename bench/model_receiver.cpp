// A receiver whose truth is known: one server behind a queue, with the service times it is told.
//
// A request that arrives at a leaves at max(a, the one before it left) + its service time, whatever
// this machine does meanwhile; so the queue is the textbook's, and what the load engine measures
// can be held against formulas. It may also be deaf for a while.
//
//     model_receiver [--service-ms 8] [--exponential] [--seed 1] [--deaf-after S --deaf-for S]
//
// Prints {"port":N}; at the end of its input what it did itself: {"requests":N,"mean_ms":...}.

#include <httplib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "bench/measure.h"

namespace {

constexpr double ns_a_ms = 1e6;
constexpr double ns_a_s = 1e9;

struct Model {
    double service_ms{8};
    bool exponential{false};
    std::uint64_t seed{1};
    double deaf_after_s{0};
    double deaf_for_s{0};
};

/// When each request may leave; what each took.
class Queue {
public:
    explicit Queue(const Model& model) : model_{model}, random_{model.seed} {}

    /// The instant at which the request that arrives now leaves.
    std::int64_t take() {
        const std::lock_guard lock{mutex_};
        const std::int64_t now = ringback::bench::now_ns();
        first_ = first_ == 0 ? now : first_;
        const std::int64_t deaf_from = first_ + ns(model_.deaf_after_s * ns_a_s);
        const std::int64_t deaf_until = deaf_from + ns(model_.deaf_for_s * ns_a_s);
        std::int64_t begins = std::max(now, left_);
        if (begins >= deaf_from && begins < deaf_until) {
            begins = deaf_until;
        }
        left_ = begins + ns(service_ms() * ns_a_ms);
        took_ms_.push_back(static_cast<double>(left_ - now) / ns_a_ms);
        return left_;
    }

    void print() {
        const std::lock_guard lock{mutex_};
        std::ranges::sort(took_ms_);
        const auto at = [this](double share) {
            const auto rank =
                static_cast<std::size_t>(share * static_cast<double>(took_ms_.size() - 1) + 0.5);
            return took_ms_.empty() ? 0.0 : took_ms_[rank];
        };
        const double sum = std::accumulate(took_ms_.begin(), took_ms_.end(), 0.0);
        std::printf(
            "{\"requests\":%zu,\"mean_ms\":%.3f,\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f}\n",
            took_ms_.size(), took_ms_.empty() ? 0.0 : sum / static_cast<double>(took_ms_.size()),
            at(0.5), at(0.9), at(0.99));
    }

private:
    static std::int64_t ns(double value) { return static_cast<std::int64_t>(value); }

    double service_ms() {
        return model_.exponential
                   ? std::exponential_distribution<double>{1 / model_.service_ms}(random_)
                   : model_.service_ms;
    }

    Model model_;
    std::mt19937_64 random_;
    std::mutex mutex_;
    std::int64_t first_{0};
    std::int64_t left_{0};
    std::vector<double> took_ms_;
};

void wait_until(std::int64_t instant_ns) {
    std::this_thread::sleep_until(
        std::chrono::steady_clock::time_point{std::chrono::nanoseconds{instant_ns}});
}

}  // namespace

int main(int argc, char** argv) {
    constexpr std::size_t most_connections = 128;  // each has a thread of its own
    Model model;
    CLI::App app{"A receiver with one server and known service times"};
    app.add_option("--service-ms", model.service_ms, "of each request, or their mean");
    app.add_flag("--exponential", model.exponential, "drawn; else all the same");
    app.add_option("--seed", model.seed, "of the draws");
    app.add_option("--deaf-after", model.deaf_after_s, "seconds after the first request");
    app.add_option("--deaf-for", model.deaf_for_s, "seconds");
    CLI11_PARSE(app, argc, argv);

    Queue queue{model};
    httplib::Server server;
    server.new_task_queue = [] { return new httplib::ThreadPool(most_connections); };
    server.set_keep_alive_max_count(std::size_t{1} << 40U);
    server.set_tcp_nodelay(true);
    server.Get("/", [](const httplib::Request&, httplib::Response& response) {
        response.status = 204;  // whoever waits for us; no customer
    });
    server.Post(".*", [&](const httplib::Request&, httplib::Response& response) {
        wait_until(queue.take());
        response.status = 200;
    });
    const int port = server.bind_to_any_port("127.0.0.1");
    if (port < 0) {
        ringback::bench::fail("model_receiver: no port");
    }
    std::printf("{\"port\":%d}\n", port);
    std::fflush(stdout);
    std::thread serving{[&] { server.listen_after_bind(); }};
    std::string line;
    while (std::getline(std::cin, line)) {
    }
    queue.print();
    std::fflush(stdout);
    server.stop();
    serving.join();
    return 0;
}

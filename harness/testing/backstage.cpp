#include "harness/testing/backstage.h"

#include <fmt/format.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <utility>

#include "simulator/edge/wall_clock.h"

namespace ringback::testing {
namespace {

/// Hands an answer from the loop to whoever waits for it on another thread.
class Promised final : public Responder {
public:
    /// `then`: called on the loop once there is an answer.
    Promised(boost::asio::io_context& loop, std::function<void()> then)
        : loop_{loop}, then_{std::move(then)} {}

    [[nodiscard]] std::future<Response> answer() { return promise_.get_future(); }

    void send(Response response) override {
        if (response.after_sent) {
            // As over a socket: not before the one who answers is through.
            boost::asio::post(loop_, std::exchange(response.after_sent, nullptr));
        }
        then_();
        promise_.set_value(std::move(response));
    }
    std::shared_ptr<ResponseStream> stream(Response head) override {
        send(std::move(head));  // what would follow is for listeners, and there is none
        return nullptr;
    }

private:
    boost::asio::io_context& loop_;
    std::function<void()> then_;
    std::promise<Response> promise_;
};

}  // namespace

Backstage::Backstage(SimulatorSettings settings, bool holds_clock)
    : settings_{std::move(settings)},
      ids_{settings_.seed},
      journal_{ids_},
      holds_clock_{holds_clock} {}

Result<std::unique_ptr<Backstage>> Backstage::start(SimulatorSettings settings, std::uint16_t port,
                                                    bool holds_clock) {
    std::unique_ptr<Backstage> made{new Backstage{std::move(settings), holds_clock}};
    if (auto error = made->open(port)) {
        return *error;
    }
    made->thread_ = std::thread{[&loop = made->loop_] {
        const auto work = boost::asio::make_work_guard(loop);
        loop.run();
    }};
    return made;
}

std::optional<Error> Backstage::open(std::uint16_t port) {
    auto policy = TargetPolicy::from(settings_.targets);
    if (!policy) {
        return policy.error();
    }
    targets_ = std::move(policy).value();
    settings_.delivery.keep_answer_headers = true;  // tests look at them
    auto transport = HttpTransport::open(loop_, settings_.delivery, targets_);
    if (!transport) {
        return transport.error();
    }
    transport_ = std::move(transport).value();
    simulator_ =
        std::make_unique<Simulator>(loop_, settings_, *transport_, targets_, journal_, [] {});
    admin_ = std::make_unique<AdminApi>(*simulator_, journal_, AdminSettings{});
    journal_.listen(record_);
    door_ = std::make_unique<Doorway>(
        *simulator_, *admin_, [this](const Request* request) { record_.handling(request); });
    ServerSettings wanted;
    wanted.port = port;
    server_ = std::make_unique<HttpServer>(loop_, wanted, *door_);
    const Result<std::uint16_t> bound = server_->listen();
    if (!bound) {
        return bound.error();
    }
    targets_.add_own_port(bound.value());
    url_ = fmt::format("http://127.0.0.1:{}", bound.value());
    simulator_->ready();
    if (holds_clock_) {
        simulator_->hold_clock();
    }
    return std::nullopt;
}

// NOLINTNEXTLINE(bugprone-exception-escape): only when no memory is left to post
Backstage::~Backstage() {
    if (thread_.joinable()) {
        boost::asio::post(loop_, [this] { loop_.stop(); });
        thread_.join();
    }
    journal_.stop_listening(record_);
}

void Backstage::let_clock_run() {
    if (waiting_++ == 0 && holds_clock_) {
        simulator_->release_clock();
    }
}

void Backstage::stop_clock() {
    if (--waiting_ == 0 && holds_clock_) {
        simulator_->hold_clock();
    }
}

void Backstage::on_loop(const std::function<void()>& what) {
    std::promise<void> done;
    boost::asio::post(loop_, [&] {
        what();
        done.set_value();
    });
    done.get_future().wait();
}

void Backstage::handle(Request request, const std::shared_ptr<Responder>& responder) {
    record_.asking(true);
    if (AdminApi::serves(request)) {
        admin_->handle(std::move(request), responder);
    } else {
        simulator_->handle(request, responder);
    }
    record_.asking(false);
}

std::optional<Response> Backstage::ask(const std::string& method, const std::string& path,
                                       std::string body, Clock::time_point deadline, bool waits) {
    Request request;
    request.method = method;
    request.target = path;
    request.path = path.substr(0, path.find('?'));
    if (const std::size_t mark = path.find('?'); mark != std::string::npos) {
        request.query = path.substr(mark + 1);
    }
    request.headers = {{"Host", url_.substr(url_.find("//") + 2)},
                       {"Content-Type", "application/json"}};
    request.body = std::move(body);
    request.remote = "test";
    request.received = wall_now();
    const auto promised = std::make_shared<Promised>(loop_, [this, waits] {
        if (waits) {
            stop_clock();
        }
    });
    auto answer = promised->answer();
    boost::asio::post(loop_, [this, request = std::move(request), promised, waits]() mutable {
        if (waits) {
            let_clock_run();
        }
        handle(std::move(request), promised);
    });
    return answer.wait_until(deadline) == std::future_status::ready ? std::optional{answer.get()}
                                                                    : std::nullopt;
}

std::string Backstage::what_goes_on() {
    return fmt::format("{} calls are not over, {} events are not delivered",
                       simulator_->engine().live_calls(), simulator_->deliveries_pending());
}

bool Backstage::wait_for(Record::IsIt is_it, Clock::time_point deadline) {
    const auto came = std::make_shared<std::promise<void>>();
    const auto coming = came->get_future();
    const auto wait = std::make_shared<Record::Wait>(Record::Wait{std::move(is_it), [this, came] {
                                                                      stop_clock();
                                                                      came->set_value();
                                                                  }});
    boost::asio::post(loop_, [this, wait, came] {
        if (record_.wait(wait)) {
            let_clock_run();
        } else {
            came->set_value();
        }
    });
    if (coming.wait_until(deadline) == std::future_status::ready) {
        return true;
    }
    bool in_time{true};  // it may have come meanwhile
    on_loop([&] {
        if (record_.give_up(wait)) {
            stop_clock();
            in_time = false;
        }
    });
    return in_time;
}

std::optional<std::string> Backstage::wait_until_quiet(Clock::time_point deadline) {
    struct Quiet {
        std::promise<void> told;
        bool over{false};
    };
    const auto quiet = std::make_shared<Quiet>();
    const auto coming = quiet->told.get_future();
    boost::asio::post(loop_, [this, quiet] {
        let_clock_run();
        simulator_->when_quiet([this, quiet] {
            if (!std::exchange(quiet->over, true)) {
                stop_clock();
                quiet->told.set_value();
            }
        });
    });
    if (coming.wait_until(deadline) == std::future_status::ready) {
        return std::nullopt;
    }
    std::optional<std::string> busy;
    on_loop([&] {
        if (!std::exchange(quiet->over, true)) {
            busy = what_goes_on();
            stop_clock();
        }
    });
    return busy;
}

Result<RunRecord> Backstage::play(const Scenario& scenario, StageSettings settings) {
    const auto over = std::make_shared<std::promise<Result<RunRecord>>>();
    auto played = over->get_future();
    settings.api = url_;
    settings.simulator = settings_;
    boost::asio::post(loop_, [this, over, scenario = Scenario{scenario},
                              settings = std::move(settings)]() mutable {
        scenarios_.push_back(std::make_unique<Scenario>(std::move(scenario)));
        auto built = Stage::build(loop_, *scenarios_.back(), targets_, std::move(settings));
        if (!built) {
            over->set_value(built.error());
            return;
        }
        Stage& stage = *stages_.emplace_back(std::move(built).value());
        door_->open_to(stage);
        stage.begin([over](Stage& ended) { over->set_value(ended.take_record()); });
    });
    return played.get();
}

}  // namespace ringback::testing

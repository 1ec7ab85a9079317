#include "harness/tape/proxy.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "harness/tape/onward.h"
#include "harness/tape/passing.h"
#include "harness/tape/urls.h"
#include "simulator/edge/http_server.h"
#include "simulator/edge/loop_hearing.h"
#include "simulator/wire/ascii.h"

namespace ringback {
namespace {

namespace asio = boost::asio;

constexpr std::size_t most_kept = std::size_t{64} << 20U;
constexpr std::size_t most_passages = 20'000;
constexpr std::size_t most_under_way = 64;
constexpr std::size_t most_waiting = 1024;
constexpr std::size_t most_waiting_bytes = std::size_t{64} << 20U;
constexpr std::chrono::seconds farewell{5};

ServerSettings front_settings(std::uint16_t port) {
    ServerSettings front;
    front.port = port;
    front.max_connections = 2048;
    return front;
}

bool is_passed_on(std::string_view method) {
    constexpr std::array<std::string_view, 6> methods{"GET", "OPTIONS", "POST",
                                                      "PUT", "PATCH",   "DELETE"};
    return std::ranges::find(methods, method) != methods.end();
}

/// One request, until its answer has been given back. Its body is the passage's until it is passed
/// on, so that whoever waits has it once.
struct Passing {
    std::uint64_t number{0};
    Passage passage;
    OnwardRequest onward;
    std::shared_ptr<Responder> responder;
    std::shared_ptr<void> unanswered;  // counted for as long as it lives

    [[nodiscard]] std::size_t bytes() const { return passage.request.body.size(); }
};

/// To one of the two that requests are passed on to.
struct Way {
    OnwardClient client;
    std::size_t under_way{0};
    std::deque<std::shared_ptr<Passing>> waiting;
    std::size_t waiting_bytes{0};
};

}  // namespace

/// But for what the mutex guards, all of it is the loop's as long as that runs.
struct TapeProxy::Parts final : HttpHandler {
    explicit Parts(ProxySettings wanted)
        : settings{std::move(wanted)}, over{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

    std::optional<Response> admit(const Request& head) override {
        if (!is_passed_on(head.method)) {
            return refusal_of(501, "not-recorded",
                              "expected GET, OPTIONS, POST, PUT, PATCH or DELETE");
        }
        return std::nullopt;
    }

    void handle(Request&& request, std::shared_ptr<Responder> responder) override {
        const auto passing = std::make_shared<Passing>();
        passing->number = ++begun;
        passing->responder = std::move(responder);
        passing->unanswered = one_more();
        const bool is_api = request.path.starts_with("/v1/");
        passing->onward =
            onward_of(request, is_api ? std::vector<std::string>{} : settings.headers);
        passing->passage.leg = is_api ? Passage::Leg::api : Passage::Leg::callback;
        passing->passage.when = std::chrono::steady_clock::now() - began;
        passing->passage.request = taped(request);
        Way& way = is_api ? upstream : receiver;
        if (is_api && settings.upstream.empty()) {
            return refuse_here(*passing, 502, "no-upstream",
                               "ringback record was started without --upstream: there is no "
                               "provider that this request could be passed on to");
        }
        if (draining) {
            return refuse_here(*passing, 503, "ending", "the recorder ends");
        }
        if (way.waiting.size() >= most_waiting ||
            way.waiting_bytes + passing->bytes() > most_waiting_bytes) {
            return refuse_here(*passing, 503, "too-busy",
                               fmt::format("expected at most {} requests of together {} bytes that "
                                           "wait to be passed on",
                                           most_waiting, most_waiting_bytes));
        }
        way.waiting_bytes += passing->bytes();
        way.waiting.push_back(passing);
        pass_on(way);
    }

    Response refuse(int status, std::string_view what, std::string_view /*remote_ip*/) override {
        return refusal_of(status, status == 413 ? "too-large" : "not-recorded", what);
    }

    void request_begins() override {}
    void request_ends() override {}

    /// A request that is to be answered; stop() waits for the end of it.
    std::shared_ptr<void> one_more() {
        ++unanswered;
        return {this, [](Parts* parts) {
                    --parts->unanswered;
                    parts->end_if_done();
                }};
    }

    void pass_on(Way& way) {
        while (way.under_way < most_under_way && !way.waiting.empty()) {
            const std::shared_ptr<Passing> passing = way.waiting.front();
            way.waiting.pop_front();
            way.waiting_bytes -= passing->bytes();
            ++way.under_way;
            way.client.send(loop, onward(*passing),
                            [this, &way, passing](Result<OnwardAnswer> came) {
                                --way.under_way;
                                pass_on(way);
                                came_back(*passing, std::move(came));
                            });
        }
    }

    OnwardRequest onward(Passing& passing) const {
        OnwardRequest request = std::move(passing.onward);
        const std::string& body = passing.passage.request.body;
        const bool is_api = passing.passage.leg == Passage::Leg::api;
        auto moved = is_api ? moved_body(body, settings.receiver, url) : std::nullopt;
        if (moved) {
            request.body = std::move(*moved);
        } else {
            request.body = body;
        }
        return request;
    }

    void came_back(Passing& passing, Result<OnwardAnswer> came) {
        if (!came) {
            const bool is_api = passing.passage.leg == Passage::Leg::api;
            return refuse_here(passing, 502, is_api ? "upstream-silent" : "receiver-silent",
                               to_text(came.error()));
        }
        Response response = answer_of(std::move(came).value(), settings.upstream, url);
        passing.passage.answer.status = response.status;
        for (const Header& field : response.headers) {
            if (equal_ignoring_case(field.name, "Location")) {
                passing.passage.answer.location = field.value;
                break;
            }
        }
        give_back(passing, std::move(response));
    }

    void refuse_here(Passing& passing, int status, std::string_view code, std::string_view why) {
        passing.passage.answer.ours = true;
        passing.passage.answer.why_ours = code;
        give_back(passing, refusal_of(status, code, why));
    }

    void give_back(Passing& passing, Response response) {
        keep(passing.number, passing.passage);
        response.after_sent = [counted = std::move(passing.unanswered)]() mutable {
            counted.reset();
        };
        std::exchange(passing.responder, nullptr)->send(std::move(response));
    }

    /// Told of when it is among the others: who is told may look through all of them.
    void keep(std::uint64_t number, const Passage& passage) {
        {
            const std::lock_guard lock{mutex};
            const std::size_t size = passage.request.body.size() + passage.request.target.size();
            if (kept.size() < most_passages && kept_bytes + size <= most_kept) {
                kept_bytes += size;
                kept.emplace(number, passage);
            } else {
                too_many = true;
            }
        }
        if (told) {
            told(passage);
        }
    }

    /// What is on its way is still answered as it comes back, what waits is told that it is too
    /// late.
    void drain() {
        if (std::exchange(draining, true)) {
            return;
        }
        server->stop_accepting();
        overdue.expires_after(settings.upstream_patience + farewell);
        overdue.async_wait([this](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                end();
            }
        });
        const std::shared_ptr<void> until_all_are_told = one_more();
        for (Way* const way : {&upstream, &receiver}) {
            way->waiting_bytes = 0;
            for (const auto& passing : std::exchange(way->waiting, {})) {
                refuse_here(*passing, 503, "ending", "the recorder ends");
            }
        }
    }

    void end_if_done() {
        if (draining && !ended && unanswered == 0) {
            end();
        }
    }

    void end() {
        if (!std::exchange(ended, true)) {
            for (Way* const way : {&upstream, &receiver}) {
                way->waiting.clear();
            }
            server->close_all();
            loop.stop();
        }
    }

    void run() {
        while (!loop.stopped()) {
            try {
                loop.run();
            } catch (const std::exception& error) {
                std::fprintf(stderr, "ringback: recording goes on after: %s\n", error.what());
            }
        }
        static_cast<void>(::eventfd_write(over, 1));  // cannot be full
    }

    ProxySettings settings;
    Way upstream{OnwardClient{{settings.upstream, settings.verify_tls, settings.ca_file, "", "",
                               settings.upstream_patience}},
                 0,
                 {},
                 0};
    Way receiver{
        OnwardClient{{settings.receiver, settings.verify_tls, settings.ca_file,
                      settings.certificate_file, settings.key_file, settings.receiver_patience}},
        0,
        {},
        0};
    std::string url;
    std::chrono::steady_clock::time_point began{std::chrono::steady_clock::now()};
    std::uint64_t begun{0};
    std::size_t unanswered{0};
    bool draining{false};
    bool ended{false};
    int over{-1};  // an eventfd
    std::function<void(const Passage&)> told;

    asio::io_context loop{1};  // behind what its handlers touch
    asio::executor_work_guard<asio::io_context::executor_type> work{loop.get_executor()};
    LoopTimer overdue{loop};
    std::optional<LoopPulse> pulse{};  // for what the threads of the clients tell
    std::optional<HttpServer> server;
    std::thread thread;

    mutable std::mutex mutex;               // all below
    std::map<std::uint64_t, Passage> kept;  // by when they began
    std::size_t kept_bytes{0};
    bool too_many{false};
};

TapeProxy::TapeProxy(ProxySettings settings)
    : parts_{std::make_unique<Parts>(std::move(settings))} {}

TapeProxy::~TapeProxy() {
    cut();
    stop();
    ::close(parts_->over);
}

Result<std::string> TapeProxy::start() {
    Parts& parts = *parts_;
    if (auto error = deafness_of(parts.loop, Hearing::timers)) {
        return *error;
    }
    parts.pulse.emplace(parts.loop);
    parts.server.emplace(parts.loop, front_settings(parts.settings.port), parts);
    const Result<std::uint16_t> port = parts.server->listen();
    if (!port) {
        return port.error();
    }
    parts.url = fmt::format("http://127.0.0.1:{}", port.value());
    parts.thread = std::thread{[&parts] { parts.run(); }};
    return parts.url;
}

void TapeProxy::begin_to_end() {
    if (parts_->thread.joinable()) {
        asio::post(parts_->loop, [parts = parts_.get()] { parts->drain(); });
    }
}

void TapeProxy::cut() {
    if (parts_->thread.joinable()) {
        asio::post(parts_->loop, [parts = parts_.get()] { parts->end(); });
    }
}

int TapeProxy::over() const { return parts_->over; }

void TapeProxy::stop() {
    if (parts_->thread.joinable()) {
        begin_to_end();
        parts_->thread.join();
    }
}

void TapeProxy::on_passage(std::function<void(const Passage&)> told) {
    parts_->told = std::move(told);
}

std::vector<Passage> TapeProxy::passages() const {
    const std::lock_guard lock{parts_->mutex};
    std::vector<Passage> all;
    for (const auto& [number, passage] : parts_->kept) {
        all.push_back(passage);
    }
    return all;
}

bool TapeProxy::overflowed() const {
    const std::lock_guard lock{parts_->mutex};
    return parts_->too_many;
}

}  // namespace ringback

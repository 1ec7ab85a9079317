#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "simulator/edge/simulator.h"
#include "simulator/wire/entry_json.h"
#include "tests/support/fake_transport.h"

namespace ringback::test {

/// Keeps the journal as lines without what is measured in wall time.
class CanonicalHistory : public History {
public:
    explicit CanonicalHistory(Seed seed) : ids_{seed} {}
    std::vector<std::string> lines;
    std::vector<std::string> kinds;
    std::vector<nlohmann::ordered_json> entries;

protected:
    Entry& open() override {
        entry_ = Entry{};
        entry_.seq = lines.size() + 1;
        return entry_;
    }
    void close(Entry& entry) override {
        nlohmann::ordered_json line = entry_json(entry, ids_);
        line.erase("wall");
        kinds.push_back(line["kind"]);
        lines.push_back(line.dump());
        entries.push_back(std::move(line));
    }

private:
    IdCodec ids_;
    Entry entry_;
};

/// Takes one answer and keeps it; what waits for its sending is let go by release().
class FakeResponder : public Responder {
public:
    void send(Response response) override { answer = std::move(response); }
    std::shared_ptr<ResponseStream> stream(Response) override { return nullptr; }
    void release() {
        if (answer && answer->after_sent) {
            std::exchange(answer->after_sent, nullptr)();
        }
    }
    std::optional<Response> answer;
};

/// A whole simulator without one socket: requests are values, the receiver is a function.
class FakeNetwork {
public:
    explicit FakeNetwork(SimulatorSettings settings = jumping())
        : history{settings.seed}, transport{loop}, simulator{loop,    settings, transport,
                                                             targets, history,  [] {}} {
        simulator.ready();
    }

    static SimulatorSettings jumping() {
        SimulatorSettings settings;
        settings.clock.mode = ClockSettings::Mode::jumping;
        settings.clock.settle = std::chrono::milliseconds{0};
        return settings;
    }

    /// Sends a request; its answer is on the wire when this returns, unless `hold` is set.
    Response request(std::string method, std::string path, std::string body = {},
                     std::shared_ptr<FakeResponder>* hold = nullptr) {
        Request request;
        request.method = std::move(method);
        request.target = path;
        const auto question = path.find('?');
        request.path = path.substr(0, question);
        request.query = question == std::string::npos ? "" : path.substr(question + 1);
        request.headers = {{"Host", "127.0.0.1:12180"}, {"Authorization", "Basic dC10OnM="}};
        request.body = std::move(body);
        request.remote = "127.0.0.1:4711";
        request.remote_ip = "127.0.0.1";
        request.received = wall_now();
        simulator.request_begins();
        auto responder = std::make_shared<FakeResponder>();
        if (auto refused = simulator.admit(request)) {
            simulator.request_ends();
            return *refused;
        }
        simulator.handle(request, responder);
        Response answer = *responder->answer;
        if (hold != nullptr) {
            *hold = responder;
            return answer;
        }
        responder->release();
        simulator.request_ends();
        return answer;
    }

    bool until_quiet() {
        bool quiet = false;
        simulator.when_quiet([&] { quiet = true; });
        return run_until(loop, [&] { return quiet; });
    }

    [[nodiscard]] static std::string header(const Response& response, std::string_view name) {
        for (const Header& one : response.headers) {
            if (one.name == name) {
                return one.value;
            }
        }
        return {};
    }

    boost::asio::io_context loop;
    TargetPolicy targets;
    CanonicalHistory history;
    FakeTransport transport;
    Simulator simulator;
};

}  // namespace ringback::test

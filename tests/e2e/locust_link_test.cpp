#include "harness/locust/locust_link.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <optional>

#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// The master's end: a ROUTER on a free port, asked from the test's own thread.
class Master {
public:
    explicit Master(const std::string& endpoint = "tcp://127.0.0.1:*") {
        router_.set(zmq::sockopt::linger, 0);
        constexpr const char* shaken = "inproc://shaken-hands";
        REQUIRE(zmq_socket_monitor(router_.handle(), shaken, ZMQ_EVENT_HANDSHAKE_SUCCEEDED) == 0);
        monitor_.connect(shaken);
        router_.bind(endpoint);
    }
    ~Master() { zmq_socket_monitor(router_.handle(), nullptr, 0); }
    Master(const Master&) = delete;
    Master& operator=(const Master&) = delete;
    Master(Master&&) = delete;
    Master& operator=(Master&&) = delete;

    [[nodiscard]] std::string endpoint() const { return router_.get(zmq::sockopt::last_endpoint); }
    [[nodiscard]] LocustAddress address() const {
        const std::string bound = endpoint();
        return locust_address_of(bound.substr(bound.rfind('/') + 1)).value();
    }

    /// Type and node id of what has come and is no heartbeat or report; the id it came from.
    struct Heard {
        std::string type;
        std::string id;
        std::string from;
    };
    std::optional<Heard> hear() {
        zmq::message_t from;
        zmq::message_t body;
        while (router_.recv(from, zmq::recv_flags::dontwait) && router_.recv(body)) {
            if (body.to_string_view().starts_with("\x93\xa5stats")) {
                ++reports;
                continue;
            }
            const json message = json::from_msgpack(body.to_string_view());
            if (message[0] != "heartbeat") {
                return Heard{message[0], message[2], from.to_string()};
            }
        }
        return {};
    }

    void say(const std::string& to, const std::string& type, const json& data = nullptr) {
        const auto bytes = json::to_msgpack(json::array({type, data, to}));
        router_.send(zmq::buffer(to), zmq::send_flags::sndmore);
        router_.send(zmq::buffer(bytes), zmq::send_flags::none);
    }
    void say_raw(const std::string& to, std::string_view bytes) {
        router_.send(zmq::buffer(to), zmq::send_flags::sndmore);
        router_.send(zmq::buffer(bytes), zmq::send_flags::none);
    }

    /// Whether somebody has connected since it was last asked.
    bool has_connection() {
        zmq::message_t event;
        zmq::message_t from;
        return monitor_.recv(event, zmq::recv_flags::dontwait) && monitor_.recv(from);
    }

    int reports{0};

private:
    zmq::context_t context_{1};
    zmq::socket_t router_{context_, zmq::socket_type::router};
    zmq::socket_t monitor_{context_, zmq::socket_type::pair};
};

/// Does at once what it is told; counts.
struct Host : LocustHost {
    [[nodiscard]] std::vector<std::string> user_classes() const override { return {"Menu"}; }
    void begin(const LocustTest& /*test*/) override { ++begun; }
    void set_users(const LocustUsers& wanted, std::chrono::milliseconds /*grace*/,
                   std::function<void()> then) override {
        users = wanted.at("Menu");
        ++orders;
        then();
    }
    void stop(std::chrono::milliseconds /*grace*/, std::function<void()> then) override {
        users = 0;
        stopping = std::move(then);
        if (stops_at_once) {
            stopping();
        }
    }
    LocustStats take_stats() override { return LocustStats{std::chrono::system_clock::now()}; }

    int begun{0};
    int orders{0};
    std::uint32_t users{0};
    bool stops_at_once{true};
    std::function<void()> stopping;
};

struct Stand {
    boost::asio::io_context loop{1};
    std::optional<Master> master{std::in_place};
    Host host;
    std::vector<std::string> notes;
    bool over{false};
    std::optional<LocustLink> link;

    Stand() { make(30s); }
    void make(std::chrono::seconds patience) {
        link.emplace(
            loop, host, LocustLinkSettings{.master = master->address(), .patience = patience},
            [this](std::string_view note) { notes.emplace_back(note); },
            [this](const std::optional<Error>& /*error*/) { over = true; });
        link->start();
    }

    /// Runs the loop until `done`; a failure when that takes more than 20 s.
    void until(const std::function<bool()>& done) {
        const WallInstant deadline = wall_now() + 20s;
        while (!done()) {
            INFO("noted: " << json(notes).dump());
            REQUIRE(wall_now() < deadline);
            loop.restart();
            loop.run_one_for(5ms);
        }
    }

    Master::Heard heard(const std::string& type) {
        std::optional<Master::Heard> message;
        until([&] { return (message = master->hear()).has_value(); });
        CHECK(message->type == type);
        return *message;
    }

    /// Joined: under this id.
    std::string join() {
        const std::string id = heard("client_ready").from;
        master->say(id, "ack", {{"index", 0}});
        until([&] { return link->state() == LocustState::ready; });
        return id;
    }

    void spawn(const std::string& id, int users, double timestamp) {
        master->say(id, "spawn",
                    {{"timestamp", timestamp}, {"user_classes_count", {{"Menu", users}}}});
    }
};

TEST_CASE("locust link: no order is missed, however many come at once", "[e2e][locust]") {
    Stand stand;
    const std::string id = stand.join();
    constexpr int orders = 500;  // below what ZeroMQ holds for one who does not read
    for (int i = 1; i <= orders; ++i) {
        stand.spawn(id, i, i);
    }
    int complete{0};
    int spawning{0};
    stand.until([&] {
        while (const auto message = stand.master->hear()) {
            complete += message->type == "spawning_complete" ? 1 : 0;
            spawning += message->type == "spawning" ? 1 : 0;
        }
        return complete == orders;
    });
    CHECK(spawning == orders);
    CHECK(stand.host.orders == orders);
    CHECK(stand.host.users == orders);
    CHECK(stand.host.begun == 1);
    CHECK(stand.link->state() == LocustState::running);
}

TEST_CASE("locust link: reconnect makes a new connection under a new id", "[e2e][locust]") {
    Stand stand;
    const std::string id = stand.join();
    stand.spawn(id, 3, 1);
    stand.until([&] { return stand.host.users == 3; });
    stand.heard("spawning");
    stand.heard("spawning_complete");

    stand.master->say(id, "reconnect");

    const auto again = stand.heard("client_ready");
    CHECK(again.from != id);
    CHECK(again.id == again.from);
    CHECK(stand.heard("client_stopped").id == id);
    CHECK(stand.host.users == 0);
    stand.master->say(again.from, "ack");
    stand.until([&] { return stand.link->state() == LocustState::ready; });
}

TEST_CASE("locust link: the next master hears nothing that was meant for the one before",
          "[e2e][locust]") {
    Stand stand;
    const std::string id = stand.join();
    stand.spawn(id, 3, 1);
    stand.until([&] { return stand.host.users == 3; });
    stand.host.stops_at_once = false;
    const std::string endpoint = stand.master->endpoint();

    stand.master.reset();
    stand.until([&] { return stand.link->state() == LocustState::stopping; });
    stand.master.emplace(endpoint);
    stand.until([&] { return stand.master->has_connection(); });
    // With users on, a new connection has nothing to say; what it says first comes after them.
    CHECK_FALSE(stand.master->hear());
    stand.host.stopping();

    CHECK(stand.heard("client_ready").from != id);
    CHECK(stand.heard("client_stopped").id == id);
    CHECK(stand.master->reports == 0);
}

TEST_CASE("locust link: garbage is noted, and harms nothing", "[e2e][locust]") {
    Stand stand;
    const std::string id = stand.join();
    stand.notes.clear();
    stand.master->say_raw(id, "\xc1");
    stand.master->say_raw(id, "");
    stand.master->say_raw(id, std::string(100'000, '\x91'));
    stand.master->say(id, "spawn", "no order");
    stand.spawn(id, 2, 1);
    stand.until([&] { return stand.host.users == 2; });
    CHECK(stand.notes.size() == 4);
}

TEST_CASE("locust link: quit is heard out: the last report, and nothing behind it",
          "[e2e][locust]") {
    Stand stand;
    const std::string id = stand.join();
    stand.spawn(id, 2, 1);
    stand.until([&] { return stand.host.users == 2; });
    stand.heard("spawning");
    stand.heard("spawning_complete");
    const int before = stand.master->reports;

    stand.master->say(id, "quit");
    stand.until([&] { return stand.over; });

    CHECK(stand.link->state() == LocustState::finished);
    stand.link.reset();
    stand.until([&] {
        CHECK_FALSE(stand.master->hear());
        return stand.master->reports >= before + 2;
    });
}

TEST_CASE("locust link: it can end at any moment, whatever is still to come", "[e2e][locust]") {
    for (int steps = 0; steps < 40; ++steps) {
        Stand stand;
        stand.host.stops_at_once = false;
        for (int i = 0; i < steps; ++i) {
            stand.loop.restart();
            stand.loop.run_one_for(1ms);
            if (const auto message = stand.master->hear(); message && message->type != "quit") {
                stand.master->say(message->from, "ack");
                stand.spawn(message->from, 1, steps);
            }
        }
        if (steps % 2 == 0) {
            stand.link->leave();
        }
        stand.link.reset();
        if (stand.host.stopping) {
            stand.host.stopping();  // too late, and harmless
        }
        stand.loop.restart();
        stand.loop.poll();
    }
}

}  // namespace
}  // namespace ringback

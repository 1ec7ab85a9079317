#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <zmq.hpp>

#include "harness/locust/locust_host.h"
#include "harness/locust/locust_names.h"
#include "harness/locust/locust_session.h"
#include "harness/locust/locust_socket.h"
#include "harness/process/host_lookup.h"
#include "simulator/core/result.h"

namespace ringback {

struct LocustLinkSettings {
    LocustAddress master;
    std::chrono::seconds patience{300};  // without a master
    double loops{1};  // threads at work: a worker's CPU is told as that of one of them
};

/// A LocustSession on a loop: its sockets, its timer, and the host that does what it says. All of
/// it on the loop's thread; the host outlives it. Its destructor may take half a second, for what
/// was said last to leave.
class LocustLink {
public:
    using Say = std::function<void(std::string_view line)>;
    using Done = std::function<void(const std::optional<Error>& error)>;

    /// `done` is called once, as its last call; with an error where no master could be had.
    LocustLink(boost::asio::io_context& loop, LocustHost& host, LocustLinkSettings settings,
               Say say, Done done);
    LocustLink(const LocustLink&) = delete;
    LocustLink& operator=(const LocustLink&) = delete;
    LocustLink(LocustLink&&) = delete;
    LocustLink& operator=(LocustLink&&) = delete;
    ~LocustLink();

    void start();
    /// For an interruption: lets the users end, tells the master, then `done`.
    void leave();

    [[nodiscard]] LocustState state() const { return session_.state(); }

private:
    void connect();
    void connect_to(const LocustAddress& address);
    [[nodiscard]] std::optional<LocustAddress> found_master();
    void connect_later();
    template <class Then>
    void wait_to_connect(std::chrono::milliseconds time, Then then);
    void stop_waiting();
    void lost(std::string_view why);
    void act();
    void arm();
    void send(std::string_view frame);

    void carry_out(LocustSend& effect) { send(effect.frame); }
    void carry_out(LocustBeat& effect);
    void carry_out(LocustReport& effect);
    void carry_out(LocustForget& effect);
    void carry_out(LocustBegin& effect);
    void carry_out(LocustSetUsers& effect);
    void carry_out(LocustStopUsers& effect);
    void carry_out(LocustReconnect& effect);
    void carry_out(LocustNote& effect);
    void carry_out(LocustFinish& effect);

    [[nodiscard]] LocustUsage usage();

    boost::asio::io_context& loop_;
    LocustHost& host_;
    LocustLinkSettings settings_;
    Say say_;
    Done done_;
    LocustSession session_;
    zmq::context_t context_;
    HostLookup lookup_;     // libzmq's own would keep the context from ending for half a minute
    std::size_t tried_{0};  // addresses of a name
    std::shared_ptr<LocustSocket> socket_;
    boost::asio::steady_timer due_;
    boost::asio::steady_timer connecting_;
    std::uint64_t waiting_{0};  // which of its waits is meant
    std::chrono::milliseconds pause_;
    bool acting_{false};
    bool broken_{false};  // the master takes nothing more on this connection
    bool finished_{false};

    std::chrono::nanoseconds cpu_before_{};
    WallInstant cpu_at_{};
    std::shared_ptr<int> alive_{std::make_shared<int>(0)};  // for what is called later
};

}  // namespace ringback

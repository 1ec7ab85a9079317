#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/load/call_hall.h"
#include "harness/load/hall_door.h"
#include "harness/load/live_metrics.h"
#include "simulator/edge/http.h"

namespace ringback {

/// The API under load, of one of several loops that share a port. What names a call or recording of
/// another loop's is answered by that loop; the answer comes back to the connection. All else, and
/// heads, which say only who asks, are the own hall's. On the loop; only values go to others.
class LoopDoor : public HttpHandler {
public:
    explicit LoopDoor(boost::asio::io_context& loop) : loop_{loop} {}

    // Before any of the loops runs; what is given outlives the door's server.
    void open_to(CallHall& own) { own_.open_to(own); }
    void add_neighbour(CallHall& hall, boost::asio::io_context& loop);
    /// What belongs to the account is there, for all loops; not called: it is here.
    void keep_account_at(CallHall& hall, boost::asio::io_context& loop);
    void show(LiveMetrics& metrics, boost::asio::io_context& loop);

    std::optional<Response> admit(const Request& head) override;
    void handle(Request&& request, std::shared_ptr<Responder> responder) override;
    std::optional<std::size_t> most_body(const Request& head) const override {
        return own_.most_body(head);
    }
    Response too_large(const Request& head) override { return own_.too_large(head); }
    Response refuse(int status, std::string_view what, std::string_view remote_ip) override {
        return own_.refuse(status, what, remote_ip);
    }
    void request_begins() override {}
    void request_ends() override {}

private:
    struct Neighbour {
        CallHall* hall;  // its loop's, but for whose ids are whose
        boost::asio::io_context* loop;
    };
    class Away;

    [[nodiscard]] const Neighbour* neighbour_with(const Request& request) const;
    template <class Answer>
    void pass_on(boost::asio::io_context& to, Request&& request,
                 std::shared_ptr<Responder> responder, Answer answer);
    void came_back(std::uint64_t ticket, std::optional<Response> response);

    boost::asio::io_context& loop_;
    HallDoor own_;
    std::vector<Neighbour> neighbours_;
    std::optional<Neighbour> account_{};  // none: the own hall
    LiveMetrics* metrics_{nullptr};       // the loop's below
    boost::asio::io_context* home_of_metrics_{nullptr};
    // Responders hold connections, which are this loop's: they stay, and numbers travel.
    std::unordered_map<std::uint64_t, std::shared_ptr<Responder>> waiting_;
    std::uint64_t tickets_{0};
};

}  // namespace ringback

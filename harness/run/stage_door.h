#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "harness/run/stage.h"
#include "simulator/edge/http.h"

namespace ringback {

/// One port for many stages: every request goes to the stage that made the call its path names, so
/// that a receiver that is late with one scenario does no harm to the next; else to the newest of
/// that user id. What names none is refused and counted, because a receiver that asks for the wrong
/// user waits for nothing. The admin plane is that of the newest run, or of the one whose user id
/// stands in X-Ringback-Run.
class StageDoor : public HttpHandler {
public:
    /// `told`: the user ids that the receiver may have been started with. Scenarios that are played
    /// at once, or that have a user id of their own, have others; what it asks for under one that
    /// it was told reaches the call that it names all the same, as a request of that call's own
    /// user. What names no call reaches the scenario that has kicked it.
    explicit StageDoor(std::set<std::string> told) : told_{std::move(told)} {}

    /// From now on that user's requests are the stage's; it outlives the door.
    void open_to(Stage& stage);
    [[nodiscard]] const std::vector<std::string>& strays() const { return strays_; }

    std::optional<Response> admit(const Request& head) override;
    std::optional<std::size_t> most_body(const Request& head) const override;
    Response too_large(const Request& head) override;
    void handle(Request&& request, std::shared_ptr<Responder> responder) override;
    Response refuse(int status, std::string_view what, std::string_view remote_ip) override;
    void request_begins() override;
    void request_ends() override;

private:
    /// Who is to answer; gives the request that stage's user where it names the told one.
    [[nodiscard]] Stage* stage_of(Request& request) const;
    [[nodiscard]] Stage* maker_of(const Request& request, bool is_told) const;
    [[nodiscard]] Stage* newest_of(const std::string& user, bool is_told) const;
    [[nodiscard]] Stage* playing_as_told() const;
    [[nodiscard]] Stage* administered(const Request& request) const;
    [[nodiscard]] Response nobody(const Request& request);

    std::set<std::string> told_;
    std::vector<Stage*> stages_;   // the newest last
    std::vector<Stage*> playing_;  // those of them that were not over when it was last looked
    std::size_t under_way_{0};
    std::vector<std::string> strays_;  // "POST /v1/users/u-other/calls", the first few
};

}  // namespace ringback

#pragma once

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "harness/load/load_loop.h"
#include "simulator/edge/listener.h"

namespace ringback {

/// The loops of a load run: calls are spread over them by number, the connections to the API's one
/// port by turns. The first runs on the thread of whoever made them, and is where the run is led
/// from; each of the others has a thread. With one loop nothing is posted.
class LoadLoops {
public:
    explicit LoadLoops(std::size_t count);
    LoadLoops(const LoadLoops&) = delete;
    LoadLoops& operator=(const LoadLoops&) = delete;
    ~LoadLoops();

    [[nodiscard]] std::size_t count() const { return loops_.size(); }
    [[nodiscard]] LoadLoop& first() { return *loops_.front(); }

    // While they do not run.
    /// Binds 127.0.0.1; the port it got.
    [[nodiscard]] Result<std::uint16_t> listen(std::uint16_t port);
    /// `all`: of the whole run. Errors: as of LoadHall::build().
    [[nodiscard]] std::optional<Error> build(const Scenario& scenario,
                                             const SharedSchedule& schedule,
                                             const TargetPolicy& targets,
                                             const LoadHallSettings& all);
    /// Behind build(): the port answers who asks for them; on the first loop.
    void show(LiveMetrics& metrics);
    /// The threads of all but the first; until end().
    /// `when_short`: as of LoadLoop::start().
    void start(const std::function<void()>& when_short);
    void end();
    /// When they have ended.
    [[nodiscard]] std::vector<std::unique_ptr<LoadLoop>>& all() { return loops_; }

    // On the first.
    /// `act(loop, index)`, on each loop; on the first one at once.
    template <class Act>
    void each(Act act) {
        for (std::size_t index = 0; index < loops_.size(); ++index) {
            LoadLoop& loop = *loops_[index];
            boost::asio::dispatch(loop.context(), [&loop, index, act] { act(loop, index); });
        }
    }
    /// From one of them: `act()` on the first; if it is the first, at once.
    template <class Act>
    void tell_first(Act act) {
        boost::asio::dispatch(first().context(), std::move(act));
    }

private:
    void hand_on(TcpSocket client);

    std::vector<std::unique_ptr<LoadLoop>> loops_;
    std::shared_ptr<Listener> listener_;
    std::size_t turn_{0};  // whose the next connection is
};

}  // namespace ringback

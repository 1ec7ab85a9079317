#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/record/journal.h"
#include "simulator/edge/controls.h"
#include "simulator/edge/http.h"

namespace ringback {

/// One entry as a server-sent event: "id: 7\nevent: api\ndata: {...}\n\n".
[[nodiscard]] std::string event_frame(const Entry& entry, std::string_view line);

/// The open event streams. Each first catches up with the journal, in portions, so that a long
/// replay neither stops the loop nor overruns the client's buffer, and then gets every entry as it
/// is recorded. A comment every 15 s finds out who is gone.
class EventStreams {
public:
    EventStreams(Controls& controls, Journal& journal);
    EventStreams(const EventStreams&) = delete;
    EventStreams& operator=(const EventStreams&) = delete;
    ~EventStreams();

    static constexpr std::size_t most_streams = 256;
    [[nodiscard]] bool full() const { return streams_.size() >= most_streams; }
    [[nodiscard]] std::size_t open() const { return streams_.size(); }

    /// Sends entries that match, those after filter.since first.
    void add(std::shared_ptr<ResponseStream> to, const JournalFilter& filter);

private:
    class Stream;
    void drop_closed();
    void ping_later();
    void catch_up(const std::shared_ptr<Stream>& stream);

    Controls& controls_;
    Journal& journal_;
    std::vector<std::shared_ptr<Stream>> streams_;
    std::shared_ptr<EventStreams*> self_;  // what callbacks that may outlive this hold on to
    bool pinging_{false};
};

}  // namespace ringback

#include "harness/admin/event_stream.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace ringback {
namespace {

constexpr std::chrono::seconds ping_every{15};
constexpr std::size_t portion = std::size_t{128} * 1024;  // bytes of replay written in one go
constexpr std::size_t entries_looked_at = 5'000;          // in one go, matching or not
constexpr std::chrono::milliseconds between_portions{5};

}  // namespace

std::string event_frame(const Entry& entry, std::string_view line) {
    return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", entry.seq, kind_of(entry), line);
}

/// One client. Listens to the journal once it has caught up.
class EventStreams::Stream : public JournalListener {
public:
    Stream(Journal& journal, std::shared_ptr<ResponseStream> to, JournalFilter filter)
        : journal_{journal}, to_{std::move(to)}, filter_{std::move(filter)} {}
    ~Stream() override {
        journal_.stop_listening(*this);
        to_->end();
    }

    [[nodiscard]] bool open() const { return to_->open(); }
    bool comment() { return to_->write(":\n\n"); }

    /// Writes the next portion of what is in the journal; true when there may be more.
    bool replay() {
        tell_gap();
        std::string out;
        std::size_t looked_at = 0;
        bool more = false;
        JournalFilter all;
        all.since = filter_.since;
        journal_.each(all, [&](const Entry& entry) {
            filter_.since = entry.seq;
            if (matches(filter_, entry, journal_.ids())) {
                out += event_frame(entry, journal_.line(entry));
            }
            more = out.size() >= portion || ++looked_at >= entries_looked_at;
            return !more;
        });
        if (!out.empty() && !to_->write(out)) {
            return false;
        }
        if (!more) {
            journal_.listen(*this);
        }
        return more;
    }

    void recorded(const RecordedEntry& entry) override {
        if (matches(filter_, entry.entry(), journal_.ids())) {
            to_->write(event_frame(entry.entry(), entry.line()));
        }
    }

private:
    /// The ring forgets the oldest: who comes back after that is told what is missing.
    void tell_gap() {
        const auto oldest = journal_.oldest_seq();
        if (filter_.since + 1 < oldest) {
            to_->write(fmt::format("event: gap\ndata: {{\"from\":{},\"to\":{}}}\n\n",
                                   filter_.since + 1, oldest - 1));
            filter_.since = oldest - 1;
        }
    }

    Journal& journal_;
    std::shared_ptr<ResponseStream> to_;
    JournalFilter filter_;
};

EventStreams::EventStreams(Controls& controls, Journal& journal)
    : controls_{controls}, journal_{journal}, self_{std::make_shared<EventStreams*>(this)} {}

EventStreams::~EventStreams() = default;

void EventStreams::add(std::shared_ptr<ResponseStream> to, const JournalFilter& filter) {
    drop_closed();
    // The first bytes at once: a client that waits for them knows that it listens from now on.
    to->write("retry: 1000\n\n");
    const auto stream = std::make_shared<Stream>(journal_, std::move(to), filter);
    streams_.push_back(stream);
    catch_up(stream);
    ping_later();
}

void EventStreams::catch_up(const std::shared_ptr<Stream>& stream) {
    if (!stream->open() || !stream->replay()) {
        return;
    }
    controls_.after(between_portions, [self = std::weak_ptr{self_}, again = std::weak_ptr{stream}] {
        const auto streams = self.lock();
        const auto waiting = again.lock();
        if (streams && waiting) {
            (*streams)->catch_up(waiting);
        }
    });
}

void EventStreams::drop_closed() {
    std::erase_if(streams_, [](const auto& stream) { return !stream->open(); });
}

void EventStreams::ping_later() {
    if (std::exchange(pinging_, true)) {
        return;
    }
    controls_.after(ping_every, [self = std::weak_ptr{self_}] {
        const auto streams = self.lock();
        if (!streams) {
            return;
        }
        EventStreams& here = **streams;
        here.pinging_ = false;
        for (const auto& stream : here.streams_) {
            stream->comment();
        }
        here.drop_closed();
        if (!here.streams_.empty()) {
            here.ping_later();
        }
    });
}

}  // namespace ringback

#include "harness/record/journal.h"

#include <algorithm>
#include <utility>

#include "simulator/core/overloaded.h"

namespace ringback {
namespace {

/// Apart, so that what is frequent stays short.
[[gnu::noinline]] std::size_t text_bytes_of(const OtherNews& news) {
    return std::visit(
        Overloaded{[](const ApplicationChanged& change) {
                       const Application& about = *change.application.get();
                       return sizeof about + about.name.size() + about.calls->url.size() +
                              about.calls->fallback_url.size() + about.messages->url.size() +
                              about.messages->fallback_url.size();
                   },
                   [](const NumberChanged& change) {
                       return sizeof *change.number.get() + change.number->name.size();
                   },
                   [](const DomainChanged& /*no text*/) { return std::size_t{0}; },
                   [](const Charged& /*no text*/) { return std::size_t{0}; },
                   [](const BridgeChanged& /*no text*/) { return std::size_t{0}; },
                   [](const ConferenceChanged& /*no text*/) { return std::size_t{0}; },
                   [](const BxmlNews& bxml) { return bxml.text.size() + bxml.url.size(); },
                   [](const FaultMet& met) {
                       return met.name.size() + met.text.size() + met.payload.size();
                   },
                   [](const DrawsMissed& draws) { return draws.all.size() * sizeof(DrawMissed); }},
        news);
}

/// What an entry keeps on the heap, nearly: the part of its size that its sender decides.
std::size_t text_bytes_of(const Entry& entry) {
    return std::visit(Overloaded{
                          [](const ApiExchange& api) {
                              return api.target.size() + api.request_body.size() +
                                     api.location.size() + api.response_body.size() +
                                     api.fault.size();
                          },
                          [](const EventRaised& event) { return event.payload.size(); },
                          [](const AttemptMade& attempt) {
                              const AttemptResult& result = attempt.result;
                              return attempt.redirected_to.size() + result.reason.size() +
                                     result.location.size() + result.body.size() +
                                     result.error.size() + result.headers.size();
                          },
                          [](const StateChanged& /*no text*/) { return std::size_t{0}; },
                          [](const MessageChanged& /*no text*/) { return std::size_t{0}; },
                          [](const OtherNews& news) { return text_bytes_of(news); },
                          [](const OnThePhone& phone) { return phone.text.size(); },
                          [](const UserError& error) {
                              std::size_t bytes = error.message.size();
                              for (const auto& [name, value] : error.details) {
                                  bytes += name.size() + value.size();
                              }
                              return bytes;
                          },
                          [](const ClockMoved& clock) { return clock.how.size(); },
                      },
                      entry.what);
}

}  // namespace

Journal::Journal(const IdCodec& ids, JournalLimits limits) : ids_{ids}, limits_{limits} {
    limits_.entries = std::max<std::size_t>(limits_.entries, 1);
    chunks_.resize((limits_.entries + chunk_entries - 1) / chunk_entries);
}

Journal::~Journal() = default;

namespace {

/// A full ring is far larger than the caches, and the next entry is written soon: its lines are on
/// their way by then.
template <class T>
void fetch_ahead(const T& place) {
    constexpr std::size_t line = 64;
    const auto* const bytes = static_cast<const char*>(static_cast<const void*>(&place));
    for (std::size_t at = 0; at < sizeof(T); at += line) {
        __builtin_prefetch(bytes + at, 1);
    }
}

}  // namespace

/// What the oldest entry held there is overwritten, not emptied first: this is the hot path.
Entry& Journal::open() {
    if (telling_) {
        // A listener records: it must not overwrite the entry it is being told of.
        return from_listeners_.emplace_back();
    }
    if (place_ == last_) {
        next_chunk();
    }
    if (next_ - oldest_ >= limits_.entries) {
        count_out(*place_);
    }
    place_->entry.seq = next_;
    return place_->entry;
}

void Journal::close(Entry& /*the one that open() gave*/) {
    if (telling_) {
        return;
    }
    Kept& kept = *place_++;
    kept.text_bytes = text_bytes_of(kept.entry);
    if (place_ != last_) {
        fetch_ahead(*place_);
    }
    text_bytes_ += kept.text_bytes;
    ++kept_;
    ++next_;
    ++counters_.recorded;
    ++counters_.by_kind[kind_number(kept.entry)];
    while (text_bytes_ > limits_.text_bytes && oldest_ < kept.entry.seq) {
        drop_oldest();
    }
    if (file_ != nullptr || !listeners_.empty()) {
        tell(kept.entry);
        close_from_listeners();
    }
}

void Journal::close_from_listeners() {
    while (!from_listeners_.empty()) {
        Entry next = std::move(from_listeners_.front());
        from_listeners_.pop_front();
        record(std::move(next));
    }
}

void Journal::next_chunk() {
    const auto begun = static_cast<std::size_t>((next_ - 1) % limits_.entries);
    auto& chunk = chunks_[begun / chunk_entries];
    if (!chunk) {
        // NOLINTNEXTLINE(modernize-avoid-c-arrays): how many is known only now
        chunk = std::make_unique_for_overwrite<Kept[]>(std::min(chunk_entries, limits_.entries));
    }
    const std::size_t within = begun % chunk_entries;  // not 0 only after release()
    place_ = chunk.get() + within;
    last_ = chunk.get() + std::min(chunk_entries, limits_.entries - (begun - within));
}

void Journal::tell(const Entry& entry) {
    const RecordedEntry recorded{entry, ids_};
    if (file_ != nullptr) {
        file_->append(recorded.line());
    }
    telling_ = true;
    // By index, because a listener may add others; one that stops leaves a null until the round is
    // over.
    // NOLINTNEXTLINE(modernize-loop-convert): iterators would not survive that
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        if (listeners_[i] != nullptr) {
            listeners_[i]->recorded(recorded);
        }
    }
    telling_ = false;
    if (std::exchange(one_left_, false)) {
        std::erase(listeners_, nullptr);
    }
}

void Journal::stop_listening(JournalListener& listener) {
    std::replace(listeners_.begin(), listeners_.end(), &listener,
                 static_cast<JournalListener*>(nullptr));
    one_left_ = telling_;
    if (!telling_) {
        std::erase(listeners_, nullptr);
    }
}

/// Empties an entry and gives its memory back.
void Journal::forget(Kept& kept) {
    text_bytes_ -= kept.text_bytes;
    --kept_;
    kept.entry.seq = 0;  // nobody's
    kept.entry.user.reset();
    kept.entry.what.emplace<StateChanged>();  // the smallest
}

/// The oldest entry is not ours to show any more; its contents are the caller's affair.
void Journal::count_out(const Kept& oldest) {
    if (oldest.entry.seq == oldest_) {
        text_bytes_ -= oldest.text_bytes;
        --kept_;
        ++counters_.dropped;
    }
    ++oldest_;
}

void Journal::drop_oldest() {
    Kept& kept = kept_at(oldest_);
    if (kept.entry.seq == oldest_) {
        forget(kept);
        ++counters_.dropped;
    }
    ++oldest_;
}

void Journal::forget_half() {
    for (const std::size_t most = kept_ / 2; kept_ > most;) {
        drop_oldest();
    }
    give_back_unused();
}

/// The chunks in which there is neither an entry that can be asked for nor the next one.
void Journal::give_back_unused() {
    std::vector<bool> used(chunks_.size(), false);
    for (std::uint64_t seq = oldest_; seq < next_; ++seq) {
        used[static_cast<std::size_t>((seq - 1) % limits_.entries) / chunk_entries] = true;
    }
    for (std::size_t at = 0; at < chunks_.size(); ++at) {
        const Kept* const first = chunks_[at].get();
        const bool is_next = first != nullptr && last_ > first && last_ <= first + chunk_entries;
        if (!used[at] && !is_next) {
            chunks_[at].reset();
        }
    }
}

std::size_t Journal::count(const JournalFilter& filter) const {
    std::size_t found = 0;
    each(filter, [&](const Entry& /*counted*/) {
        ++found;
        return true;
    });
    return found;
}

void Journal::reset(const std::optional<std::string>& user) {
    for (std::uint64_t seq = oldest_; seq < next_; ++seq) {
        Kept& kept = kept_at(seq);
        const Entry& entry = kept.entry;
        if (entry.seq == seq && (!user || (entry.user && entry.user.view() == *user))) {
            forget(kept);
        }
    }
    while (oldest_ < next_ && slot(oldest_).seq != oldest_) {
        ++oldest_;
    }
}

void Journal::release() {
    reset(std::nullopt);
    for (auto& chunk : chunks_) {
        chunk.reset();
    }
    place_ = nullptr;
    last_ = nullptr;
}

}  // namespace ringback

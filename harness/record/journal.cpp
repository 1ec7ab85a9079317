#include "harness/record/journal.h"

#include <algorithm>
#include <utility>

#include "simulator/core/overloaded.h"

namespace ringback {
namespace {

/// What an entry keeps on the heap, nearly: the part of its size that its sender decides.
std::size_t text_bytes_of(const Entry& entry) {
    return std::visit(
        Overloaded{
            [](const ApiExchange& api) {
                return api.target.size() + api.request_body.size() + api.location.size() +
                       api.response_body.size();
            },
            [](const EventRaised& event) { return event.payload ? event.payload->size() : 0; },
            [](const AttemptMade& attempt) {
                const AttemptResult& result = attempt.result;
                return attempt.redirected_to.size() + result.reason.size() +
                       result.location.size() + result.body.size() + result.error.size();
            },
            [](const StateChanged& /*no text*/) { return std::size_t{0}; },
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

const Entry& Journal::slot(std::uint64_t seq) const {
    const auto place = static_cast<std::size_t>((seq - 1) % limits_.entries);
    return (*chunks_[place / chunk_entries])[place % chunk_entries];
}

Entry& Journal::open_slot(std::uint64_t seq) {
    const auto place = static_cast<std::size_t>((seq - 1) % limits_.entries);
    auto& chunk = chunks_[place / chunk_entries];
    if (!chunk) {
        chunk = std::make_unique<Chunk>();
    }
    return (*chunk)[place % chunk_entries];
}

void Journal::record(Entry entry) {
    if (telling_) {
        // A listener records: it must not overwrite the entry it is being told of.
        from_listeners_.push_back(std::move(entry));
        return;
    }
    keep(std::move(entry));
    while (!from_listeners_.empty()) {
        Entry next = std::move(from_listeners_.front());
        from_listeners_.pop_front();
        keep(std::move(next));
    }
}

void Journal::keep(Entry&& entry) {
    const std::uint64_t seq = next_;
    if (seq - oldest_ >= limits_.entries) {
        drop_oldest();
    }
    entry.seq = seq;
    text_bytes_ += text_bytes_of(entry);
    ++counters_.recorded;
    ++counters_.by_kind.at(entry.what.index());
    open_slot(seq) = std::move(entry);
    ++next_;
    ++kept_;
    while (text_bytes_ > limits_.text_bytes && oldest_ < seq) {
        drop_oldest();
    }
    if (file_ != nullptr || !listeners_.empty()) {
        tell(slot(seq));
    }
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
    std::erase(listeners_, nullptr);
}

void Journal::stop_listening(JournalListener& listener) {
    std::replace(listeners_.begin(), listeners_.end(), &listener,
                 static_cast<JournalListener*>(nullptr));
    if (!telling_) {
        std::erase(listeners_, nullptr);
    }
}

void Journal::forget(Entry& entry) {
    text_bytes_ -= text_bytes_of(entry);
    --kept_;
    entry.seq = 0;  // nobody's
    entry.user.reset();
    entry.what.emplace<StateChanged>();  // the smallest
}

void Journal::drop_oldest() {
    Entry& entry = open_slot(oldest_);
    if (entry.seq == oldest_) {
        forget(entry);
        ++counters_.dropped;
    }
    ++oldest_;
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
        Entry& entry = open_slot(seq);
        if (entry.seq == seq && (!user || (entry.user && *entry.user == *user))) {
            forget(entry);
        }
    }
    while (oldest_ < next_ && slot(oldest_).seq != oldest_) {
        ++oldest_;
    }
}

}  // namespace ringback

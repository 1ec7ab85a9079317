#include "harness/record/journal_syncer.h"

#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>

#include "harness/record/system_reason.h"

namespace ringback {

int synced(int descriptor) {
    if (::fdatasync(descriptor) == 0 || errno == EINVAL || errno == EROFS) {
        return 0;
    }
    return errno;
}

std::unique_ptr<JournalSyncer> JournalSyncer::begin(int descriptor, std::string& why) {
    try {
        return std::make_unique<JournalSyncer>(descriptor);
    } catch (const std::system_error& refused) {
        why = system_reason(refused.code().value());
    } catch (const std::bad_alloc&) {
        why = system_reason(ENOMEM);
    }
    return nullptr;
}

JournalSyncer::JournalSyncer(int descriptor)
    : descriptor_{descriptor}, thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void JournalSyncer::ask() {
    {
        const std::lock_guard lock{mutex_};
        asked_ = true;
    }
    wake_.notify_one();
}

std::optional<int> JournalSyncer::take_result() {
    const int result = result_.exchange(nothing_yet);
    return result == nothing_yet ? std::nullopt : std::optional{result};
}

void JournalSyncer::finish() {
    thread_.request_stop();
    thread_.join();
}

void JournalSyncer::run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (wake_.wait(lock, stop, [this] { return asked_; })) {
        asked_ = false;
        lock.unlock();
        if (const int error = synced(descriptor_); error != 0) {
            result_ = error;
        } else {
            int expected = nothing_yet;
            result_.compare_exchange_strong(expected, 0);
        }
        lock.lock();
    }
}

}  // namespace ringback

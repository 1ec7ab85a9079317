#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace ringback {

/// fdatasync; 0 or the error. Pipes and devices have nothing to sync.
[[nodiscard]] int synced(int descriptor);

/// Waits for the disk on a thread of its own, so that a loop does not have to.
class JournalSyncer {
public:
    /// Null if there is no thread or no memory to be had; `why` is the system's reason then.
    [[nodiscard]] static std::unique_ptr<JournalSyncer> begin(int descriptor, std::string& why);

    /// Of a file that stays open as long as this.
    explicit JournalSyncer(int descriptor);

    void ask();
    /// How they ended since the last call: 0, or an error, which the system tells of only once;
    /// none if there was none.
    [[nodiscard]] std::optional<int> take_result();
    /// Waits for its thread to end.
    void finish();

private:
    void run(const std::stop_token& stop);

    static constexpr int nothing_yet = -1;

    int descriptor_;
    std::atomic<int> result_{nothing_yet};
    std::mutex mutex_;
    std::condition_variable_any wake_;
    bool asked_{false};
    std::jthread thread_;  // last: it uses all the others
};

}  // namespace ringback

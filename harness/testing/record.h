#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "harness/record/journal.h"
#include "simulator/edge/http.h"

namespace ringback::testing {

/// The journal of a fake as its test reads it. Written on the loop; all but entries() is for the
/// loop.
class Record : public JournalListener {
public:
    /// Whether the entry at that place is the one; asked once for each, in order.
    using IsIt = std::function<bool(const std::vector<nlohmann::json>&, std::size_t)>;
    struct Wait {
        IsIt is_it;
        std::function<void()> then;  // on the loop, from inside recorded(), once
    };

    /// The headers of that request are kept with what is recorded from now on; null: of none.
    void handling(const Request* request) { request_ = request; }
    /// What is recorded of the API from now on was asked by the test itself, or no longer.
    void asking(bool own) { own_ = own; }
    void recorded(const RecordedEntry& entry) override;

    /// Waits for an entry that is still to come; false: it is there already, and `then` is not
    /// called.
    bool wait(const std::shared_ptr<Wait>& wait);
    /// False when it is over already.
    bool give_up(const std::shared_ptr<Wait>& wait);

    /// From any thread.
    [[nodiscard]] std::vector<nlohmann::json> entries() const;

private:
    mutable std::mutex mutex_;  // of entries_, which only the loop changes
    std::vector<nlohmann::json> entries_;
    std::list<std::shared_ptr<Wait>> waits_;
    const Request* request_{nullptr};
    bool own_{false};
};

}  // namespace ringback::testing

#include "harness/testing/record.h"

#include <utility>

#include "harness/run/request_headers.h"

namespace ringback::testing {

using nlohmann::json;

void Record::recorded(const RecordedEntry& entry) {
    json read = json::parse(entry.line(), nullptr, false);
    if (read.value("kind", "") == "api") {
        if (own_) {
            read["own"] = true;
        }
        if (request_ != nullptr) {
            read["headers"] = headers_of(*request_);
        }
    }
    {
        const std::lock_guard lock{mutex_};
        entries_.push_back(std::move(read));
    }
    for (auto wait = waits_.begin(); wait != waits_.end();) {
        if ((*wait)->is_it(entries_, entries_.size() - 1)) {
            const auto over = *wait;
            wait = waits_.erase(wait);
            over->then();
        } else {
            ++wait;
        }
    }
}

bool Record::wait(const std::shared_ptr<Wait>& wait) {
    for (std::size_t at = 0; at < entries_.size(); ++at) {
        if (wait->is_it(entries_, at)) {
            return false;
        }
    }
    waits_.push_back(wait);
    return true;
}

bool Record::give_up(const std::shared_ptr<Wait>& wait) { return waits_.remove(wait) > 0; }

std::vector<json> Record::entries() const {
    const std::lock_guard lock{mutex_};
    return entries_;
}

}  // namespace ringback::testing

#include "harness/run/child_watch.h"

#include <utility>

namespace ringback {

void ChildWatch::watch(int descriptor, std::function<void()> when_ended) {
    if (descriptor < 0) {
        return;
    }
    descriptor_.assign(descriptor);
    descriptor_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [when_ended = std::move(when_ended)](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                when_ended();
            }
        });
}

void ChildWatch::forget() {
    if (descriptor_.is_open()) {
        descriptor_.release();
    }
}

}  // namespace ringback

// The part of Suite that waits for the receiver under test, sees it end, and ends and starts it
// where a run wants that.
#include <chrono>
#include <utility>

#include "harness/run/receiver_wait.h"
#include "harness/run/suite_parts.h"

namespace ringback {

void Suite::Parts::await_receiver(int child_then, std::function<void()> then) {
    if (waiter.joinable()) {
        waiter.join();  // it has posted its outcome
    }
    waiter = await_beside(loop, under_test,
                          [this, child_then, then = std::move(then)](const auto& error) {
                              if (error) {
                                  did_not_come(*error);
                                  return;
                              }
                              watch_child(child_then);
                              receiver_down = false;
                              receiver_coming = false;
                              then();
                              start_more();
                          });
}

void Suite::Parts::end_receiver() {
    child.forget();  // its end is expected
    receiver_gone = false;
    receiver_down = true;
    under_test.end();
}

void Suite::Parts::start_receiver(std::function<void()> then) {
    receiver_coming = true;
    const Result<int> descriptor = under_test.start();
    if (!descriptor) {
        did_not_come(descriptor.error());
        return;
    }
    await_receiver(descriptor.value(), std::move(then));
}

/// Of a receiver of ours that was ended within a run it is what that run has found out; it is tried
/// once more for the next. Otherwise nothing more can be played.
void Suite::Parts::did_not_come(const Error& error) {
    const bool plays_encores = jobs.size() > planned;
    if (plays_encores && under_test.child >= 0 && !playing.empty()) {
        receiver_coming = false;  // it stays `receiver_down`
        end_all_plays("it did not come again: " + to_text(error));
        return;
    }
    if (plays_encores) {
        gave_up = error;
    } else {
        problem = error;
        unreachable = true;
    }
    loop.stop();
}

void Suite::Parts::end_all_plays(const std::string& why) {
    for (const auto& [at, stage] : std::vector{playing}) {
        stage->receiver_is_gone(why);
    }
}

std::string Suite::Parts::end_of_receiver() const {
    return "the receiver " +
           (under_test.how_it_ended ? under_test.how_it_ended() : std::string{"has ended"});
}

void Suite::Parts::watch_child(int descriptor) {
    child.watch(descriptor, [this] {
        receiver_gone = true;
        obituary.cancel();
        end_all_plays(end_of_receiver());
    });
}

/// The connections of a process that ends are closed before the system says that it has ended. No
/// run is begun in between: it would fail for what the one before did.
void Suite::Parts::await_obituary() {
    constexpr std::chrono::milliseconds longest{250};
    in_doubt = true;
    obituary.expires_after(longest);
    obituary.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled && !receiver_gone) {
            return;  // another run lost a connection meanwhile, and waits as long again
        }
        in_doubt = false;
        start_more();
    });
}

}  // namespace ringback

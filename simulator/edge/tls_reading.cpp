#include "simulator/edge/tls_reading.h"

#include <pthread.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "simulator/edge/side_thread.h"

namespace ringback {
namespace asio = boost::asio;

namespace {

std::atomic<bool> is_unattended{false};

}  // namespace

bool is_tls_being_read_unattended() noexcept { return is_unattended; }

/// What the thread and the loop share.
struct TlsReading::Desk {
    Desk(TlsReading& reader, Then wanted)
        : owner{&reader}, then{std::move(wanted)}, work{asio::make_work_guard(reader.loop_)} {}

    /// From the thread; false: without memory for it.
    bool hand_over(const std::shared_ptr<Desk>& self) try {
        const std::lock_guard lock{guard};
        if (owner != nullptr) {
            asio::post(owner->loop_, [self] {
                if (self->owner != nullptr) {  // written on this thread only
                    self->owner->tell();
                }
            });
        }
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }

    std::mutex guard;
    TlsReading* owner;  // under the guard; null: it has ended
    bool over{false};   // under the guard: the thread has nothing more to do
    std::condition_variable ends;
    Then then;
    asio::executor_work_guard<asio::io_context::executor_type> work;
    std::optional<Result<std::unique_ptr<TlsClient>>> read;  // the thread's until it is handed over
    pthread_t thread{};
};

struct TlsReading::Work : SideWork {
    Work(std::shared_ptr<Desk> place, DeliverySettings given)
        : desk{std::move(place)}, settings{std::move(given)} {}

    void carry_out() override {
        constexpr std::chrono::milliseconds pause{10};
        try {
            desk->read = TlsClient::from(settings);
        } catch (const std::bad_alloc&) {
            desk->read = std::move(without_memory);
        }
        while (!desk->hand_over(desk)) {
            std::this_thread::sleep_for(pause);
        }
        const std::lock_guard lock{desk->guard};
        desk->over = true;
        desk->ends.notify_one();
    }

    std::shared_ptr<Desk> desk;
    DeliverySettings settings;
    // Made while there is some.
    Error without_memory{"TLS", "callbacks cannot have it: there is no memory"};
};

TlsReading::~TlsReading() {
    if (desk_ == nullptr) {
        return;
    }
    {
        const std::lock_guard lock{desk_->guard};
        desk_->owner = nullptr;
    }
    desk_->work.reset();
    constexpr std::chrono::milliseconds patience{200};
    std::unique_lock lock{desk_->guard};
    const bool over = desk_->ends.wait_for(lock, patience, [this] { return desk_->over; });
    lock.unlock();
    if (over) {
        ::pthread_join(desk_->thread, nullptr);
    } else {
        is_unattended = true;
        ::pthread_detach(desk_->thread);  // of a disk that does not answer
    }
}

bool TlsReading::start(const DeliverySettings& settings, Then then) {
    auto desk = std::make_shared<Desk>(*this, std::move(then));
    auto work = std::make_unique<Work>(desk, settings);
    if (begin_side_thread(std::move(work), &desk->thread) != 0) {
        return false;
    }
    desk_ = std::move(desk);
    return true;
}

/// On the loop's thread; the other one is about to end.
void TlsReading::tell() {
    const std::shared_ptr<Desk> desk = std::exchange(desk_, nullptr);
    ::pthread_join(desk->thread, nullptr);
    desk->work.reset();
    desk->then(*std::move(desk->read));
}

}  // namespace ringback

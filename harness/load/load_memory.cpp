#include "harness/load/load_memory.h"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "harness/process/memory_reserve.h"

namespace ringback {
namespace {

constexpr std::chrono::milliseconds between_looks{20};
constexpr std::chrono::milliseconds between_close_looks{250};  // which cost milliseconds
constexpr std::size_t mebibyte = std::size_t{1} << 20U;

}  // namespace

LoadMemory::LoadMemory(boost::asio::io_context& loop, Tell tell)
    : timer_{loop}, tell_{std::move(tell)} {}

void LoadMemory::watch() {
    const std::optional<MemoryLimit> limit = memory_limit();
    if (!limit) {
        return;
    }
    if (limit->of == MemoryLimit::Of::address_space) {
        keep_heaps_few();
    }
    watch_ = std::make_unique<MemoryWatch>(
        MemoryWatch::Settings{.limit = *limit, .say = [](std::string_view /*of a server*/) {}});
    look_later();
}

void LoadMemory::look_later() {
    timer_.expires_after(watch_->is_short() ? between_close_looks : between_looks);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            look_later();
            look();
        }
    });
}

void LoadMemory::look() {
    if (!watch_->look()) {
        return;
    }
    const MemoryGauge& gauge = watch_->gauge();
    tell_(gauge.is_nearly_out() ? Wants::end_at_once : Wants::no_more_calls,
          fmt::format("memory is short: {} of {} MiB ({}) were in use", gauge.used() / mebibyte,
                      gauge.limit() / mebibyte, name_of(watch_->of())));
}

}  // namespace ringback

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "harness/process/descriptor.h"
#include "simulator/core/result.h"

namespace ringback {

/// The end of what was written to a pipe.
struct CollectedOutput {
    std::string text{};        // at most OutputTail::most bytes, as they came
    std::uint64_t dropped{0};  // bytes before them that were not kept

    friend bool operator==(const CollectedOutput&, const CollectedOutput&) = default;
};

/// Keeps the last 64 kB of a pipe. A thread of its own reads, so that who writes never waits.
class OutputTail {
public:
    static constexpr std::size_t most = std::size_t{64} * 1024;

    [[nodiscard]] static Result<std::unique_ptr<OutputTail>> open();
    OutputTail(const OutputTail&) = delete;
    OutputTail& operator=(const OutputTail&) = delete;
    /// Finishes.
    ~OutputTail();

    /// Where a child is to write; none after start().
    [[nodiscard]] int writer() const { return pipe_.writer.get(); }
    /// Begins to read, and gives up our writing end.
    void start();
    /// Takes what is in the pipe by now, then reads no more: whoever still writes gets SIGPIPE.
    void finish();
    /// What has come so far. From any thread.
    [[nodiscard]] CollectedOutput collected() const;

private:
    OutputTail(Pipe pipe, Descriptor wake) : pipe_{std::move(pipe)}, wake_{std::move(wake)} {}
    void read_on();
    bool take();
    void keep(std::string_view more);

    Pipe pipe_;
    Descriptor wake_;
    mutable std::mutex mutex_;
    std::string kept_;          // up to twice `most`, cut now and then; of what is under mutex_
    std::uint64_t dropped_{0};  // too
    std::jthread thread_;       // last: it uses all the others
};

}  // namespace ringback

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/memory_gauge.h"

namespace ringback {

/// How much memory the process may take, and who says so.
struct MemoryLimit {
    enum class Of : std::uint8_t {
        address_space,  // RLIMIT_AS: an allocation fails
        group           // the control group's: the kernel ends somebody
    };
    std::size_t bytes{};
    Of of{};

    friend bool operator==(const MemoryLimit&, const MemoryLimit&) = default;
};

/// "ulimit -v", "its control group"
[[nodiscard]] std::string_view name_of(MemoryLimit::Of of);

/// The lowest limit that holds for this process, of its address space and of its control groups,
/// version 2 or 1. None: there is none. `root` stands for "/".
[[nodiscard]] std::optional<MemoryLimit> memory_limit(const std::string& root = "");

/// What counts against a limit now. `closely`: without what was freed and is only kept by the
/// allocator, which takes milliseconds to find out.
[[nodiscard]] std::size_t memory_used(MemoryLimit::Of of, bool closely);

/// Watches how near the process is to its limit, and says when memory becomes short and when it is
/// enough again. What measures and what says are seams; one loop owns it.
class MemoryWatch {
public:
    struct Settings {
        MemoryLimit limit;
        std::function<std::size_t(MemoryLimit::Of of, bool closely)> used{memory_used};
        std::function<void(std::string_view)> say{};  // one line to a person; default: stderr
    };
    explicit MemoryWatch(Settings settings);

    /// Measures. True while memory is short.
    bool look();
    /// The same for a request of so many bytes that creates something, where that may have changed
    /// since the last look.
    bool asked(std::size_t bytes);

    [[nodiscard]] bool is_short() const { return gauge_.is_short(); }
    /// As measured last: what there is must not become more by itself.
    [[nodiscard]] bool is_nearly_out() const { return gauge_.is_nearly_out(); }
    /// Says that, once in every shortage.
    void tell_nearly_out();
    [[nodiscard]] const MemoryGauge& gauge() const { return gauge_; }
    [[nodiscard]] MemoryLimit::Of of() const { return settings_.limit.of; }
    /// What a client is told while memory is short.
    [[nodiscard]] std::string trouble() const;

private:
    Settings settings_;
    MemoryGauge gauge_;
    bool told_nearly_out_{false};
};

}  // namespace ringback

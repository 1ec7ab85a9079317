#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/record/journal.h"
#include "simulator/edge/controls.h"
#include "simulator/edge/http.h"

namespace ringback {

/// What a request can wait for.
enum class Awaited : std::uint8_t { ready, idle, call_ended };

[[nodiscard]] std::string_view name_of(Awaited awaited);

struct WaitFor {
    Awaited what{Awaited::ready};
    CallId call{};                              // call_ended
    std::string call_text;                      // its text id, for the answer
    std::chrono::milliseconds timeout{30'000};  // real time
};

/// The requests that wait. Each is answered once: 200 when it has happened, 504 with the reason
/// when the time is over.
class Waits {
public:
    Waits(Controls& controls, Journal& journal);
    Waits(const Waits&) = delete;
    Waits& operator=(const Waits&) = delete;
    ~Waits();

    static constexpr std::size_t most_waits = 1'000;
    [[nodiscard]] bool full() const { return waits_.size() >= most_waits; }
    [[nodiscard]] std::size_t waiting() const { return waits_.size(); }

    void add(WaitFor what, std::shared_ptr<Responder> responder);

private:
    class Wait;
    void finish(Wait* wait, bool met);
    void ask_for_quiet();

    Controls& controls_;
    Journal& journal_;
    std::vector<std::shared_ptr<Wait>> waits_;
    bool asked_for_quiet_{false};  // once for all who wait, or each would stay with the clock
    std::shared_ptr<bool> alive_{std::make_shared<bool>(true)};
};

}  // namespace ringback

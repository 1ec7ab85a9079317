#pragma once

#include <algorithm>
#include <optional>

#include "simulator/core/time.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// What modelled time it is at a given wall time. Told the wall time, so a test needs none.
///
/// flowing   real mode, not paused: modelled = start + (wall - origin) * scale
/// frozen    jumping mode, or paused: stands still until moved by jump_to
class ClockFace {
public:
    ClockFace(const ClockSettings& settings, Instant start, WallInstant wall)
        : jumping_{settings.mode == ClockSettings::Mode::jumping},
          scale_{settings.scale},
          model_origin_{start},
          wall_origin_{wall} {}

    [[nodiscard]] Instant at(WallInstant wall) const {
        return flowing() ? model_origin_ + scaled(wall - wall_origin_) : model_origin_;
    }

    /// When a modelled instant comes by itself, and not a moment before: whoever waits for it then
    /// finds it there. None while the clock stands still.
    [[nodiscard]] std::optional<WallInstant> when(Instant modelled) const {
        if (!flowing()) {
            return std::nullopt;
        }
        const Duration ahead = modelled - model_origin_;
        if (scale_ == 1.0) {
            return wall_origin_ + ahead;
        }
        Duration wall{static_cast<std::int64_t>(static_cast<double>(ahead.count()) / scale_)};
        while (scaled(wall) < ahead) {  // once or twice
            ++wall;
        }
        return wall_origin_ + wall;
    }

    [[nodiscard]] bool flowing() const { return !jumping_ && !paused_ && !held_; }
    [[nodiscard]] bool jumps_by_itself() const { return jumping_ && !paused_; }
    [[nodiscard]] bool paused() const { return paused_; }

    void pause(bool paused, WallInstant wall) {
        rebase(wall);
        paused_ = paused;
    }
    /// Stands still while it is being moved by hand.
    void hold(bool held, WallInstant wall) {
        rebase(wall);
        held_ = held;
    }
    /// Only forwards, only while it stands still.
    void jump_to(Instant modelled) { model_origin_ = std::max(model_origin_, modelled); }

private:
    void rebase(WallInstant wall) {
        model_origin_ = at(wall);
        wall_origin_ = wall;
    }
    [[nodiscard]] Duration scaled(Duration wall) const {
        return scale_ == 1.0 ? wall
                             : Duration{static_cast<std::int64_t>(
                                   static_cast<double>(wall.count()) * scale_)};
    }

    bool jumping_;
    double scale_;
    Instant model_origin_;
    WallInstant wall_origin_;
    bool paused_{false};
    bool held_{false};
};

}  // namespace ringback

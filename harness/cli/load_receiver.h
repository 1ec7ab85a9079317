#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/cli/load_options.h"
#include "harness/cli/receiver_command.h"
#include "harness/load/consent.h"
#include "harness/load/load_hall.h"
#include "harness/run/suite.h"

namespace ringback {

/// The receiver of a load command, for as many runs as it plays: where it is, may it be loaded, and
/// the process of the command that starts it. What is wrong is told, and the command's end is
/// returned.
class LoadReceiver {
public:
    /// `options` outlive it; `demand`: what it will be asked to take; none: nobody knows before.
    LoadReceiver(const LoadOptions& options, const std::optional<LoadDemand>& demand)
        : options_{options}, demand_{demand}, delivery_{options.run.suite.simulator.delivery} {}
    LoadReceiver(const LoadReceiver&) = delete;
    LoadReceiver& operator=(const LoadReceiver&) = delete;
    /// Stops the process, where there is one.
    ~LoadReceiver();

    /// Before anything else.
    [[nodiscard]] std::optional<Exit> find();
    /// Its command, unless it runs already.
    [[nodiscard]] std::optional<Exit> start(const LoadHallSettings& who, const std::string& api);
    void stop();
    /// Its process has ended by itself.
    [[nodiscard]] bool is_gone() { return child_ && child_->ended().has_value(); }

    [[nodiscard]] const std::string& url() const { return url_; }
    /// What may come at most. Needs a find() that found it.
    [[nodiscard]] const LoadBounds& bounds() const { return bounds_; }
    /// How callbacks reach it: its name leads where it led when it was found.
    [[nodiscard]] const DeliverySettings& delivery() const { return delivery_; }
    /// As a run takes it; good as long as this lives.
    [[nodiscard]] SuiteReceiver under_test() const;

private:
    [[nodiscard]] std::optional<Exit> refused();
    [[nodiscard]] std::optional<Exit> look_up(const Target& target, const TargetPolicy& policy);
    [[nodiscard]] std::optional<Error> beyond_bounds(const std::string& where) const;
    [[nodiscard]] std::optional<Error> not_agreed(const TargetPolicy& policy, Reach reach,
                                                  const std::string& where) const;

    const LoadOptions& options_;
    std::optional<LoadDemand> demand_;
    DeliverySettings delivery_;
    LoadBounds bounds_;
    std::optional<PortClaim> claim_{};  // of its port, until it has been stopped
    std::string url_;
    std::optional<ReceiverAddress> sign_{};  // what shows that it is there
    std::unique_ptr<Child> child_;
};

}  // namespace ringback

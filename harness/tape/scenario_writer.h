#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/tape/moments.h"
#include "harness/tape/naming.h"
#include "harness/tape/tape.h"
#include "simulator/core/time.h"

namespace ringback {

/// One attempt after another to deliver one event.
struct TapedDelivery {
    const Moment* event{};
    std::size_t step{};
    std::uint64_t attempts{1};
};

/// One call as a scenario, while it is being written.
class ScenarioWriter {
public:
    ScenarioWriter(const CallMoments& call, const Secrets& secrets, const TapeSettings& settings,
                   std::vector<std::string>& notes)
        : call_{call}, settings_{settings}, notes_{notes}, naming_{secrets, settings} {}

    nlohmann::ordered_json write(const std::string& name);

private:
    void name_numbers();
    [[nodiscard]] std::string number_that_plays(const std::string& to);
    [[nodiscard]] std::string_view ending_of_far_end() const;
    void write_start();
    [[nodiscard]] bool receiver_made_it() const;
    [[nodiscard]] nlohmann::ordered_json kick() const;
    [[nodiscard]] nlohmann::ordered_json own_call();
    [[nodiscard]] nlohmann::ordered_json inbound_call() const;

    void write_event(const Moment& event, std::size_t at);
    void write_command(const Moment& command);
    [[nodiscard]] nlohmann::ordered_json await_of(const Moment& command);
    [[nodiscard]] std::string path_of(const Moment& command) const;
    [[nodiscard]] bool tried_again(const Moment& event);
    void person_acts(const Moment& event, std::size_t at);
    void act(const Moment& because, nlohmann::ordered_json what);
    [[nodiscard]] bool caller_hangs_up(std::size_t at) const;
    [[nodiscard]] bool ends_with_the_call(std::size_t at) const;
    [[nodiscard]] std::optional<Duration> gap_before(const Moment& event) const;
    [[nodiscard]] nlohmann::ordered_json expectation(const TapedDelivery& delivery) const;
    [[nodiscard]] std::string unique(std::string id);
    [[nodiscard]] const Moment* first_event() const;

    const CallMoments& call_;
    const TapeSettings& settings_;
    std::vector<std::string>& notes_;
    Naming naming_;
    nlohmann::ordered_json vars_ = nlohmann::ordered_json::object();
    nlohmann::ordered_json start_ = nlohmann::ordered_json::object();
    nlohmann::ordered_json steps_ = nlohmann::ordered_json::array();
    std::map<std::string, int> ids_;
    std::vector<TapedDelivery> deliveries_;
    const Moment* last_{nullptr};        // step
    const Moment* last_event_{nullptr};  // with a time
    const Moment* gather_{nullptr};      // the last one that was asked for
    bool keys_seen_{false};              // since then
    bool hung_up_{false};                // the end was asked for, by either side
    bool over_{false};
};

}  // namespace ringback

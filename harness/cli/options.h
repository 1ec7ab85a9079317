#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "harness/cli/fake_settings.h"
#include "harness/cli/flags.h"
#include "harness/cli/values.h"

namespace ringback {

/// What `ringback serve` was asked for.
struct ServeOptions {
    FakeSettings fake;
    std::string ready_file;
    std::chrono::milliseconds drain_timeout{10'000};
    bool quiet{false};
    bool verbose{false};
    bool no_color{false};
    // as typed; complete() makes settings of them
    std::vector<std::string> user_ids;
    std::vector<std::string> tokens;
    std::vector<std::string> secrets;
    std::string accounts_file;
    std::vector<std::string> fixtures;
    std::string faults;
    bool strict_order{false};
    bool concurrent_delivery{false};

    bool outside{false};  // by complete(): other machines can reach it
    std::vector<std::string>
        warnings;  // by complete(): allowed, but worth a line on standard error
};

/// The flags of `serve`, writing into `options`, which must outlive them.
[[nodiscard]] std::unique_ptr<Flags> serve_flags(ServeOptions& options);

/// What must hold between flags; adds to flags.problems(). Call it after a parse that went well.
void complete(ServeOptions& options, Flags& flags);

// The groups of serve_flags, one function a heading of --help.
void add_listening_flags(Flags& flags, ServeOptions& options);
void add_account_flags(Flags& flags, ServeOptions& options);
void add_receiver_flags(Flags& flags, ServeOptions& options);
void add_clock_flags(Flags& flags, ServeOptions& options);
void add_far_end_flags(Flags& flags, ServeOptions& options);
void add_delay_flags(Flags& flags, ServeOptions& options);
void add_api_flags(Flags& flags, ServeOptions& options);
void add_record_flags(Flags& flags, ServeOptions& options);
void add_limit_flags(Flags& flags, ServeOptions& options);

// Flags that several commands have; `about` is what --help says.

/// -f, --callback-url: its host and port are then allowed as a target.
void add_callback_url_flag(Flags& flags, std::string_view about, std::string& url,
                           TargetSettings& targets);
/// --header, --cacert, --insecure, --callback-cert, --callback-key.
void add_delivery_flags(Flags& flags, DeliverySettings& delivery);
/// --public-base.
void add_public_base_flag(Flags& flags, std::string_view about, std::string& base);
/// --faults: onto `plan`, and the words as they were typed onto `typed`, with commas. Mistakes in
/// files are told with their places.
void add_faults_flag(Flags& flags, FaultPlan& plan, std::string& typed);
void add_seed_flag(Flags& flags, std::string_view about, Seed& seed);

/// A Take that stores what `parse` reads from the text.
template <class T, class Parse>
Flags::Take into(T& target, Parse parse) {
    return [&target, parse](std::string_view text) -> Result<bool> {
        auto parsed = parse(text);
        if (!parsed) {
            return parsed.error();
        }
        target = std::move(parsed).value();
        return true;
    };
}

/// A whole number in a range, narrowed to what the setting holds; the range must fit it.
template <class T>
Flags::Take count_into(T& target, std::uint64_t least, std::uint64_t most) {
    return [&target, least, most](std::string_view text) -> Result<bool> {
        const Result<std::uint64_t> number = whole_number_of(text, least, most);
        if (!number) {
            return number.error();
        }
        target = static_cast<T>(number.value());
        return true;
    };
}

/// The same, appended to a list.
template <class T, class Parse>
Flags::Take onto(std::vector<T>& target, Parse parse) {
    return [&target, parse](std::string_view text) -> Result<bool> {
        auto parsed = parse(text);
        if (!parsed) {
            return parsed.error();
        }
        target.push_back(std::move(parsed).value());
        return true;
    };
}

}  // namespace ringback

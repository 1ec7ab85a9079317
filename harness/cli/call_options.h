#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "harness/cli/fake_settings.h"
#include "harness/cli/flags.h"
#include "harness/receiver/voice_api.h"

namespace ringback {

/// What `ringback call` was asked for.
struct CallOptions {
    std::string api;           // address of a running fake; "" = one of our own
    std::string admin;         // where its admin plane is; "" = at the same address
    std::string callback_url;  // "" = the bundled receiver
    std::string from{"+19195550123"};
    std::string to{"+19195550187"};
    std::string tag;
    std::string callback_method;
    std::string sentence{"This is ringback."};
    std::chrono::milliseconds timeout{30'000};
    ApiUser user{"u-demo", "t-demo", "s-demo"};
    std::string admin_token;
    bool json{false};
    bool no_color{false};
    FakeSettings fake;  // our own: virtual clock, any free port
};

/// The flags of `call`, writing into `options`, which must outlive them.
[[nodiscard]] std::unique_ptr<Flags> call_flags(CallOptions& options);
/// What must hold between them; adds to flags.problems().
void check_call(const CallOptions& options, Flags& flags);

}  // namespace ringback

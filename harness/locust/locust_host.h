#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/locust/locust_stats.h"

namespace ringback {

/// How many users of which class.
using LocustUsers = std::map<std::string, std::uint32_t>;

/// What the master says of a test that begins.
// NOLINTNEXTLINE(bugprone-exception-escape): json says it moves without one
struct LocustTest {
    std::string host;  // --host, or what the web page's field says; "" = nothing
    nlohmann::json
        options;  // the master's command line, an object; options of the locustfile's own too

    friend bool operator==(const LocustTest&, const LocustTest&) = default;
};

/// What a Locust worker is worth nothing without: the load engine, as the worker's side of the
/// protocol sees it. Everything is called on the loop of the LocustLink, and `then` must be called
/// on it, at once or later; a later set_users or stop makes an earlier `then` needless, not wrong.
class LocustHost {
public:
    LocustHost() = default;
    LocustHost(const LocustHost&) = delete;
    LocustHost& operator=(const LocustHost&) = delete;
    LocustHost(LocustHost&&) = delete;
    LocustHost& operator=(LocustHost&&) = delete;
    virtual ~LocustHost() = default;

    /// The classes it can play; the same whenever asked. locust_class_name() makes them.
    [[nodiscard]] virtual std::vector<std::string> user_classes() const = 0;

    /// A test begins, with no user: what was measured before it is nobody's any more.
    virtual void begin(const LocustTest& test) = 0;

    /// So many lines, from now on: places the ones that are missing at once, lets those that are
    /// too many end their calls for `grace`, then hangs up. `then` once exactly so many are there.
    virtual void set_users(const LocustUsers& users, std::chrono::milliseconds grace,
                           std::function<void()> then) = 0;

    /// No lines any more, in the same way. What the last calls came to is there before `then`.
    virtual void stop(std::chrono::milliseconds grace, std::function<void()> then) = 0;

    /// What was measured since it was last asked: given away, never told again.
    [[nodiscard]] virtual LocustStats take_stats() = 0;
};

}  // namespace ringback

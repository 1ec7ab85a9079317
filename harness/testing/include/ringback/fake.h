#pragma once

#include <ringback/expect.h>
#include <ringback/journal.h>

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace ringback::testing {

enum class Clock : std::uint8_t {
    /// Jumps to what is due next once nothing has been under way for `settle`, and only while the
    /// test waits: in wait_for(), wait_until_idle() and advance(). However long a test takes to
    /// press a key, to the call it is no time.
    virtual_time,
    /// The same, whether anybody waits or not: for tests that wait by means of their own.
    free_virtual_time,
    real_time,
};

struct FakeOptions {
    std::uint64_t seed{42};
    Clock clock{Clock::virtual_time};
    double time_scale{1.0};                // modelled seconds per real second, real_time only
    std::chrono::milliseconds settle{20};  // real time; more for receivers that think for longer
    std::uint16_t port{0};                 // 0 = any free one
    std::string user{"u-ringback"};
    std::string token{"t-ringback"};
    std::string secret{"s-ringback"};
    bool check_credentials{false};           // true: only user, token and secret are let in
    std::string callback_url;                // of calls that name none; its host may be called
    std::vector<std::string> allow_targets;  // CIDR, HOST or HOST:PORT besides loopback
    /// Delays of the call model by the names of `ringback serve`: {"answer-delay": "1s..3s"}.
    nlohmann::json model = nlohmann::json::object();
    /// What callbacks are signed with, as Standard Webhooks says: "whsec_..."; several, newest
    /// first, sign side by side. Empty: they go unsigned.
    std::vector<std::string> signing_secrets{};
};

/// An answer of the API.
struct Answer {
    int status{0};
    nlohmann::json body;   // a text when it is no JSON; null when there is none
    std::string location;  // of what was created
};

class Fake;

/// One call of a fake, by its id. Copy it freely; the fake outlives it.
class Call {
public:
    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const std::string& user() const { return user_; }

    // What the person on the phone does. Each throws when the call is over or not so far.
    void press(const std::string& keys) const;
    void say(const std::string& words) const;
    void answer() const;
    void decline() const;
    void hang_up() const;

    /// "started", "active", "transferring", "completed", "rejected", "error".
    [[nodiscard]] std::string state() const;
    /// GET /v1/users/.../calls/...
    [[nodiscard]] nlohmann::json resource() const;

private:
    friend class Fake;
    Call(Fake& fake, std::string user, std::string id);
    void act(const nlohmann::json& action) const;

    Fake* fake_;
    std::string user_;
    std::string id_;
};

struct ScenarioOptions {
    std::string callback_url;                    // default: the fake's
    std::map<std::string, nlohmann::json> vars;  // over the scenario's own
    std::optional<std::uint64_t> seed{};         // over the scenario's own
    std::chrono::milliseconds timeout{60'000};   // real time, per row of its data
};

/// What a scenario came to; of one with data: of all its rows.
struct ScenarioOutcome {
    enum class Result : std::uint8_t { passed, failed, inconclusive };
    Result result{Result::inconclusive};
    std::string text;     // what `ringback run` prints: one line a row, and why it did not pass
    nlohmann::json json;  // an array of what `ringback run --format json` prints
    Journal journal;      // of the last row

    explicit operator bool() const { return result == Result::passed; }
    friend std::ostream& operator<<(std::ostream& out, const ScenarioOutcome& outcome);
};

/// A whole fake voice API in this process, on a thread and a loopback port of its own. It answers
/// from the end of the constructor on. Any number live side by side and share nothing.
///
/// Threads  every member may be called from any thread, a receiver's included.
/// Errors   std::runtime_error, in the caller's thread, with what was expected and found.
/// The end  is at once: calls and callbacks under way are cut off.
class Fake {
public:
    explicit Fake(FakeOptions options = {});
    Fake(const Fake&) = delete;
    Fake& operator=(const Fake&) = delete;
    Fake(Fake&&) = delete;
    Fake& operator=(Fake&&) = delete;
    ~Fake();

    /// "http://127.0.0.1:49213": the API's base, for whoever makes calls.
    [[nodiscard]] const std::string& url() const;
    [[nodiscard]] const std::string& user() const;
    [[nodiscard]] const std::string& token() const;
    [[nodiscard]] const std::string& secret() const;

    /// POST /calls, as an application would; `members` over from, to and callbackUrl. Throws what
    /// the API refused it with.
    Call create_call(const nlohmann::json& members = nlohmann::json::object());
    /// Somebody calls the receiver; members as of POST /__admin/calls (harness/admin): from, to,
    /// callbackUrl, fallbackUrl, autoAnswer, applicationId, pressOnGather, hangUpAfter, ...
    Call inbound_call(const nlohmann::json& members = nlohmann::json::object());
    /// What a number does when it is called: {"to": "+1...", "act": "busy", "after": "2s"}, as of
    /// POST /__admin/far-ends.
    void far_end(const nlohmann::json& members);

    /// The call of that id, whoever made it. Throws when there is none.
    [[nodiscard]] Call call(const std::string& id);
    /// All of them, in the order in which they were made by each user.
    [[nodiscard]] std::vector<Call> calls();
    /// Any request to the API, as the fake's user would make it; in the journal it is `own`.
    Answer ask(const std::string& method, const std::string& path,
               const nlohmann::json& body = nullptr);

    /// Lets modelled time pass, until everything due by then was delivered or has failed.
    void advance(std::chrono::milliseconds by,
                 std::chrono::milliseconds deadline = std::chrono::seconds{30});

    [[nodiscard]] Journal journal() const;
    /// Until no call can move by itself and nothing is owed or under way. `deadline`: real time
    /// from now on. Not the receiver's private plans: what it does later by itself is not awaited.
    [[nodiscard]] Judgement wait_until_idle(std::chrono::milliseconds deadline);
    /// Until the journal has such an entry; one that is there already counts. Virtual time stands
    /// still from that entry on.
    [[nodiscard]] Judgement wait_for(const Pattern& pattern, std::chrono::milliseconds deadline);

    /// Plays a scenario against a receiver that is already running: a file, or the name of a
    /// built-in one. It has calls, a clock and a journal of its own (see the outcome); until it is
    /// over, requests of its user go to it instead of to this fake's own calls. One at a time;
    /// others wait. Throws every mistake of a file.
    ScenarioOutcome run_scenario(const std::string& file_or_name, const ScenarioOptions& options);
    ScenarioOutcome run_scenario(const std::string& file_or_name);

    /// The ladder of its journal.
    friend std::ostream& operator<<(std::ostream& out, const Fake& fake);

private:
    friend class Call;
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace ringback::testing

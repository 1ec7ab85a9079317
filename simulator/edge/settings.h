#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulator/core/delivery.h"
#include "simulator/core/engine.h"
#include "simulator/core/faults.h"
#include "simulator/core/settings.h"
#include "simulator/edge/ip_address.h"
#include "simulator/wire/callback_json.h"
#include "simulator/wire/standard_webhooks.h"

namespace ringback {

struct ApiSettings {
    std::string public_base{"https://api.catapult.inetwork.com"};  // {public}, without "/v1"
    bool relative_location{false};
    bool strict_numbers{false};   // `from` must be one of `numbers` or of the account's
    bool rate_limits{false};      // spec v1 7.1: 429 for requests that come too fast
    bool creation_limits{false};  // spec v1 7.1: 403 for calls and messages that do
    std::size_t most_media{std::size_t{256} << 20U};  // bytes of media files, of all users
    CallerFields caller_fields{CallerFields::documented};
    /// That may call and send, beside the account's phone numbers; E.164.
    std::set<std::string> numbers;
    std::string sole_user;    // whose all paths without a user are; "" = the token's
    std::string inbound_url;  // where inbound calls go when the admin request names no URL
};

/// Bytes of a token or a secret that are compared, in a time that does not depend on them; a longer
/// one could never be right.
constexpr std::size_t longest_credential = 512;

/// One account of strict mode. Needs: token and secret of at most `longest_credential` bytes.
struct Account {
    std::string user_id;
    std::string token;
    std::string secret;
};

/// A file somebody has from the start.
struct SeededMedium {
    std::string name;
    std::string type;  // "" = application/octet-stream
    std::string cache_control;
    std::string bytes;
};
/// What a user has from the start, and again after each reset. Their numbers, and so their ids,
/// count from 1 in this order; a number's application is the how-manieth of these.
struct Seeded {
    std::string user;
    std::vector<Application> applications;
    std::vector<PhoneNumber> numbers;
    std::vector<SeededMedium> media;
};

/// A name that was resolved before, and where it leads.
struct KnownName {
    std::string host;  // as in the URL, in small letters
    std::vector<IpAddress> addresses;
};

struct DeliverySettings {
    std::string user_agent{"BandwidthAPI/v1"};
    std::chrono::milliseconds reply_patience{250};  // wall time, spec v1 5.9
    Ordering ordering{Ordering::patient};
    DeliveryPolicy policy;
    bool verify_tls{true};
    std::string ca_file;                 // PEM; "" = the system's
    std::string certificate_file;        // PEM, shown to receivers that ask for one; "" = none
    std::string key_file;                // PEM, its key; "" = in the same file
    std::vector<SigningSecret> signing;  // a signature each; empty: events go unsigned
    std::string signing_file;            // that they were read from; "" = they were not
    std::vector<std::string> headers;    // extra "Name: value" lines for every callback
    bool keep_answer_headers{false};     // in the journal; for who asks for them
    std::vector<KnownName> known_names;  // that no resolver is asked about any more
    std::size_t attempts_at_once{4096};
    std::size_t attempts_per_target{1024};               // per host:port
    std::size_t pending_limit{100'000};                  // owed events; beyond, the API answers 503
    std::size_t pending_bytes{std::size_t{256} << 20U};  // that they say; the same
};

struct TargetSettings {
    std::vector<std::string> allow;  // "CIDR", "HOST" or "HOST:PORT" as given to --allow-target
};

struct ClockSettings {
    enum class Mode : std::uint8_t { real, jumping };  // `jumping` is --clock virtual
    Mode mode{Mode::real};
    double scale{1.0};                     // modelled seconds per real second, real mode only
    std::chrono::milliseconds settle{20};  // wall time of quiet before the clock jumps
    std::optional<Instant>
        start{};  // modelled time at the start; default: real: now; jumping: 2026-01-05T09:00:00Z
};

struct ServerSettings {
    std::string bind_address{"127.0.0.1"};
    std::uint16_t port{12180};
    std::optional<std::uint16_t> https_port{};
    std::string certificate_file;  // PEM, for https_port
    std::string key_file;          // PEM, its key; "" = in the same file
    std::string
        client_ca_file;  // PEM: who a client's certificate must be of; "" = none is asked for
    std::size_t max_body{1U << 20U};
    std::size_t max_large_bodies{std::size_t{256} << 20U};  // arriving at once, media files only
    std::size_t max_connections{20'000};
    std::chrono::milliseconds head_deadline{10'000};
    std::chrono::milliseconds body_deadline{10'000};
    std::chrono::milliseconds idle_deadline{30'000};
};

struct SimulatorSettings {
    Seed seed{42};
    ModelSettings model;
    EngineLimits limits;
    ApiSettings api;
    std::vector<Account> accounts;  // empty: every well-formed Basic header is accepted
    DeliverySettings delivery;
    TargetSettings targets;
    ClockSettings clock;
    std::vector<Seeded> seeded;  // each user once
    FaultPlan faults;            // from the start; without rules: none
};

}  // namespace ringback

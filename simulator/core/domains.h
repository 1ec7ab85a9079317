#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "simulator/core/time.h"

namespace ringback {

/// What a SIP client was given instead of its endpoint's password.
struct EndpointToken {
    std::uint64_t number{};  // within the account, from 1
    Instant expires_at{};

    friend bool operator==(const EndpointToken&, const EndpointToken&) = default;
};

/// One SIP client of a domain. Its password is judged and not kept: nobody ever asks for it again.
struct SipEndpoint {
    std::uint32_t number{};  // within its domain, from 1
    std::string name;
    std::string description;
    std::string application_id;
    bool enabled{true};
    std::vector<EndpointToken> tokens;  // oldest first; some may have expired

    friend bool operator==(const SipEndpoint&, const SipEndpoint&) = default;
};

struct SipDomain {
    std::uint32_t number{};  // within the account, from 1
    std::string name;
    std::string description;
    std::uint32_t last_endpoint{0};
    std::map<std::uint32_t, SipEndpoint> endpoints;  // by number

    friend bool operator==(const SipDomain&, const SipDomain&) = default;
};

// What can be asked of an account's domains. Domains and endpoints are named by their numbers.
struct CreateDomain {
    std::string name;
    std::string description;
    friend bool operator==(const CreateDomain&, const CreateDomain&) = default;
};
struct DeleteDomain {
    std::uint32_t domain{};
    friend bool operator==(const DeleteDomain&, const DeleteDomain&) = default;
};
struct CreateEndpoint {
    std::uint32_t domain{};
    std::string name;
    std::string description;
    std::string application_id;
    bool enabled{true};
    friend bool operator==(const CreateEndpoint&, const CreateEndpoint&) = default;
};
/// What is not there stays as it is.
struct UpdateEndpoint {
    std::uint32_t domain{};
    std::uint32_t endpoint{};
    std::optional<std::string> description{};
    std::optional<std::string> application_id{};  // "": none any more
    std::optional<bool> enabled{};
    friend bool operator==(const UpdateEndpoint&, const UpdateEndpoint&) = default;
};
struct DeleteEndpoint {
    std::uint32_t domain{};
    std::uint32_t endpoint{};
    friend bool operator==(const DeleteEndpoint&, const DeleteEndpoint&) = default;
};
struct CreateToken {
    std::uint32_t domain{};
    std::uint32_t endpoint{};
    Duration lifetime{};
    friend bool operator==(const CreateToken&, const CreateToken&) = default;
};
struct DeleteToken {
    std::uint32_t domain{};
    std::uint32_t endpoint{};
    std::uint64_t token{};
    friend bool operator==(const DeleteToken&, const DeleteToken&) = default;
};
using DomainCommand = std::variant<CreateDomain, DeleteDomain, CreateEndpoint, UpdateEndpoint,
                                   DeleteEndpoint, CreateToken, DeleteToken>;

enum class DomainRefusal : std::uint8_t {
    none,
    no_such_domain,
    no_such_endpoint,
    no_such_token,  // or it has expired
    duplicate_domain,
    duplicate_endpoint,
    too_many_domains,    // of the account: spec v1 2.11, 7.2
    too_many_endpoints,  // of the domain: ours
    no_room,             // of the process: EngineLimits::sip_records
};

/// What has become of the account's domains; nothing where the command was refused.
struct DomainChanged {
    enum class What : std::uint8_t { domain, endpoint, token };
    enum class How : std::uint8_t { created, changed, removed };
    What what{};
    How how{};
    std::uint32_t domain{};
    std::uint32_t endpoint{};  // 0 of a domain
    std::uint64_t token{};     // 0 of the others

    friend bool operator==(const DomainChanged&, const DomainChanged&) = default;
};

struct DomainOutcome {
    DomainRefusal refusal{DomainRefusal::none};
    DomainChanged change{};  // with the number of what was created

    friend bool operator==(const DomainOutcome&, const DomainOutcome&) = default;
};

/// One account's domains and their endpoints. A value, told the time; what is refused changes
/// nothing. Numbers count up and are not given again.
class Domains {
public:
    static constexpr std::size_t most_domains = 100;     // spec v1 2.11
    static constexpr std::size_t most_endpoints = 1000;  // of one domain: ours
    static constexpr std::size_t most_tokens = 100;  // of one endpoint; the oldest goes for more

    DomainOutcome apply(const DomainCommand& command, Instant now);

    /// By number, so that the newest comes last.
    [[nodiscard]] const std::map<std::uint32_t, SipDomain>& all() const { return domains_; }
    [[nodiscard]] const SipDomain* find(std::uint32_t domain) const;
    [[nodiscard]] const SipEndpoint* find(std::uint32_t domain, std::uint32_t endpoint) const;
    /// How many domains and endpoints there are together.
    [[nodiscard]] std::size_t records() const { return records_; }

    friend bool operator==(const Domains&, const Domains&) = default;

private:
    DomainOutcome create(const CreateDomain& wanted);
    DomainOutcome erase(const DeleteDomain& wanted);
    DomainOutcome create(const CreateEndpoint& wanted);
    DomainOutcome update(const UpdateEndpoint& wanted);
    DomainOutcome erase(const DeleteEndpoint& wanted);
    DomainOutcome create(const CreateToken& wanted, Instant now);
    DomainOutcome erase(const DeleteToken& wanted, Instant now);

    struct Located {
        SipDomain* domain{nullptr};
        SipEndpoint* endpoint{nullptr};
        DomainRefusal refusal{DomainRefusal::none};  // what is missing
    };
    [[nodiscard]] Located locate(std::uint32_t domain, std::uint32_t endpoint);

    std::map<std::uint32_t, SipDomain> domains_;
    std::uint32_t last_domain_{0};
    std::uint64_t last_token_{0};
    std::size_t records_{0};
};

/// Whether the command makes one more domain or endpoint.
[[nodiscard]] constexpr bool makes_record(const DomainCommand& command) {
    return std::holds_alternative<CreateDomain>(command) ||
           std::holds_alternative<CreateEndpoint>(command);
}

}  // namespace ringback

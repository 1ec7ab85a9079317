#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulator/edge/exchange.h"
#include "simulator/edge/outgoing_connection.h"
#include "simulator/edge/settings.h"
#include "simulator/edge/target.h"

namespace ringback {

/// One (scheme, host, port): its connections and the tries that wait for room.
struct Destination {
    bool tls{false};
    std::string host;
    std::uint16_t port{0};
    bool host_is_address{false};
    std::vector<IpAddress> addresses;                 // literal, localhost, or as resolved last
    WallInstant addresses_until{WallInstant::min()};  // when a name is to be resolved again
    bool resolving{false};
    bool keeps{false};  // has answered over a kept connection and not dropped one right away since
    std::vector<ConnectionPtr> idle;  // in the order of their last answers
    std::deque<Exchange*> waiting;
    std::size_t active{0};  // tries under way
    std::size_t urls{0};    // prepared URLs that lead here
    bool has_turn{false};   // stands in the transport's round
    TlsSession session;
};

/// A URL made ready: everything of the request that does not change from one event to the next.
struct PreparedUrl {
    std::string url;
    std::string problem;  // why it cannot be called; "" = it can
    Target target;
    std::string post_head;              // up to and including "Content-Length: "
    std::string get_start;              // "GET /path?query&", ready for the payload
    std::string bare_get_start;         // the same without payload
    std::string get_rest;               // " HTTP/1.1" and the rest of the head
    Destination* destination{nullptr};  // null if there is a problem
    std::size_t in_use{0};              // exchanges that point here
    std::size_t allowed_in{0};          // the edition of the policy that allowed the target
};

/// Remembers the URLs used last and where they lead, bounded.
class AddressBook {
public:
    /// `extra_headers`: "Name: value" lines that have been checked.
    AddressBook(std::string user_agent, const std::vector<std::string>& extra_headers);

    /// The URL made ready; its in_use is the caller's to count.
    PreparedUrl& find(std::string_view url);

    /// Writes the request for one event into `bytes`.
    static void write_request(const PreparedUrl& url, Method method, std::string_view payload,
                              std::string& bytes);

    /// Makes the request one that says BXML is welcome (spec v1 3.1).
    static void ask_for_document(std::string& bytes);

    /// Writes an OPTIONS request, which has no body.
    static void write_options(const PreparedUrl& url, std::string& bytes);

    /// The destination of that key, if it is still here.
    Destination* find_destination(const std::string& key);
    [[nodiscard]] static std::string key_of(const Destination& destination);

    template <class Do>
    void for_each_destination(Do act) {
        for (auto& [key, destination] : destinations_) {
            act(*destination);
        }
    }
    /// Forgets destinations that no URL leads to and nothing is connected to.
    void forget_unused();
    [[nodiscard]] std::size_t destinations() const { return destinations_.size(); }

private:
    using Urls = std::list<PreparedUrl>;

    void prepare(PreparedUrl& prepared);
    Destination& destination_of(const Target& target);
    void shrink();

    std::string common_headers_;  // User-Agent, Accept, Connection and the extra ones
    Urls urls_;                   // the one used last in front
    std::unordered_map<std::string_view, Urls::iterator> by_url_;  // keys lie in urls_
    std::unordered_map<std::string, std::unique_ptr<Destination>> destinations_;
};

}  // namespace ringback

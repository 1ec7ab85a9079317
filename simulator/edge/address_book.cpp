#include "simulator/edge/address_book.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace ringback {
namespace {

constexpr std::size_t urls_kept = 1024;  // about 1 kB each

constexpr IpAddress loopback_v4() {
    IpAddress address;
    address.bytes[0] = 127;
    address.bytes[3] = 1;
    return address;
}

constexpr IpAddress loopback_v6() {
    IpAddress address;
    address.bytes[15] = 1;
    address.v6 = true;
    return address;
}

/// One after the other, over what was in `out`.
void join(std::string& out, std::string_view a, std::string_view b, std::string_view c) {
    out.resize(a.size() + b.size() + c.size());
    char* place = out.data();
    for (const std::string_view part : {a, b, c}) {
        place = std::copy(part.begin(), part.end(), place);
    }
}

}  // namespace

AddressBook::AddressBook(std::string user_agent, const std::vector<std::string>& extra_headers)
    : common_headers_{"\r\nUser-Agent: " + std::move(user_agent) +
                      "\r\nAccept: */*\r\nConnection: keep-alive\r\n"} {
    for (const std::string& line : extra_headers) {
        common_headers_ += line + "\r\n";
    }
}

PreparedUrl& AddressBook::find(std::string_view url) {
    if (!urls_.empty() && urls_.front().url == url) {
        return urls_.front();  // most receivers have one URL
    }
    if (const auto known = by_url_.find(url); known != by_url_.end()) {
        urls_.splice(urls_.begin(), urls_, known->second);
        return urls_.front();
    }
    shrink();
    PreparedUrl& prepared = urls_.emplace_front();
    prepared.url = url;
    by_url_.emplace(prepared.url, urls_.begin());
    prepare(prepared);
    return prepared;
}

/// Makes room for one; what is in use stays, so the number of tries under way bounds the rest.
void AddressBook::shrink() {
    if (urls_.size() < urls_kept) {
        return;
    }
    constexpr int looked_at = 8;
    auto candidate = std::prev(urls_.end());
    for (int i = 0; i < looked_at && candidate != urls_.begin(); ++i) {
        const auto before = std::prev(candidate);
        if (candidate->in_use == 0) {
            if (candidate->destination != nullptr) {
                --candidate->destination->urls;
            }
            by_url_.erase(candidate->url);
            urls_.erase(candidate);
        }
        candidate = before;
    }
}

void AddressBook::prepare(PreparedUrl& prepared) {
    auto target = parse_target(prepared.url);
    if (!target.ok()) {
        prepared.problem = to_text(target.error());
        return;
    }
    prepared.target = std::move(target).value();
    const Target& to = prepared.target;
    std::string headers = " HTTP/1.1\r\nHost: " + to.host_header + common_headers_;
    if (!to.authorization.empty()) {
        headers += "Authorization: " + to.authorization + "\r\n";
    }
    prepared.post_head = "POST " + to.request_target + headers +
                         "Content-Type: application/json; charset=utf-8\r\nContent-Length: ";
    const bool has_query = to.request_target.find('?') != std::string::npos;
    prepared.bare_get_start = "GET " + to.request_target;
    prepared.get_start = prepared.bare_get_start + (has_query ? "&" : "?");
    prepared.get_rest = headers + "\r\n";
    prepared.destination = &destination_of(to);
    ++prepared.destination->urls;
}

void AddressBook::write_request(const PreparedUrl& url, Method method, std::string_view payload,
                                std::string& bytes) {
    if (method == Method::get) {
        join(bytes, payload.empty() ? url.bare_get_start : url.get_start, payload, url.get_rest);
        return;
    }
    constexpr std::string_view end_of_head = "\r\n\r\n";
    std::array<char, 24> length{};
    char* const digits_end =
        std::to_chars(length.data(), length.data() + length.size(), payload.size()).ptr;
    char* const end = std::copy(end_of_head.begin(), end_of_head.end(), digits_end);
    join(bytes, url.post_head, {length.data(), end}, payload);
}

void AddressBook::ask_for_document(std::string& bytes) {
    constexpr std::string_view before{"\r\nAccept: "};
    const std::size_t ours = bytes.find("\r\nAccept: */*\r\n");  // the first line of that name
    bytes.insert(ours + before.size(), "application/xml, text/xml, ");
}

void AddressBook::write_options(const PreparedUrl& url, std::string& bytes) {
    constexpr std::string_view get{"GET"};
    join(bytes, "OPTIONS", std::string_view{url.bare_get_start}.substr(get.size()), url.get_rest);
}

std::string AddressBook::key_of(const Destination& destination) {
    return (destination.tls ? "https " : "http ") + std::to_string(destination.port) + " " +
           destination.host;
}

Destination* AddressBook::find_destination(const std::string& key) {
    const auto found = destinations_.find(key);
    return found == destinations_.end() ? nullptr : found->second.get();
}

Destination& AddressBook::destination_of(const Target& target) {
    auto fresh = std::make_unique<Destination>();
    fresh->tls = target.tls;
    fresh->host = target.host;
    fresh->port = target.port;
    fresh->host_is_address = target.address.has_value();
    if (target.address) {
        fresh->addresses = {*target.address};
    } else if (target.is_localhost()) {
        fresh->addresses = {loopback_v4(),
                            loopback_v6()};  // by definition, RFC 6761: nobody is asked
    }
    if (!fresh->addresses.empty()) {
        fresh->addresses_until = WallInstant::max();
    }
    return *destinations_.try_emplace(key_of(*fresh), std::move(fresh)).first->second;
}

void AddressBook::forget_unused() {
    std::erase_if(destinations_, [](const auto& entry) {
        const Destination& destination = *entry.second;
        return destination.urls == 0 && destination.active == 0 && destination.idle.empty() &&
               destination.waiting.empty() && !destination.has_turn;
    });
}

}  // namespace ringback

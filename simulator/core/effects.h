#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/core/bridge.h"
#include "simulator/core/conference.h"
#include "simulator/core/directory.h"
#include "simulator/core/domains.h"
#include "simulator/core/event.h"
#include "simulator/core/faults.h"
#include "simulator/core/input.h"
#include "simulator/core/ledger.h"

namespace ringback {

struct Became {
    CallState before{};
    CallState after{};
    Cause cause{};
    friend bool operator==(const Became&, const Became&) = default;
};
/// What became of a message: its state, and of its receipt.
struct MessageBecame {
    MessageState before{};
    MessageState after{};
    ReceiptState receipt{};
    std::uint16_t code{};  // the deliveryCode; see has_code
    friend bool operator==(const MessageBecame&, const MessageBecame&) = default;
};
/// What became of a conference or one of its members.
struct ConferenceBecame {
    ConferenceState before{};
    ConferenceState after{};
    std::uint32_t member{0};          // the how-manieth, from 1; 0: it is the conference itself
    std::uint32_t active_members{0};  // after the change
    CallId call{};                    // the member's
    bool left{false};
    bool hold{false};  // of the member, or for all
    bool mute{false};
    friend bool operator==(const ConferenceBecame&, const ConferenceBecame&) = default;
};
/// An inbound call or message that nobody can be told of (spec v1 4.4, 5.6).
struct NoCallbackUrl {
    friend bool operator==(const NoCallbackUrl&, const NoCallbackUrl&) = default;
};

/// An account paid for what is neither a call nor a message.
struct Charged {
    std::uint64_t number{};  // see Charge
    Product product{};
    friend bool operator==(const Charged&, const Charged&) = default;
};

/// What is told of seldom. One alternative of Output and of Entry: libstdc++ tells more than eleven
/// apart through a table of functions, and that is on the way of every callback.
using OtherNews = std::variant<ApplicationChanged, NumberChanged, DomainChanged, Charged,
                               BridgeBecame, ConferenceBecame, BxmlNews, FaultMet, DrawsMissed>;

namespace detail {
template <class News, class... All>
constexpr bool is_among(const std::variant<All...>* /*of these*/) {
    return (std::is_same_v<News, All> || ...);
}
}  // namespace detail

/// Makes `what`, of an Output or an Entry, news of that kind, be it an alternative of its own or
/// one of OtherNews.
template <class News, class Variant, class... Parts>
News& put_news(Variant& what, Parts&&... parts) {
    if constexpr (detail::is_among<News>(static_cast<const OtherNews*>(nullptr))) {
        auto& other = what.template emplace<OtherNews>(std::in_place_type<News>,
                                                       std::forward<Parts>(parts)...);
        return *std::get_if<News>(&other);
    } else {
        return what.template emplace<News>(std::forward<Parts>(parts)...);
    }
}

/// That kind of OtherNews, if `what` is; else null.
template <class News, class Variant>
[[nodiscard]] auto* other_news(Variant& what) {
    auto* const other = std::get_if<OtherNews>(&what);
    return other != nullptr ? std::get_if<News>(other) : nullptr;
}

/// What leaves the core, in the order it happened.
struct Output {
    Instant at{};
    CallId call{};
    std::variant<Became, OnThePhone, NoCallbackUrl, Callback, MessageBecame, OtherNews> what;

    Output(Instant when, CallId whose) : at{when}, call{whose} {}
    friend bool operator==(const Output&, const Output&) = default;
};
using Outputs = std::vector<Output>;

struct SetTimer {
    Timer timer{};
    Instant at{};
    friend bool operator==(const SetTimer&, const SetTimer&) = default;
};

struct MakeLeg {
    NewCall leg;
    std::optional<Audio> whisper{};
    std::vector<Sound> whispers;  // of a Transfer verb
    bool of_document{false};      // one of the numbers that a Transfer verb rings
    friend bool operator==(const MakeLeg&, const MakeLeg&) = default;
};
struct TellPeer {
    CallId peer{};
    LegNews news{};
    Instant hangup_at{never};
    Cause cause{};
    friend bool operator==(const TellPeer&, const TellPeer&) = default;
};
/// What a call tells the bridge or conference it is in.
enum class GroupNews : std::uint8_t { answered, ended, star_pressed };
struct TellGroup {
    CallId group{};
    CallId call{};
    GroupNews news{};
    friend bool operator==(const TellGroup&, const TellGroup&) = default;
};
/// A conference has taken a call in, or has let it go.
struct SetMembership {
    CallId call{};
    CallId conference{};
    bool conferring{false};
    bool keys_are_taken{false};
    friend bool operator==(const SetMembership&, const SetMembership&) = default;
};
/// What one leg of a transfer wants of the other, a call of what it belongs to, or a conference of
/// a call. Rare.
struct LegEffect {
    std::size_t place{};  // so many of the outputs come before what it causes
    std::variant<MakeLeg, TellPeer, TellGroup, SetMembership> what;
    friend bool operator==(const LegEffect&, const LegEffect&) = default;
};

/// What steps have asked for, appended to by each and taken out by whoever obeys. Three lists,
/// because almost everything is an output or a timer, and an output stays where it was made.
struct Effects {
    Outputs outputs;
    std::vector<SetTimer> timers;
    std::vector<LegEffect> legs;

    /// A new output, to be filled in.
    template <class What>
    What& put(Instant at, CallId call) {
        return put_news<What>(outputs.emplace_back(at, call).what);
    }
    /// An event of that call, message or conference, owed to the route's URL and to be filled in;
    /// null when it has none: no URL, no request (spec v1 3.2).
    Event* owe(EventType type, Instant at, CallId of, const RouteRef& route, CallId strand) {
        if (route->url.empty()) {
            return nullptr;
        }
        auto& owed = put<Callback>(at, of);
        owed.route = route;
        owed.strand = strand;
        owed.event.type = type;
        owed.event.call = of;
        owed.event.time = at;
        return &owed.event;
    }
    friend bool operator==(const Effects&, const Effects&) = default;
};

}  // namespace ringback

// Two legs of one conversation: how a transfer makes leg B, and what the legs tell each other (spec
// v1 4.8).

#include "simulator/core/call_step.h"

namespace ringback {

void CallStep::transfer(const std::string& to, const std::string& from, const RouteRef& route,
                        const std::optional<Audio>& whisper) {
    CallDetails& mine = details();
    if (mine.playing && mine.playing->purpose == Playing::Purpose::whisper) {
        drop_whisper();
        cut_audio();
    }
    // A second transfer, or one of leg B: the other party of the first one is let go.
    tell_peer(LegNews::ended);
    mine.peer = {};
    mine.transfer.open().to = to;
    mine.transfer->caller_id = from;
    become(CallState::transferring);
    MakeLeg wanted;
    wanted.leg.from = from;
    wanted.leg.to = to;
    wanted.leg.route = route;
    wanted.whisper = whisper;
    effects_.legs.push_back({effects_.outputs.size(), std::move(wanted)});
}

/// Leg B stands: it hears its whisper first, then the legs are joined.
void CallStep::leg_is_answered() {
    tell_peer(LegNews::answered);
    if (const std::optional<Audio> whisper = call_.details->whisper) {
        play(*whisper, Playing::Purpose::whisper);
    } else if (!call_.details->sounds.empty()) {
        play_next(Playing::Purpose::whisper);
    } else {
        join_legs();
    }
}

void CallStep::join_legs() {
    call_.details->peer.joined = true;
    tell_peer(LegNews::ready_to_join);
}

/// What is left of it ends as other audio does: the legs are not joined.
void CallStep::drop_whisper() {
    if (call_.details && call_.details->playing &&
        call_.details->playing->purpose == Playing::Purpose::whisper) {
        call_.details->playing->purpose = Playing::Purpose::audio;
        call_.details->whisper.reset();
    }
}

Outcome CallStep::operator()(const PeerNews& told) {
    if (!call_.details || is_over(call_.state)) {
        return {};
    }
    if (under_document()) {
        leg_news(told);
        return {};
    }
    if (call_.details->peer.id != told.peer) {
        return {};
    }
    Peer& peer = call_.details->peer;
    if (told.news == LegNews::answered) {
        peer.answered = true;
        return {};
    }
    if (told.news == LegNews::ready_to_join) {
        peer.joined = true;
        if (call_.state == CallState::transferring) {
            become(CallState::active);
        }
        return {};
    }
    if (peer.role == Peer::Role::leg_a && !peer.answered) {
        peer = {};  // leg B never came: A goes on as if nothing had been asked
        become(CallState::active);
        return {};
    }
    peer.role = Peer::Role::none;  // whoever reported need not be told back
    end(call_.state == CallState::started ? Cause::originator_cancel : Cause::normal_clearing,
        CallState::completed, told.hangup_at);
    return {};
}

/// Told once this step is over; nothing without another leg.
void CallStep::tell_peer(LegNews news, Instant hangup_at) {
    if (under_document()) {
        for (const bxml::RungLeg& leg : run().legs) {
            tell_leg(leg.id, news, hangup_at);
        }
    } else if (call_.details && call_.details->peer.role != Peer::Role::none) {
        tell_leg(call_.details->peer.id, news, hangup_at);
    }
}

/// Told once this step is over, at this place among what it puts out.
void CallStep::tell_group(CallId group, GroupNews news) {
    effects_.legs.push_back({effects_.outputs.size(), TellGroup{group, call_.id, news}});
}

void CallStep::tell_leg(CallId leg, LegNews news, Instant hangup_at) {
    effects_.legs.push_back({effects_.outputs.size(), TellPeer{leg, news, hangup_at, call_.cause}});
}

bool CallStep::is_leg_b() const {
    return call_.details && call_.details->peer.role == Peer::Role::leg_b;
}

}  // namespace ringback

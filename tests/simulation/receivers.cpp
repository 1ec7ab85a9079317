#include "tests/simulation/receivers.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace ringback::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view origin{"http://127.0.0.1:900"};

Duration drawn(Rng& dice, Duration least, Duration most) {
    return least + Duration{static_cast<std::int64_t>(
                       dice.below(static_cast<std::uint64_t>((most - least).count()) + 1))};
}

AttemptResult answered(int status) {
    AttemptResult result;
    result.end = AttemptEnd::answered;
    result.status = status;
    return result;
}
AttemptResult ended(AttemptEnd end, std::string_view error) {
    AttemptResult result;
    result.end = end;
    result.error = Text{error};
    return result;
}

}  // namespace

std::string Receivers::some_url(Rng& dice, std::string_view path) const {
    return std::string{origin} + std::to_string(dice.below(count)) + std::string{path};
}

/// A mood lasts for a few seconds; half of the time a receiver is well.
Receivers::Mood Receivers::mood_of(std::string_view url, WallInstant now) {
    const std::size_t place = static_cast<std::size_t>(url.at(origin.size()) - '0') % count;
    Receiver& receiver = receivers_.at(place);
    const bool stays = one_stays_ && place == 0 && receiver.until != WallInstant::min();
    if (recovered_ && !stays) {
        return Mood::well;
    }
    if (now >= receiver.until && !stays) {
        constexpr std::uint64_t moods = 7;
        const std::uint64_t drawn_mood = dice_.below(2 * moods);
        receiver.mood = drawn_mood < moods ? static_cast<Mood>(drawn_mood) : Mood::well;
        receiver.until = now + drawn(dice_, 50ms, 20s);
    }
    return receiver.mood;
}

Ending Receivers::ending_of(const AttemptRequest& request, WallInstant now) {
    Ending ending;
    ending.sent_after = drawn(dice_, 0ms, 3ms);
    ending.ends_after = ending.sent_after + drawn(dice_, 0ms, 5ms);
    ending.result = answered(200);
    switch (mood_of(request.url, now)) {
        case Mood::well:
            ending.result.status = dice_.below(4) == 0 ? 204 : 200;
            break;
        case Mood::slow:
            ending.ends_after += drawn(dice_, 0ms, 12s);
            break;
        case Mood::failing: {
            constexpr int statuses[] = {400, 404, 500, 503, 302, 418, 199};
            ending.result = answered(statuses[dice_.below(std::size(statuses))]);
            break;
        }
        case Mood::refusing:
            ending.sent_after = -1ms;
            ending.ends_after = drawn(dice_, 0ms, 2s);
            ending.result = ended(AttemptEnd::could_not_connect, "Connection refused");
            break;
        case Mood::silent:
            ending.ends_after = 1h;
            break;
        case Mood::nonsense:
            ending.result = dice_.below(2) == 0 ? ended(AttemptEnd::malformed, "no HTTP")
                                                : ended(AttemptEnd::broken, "Connection reset");
            break;
        case Mood::elsewhere:
            ending.result = answered(dice_.below(2) == 0 ? 302 : 307);
            ending.result.location = Text{some_url(dice_, "/elsewhere")};
            break;
    }
    if (request.asks_document && !recovered_ && ending.result.status == 200 &&
        dice_.below(2) == 0) {
        ending.result.body = Text{document()};
    }
    may_lose_connection(ending);
    plan(request, ending);
    if (ending.ends_after >= request.timeout) {
        ending.ends_after = request.timeout;
        ending.result = ended(AttemptEnd::timed_out, "no answer in time");
        if (ending.sent_after >= request.timeout) {
            ending.sent_after = -1ms;
        }
    }
    return ending;
}

/// A receiver that was killed with kept connections open: some request finds one of them.
void Receivers::may_lose_connection(Ending& ending) {
    if (recovered_ || dice_.below(16) != 0) {
        return;
    }
    ending.lost_after = drawn(dice_, 0ms, std::min<Duration>(3ms, ending.ends_after));
    if (ending.sent_after < 0ms && dice_.below(2) == 0) {
        ending.sent_after = *ending.lost_after;  // and nobody listens any more
    }
}

std::string Receivers::document() {
    constexpr const char* verbs[] = {
        "<SpeakSentence>one two three</SpeakSentence>",
        R"(<PlayAudio repeatCount="2">a.wav</PlayAudio>)",
        R"(<Pause length="1"/>)",
        "<SendDtmf>1w2</SendDtmf>",
        "<Gather/>",
        R"(<Gather requestUrl="/menu" maxDigits="2" tag="g"><SpeakSentence>one</SpeakSentence></Gather>)",
        R"(<Record requestUrl="/rec" transcribe="true" transcribeCallbackUrl="/t" terminatingDigits="#"/>)",
        R"(<Record maxDuration="2"/>)",
        R"(<Transfer requestUrl="/d" callTimeout="9" transferTo="+19195550188"/>)",
        R"(<Redirect requestUrl="/next"/>)",
        "<Hangup/>",
        "<Reject/>",
        "<Sing/>",
        R"(<Pause length="-1"/>)"};
    if (dice_.below(12) == 0) {
        return "<Response><Pause></Response>";
    }
    std::string text{"<Response>"};
    for (std::uint64_t n = dice_.below(4); n > 0; --n) {
        text += verbs[dice_.below(std::size(verbs))];
    }
    return text + "</Response>";
}

}  // namespace ringback::test

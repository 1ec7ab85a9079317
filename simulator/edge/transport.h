#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/core/delivery.h"
#include "simulator/core/faults.h"
#include "simulator/core/route.h"
#include "simulator/core/signing_fault.h"

namespace ringback {

enum class AttemptId : std::uint64_t {};

/// One HTTP try to be made.
struct AttemptRequest {
    AttemptId id{};
    WallInstant now{};     // its deadline counts from here, unless it has to queue
    std::string_view url;  // absolute; user information still in it; outlives the call of start()
    Method method{Method::post};
    std::string_view payload;  // POST: the JSON body. GET: the query to append. Outlives start()
    std::chrono::milliseconds timeout{10'000};  // whole try: resolve, connect, send, response head
    bool asks_document{false};  // BXML is welcome as the body of the answer, which is kept whole
    bool asks_options{false};   // OPTIONS without a body in place of `method`
    const WireFault* wire{nullptr};  // it leaves badly; null: as it should. As `url`
    /// Further lines of the head, each with its line end, checked as those of DeliverySettings.
    /// Outlives start().
    std::string_view headers{};
    /// Which event of this transport it carries, counted from 1: every try of one event is signed
    /// with one webhook-id. 0: no event, and never signed.
    std::uint64_t message{0};
    SigningFault signing_fault{SigningFault::none};
};

/// Told how tries ended, on the loop, never from inside start().
class AttemptListener {
public:
    AttemptListener() = default;
    AttemptListener(const AttemptListener&) = delete;
    AttemptListener& operator=(const AttemptListener&) = delete;
    virtual ~AttemptListener() = default;
    /// The request is on the wire; replyPatience counts from here. Not told when the try ends
    /// before.
    virtual void attempt_sent(AttemptId id, WallInstant at) = 0;
    /// The request was lost with a kept connection before its receiver had one byte of it, and is
    /// sent again at once, over a fresh one: of `result.sent_again`. The try goes on.
    virtual void attempt_unheard(AttemptId /*id*/, AttemptResult&& /*result*/) {}
    /// `result` is good until the next start().
    virtual void attempt_ended(AttemptId id, AttemptResult&& result) = 0;
};

/// How bytes travel: HttpTransport over sockets, or a fake inside a test.
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    virtual void listen(AttemptListener& listener) = 0;
    /// Starts a try; every try ends in exactly one attempt_ended. Copies what it needs from the
    /// request.
    virtual void start(const AttemptRequest& request) = 0;
    /// Ends every try under way as `abandoned`, on the next turns of the loop.
    virtual void abandon_all() = 0;
    [[nodiscard]] virtual std::size_t under_way() const = 0;
};

}  // namespace ringback

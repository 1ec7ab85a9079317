#include "simulator/core/wire_fault.h"

#include <catch2/catch.hpp>

using namespace ringback;
using namespace std::chrono_literals;
using End = WireFault::End;

namespace {

WireFault half_and(End end) {
    WireFault fault;
    fault.half_body = true;
    fault.end = end;
    return fault;
}

}  // namespace

TEST_CASE("wire fault: so many bytes leave as the smaller of its limits allows", "[core][faults]") {
    WireFault fault;
    CHECK(leaving(fault, 100, 41) == 141);

    fault.half_body = true;
    CHECK(leaving(fault, 100, 41) == 120);
    CHECK(leaving(fault, 100, 1) == 100);
    CHECK(leaving(fault, 100, 0) == 50);  // half of what there is

    fault.limit = 30;
    CHECK(leaving(fault, 100, 41) == 30);
    fault.half_body = false;
    fault.limit = 1000;
    CHECK(leaving(fault, 100, 41) == 141);
    fault.limit = 0;
    CHECK(leaving(fault, 100, 41) == 0);
}

TEST_CASE("wire fault: being late or slow spoils nothing, all else does", "[core][faults]") {
    WireFault slow;
    slow.latency.a = 1s;
    slow.slice = 10;
    slow.pause = 5ms;
    CHECK_FALSE(spoils(slow));
    CHECK(arrives_whole(slow));
    WireFault slow_close;
    slow_close.end = End::silence;
    slow_close.silence = 1s;
    CHECK(arrives_whole(slow_close));

    WireFault garbage;
    garbage.garbage = true;
    WireFault limited;
    limited.limit = 5;
    WireFault wrong;
    wrong.length_error = -1;
    WireFault closed;
    closed.end = End::close;
    WireFault kept;
    kept.only_kept = true;
    for (const WireFault& fault :
         {garbage, limited, wrong, closed, kept, half_and(End::normal), half_and(End::silence)}) {
        CHECK(spoils(fault));
        CHECK_FALSE(arrives_whole(fault));
    }
}

TEST_CASE("wire fault: latency is drawn once, from its own stream", "[core][faults]") {
    WireFault fault = half_and(End::reset);
    fault.latency.shape = DrawnTime::Shape::uniform;
    fault.latency.a = 100ms;
    fault.latency.b = 200ms;
    Rng one{7};
    Rng same{7};

    const WireFault drawn = settled(fault, one);

    CHECK(drawn == settled(fault, same));
    CHECK(drawn.latency.shape == DrawnTime::Shape::fixed);
    CHECK(drawn.latency.a >= 100ms);
    CHECK(drawn.latency.a <= 200ms);
    CHECK(drawn.end == End::reset);
    CHECK(settled(drawn, one) == drawn);
}

TEST_CASE("wire fault: of two the latencies add up and the first end holds", "[core][faults]") {
    WireFault late;
    late.latency.a = 100ms;
    late.limit = 50;
    WireFault other;
    other.latency.a = 20ms;
    other.limit = 40;
    other.slice = 8;
    other.pause = 2ms;
    other.end = End::silence;
    other.silence = 3s;

    const WireFault together = both(late, other);

    CHECK(together.latency.a == 120ms);
    CHECK(together.limit == 40U);
    CHECK(together.slice == 8);
    CHECK(together.pause == 2ms);
    CHECK(together.end == End::silence);
    CHECK(together.silence == 3s);
    CHECK(both(half_and(End::reset), other).end == End::reset);
    CHECK(both(half_and(End::reset), other).half_body);
    CHECK(both(WireFault{}, other) == other);
}

TEST_CASE("wire fault: it says in words what it comes to", "[core][faults]") {
    WireFault fault;
    CHECK(to_text(fault) == "as it should be");
    CHECK(to_text(half_and(End::close)) == "closed after half the body");
    CHECK(to_text(half_and(End::normal)) == "nothing more after half the body");

    fault.limit = 0;
    fault.end = End::close;
    CHECK(to_text(fault) == "closed before the first byte");
    fault.limit = 1;
    fault.end = End::reset;
    fault.latency.a = 300ms;
    CHECK(to_text(fault) == "300 ms late, reset after 1 byte");
    fault.half_body = true;
    fault.limit = 9;
    CHECK(to_text(fault) == "300 ms late, reset after half the body or 9 bytes");

    WireFault slow;
    slow.slice = 3;
    slow.pause = 1500us;
    CHECK(to_text(slow) == "3 bytes at a time every 1500 us");
    slow.end = End::silence;
    slow.silence = 2s;
    CHECK(to_text(slow) ==
          "3 bytes at a time every 1500 us, silent for 2000 ms after the last byte");

    WireFault wrong;
    wrong.length_error = -4;
    CHECK(to_text(wrong) == "Content-Length 4 too small");
    wrong.length_error = 4;
    CHECK(to_text(wrong) == "Content-Length 4 too large");
    wrong.garbage = true;
    CHECK(to_text(wrong) == "garbage instead");

    WireFault kept;
    kept.only_kept = true;
    CHECK(to_text(kept) == "kept connection closed after the last byte");
    kept.end = End::reset;
    CHECK(to_text(kept) == "kept connection reset after the last byte");
}

#include "simulator/core/wire_fault.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace ringback {
namespace {

using End = WireFault::End;

std::string duration_text(Duration time) {
    using std::chrono::microseconds;
    using std::chrono::milliseconds;
    const bool whole = time % milliseconds{1} == Duration{0};
    return whole ? std::to_string(time / milliseconds{1}) + " ms"
                 : std::to_string(time / microseconds{1}) + " us";
}

std::string bytes_text(std::uint64_t bytes) {
    return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

bool is_cut(const WireFault& fault) { return fault.half_body || fault.limit.has_value(); }

/// Behind what something ends.
std::string place_text(const WireFault& fault) {
    if (fault.limit == 0U) {
        return " before the first byte";
    }
    std::string text;
    if (fault.half_body) {
        text += " after half the body";
    }
    if (fault.limit) {
        text += (text.empty() ? " after " : " or ") + bytes_text(*fault.limit);
    }
    return text.empty() ? " after the last byte" : text;
}

std::string end_text(const WireFault& fault) {
    const std::string place = place_text(fault);
    const std::string what = fault.only_kept ? "kept connection " : "";
    switch (fault.end) {
        case End::normal:
            return fault.only_kept ? what + "closed" + place
                   : is_cut(fault) ? "nothing more" + place
                                   : "";
        case End::close:
            return what + "closed" + place;
        case End::reset:
            return what + "reset" + place;
        case End::silence:
            return (fault.silence > Duration{0} ? "silent for " + duration_text(fault.silence)
                                                : "silent") +
                   place;
    }
    return {};
}

}  // namespace

WireFault settled(WireFault fault, Rng& rng) {
    const Duration drawn = draw(fault.latency, rng);
    fault.latency = {};
    fault.latency.a = drawn;
    return fault;
}

WireFault both(WireFault first, const WireFault& second) {
    first.latency.a += second.latency.a;
    if (first.slice == 0) {
        first.slice = second.slice;
        first.pause = second.pause;
    }
    if (second.limit) {
        first.limit = std::min(first.limit.value_or(*second.limit), *second.limit);
    }
    first.half_body = first.half_body || second.half_body;
    if (first.length_error == 0) {
        first.length_error = second.length_error;
    }
    first.garbage = first.garbage || second.garbage;
    if (first.end == End::normal) {
        first.end = second.end;
        first.silence = second.silence;
    }
    return first;
}

bool spoils(const WireFault& fault) {
    return is_cut(fault) || fault.length_error != 0 || fault.garbage || fault.only_kept ||
           fault.end != End::normal;
}

bool arrives_whole(const WireFault& fault) {
    const bool goes_on = fault.end == End::normal || fault.end == End::silence;
    return goes_on && !is_cut(fault) && fault.length_error == 0 && !fault.garbage &&
           !fault.only_kept;
}

std::uint64_t leaving(const WireFault& fault, std::uint64_t head, std::uint64_t body) {
    std::uint64_t leaves = head + body;
    if (fault.half_body) {
        leaves = body == 0 ? head / 2 : head + body / 2;
    }
    return std::min(leaves, fault.limit.value_or(leaves));
}

std::string to_text(const WireFault& fault) {
    std::string text;
    const auto add = [&text](const std::string& part) {
        text += text.empty() || part.empty() ? "" : ", ";
        text += part;
    };
    if (fault.latency.a > Duration{0}) {
        add(duration_text(fault.latency.a) + " late");
    }
    if (fault.slice != 0) {
        add(bytes_text(fault.slice) + " at a time");
        if (fault.pause > Duration{0}) {
            text += " every " + duration_text(fault.pause);
        }
    }
    if (fault.garbage) {
        add("garbage instead");
    } else if (fault.length_error != 0) {
        add("Content-Length " + std::to_string(std::abs(std::int64_t{fault.length_error})) +
            (fault.length_error > 0 ? " too large" : " too small"));
    }
    add(end_text(fault));
    return text.empty() ? "as it should be" : text;
}

}  // namespace ringback

#include "simulator/edge/spoilt_message.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "simulator/core/random.h"
#include "simulator/core/wire_fault.h"

namespace ringback {
namespace {

constexpr std::string_view end_of_head{"\r\n\r\n"};
constexpr std::string_view length_name{"\r\nContent-Length: "};

/// Bytes beyond ASCII, so that no method, version or name begins; ended as a head is, so that a
/// reader of lines sees an end. The same for every message of that size.
std::string garbage(std::size_t size) {
    constexpr std::size_t least = 16;
    constexpr std::size_t most = 4096;
    size = std::clamp(size, least, most);
    Rng rng{hash_of("garbage")};
    std::string bytes;
    bytes.reserve(size);
    while (bytes.size() + end_of_head.size() < size) {
        bytes.push_back(static_cast<char>(0x80U | (rng.next() & 0x7fU)));
    }
    return bytes.append(end_of_head);
}

std::size_t head_size(const std::string& message) {
    const std::size_t end = message.find(end_of_head);
    return end == std::string::npos ? message.size() : end + end_of_head.size();
}

/// One without a length gets one where it is to be too large: nothing is what there is of its body.
void misstate_length(std::string& message, std::int32_t error) {
    const std::size_t end = head_size(message) - end_of_head.size();
    const std::size_t line = message.find(length_name);
    if (line == std::string::npos || line > end) {
        if (error > 0) {
            message.insert(end, std::string{length_name} + std::to_string(error));
        }
        return;
    }
    const std::size_t digits = line + length_name.size();
    const std::size_t digits_end = message.find('\r', digits);
    std::int64_t length = 0;
    std::from_chars(message.data() + digits, message.data() + digits_end, length);
    length = std::max(length + error, std::int64_t{0});
    message.replace(digits, digits_end - digits, std::to_string(length));
}

}  // namespace

void spoil(std::string& message, const WireFault& fault) {
    if (fault.garbage) {
        message = garbage(message.size());
    } else if (fault.length_error != 0) {
        misstate_length(message, fault.length_error);
    }
}

std::size_t leaving(const std::string& message, const WireFault& fault) {
    const std::size_t head = head_size(message);
    return static_cast<std::size_t>(leaving(fault, head, message.size() - head));
}

}  // namespace ringback

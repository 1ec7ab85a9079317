#include "harness/locust/locust_pack.h"

#include <bit>
#include <nlohmann/json.hpp>

#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

using nlohmann::json;

constexpr std::size_t longest_text = 4096;  // characters; names and causes are short

std::string mended(std::string_view text) {
    std::string whole;
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        if (length == 0) {
            whole += "\xef\xbf\xbd";  // U+FFFD
            text.remove_prefix(1);
        } else {
            whole += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return whole;
}

}  // namespace

void LocustPacker::big_endian(std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        bytes_ += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xffU);
    }
}

void LocustPacker::container(std::uint32_t count, unsigned fixed, unsigned sixteen) {
    if (count < 16) {
        big_endian(fixed | count, 1);
    } else if (count < 65'536) {
        big_endian(sixteen, 1);
        big_endian(count, 2);
    } else {
        big_endian(sixteen + 1, 1);
        big_endian(count, 4);
    }
}

LocustPacker& LocustPacker::array(std::uint32_t count) {
    container(count, 0x90, 0xdc);
    return *this;
}

LocustPacker& LocustPacker::map(std::uint32_t count) {
    container(count, 0x80, 0xde);
    return *this;
}

LocustPacker& LocustPacker::text(std::string_view text) {
    json::to_msgpack(json(std::string{utf8_crop(mended(text), longest_text)}), bytes_);
    return *this;
}

LocustPacker& LocustPacker::whole(std::int64_t number) {
    json::to_msgpack(json(number), bytes_);
    return *this;
}

LocustPacker& LocustPacker::whole(std::uint64_t number) {
    json::to_msgpack(json(number), bytes_);
    return *this;
}

LocustPacker& LocustPacker::real(double number) {
    big_endian(0xcb, 1);
    big_endian(std::bit_cast<std::uint64_t>(number), 8);
    return *this;
}

LocustPacker& LocustPacker::nil() {
    json::to_msgpack(json(nullptr), bytes_);
    return *this;
}

}  // namespace ringback

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ringback {

/// MessagePack as Python's msgpack writes it. nlohmann::json cannot alone: an object of JSON has no
/// integer keys, which Locust's tables of response times need, and it writes a double as a float
/// where that loses nothing.
class LocustPacker {
public:
    LocustPacker& array(std::uint32_t count);
    LocustPacker& map(std::uint32_t count);
    LocustPacker& text(std::string_view text);  // mended where it is no UTF-8
    LocustPacker& whole(std::int64_t number);
    LocustPacker& whole(std::uint64_t number);
    LocustPacker& real(double number);
    LocustPacker& nil();

    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    void container(std::uint32_t count, unsigned fixed, unsigned sixteen);
    void big_endian(std::uint64_t value, int bytes);

    std::string bytes_;
};

}  // namespace ringback

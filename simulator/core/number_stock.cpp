// Numbers that can be had: made by the seed, place by place, never stored.

#include "simulator/core/number_stock.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

#include "simulator/core/far_end.h"
#include "simulator/core/message_numbers.h"

namespace ringback {
namespace {

constexpr std::array<std::string_view, 7> toll_free_codes{"800", "888", "877", "866",
                                                          "855", "844", "833"};
constexpr std::size_t blocks_of_place = 5;
constexpr std::uint64_t lines_of_block = 1000;

/// A thousand numbers that differ in the last three digits.
struct Block {
    std::string head;  // area code, exchange, first digit of the line
    const NumberPlace* place{nullptr};
    std::uint64_t stream{};
};

/// Not dialled as a subscriber's: N11, directory assistance, fiction, premium.
bool is_reserved(std::uint64_t exchange) {
    constexpr std::array<std::uint64_t, 5> special{555, 950, 958, 959, 976};
    return exchange % 100 == 11 ||
           std::find(special.begin(), special.end(), exchange) != special.end();
}

std::string any_head(std::string_view area_code, std::uint64_t stream) {
    Rng rng{stream};
    std::uint64_t exchange{0};
    do {
        exchange = 200 + rng.below(800);
    } while (is_reserved(exchange));
    return std::string{area_code} + std::to_string(exchange) + std::to_string(rng.below(10));
}

std::uint64_t block_stream(Seed seed, std::string_view area_code, std::string_view name,
                           std::uint64_t number) {
    return mix(mix(static_cast<std::uint64_t>(seed) ^ hash_of(area_code)) ^
               mix(hash_of(name) + number));
}

// --- which places

bool serves(const NumberPlace& place, const NumberSearch& search) {
    return (search.area_code.empty() || place.area_code == search.area_code) &&
           (search.state.empty() || place.state == search.state) &&
           (search.city.empty() || place.city == search.city);
}

/// Those of the ZIP code's prefix, else one of its state, always the same for the same code.
std::vector<const NumberPlace*> places_of_zip(std::string_view zip) {
    const std::string_view prefix = zip.substr(0, 3);
    std::vector<const NumberPlace*> near;
    std::vector<const NumberPlace*> in_state;
    const std::string_view state = state_of_zip(prefix);
    const auto [first, last] = number_places();
    for (const NumberPlace* place = first; place != last; ++place) {
        if (place->zip == prefix) {
            near.push_back(place);
        } else if (place->state == state) {
            in_state.push_back(place);
        }
    }
    if (near.empty() && !in_state.empty()) {
        near.push_back(in_state[hash_of(zip) % in_state.size()]);
    }
    return near;
}

std::vector<const NumberPlace*> places_for(const NumberSearch& search) {
    if (!search.zip.empty()) {
        return places_of_zip(search.zip);
    }
    std::vector<const NumberPlace*> found;
    const auto [first, last] = number_places();
    for (const NumberPlace* place = first; place != last; ++place) {
        if (serves(*place, search)) {
            found.push_back(place);
        }
    }
    if (search.in_local_calling_area) {
        const std::size_t own = found.size();
        for (const NumberPlace* place = first; place != last; ++place) {
            const bool overlaid =
                std::any_of(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(own),
                            [&](const NumberPlace* of) {
                                return of->city == place->city && of->state == place->state;
                            });
            if (overlaid && std::find(found.begin(), found.end(), place) == found.end()) {
                found.push_back(place);
            }
        }
    }
    return found;
}

// --- which blocks

/// Those of one exchange, each of which belongs to one of the area code's places.
void add_local_blocks(std::vector<Block>& blocks, Seed seed, const NumberSearch& search,
                      const std::vector<const NumberPlace*>& places) {
    constexpr std::size_t exchange_digits = 3;
    const std::string exchange = search.local_number.substr(0, exchange_digits);
    if (exchange[0] < '2' || is_reserved(std::stoull(exchange))) {
        return;
    }
    std::set<std::string_view> codes;
    for (const NumberPlace* const place : places) {
        codes.insert(place->area_code);
    }
    for (const std::string_view code : codes) {
        std::vector<const NumberPlace*> of_code;
        std::copy_if(places.begin(), places.end(), std::back_inserter(of_code),
                     [&](const NumberPlace* place) { return place->area_code == code; });
        const NumberPlace* const place = of_code[hash_of(exchange) % of_code.size()];
        for (char line = '0'; line <= '9'; ++line) {
            if (search.local_number.size() == exchange_digits || search.local_number[3] == line) {
                blocks.push_back(
                    {std::string{code} + exchange + line, place,
                     block_stream(seed, code, exchange, static_cast<std::uint64_t>(line))});
            }
        }
    }
}

std::vector<Block> blocks_for(Seed seed, const NumberSearch& search) {
    std::vector<Block> blocks;
    if (search.toll_free) {
        for (std::uint64_t number = 0; number < blocks_of_place; ++number) {
            for (const std::string_view code : toll_free_codes) {
                const std::uint64_t stream = block_stream(seed, code, "", number);
                blocks.push_back({any_head(code, stream), nullptr, stream});
            }
        }
        return blocks;
    }
    const auto places = places_for(search);
    if (!search.local_number.empty()) {
        add_local_blocks(blocks, seed, search, places);
        return blocks;
    }
    for (std::uint64_t number = 0; number < blocks_of_place; ++number) {
        for (const NumberPlace* const place : places) {
            const std::uint64_t stream = block_stream(seed, place->area_code, place->city, number);
            blocks.push_back({any_head(place->area_code, stream), place, stream});
        }
    }
    return blocks;
}

// --- which numbers

/// About one in four was given to somebody long ago, and what a magic number does is for tests to
/// ask for.
bool is_for_sale(const std::string& digits, std::uint64_t stream) {
    const std::string number = "+1" + digits;
    return mix(stream ^ hash_of(digits)) % 4 != 0 && magic_number(number) == nullptr &&
           message_number(number) == nullptr;
}

std::string digits_of(const Block& block, std::uint64_t place) {
    constexpr std::uint64_t stride = 377;  // has no factor in common with a thousand
    const std::uint64_t line = (place * stride + block.stream % lines_of_block) % lines_of_block;
    std::string digits = std::to_string(lines_of_block + line);
    return block.head + digits.substr(1);
}

// --- patterns

/// The digit of a telephone's key; others stay.
char key_of(char c) {
    constexpr std::string_view keys{"22233344455566677778889999"};
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower >= 'a' && lower <= 'z' ? keys[static_cast<std::size_t>(lower - 'a')] : c;
}

// --- names

constexpr std::array<std::string_view, 20> last_names{
    "SMITH",  "JOHNSON", "WILLIAMS", "BROWN", "JONES",  "MILLER", "DAVIS",
    "GARCIA", "WILSON",  "ANDERSON", "MOORE", "MARTIN", "LEE",    "WHITE",
    "CLARK",  "LEWIS",   "WALKER",   "HALL",  "YOUNG",  "KING"};
constexpr std::array<std::string_view, 20> first_names{
    "JAMES", "MARY", "ROBERT", "LINDA", "JOHN",  "SUSAN", "DAVID", "KAREN", "PAUL",   "NANCY",
    "MARK",  "LISA", "GEORGE", "SARAH", "KEVIN", "LAURA", "BRIAN", "ANNA",  "EDWARD", "RUTH"};

}  // namespace

std::vector<AvailableNumber> find_numbers(Seed seed, const NumberSearch& search,
                                          const IsTaken& is_taken) {
    std::vector<AvailableNumber> found;
    std::set<std::string> seen;  // two blocks can be the same
    const std::vector<Block> blocks = blocks_for(seed, search);
    for (std::uint64_t place = 0; place < lines_of_block; ++place) {
        for (const Block& block : blocks) {
            if (found.size() >= search.quantity) {
                return found;
            }
            std::string digits = digits_of(block, place);
            if (is_for_sale(digits, block.stream) &&
                (search.pattern.empty() || pattern_match(search.pattern, digits)) &&
                !is_taken(digits) && seen.insert(digits).second) {
                found.push_back({std::move(digits), block.place});
            }
        }
    }
    return found;
}

/// The usual way with one place to come back to: the last `*`, which takes one digit more then.
std::optional<std::string> pattern_match(std::string_view pattern, std::string_view digits) {
    std::string marks(digits.size(), ' ');
    std::size_t at = 0;
    std::size_t of = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_at = 0;
    while (at < digits.size()) {
        const bool is_star = of < pattern.size() && pattern[of] == '*';
        const bool is_any = of < pattern.size() && pattern[of] == '?';
        if (is_star) {
            star = of++;
            star_at = at;
        } else if (is_any || (of < pattern.size() && key_of(pattern[of]) == digits[at])) {
            marks[at] = is_any ? ' ' : digits[at];
            ++at;
            ++of;
        } else if (star != std::string_view::npos) {
            at = ++star_at;
            of = star + 1;
            std::fill(marks.begin() + static_cast<std::ptrdiff_t>(at - 1), marks.end(), ' ');
        } else {
            return std::nullopt;
        }
    }
    const bool rest_is_stars = pattern.find_first_not_of('*', of) == std::string_view::npos;
    return of >= pattern.size() || rest_is_stars ? std::optional{std::move(marks)} : std::nullopt;
}

bool is_number_pattern(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const char key = key_of(c);
        return (key >= '0' && key <= '9') || c == '?' || c == '*';
    });
}

std::optional<std::string> caller_name(Seed seed, std::string_view number) {
    constexpr std::size_t north_american = 12;
    const MagicNumber* const magic = magic_number(number);
    if (!number.starts_with("+1") || number.size() != north_american ||
        (magic != nullptr && magic->act == FarEndAct::unallocated)) {
        return std::nullopt;
    }
    Rng rng{mix(static_cast<std::uint64_t>(seed) ^ hash_of(number))};
    std::string name{last_names.at(rng.below(last_names.size()))};
    name += ' ';
    name += first_names.at(rng.below(first_names.size()));
    return name;
}

}  // namespace ringback

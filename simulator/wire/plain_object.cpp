#include "simulator/wire/plain_object.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "simulator/wire/ascii.h"

namespace ringback {
namespace {

using Entry = RequestBody::Entry;

/// With more of them than any resource has, looking for twins among all pairs would be slow.
constexpr std::size_t most_members = 24;
/// Fits 64 bits, whatever the digits are.
constexpr std::size_t most_digits = 18;

/// By a byte: it stands for itself in a JSON string, and is one character.
constexpr auto plain = [] {
    std::array<bool, 256> all{};
    for (std::size_t byte = 0x20; byte < 0x7f; ++byte) {
        all[byte] = byte != '"' && byte != '\\';
    }
    return all;
}();

class Reader {
public:
    Reader(std::string_view text, std::vector<Entry>& entries)
        : at_{text.data()}, end_{text.data() + text.size()}, entries_{entries} {}

    bool object() {
        entries_.push_back({{}, RequestBody::Nested{}});
        if (!takes('{')) {
            return false;
        }
        if (!takes('}')) {
            do {
                if (!member()) {
                    return false;
                }
            } while (takes(','));
            if (!takes('}')) {
                return false;
            }
        }
        skip_space();
        std::get<RequestBody::Nested>(entries_.front().value).end =
            static_cast<std::uint32_t>(entries_.size());
        return at_ == end_;
    }

private:
    void skip_space() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) {
            ++at_;
        }
    }

    /// The next byte that is no white space, if it is that one.
    bool takes(char wanted) {
        skip_space();
        const bool there = at_ != end_ && *at_ == wanted;
        at_ += there ? 1 : 0;
        return there;
    }

    bool member() {
        std::string_view name;
        if (!takes('"') || !rest_of_string(name) || !takes(':') || is_known(name) ||
            entries_.size() > most_members) {
            return false;
        }
        skip_space();
        if (at_ == end_) {
            return false;
        }
        if (*at_ == '"') {
            ++at_;
            std::string_view text;
            return rest_of_string(text) && add(name, text);
        }
        if (is_digit(*at_)) {
            std::uint64_t number{0};
            return whole_number(number) && add(name, number);
        }
        return (takes_word("true") && add(name, true)) ||
               (takes_word("false") && add(name, false)) ||
               (takes_word("null") && add(name, std::monostate{}));
    }

    template <class T>
    bool add(std::string_view name, T value) {
        entries_.push_back({name, value});
        return true;
    }

    [[nodiscard]] bool is_known(std::string_view name) const {
        for (std::size_t i = 1; i < entries_.size(); ++i) {
            if (entries_[i].name == name) {
                return true;
            }
        }
        return false;
    }

    /// Behind its opening quote.
    bool rest_of_string(std::string_view& text) {
        const char* const begin = at_;
        while (at_ != end_ && plain[static_cast<unsigned char>(*at_)]) {
            ++at_;
        }
        text = {begin, static_cast<std::size_t>(at_ - begin)};
        return at_ != end_ && *at_++ == '"';
    }

    /// What may not follow it (a point, an exponent, a digit behind 0) is no comma and no brace,
    /// and ends the reading there.
    bool whole_number(std::uint64_t& number) {
        const char* const begin = at_;
        while (at_ != end_ && is_digit(*at_)) {
            number = number * 10 + static_cast<std::uint64_t>(*at_ - '0');
            ++at_;
        }
        const auto digits = static_cast<std::size_t>(at_ - begin);
        return digits <= most_digits && (digits == 1 || *begin != '0');
    }

    bool takes_word(std::string_view word) {
        const auto left = static_cast<std::size_t>(end_ - at_);
        const bool there = std::string_view{at_, left}.starts_with(word);
        at_ += there ? word.size() : 0;
        return there;
    }

    const char* at_;
    const char* end_;
    std::vector<Entry>& entries_;
};

}  // namespace

bool read_plain_object(std::string_view text, std::vector<Entry>& entries) {
    return Reader{text, entries}.object();
}

}  // namespace ringback

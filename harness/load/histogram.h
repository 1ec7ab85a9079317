#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/result.h"

namespace ringback {

/// How often which value came: three significant digits from 1 to 3,600,000,000 (an hour in
/// microseconds), in the buckets of HdrHistogram, so that sums are exact and other tools read it.
/// Larger values count as the largest. Grows with the largest value recorded: 16 kB for 2 ms, 8 kB
/// more each time that it doubles, 186 kB for an hour.
class Histogram {
public:
    static constexpr std::uint64_t largest = 3'600'000'000;
    /// No more than that in a histogram from outside: exact as a double, and thousands of them add
    /// up without overflow.
    static constexpr std::uint64_t most = std::uint64_t{1} << 53U;

    void record(std::uint64_t value, std::uint64_t count = 1);
    void merge(const Histogram& other);
    void clear();

    [[nodiscard]] std::uint64_t count() const { return total_; }
    [[nodiscard]] bool empty() const { return total_ == 0; }
    [[nodiscard]] std::uint64_t min() const;  // to its bucket, as HdrHistogram tells it; 0: empty
    [[nodiscard]] std::uint64_t max() const;
    [[nodiscard]] double mean() const;
    /// The least value that `percent` (0..100) of all are not above, to its bucket; 0: empty.
    [[nodiscard]] std::uint64_t percentile(double percent) const;
    /// How many are not above `value`'s bucket.
    [[nodiscard]] std::uint64_t count_up_to(std::uint64_t value) const;

    /// For each bucket with something in it, ascending: highest value equivalent, how often.
    template <class Each>
    void each(Each each) const {
        for (std::size_t at = 0; at < counts_.size(); ++at) {
            if (counts_[at] != 0) {
                each(highest_of(at), counts_[at]);
            }
        }
    }

    /// HdrHistogram's V2 encoding, deflated, in base64: "HISTFAAAA...". It says 3 digits, lowest 1,
    /// highest `largest`.
    [[nodiscard]] std::string encoded() const;
    /// Takes what encoded() or another HdrHistogram library has made with 3 digits, lowest 1 and no
    /// value above `largest`, whatever it was built to hold. The error says what was expected and
    /// found; its `where` is left for the caller to fill in.
    [[nodiscard]] static Result<Histogram> decoded(std::string_view text);

    friend bool operator==(const Histogram&, const Histogram&) = default;

private:
    [[nodiscard]] static std::size_t index_of(std::uint64_t value);
    [[nodiscard]] static std::uint64_t lowest_of(std::size_t index);
    [[nodiscard]] static std::uint64_t highest_of(std::size_t index);
    /// The counts of the encoding: by slot, or minus as many empty ones.
    [[nodiscard]] static Result<Histogram> from_counts(std::string_view bytes);

    std::vector<std::uint64_t> counts_;
    std::uint64_t total_{0};
};

}  // namespace ringback

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringback {

using LocustTime = std::chrono::system_clock::time_point;  // what Locust's seconds count

/// One thing that was measured. A failure counts as a request too, as in Locust.
struct LocustSample {
    std::string_view method;                             // "EVENT", "API", "REACT", "CALL"
    std::string_view name;                               // "answer", "POST /calls/{id}/audio"
    std::optional<std::chrono::nanoseconds> response{};  // from the due time; none: no answer came
    std::uint64_t bytes{0};                              // of the answer
    LocustTime at{};                                     // when it was over
    std::string_view error{};                            // why it failed; empty: it did not
};

/// One row of Locust's table, of what happened since the last report.
struct LocustRow {
    std::uint64_t requests{0};
    std::uint64_t without_time{0};
    std::uint64_t failures{0};
    double total_ms{0};
    double max_ms{0};
    std::optional<double> min_ms{};
    std::uint64_t bytes{0};
    std::optional<LocustTime> last{};
    std::map<std::int64_t, std::uint64_t> response_times;      // rounded ms -> how many
    std::map<std::int64_t, std::uint64_t> requests_by_second;  // since 1970
    std::map<std::int64_t, std::uint64_t> failures_by_second;

    void add(const LocustSample& sample);
    void merge(const LocustRow& other);

    friend bool operator==(const LocustRow&, const LocustRow&) = default;
};

/// Something that is no measurement: a line that cannot go on, a bug. The master counts equal
/// places.
struct LocustException {
    std::string what;
    std::string where;  // shown as the traceback

    friend bool operator==(const LocustException&, const LocustException&) = default;
};

/// What a worker has measured since its last report. A value: take it, merge those of several
/// loops.
class LocustStats {
public:
    /// Method, name, and for an error its text.
    using RowKey = std::pair<std::string, std::string>;
    using ErrorKey = std::pair<RowKey, std::string>;

    explicit LocustStats(LocustTime since) : since_{since} {}

    void add(const LocustSample& sample);
    void add(LocustException exception) { exceptions_.push_back(std::move(exception)); }
    void merge(const LocustStats& other);

    [[nodiscard]] LocustTime since() const { return since_; }
    [[nodiscard]] const std::map<RowKey, LocustRow>& rows() const { return rows_; }
    [[nodiscard]] const LocustRow& total() const { return total_; }
    [[nodiscard]] const std::map<ErrorKey, std::uint64_t>& errors() const { return errors_; }
    [[nodiscard]] const std::vector<LocustException>& exceptions() const { return exceptions_; }

private:
    LocustTime since_;
    std::map<RowKey, LocustRow> rows_;
    LocustRow total_;
    std::map<ErrorKey, std::uint64_t> errors_;
    std::vector<LocustException> exceptions_;
};

/// A response time as the key under which Locust counts it: whole milliseconds below 100, then two
/// digits (147 -> 150, 3432 -> 3400, 58760 -> 59000); halves to even, as Python rounds.
[[nodiscard]] std::int64_t locust_rounded_ms(std::chrono::nanoseconds response);

}  // namespace ringback

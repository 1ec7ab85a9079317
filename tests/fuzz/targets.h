#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ringback::fuzz {

/// What must hold of every input did not.
struct Finding : std::runtime_error {
    using std::runtime_error::runtime_error;
};
inline void require(bool holds, const char* what) {
    if (!holds) {
        throw Finding{what};
    }
}

/// One thing that reads what strangers send. Takes any bytes; a Finding, another exception or the
/// sanitizers say what is wrong.
struct Taker {
    std::string_view name;  // of its folder in tests/fuzz/corpus
    void (*take)(std::string_view input);
};

void take_bxml(std::string_view input);
void take_callback_response(std::string_view input);
void take_http_request(std::string_view input);
void take_journal(std::string_view input);
void take_json_body(std::string_view input);
void take_query(std::string_view input);
void take_scenario(std::string_view input);
void take_url(std::string_view input);

inline constexpr std::array targets{
    Taker{"bxml", take_bxml},
    Taker{"callback_response", take_callback_response},
    Taker{"http_request", take_http_request},
    Taker{"journal", take_journal},
    Taker{"json_body", take_json_body},
    Taker{"query", take_query},
    Taker{"scenario", take_scenario},
    Taker{"url", take_url},
};

/// Sizes to cut an input into, drawn from its own bytes: the same input, the same pieces.
class Pieces {
public:
    explicit Pieces(std::string_view input);
    /// 1 up to `most`.
    [[nodiscard]] std::size_t next(std::size_t most);

private:
    std::uint64_t state_;
};

/// What every text that leaves us must be: valid UTF-8 without control bytes other than white
/// space.
[[nodiscard]] bool is_fit_to_show(std::string_view text);

}  // namespace ringback::fuzz

#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace ringback {

/// What went wrong at a boundary: a place a person can open, then expected and found.
struct Error {
    std::string where;  // "receivers.json:3:7", "--port", "body/callTimeout"
    std::string what;   // "expected a whole number 1..300, found \"soon\""

    friend bool operator==(const Error&, const Error&) = default;
};

/// "where: what", as printed.
[[nodiscard]] inline std::string to_text(const Error& error) {
    return error.where.empty() ? error.what : error.where + ": " + error.what;
}

/// Ends the process on a bug of ours; stays on in release builds.
[[noreturn]] inline void bug(const char* what) {
    std::fprintf(stderr, "ringback: bug: %s\n", what);
    std::abort();
}

/// A value or the Error that kept us from having one. Asking for the wrong half is a bug.
template <class T>
class Result {
public:
    Result(T value) : held_{std::in_place_index<0>, std::move(value)} {}      // NOLINT(*explicit*)
    Result(Error error) : held_{std::in_place_index<1>, std::move(error)} {}  // NOLINT(*explicit*)

    [[nodiscard]] bool ok() const { return held_.index() == 0; }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] const T& value() const& {
        if (!ok()) {
            bug("value() of a Result that holds an Error");
        }
        return *std::get_if<0>(&held_);
    }
    [[nodiscard]] T&& value() && {
        if (!ok()) {
            bug("value() of a Result that holds an Error");
        }
        return std::move(*std::get_if<0>(&held_));
    }
    [[nodiscard]] const Error& error() const {
        if (ok()) {
            bug("error() of a Result that holds a value");
        }
        return *std::get_if<1>(&held_);
    }

private:
    std::variant<T, Error> held_;
};

}  // namespace ringback

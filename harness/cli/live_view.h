#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "harness/cli/output.h"
#include "harness/load/load_run.h"

namespace ringback {

/// How a load run goes, in a few lines that take the place of those before: for a terminal. Pure
/// but for show() and clear(), which write to standard error.
class LiveView {
public:
    /// `title`: what is played against whom. `keys`: those that somebody can press.
    LiveView(std::string title, Terminal terminal, std::optional<Keys> keys)
        : title_{std::move(title)}, terminal_{terminal}, keys_{keys} {}
    LiveView(const LiveView&) = delete;
    LiveView& operator=(const LiveView&) = delete;
    /// Takes the lines away, so that what is printed next stands in their place.
    ~LiveView() { clear(); }

    /// The lines, each at most as wide as the terminal, each with its line end.
    [[nodiscard]] std::string lines(const LoadNews& news) const;
    void show(const LoadNews& news);
    void clear();

private:
    [[nodiscard]] std::string painted(std::string_view text, std::string_view colour) const;

    std::string title_;
    Terminal terminal_;
    std::optional<Keys> keys_;
    std::size_t shown_{0};  // lines on the terminal
};

/// One line of the same, for who has no terminal.
[[nodiscard]] std::string progress_line(const LoadNews& news);

}  // namespace ringback

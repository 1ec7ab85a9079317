#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cli/commands.h"
#include "simulator/core/result.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
class Option;
}  // namespace CLI

namespace ringback {

/// The flags of one command: every long flag `--some-flag` also reads RINGBACK_SOME_FLAG, the
/// command line winning. CLI11 splits the words; the values and the words of their errors are ours,
/// so that all problems are told at once and each says what was expected and what was found.
class Flags {
public:
    /// Takes a value in; an Error's `what` is "expected ..., found ..." (its `where` is filled in
    /// here).
    using Take = std::function<Result<bool>(std::string_view)>;

    /// `command` as typed ("serve"); `about`: one paragraph over the flags.
    Flags(std::string_view command, std::string_view about);
    Flags(const Flags&) = delete;
    Flags& operator=(const Flags&) = delete;
    ~Flags();

    /// What is added from here on stands under this heading in --help.
    void group(std::string_view heading) { heading_ = heading; }

    /// `names` as CLI11 takes them ("-H,--header"); `value_name` as --help shows it ("NAME=VALUE").
    void value(std::string_view names, std::string_view value_name, std::string_view about,
               Take take);
    /// The same, any number of times.
    void values(std::string_view names, std::string_view value_name, std::string_view about,
                Take take);
    /// A flag without value; in the environment it is 1/0, true/false, yes/no, on/off.
    void toggle(std::string_view names, std::string_view about, std::function<void(bool)> take);
    /// A word without dashes.
    void positional(std::string_view name, std::string_view about, Take take);
    /// The same, any number of words.
    void positionals(std::string_view name, std::string_view about, Take take);
    /// A further environment variable for the flag added last, behind its RINGBACK_ one.
    void also_from(std::string_view variable);
    /// Printed under the flags.
    void footer(std::string_view text);

    enum class Parsed : unsigned char { go_on, help_wanted, bad };
    /// Bad: `problems()` says everything that is wrong.
    Parsed parse(const Args& args);
    [[nodiscard]] const std::vector<Error>& problems() const { return problems_; }
    void add_problem(Error problem) { problems_.push_back(std::move(problem)); }

    /// At most 80 columns wide.
    [[nodiscard]] std::string help() const;
    /// Every long flag with its dashes, in order.
    [[nodiscard]] std::vector<std::string> long_names() const;

private:
    struct Toggle {
        CLI::Option* option;
        std::string where;
        std::function<void(bool)> take;
    };
    void take_toggles();
    void add(std::string_view names, std::string_view value_name, std::string_view about, Take take,
             bool repeatable);
    void tell_unknown(const std::string& word);

    std::string command_;
    std::unique_ptr<CLI::App> app_;
    CLI::Option* last_{nullptr};
    std::string heading_{"Options"};
    std::vector<Toggle> toggles_;
    std::vector<Error> problems_;
};

/// The names of `known` nearest to `word`, for "did you mean"; empty when nothing is near.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// Parses, and does what a command does with the outcome: prints --help on stdout, problems on
/// stderr. Nothing: go on.
[[nodiscard]] std::optional<Exit> ended_by_flags(Flags& flags, const Args& args);
/// The second half alone: when there are problems, they are told, and that was it.
[[nodiscard]] std::optional<Exit> ended_by_problems(const Flags& flags);

}  // namespace ringback

#include "harness/cli/flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "harness/cli/output.h"

namespace ringback {
namespace {

constexpr std::size_t help_width = 80;
constexpr std::size_t help_indent = 29;

/// "-H,--header" -> "--header"; what has no long name keeps its own.
std::string main_name(std::string_view names) {
    const auto first = names.find("--");
    if (first == std::string_view::npos) {
        return std::string{names};
    }
    return std::string{names.substr(first, names.find(',', first) - first)};
}

/// "--reply-patience" -> "RINGBACK_REPLY_PATIENCE"
std::string variable_of(std::string_view long_name) {
    std::string name{"RINGBACK_"};
    for (const char c : long_name.substr(2)) {
        name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name;
}

/// CLI11 prints descriptions on one endless line; this one keeps within 80 columns.
class Layout : public CLI::Formatter {
public:
    std::string make_option(const CLI::Option* option, bool is_positional) const override {
        std::string head =
            "  " + (is_positional ? option->get_name(true, false) : names_of(*option));
        if (!is_positional && !option->get_type_name().empty() && option->get_type_size() != 0) {
            head += " " + option->get_type_name();
        }
        std::string out = head;
        std::size_t column = head.size();
        if (column + 2 > help_indent) {
            out += '\n';
            column = 0;
        }
        for (const std::string& line :
             wrapped(option->get_description(), help_width - help_indent)) {
            out.append(help_indent - column, ' ');
            out += line + '\n';
            column = 0;
        }
        return out;
    }
    std::string make_usage(const CLI::App* app, std::string name) const override {
        std::string usage = "Usage: " + name + " [FLAGS]";
        for (const CLI::Option* option : app->get_options()) {
            if (option->get_positional()) {
                usage += " " + option->get_name(true, false);
                usage += option->get_expected_max() > 1 ? "..." : "";
            }
        }
        for (const std::string& line : wrapped(app->get_description(), help_width)) {
            usage += (usage.find('\n') == std::string::npos ? "\n\n" : "\n") + line;
        }
        return usage + "\n\n";
    }
    std::string make_description(const CLI::App* /*app*/) const override { return {}; }
    std::string make_group(std::string group, bool is_positional,
                           std::vector<const CLI::Option*> options) const override {
        std::string out = (is_positional ? "Arguments" : group) + ":\n";
        for (const CLI::Option* option : options) {
            out += make_option(option, is_positional);
        }
        return out;
    }

private:
    static std::string names_of(const CLI::Option& option) {
        std::string names;
        for (const std::string& name : option.get_snames()) {
            names += (names.empty() ? "-" : ", -") + name;
        }
        for (const std::string& name : option.get_lnames()) {
            names += (names.empty() ? "--" : ", --") + name;
        }
        return names;
    }
};

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row[b.size()];
}

Result<bool> truth_of(std::string_view text) {
    for (const std::string_view yes : {"1", "true", "yes", "on"}) {
        if (text == yes) {
            return true;
        }
    }
    for (const std::string_view no : {"0", "false", "no", "off"}) {
        if (text == no) {
            return false;
        }
    }
    return Error{"", fmt::format("expected 1 or 0, found \"{}\"", printable(text))};
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string& name : known) {
        const std::size_t distance = edit_distance(word, name);
        if (distance < best_distance) {
            best = name;
            best_distance = distance;
        }
    }
    return best;
}

Flags::Flags(std::string_view command, std::string_view about)
    : command_{command},
      app_{std::make_unique<CLI::App>(std::string{about}, fmt::format("ringback {}", command))} {
    app_->formatter(std::make_shared<Layout>());
    app_->set_help_flag();
}

Flags::~Flags() = default;

void Flags::add(std::string_view names, std::string_view value_name, std::string_view about,
                Take take, bool repeatable) {
    const std::string where = main_name(names);
    last_ = app_->add_option(
        std::string{names},
        [this, where, take = std::move(take)](const CLI::results_t& words) {
            for (const std::string& word : words) {
                const Result<bool> taken = take(word);
                if (!taken) {
                    problems_.push_back({where, taken.error().what});
                }
            }
            return true;
        },
        std::string{about});
    last_->type_name(std::string{value_name})->group(heading_)->expected(1);
    last_->multi_option_policy(repeatable ? CLI::MultiOptionPolicy::TakeAll
                                          : CLI::MultiOptionPolicy::TakeLast);
    if (where.starts_with("--")) {
        last_->envname(variable_of(where));
    }
}

void Flags::value(std::string_view names, std::string_view value_name, std::string_view about,
                  Take take) {
    add(names, value_name, about, std::move(take), false);
}

void Flags::values(std::string_view names, std::string_view value_name, std::string_view about,
                   Take take) {
    add(names, value_name, about, std::move(take), true);
}

void Flags::positional(std::string_view name, std::string_view about, Take take) {
    add(name, "", about, std::move(take), false);
}

void Flags::positionals(std::string_view name, std::string_view about, Take take) {
    add(name, "", about, std::move(take), true);
    last_->expected(-1);
}

void Flags::toggle(std::string_view names, std::string_view about, std::function<void(bool)> take) {
    last_ = app_->add_flag(std::string{names});
    last_->description(std::string{about});
    last_->group(heading_)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    const std::string where = main_name(names);
    last_->envname(variable_of(where));
    toggles_.push_back({last_, where, std::move(take)});
}

void Flags::take_toggles() {
    for (const Toggle& toggle : toggles_) {
        if (toggle.option->count() == 0) {
            continue;
        }
        const Result<bool> on = truth_of(toggle.option->results().back());
        if (on) {
            toggle.take(on.value());
        } else {
            problems_.push_back({toggle.where, on.error().what});
        }
    }
}

void Flags::also_from(std::string_view variable) {
    const std::string own = last_->get_envname();
    // NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread is started
    if (own.empty() || std::getenv(own.c_str()) == nullptr) {
        last_->envname(std::string{variable});
    }
}

void Flags::footer(std::string_view text) { app_->footer(std::string{text}); }

void Flags::tell_unknown(const std::string& word) {
    const bool is_flag = word.starts_with("-");
    const std::string name = word.substr(0, word.find('='));
    const std::string near = is_flag ? nearest(name, long_names()) : std::string{};
    problems_.push_back(
        {printable(name), (is_flag ? "no such flag" : "not expected here") +
                              (near.empty() ? "" : ", did you mean " + near + "?")});
}

Flags::Parsed Flags::parse(const Args& args) {
    for (const std::string& word : args) {
        if (word == "--help" || word == "-h") {
            return Parsed::help_wanted;
        }
    }
    app_->allow_extras();
    try {
        app_->parse(std::vector<std::string>{args.rbegin(), args.rend()});
        take_toggles();
        bool after_unknown_flag = false;  // its value is no mistake of its own
        for (const std::string& word : app_->remaining()) {
            const bool is_flag = word.starts_with("-");
            if (is_flag || !after_unknown_flag) {
                tell_unknown(word);
            }
            after_unknown_flag = is_flag;
        }
    } catch (const CLI::ParseError& error) {
        problems_.push_back({"", error.what()});
    }
    return problems_.empty() ? Parsed::go_on : Parsed::bad;
}

std::string Flags::help() const {
    const std::string text = app_->help();
    return text.substr(std::min(text.find_first_not_of('\n'), text.size()));
}

std::vector<std::string> Flags::long_names() const {
    std::vector<std::string> names;
    for (const CLI::Option* option : app_->get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

std::optional<Exit> ended_by_flags(Flags& flags, const Args& args) {
    if (flags.parse(args) == Flags::Parsed::help_wanted) {
        return printed(flags.help());
    }
    return ended_by_problems(flags);
}

std::optional<Exit> ended_by_problems(const Flags& flags) {
    if (flags.problems().empty()) {
        return std::nullopt;
    }
    for (const Error& problem : flags.problems()) {
        complain(to_text(problem));
    }
    return Exit::bad_usage;
}

}  // namespace ringback

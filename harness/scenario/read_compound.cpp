// Steps that hold other steps: branch, repeat, use.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/scenario/reading.h"
#include "harness/scenario/shown.h"

namespace ringback {
namespace {

/// What a case of a branch is taken by: a request, or a value.
void read_condition(Reading& reading, const Cursor& at, Branch::Case& way) {
    const auto await = at.member("await");
    const auto on = at.member("on");
    const auto is = at.member("is");
    if (await && (on || is)) {
        at.note(R"(expected either "await" or "on" and "is", found both)");
    } else if (await && await->is_object()) {
        await->only({"method", "path", "command", "match", "within", "reaction", "answered"});
        way.await = read_await(reading, *await);
    } else if (!await && !(on && is)) {
        at.note(R"(expected "await", "on" and "is", or "else" in a case of a branch)");
    }
    if (on) {
        way.value = on->text().value_or("");
        note_texts(reading, *on);
    }
    if (is) {
        way.is = Matcher::read(*is);
        if (way.is) {
            note_matches(reading, *is, FieldMatches{{{"", "", *way.is, is->place()}}});
        }
    }
}

void read_case(Reading& reading, const Cursor& at, bool last, Branch& branch) {
    if (!at.is_object()) {
        return;
    }
    const auto otherwise = at.member("else");
    if (otherwise) {
        at.only({"else"});
        if (!last) {
            at.note("expected \"else\" as the last case only");
        }
        branch.otherwise.emplace_back();
        read_steps_of(reading, *otherwise, branch.otherwise.back());
        return;
    }
    at.only({"await", "on", "is", "steps", "order", "allow"});
    Branch::Case way;
    read_condition(reading, at, way);
    if (at.required("steps")) {
        read_block(reading, at, way.block);
    }
    branch.cases.push_back(std::move(way));
}

/// "1" to "1000", or something with a reference, which is looked at when it is known. Returns the
/// number, or 1.
std::int64_t read_times(Reading& reading, const Cursor& at, Repeat& repeat) {
    const auto* text = at.value().get_ptr<const std::string*>();
    if (text == nullptr) {
        const std::int64_t number = at.integer(1, most_times).value_or(1);
        repeat.times = std::to_string(number);
        return number;
    }
    repeat.times = *text;
    note_texts(reading, at);
    std::int64_t times{0};
    const char* const end = text->data() + text->size();
    const auto [stopped, error] = std::from_chars(text->data(), end, times);
    const bool fits = error == std::errc{} && stopped == end && times >= 1 && times <= most_times;
    if (!has_reference(*text) && !fits) {
        at.wrong("a whole number from 1 to 1000, or a reference to one");
    }
    return fits ? times : 1;
}

std::string chain_text(const Reading& reading, const std::string& last) {
    std::string text;
    for (const Source* const source : reading.chain) {
        text += source->shown + " -> ";
    }
    return text + last;
}

/// Whether the file may be read now; if not, why is noted.
bool may_use(const Reading& reading, const Cursor& at, const Source& source) {
    if (std::ranges::any_of(reading.chain,
                            [&](const Source* each) { return each->key == source.key; })) {
        at.note("\"use\" goes in a circle: " + chain_text(reading, source.shown));
        return false;
    }
    if (reading.chain.size() > deepest_use) {
        at.note(fmt::format("expected at most {} levels of \"use\", found one more: {}",
                            deepest_use, chain_text(reading, source.shown)));
        return false;
    }
    return !source.broken;
}

/// The variables inside: those of `with`; then what is known outside; then the file's own.
void enter_scope(Reading& reading, const Cursor& file, const nlohmann::json& with, Block& block) {
    auto inside = std::make_shared<VarScope>(*reading.scope);
    std::vector<Cursor> own;
    block.vars = with;
    if (const auto vars = file.member("vars"); vars && vars->value().is_object()) {
        for (const auto& [name, value] : vars->members()) {
            if (!inside->contains(name) && !with.contains(name)) {
                block.vars[name] = value.value();
                own.push_back(value);
            }
        }
    }
    for (const auto& [name, value] : block.vars.items()) {
        inside->insert_or_assign(name, value);
    }
    reading.scope = std::move(inside);
    for (const Cursor& value : own) {  // expanded where the steps begin, so known by then
        note_texts(reading, value);
    }
}

/// The steps of a file in the place of the `use`; of the rest of it, only mistakes are of interest.
void use_file(Reading& reading, Source& source, const nlohmann::json& with, Block& block) {
    const std::size_t before = reading.mistakes.size();
    const auto outside = reading.scope;
    const Cursor file{source.document, reading.mistakes};
    reading.chain.push_back(&source);
    if (file.value().is_object()) {
        enter_scope(reading, file, with, block);
    }
    Scenario used;
    used.file = source.shown;
    if (read_file(reading, file, used)) {
        if (!used.has_steps && reading.mistakes.size() == before) {
            file.note("expected \"steps\" in a file that is used, found none");
        }
        block.order = used.block.order;
        block.allow = std::move(used.block.allow);
        block.steps = std::move(used.block.steps);
    }
    reading.chain.pop_back();
    reading.scope = outside;
    source.broken = reading.mistakes.size() > before;
}

}  // namespace

void read_branch(Reading& reading, const Cursor& at, Step& step) {
    Branch branch;
    if (at.is_array()) {
        const auto cases = at.elements();
        for (std::size_t i = 0; i < cases.size(); ++i) {
            read_case(reading, cases[i], i + 1 == cases.size(), branch);
        }
        if (branch.cases.empty() && (cases.empty() || !branch.otherwise.empty())) {
            at.note("expected at least one case with a condition, found none");
        }
    }
    step.what = std::move(branch);
}

void read_repeat(Reading& reading, const Cursor& at, Step& step) {
    Repeat repeat;
    if (at.is_object()) {
        at.only({"times", "steps", "order", "allow"});
        const std::int64_t outside = reading.times;
        if (const auto times = at.required("times")) {
            reading.times *= read_times(reading, *times, repeat);
            if (reading.times > most_nested_times) {
                times->note(
                    fmt::format("expected at most {} times, those of the repeats around "
                                "it multiplied, found {}",
                                most_nested_times, reading.times));
                reading.times = outside;  // told once
            }
        }
        if (at.required("steps")) {
            read_block(reading, at, repeat.block);
        }
        reading.times = outside;
    }
    step.what = std::move(repeat);
}

void read_use(Reading& reading, const Cursor& at, Step& step) {
    Block block;
    nlohmann::json vars = nlohmann::json::object();
    if (const auto with = at.member("with"); with && with->is_object()) {
        note_texts(reading, *with);
        for (const auto& [name, value] : with->members()) {
            vars[name] = value.value();
            if (!is_name(name)) {
                note_at_name(value, fmt::format("expected a name of letters, digits, _ and -, a "
                                                "letter first, found \"{}\"",
                                                shown_text(name, 40)));
            }
        }
    }
    const Cursor name = at.member("use").value();
    if (const auto text = name.text()) {
        const auto source = reading.sources.scenario(*text, reading.chain.back()->folder);
        if (!source) {
            name.note(source.error().what);
        } else if (may_use(reading, name, *source.value())) {
            use_file(reading, *source.value(), vars, block);
        }
    }
    step.what = std::move(block);
}

}  // namespace ringback

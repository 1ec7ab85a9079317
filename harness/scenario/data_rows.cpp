// Rows of data: inline, or of a file beside the scenario.
#include <fmt/format.h>

#include <algorithm>

#include "harness/scenario/load.h"
#include "harness/scenario/reading.h"
#include "harness/scenario/shown.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

using nlohmann::json;

constexpr std::size_t most_of_a_table = std::size_t{16} << 20U;
constexpr std::size_t most_rows = 10'000;

struct Record {
    std::size_t line{0};  // where it begins
    std::vector<std::string> fields;
};

/// Rows of a file, and what is wrong with it, each with its line.
struct Table {
    std::string file;
    std::vector<json> rows;
    std::vector<Mistake> mistakes;

    void wrong(std::size_t line, std::string what) {
        mistakes.push_back({file, {line, 1}, std::move(what)});
    }
};

/// RFC 4180: fields between commas, lines end in LF or CR LF; what stands in double quotes may hold
/// both, and a quote as two.
class CsvReader {
public:
    CsvReader(std::string_view text, Table& table) : rest_{text}, table_{table} {
        constexpr std::string_view byte_order_mark{"\xef\xbb\xbf"};
        if (rest_.starts_with(byte_order_mark)) {
            rest_.remove_prefix(byte_order_mark.size());
        }
    }

    /// None at the end. A mistake ends the reading: what follows would be read askew.
    std::optional<Record> next() {
        if (rest_.empty() || broken_) {
            return std::nullopt;
        }
        Record record{line_, {}};
        bool more = true;
        while (more && !broken_) {
            record.fields.push_back(rest_.starts_with('"') ? quoted() : plain());
            more = rest_.starts_with(',');
            rest_.remove_prefix(more ? 1 : 0);
        }
        end_of_line();
        return broken_ ? std::nullopt : std::optional{std::move(record)};
    }

private:
    std::string plain() {
        const std::string_view field = rest_.substr(0, rest_.find_first_of(",\n\r\""));
        rest_.remove_prefix(field.size());
        if (rest_.starts_with('"')) {
            broken(line_, "expected a field with a quote in it to stand in double quotes itself");
        }
        return std::string{field};
    }

    std::string quoted() {
        const std::size_t began = line_;
        std::string field;
        rest_.remove_prefix(1);
        while (true) {
            const std::string_view part = rest_.substr(0, rest_.find('"'));
            line_ += static_cast<std::size_t>(std::ranges::count(part, '\n'));
            field += part;
            rest_.remove_prefix(part.size());
            if (rest_.empty()) {
                broken(began,
                       "expected a double quote at the end of this field, found the end of "
                       "the file");
                return field;
            }
            rest_.remove_prefix(1);
            if (!rest_.starts_with('"')) {
                break;
            }
            field += '"';
            rest_.remove_prefix(1);
        }
        if (!rest_.empty() && std::string_view{",\n\r"}.find(rest_.front()) == std::string::npos) {
            broken(line_, "expected a comma or the end of the line behind a double quote");
        }
        return field;
    }

    void end_of_line() {
        if (broken_ || rest_.empty()) {
            return;
        }
        const bool carriage_return = rest_.starts_with('\r');
        rest_.remove_prefix(carriage_return ? 1 : 0);
        if (!rest_.starts_with('\n')) {
            if (!rest_.empty() || !carriage_return) {
                broken(line_, "expected a line feed behind a carriage return");
            }
            return;
        }
        rest_.remove_prefix(1);
        ++line_;
    }

    void broken(std::size_t line, std::string what) {
        broken_ = true;
        table_.wrong(line, std::move(what));
    }

    std::string_view rest_;
    Table& table_;
    std::size_t line_{1};
    bool broken_{false};
};

void check_header(const Record& header, Table& table) {
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
        const std::string& name = header.fields[i];
        if (!is_name(name)) {
            table.wrong(header.line,
                        fmt::format("expected a column's name of letters, digits, _ and -, a "
                                    "letter first, found \"{}\"",
                                    shown_text(name, 40)));
        } else if (std::find(header.fields.begin(),
                             header.fields.begin() + static_cast<std::ptrdiff_t>(i),
                             name) != header.fields.begin() + static_cast<std::ptrdiff_t>(i)) {
            table.wrong(header.line, fmt::format("the column \"{}\" is there twice", name));
        }
    }
}

void read_csv(std::string_view text, Table& table) {
    CsvReader reader{text, table};
    const auto header = reader.next();
    if (!header) {
        return;
    }
    check_header(*header, table);
    while (const auto record = reader.next()) {
        const bool blank = record->fields.size() == 1 && record->fields.front().empty();
        if (blank && header->fields.size() > 1) {
            continue;
        }
        if (record->fields.size() != header->fields.size()) {
            table.wrong(record->line,
                        fmt::format("expected {} fields as in the first line, found {}",
                                    header->fields.size(), record->fields.size()));
            continue;
        }
        json row = json::object();
        for (std::size_t i = 0; i < header->fields.size(); ++i) {
            row[header->fields[i]] = record->fields[i];
        }
        table.rows.push_back(std::move(row));
    }
}

/// "a, b" of an object's members.
std::string names_of(const json& row) {
    std::string names;
    for (const auto& [name, value] : row.items()) {
        names += (names.empty() ? "" : ", ") + shown_text(name, 40);
    }
    return names.empty() ? "none" : names;
}

/// Every row has the columns of the first; else what it says instead.
std::optional<std::string> odd_columns(const json& first, const json& row) {
    const auto same_name = [](const auto& a, const auto& b) { return a.first == b.first; };
    const auto& wanted = first.get_ref<const json::object_t&>();
    const auto& found = row.get_ref<const json::object_t&>();
    if (std::ranges::equal(wanted, found, same_name)) {
        return std::nullopt;
    }
    return fmt::format("expected the members of the first row ({}), found {}", names_of(first),
                       names_of(row));
}

void read_json_lines(std::string_view text, Table& table) {
    std::size_t line = 0;
    while (!text.empty()) {
        ++line;
        const std::string_view one = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        if (one.find_first_not_of(" \t\r") == std::string_view::npos) {
            continue;
        }
        Result<json> row = parse_json(one);
        if (!row) {
            table.wrong(line, "expected one JSON object in this line: " + row.error().what);
        } else if (!row.value().is_object()) {
            table.wrong(line, fmt::format("expected an object, found {}", shown(row.value(), 40)));
        } else if (auto odd = table.rows.empty() ? std::nullopt
                                                 : odd_columns(table.rows.front(), row.value())) {
            table.wrong(line, std::move(*odd));
        } else {
            table.rows.push_back(std::move(row).value());
        }
    }
}

bool is_csv(std::string_view name) { return name.ends_with(".csv"); }

bool is_table(std::string_view name) { return is_csv(name) || name.ends_with(".jsonl"); }

Table table_of(const std::string& file, std::string_view text) {
    Table table{file, {}, {}};
    if (!is_utf8(text)) {
        table.mistakes.push_back({table.file, {}, "expected UTF-8, found bytes that are none"});
    } else if (is_csv(file)) {
        read_csv(text, table);
    } else {
        read_json_lines(text, table);
    }
    if (table.rows.empty() && table.mistakes.empty()) {
        table.mistakes.push_back({table.file, {}, "expected at least one row, found none"});
    }
    return table;
}

std::vector<json> rows_of_file(Reading& reading, const Cursor& at, const std::string& name) {
    if (!is_table(name)) {
        at.wrong(R"(rows, or a file that ends in ".csv" or ".jsonl")");
        return {};
    }
    const auto found =
        reading.sources.neighbour(name, reading.chain.back()->folder, most_of_a_table);
    if (!found) {
        at.note(found.error().what);
        return {};
    }
    Table table = table_of(found.value().shown, found.value().text);
    reading.mistakes.insert(reading.mistakes.end(), table.mistakes.begin(), table.mistakes.end());
    return std::move(table.rows);
}

std::vector<json> inline_rows(const Cursor& at) {
    std::vector<json> rows;
    for (const Cursor& element : at.elements()) {
        if (!element.is_object()) {
            continue;
        }
        json row = element.value();
        if (auto odd = rows.empty() ? std::nullopt : odd_columns(rows.front(), row)) {
            element.note(std::move(*odd));
        }
        rows.push_back(std::move(row));
    }
    if (at.value().empty()) {
        at.note("expected at least one row, found none");
    }
    return rows;
}

}  // namespace

std::optional<Override> data_from(const std::string& file, std::vector<Mistake>& mistakes) {
    if (!is_table(file)) {
        mistakes.push_back({file, {}, R"(expected a file that ends in ".csv" or ".jsonl")"});
        return std::nullopt;
    }
    const Result<std::string> text = file_text(file, most_of_a_table + 1);
    if (!text || text.value().size() > most_of_a_table) {
        mistakes.push_back(
            {file,
             {},
             text ? fmt::format("expected at most {} bytes, found more", most_of_a_table)
                  : text.error().what});
        return std::nullopt;
    }
    Table table = table_of(file, text.value());
    if (!table.mistakes.empty()) {
        mistakes.insert(mistakes.end(), table.mistakes.begin(), table.mistakes.end());
        return std::nullopt;
    }
    return Override{"", "data", json(table.rows).dump()};
}

std::vector<json> read_data(Reading& reading, const Cursor& at) {
    std::vector<json> rows;
    if (const auto* name = at.value().get_ptr<const std::string*>(); name != nullptr) {
        rows = rows_of_file(reading, at, *name);
    } else if (at.value().is_array()) {
        rows = inline_rows(at);
    } else {
        at.wrong(R"(rows, or a file that ends in ".csv" or ".jsonl")");
    }
    if (rows.size() > most_rows) {
        at.note(fmt::format("expected at most {} rows, found {}", most_rows, rows.size()));
    }
    if (reading.collects) {
        reading.has_data = true;
        if (!rows.empty()) {
            for (const auto& [name, value] : rows.front().items()) {
                reading.columns.insert(name);
            }
        }
    }
    return rows;
}

}  // namespace ringback

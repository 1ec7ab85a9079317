#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/scenario/cursor.h"
#include "harness/scenario/document.h"
#include "tests/support/seeds.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

struct Read {
    std::vector<Mistake> mistakes{};
    Document document;

    explicit Read(std::string_view text) : document{Document::parse("ivr.json", text, mistakes)} {}
    [[nodiscard]] std::string first() const {
        return mistakes.empty() ? "no mistake" : to_text(mistakes.front());
    }
};

/// A random JSON value printed with random blanks and comments, and where everything was put.
class Printer {
public:
    explicit Printer(Rng& rng) : rng_{rng} {}

    ordered_json print(const std::string& pointer, std::size_t depth) {
        blank();
        values[pointer] = place();
        const std::uint64_t kind = rng_.below(depth < 5 ? 8 : 6);
        if (kind == 6) {
            return print_object(pointer, depth);
        }
        if (kind == 7) {
            return print_array(pointer, depth);
        }
        const ordered_json value = scalar(kind);
        put(value.dump());
        return value;
    }
    void blank() {
        static const std::vector<std::string> blanks{
            "", " ", "\n", "\t", "\r\n", "/* é \n \"{[,: */", "// \"x\" : é *\n", "/**/", "/***/"};
        for (std::uint64_t n = rng_.below(4); n > 0; --n) {
            put(blanks[rng_.below(blanks.size())]);
        }
    }

    std::string text;
    std::map<std::string, Place> values;
    std::map<std::string, Place> names;

private:
    ordered_json scalar(std::uint64_t kind) {
        static const std::vector<std::string> texts{"",          "soon",          "a\"b\\",
                                                    "é→𝄞",       "// no comment", "/* nor this",
                                                    "line\nend", "{\"a\":[1]}"};
        static const std::vector<double> numbers{0.5, -1e-7, 1.7e300, 0.0};
        switch (kind) {
            case 0:
                return nullptr;
            case 1:
                return rng_.below(2) == 0;
            case 2:
                return static_cast<std::int64_t>(rng_.next());
            case 3:
                return rng_.next();
            case 4:
                return numbers[rng_.below(numbers.size())];
            default:
                return texts[rng_.below(texts.size())];
        }
    }
    ordered_json print_object(const std::string& pointer, std::size_t depth) {
        static const std::vector<std::string> some{"a", "b/c", "d~e", "é", "", "~1", "x\"y"};
        ordered_json object = ordered_json::object();
        put("{");
        const std::uint64_t count = rng_.below(some.size());
        for (std::uint64_t i = 0; i < count; ++i) {
            put(i == 0 ? "" : ",");
            blank();
            const std::string inside = pointer + "/" + pointer_step(some[i]);
            names[inside] = place();
            put(ordered_json(some[i]).dump());
            blank();
            put(":");
            object[some[i]] = print(inside, depth + 1);
            blank();
        }
        if (count == 0) {
            blank();
        }
        put("}");
        return object;
    }
    ordered_json print_array(const std::string& pointer, std::size_t depth) {
        ordered_json array = ordered_json::array();
        put("[");
        const std::uint64_t count = rng_.below(5);
        for (std::uint64_t i = 0; i < count; ++i) {
            put(i == 0 ? "" : ",");
            array.push_back(print(pointer + "/" + std::to_string(i), depth + 1));
            blank();
        }
        if (count == 0) {
            blank();
        }
        put("]");
        return array;
    }
    void put(const std::string& piece) { text += piece; }

    /// Counted from the text's beginning each time: slow, and not the way the reader does it.
    [[nodiscard]] Place place() const {
        Place here{1, 1};
        for (const char c : text) {
            if (c == '\n') {
                here = {here.line + 1, 1};
            } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) {
                ++here.column;
            }
        }
        return here;
    }

    Rng& rng_;
};

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace

TEST_CASE("scenario document: every value and every name has its place", "[scenario][document]") {
    const Read read{"// top\n{ \"a\": [1,\n\t\"é\", true],\n  \"b/c\" : {\"d~e\":null} }"};

    REQUIRE(read.first() == "no mistake");
    CHECK(read.document.of("") == Place{2, 1});
    CHECK(read.document.of("/a") == Place{2, 8});
    CHECK(read.document.of_name("/a") == Place{2, 3});
    CHECK(read.document.of("/a/1") == Place{3, 2});
    CHECK(read.document.of("/a/2") == Place{3, 7});
    CHECK(read.document.of_name("/b~1c") == Place{4, 3});
    CHECK(read.document.of("/b~1c/d~0e") == Place{4, 18});
    for (const char* nowhere : {"/x", "/a/3", "/a/x", "/a/0/0", "a", "/a/", "/a/00x", "/a/-1"}) {
        CAPTURE(nowhere);
        CHECK(read.document.of(nowhere) == Place{});
    }
}

TEST_CASE("scenario document: a mark of the byte order is no part of the first line",
          "[scenario][document]") {
    const Read read{"\xef\xbb\xbf{\"a\":1}"};
    CHECK(read.first() == "no mistake");
    CHECK(read.document.of("/a") == Place{1, 6});
    CHECK(Read{"\xef\xbb\xbf\xef\xbb\xbf{}"}.mistakes.size() == 1);
}

TEST_CASE("scenario document: a broken text is one mistake where it breaks",
          "[scenario][document]") {
    const std::vector<std::pair<std::string, std::string>> broken{
        {"", "1:1: expected a value, found the end of the file"},
        {"// only\n", "2:1: expected a value, found the end of the file"},
        {"{\"a\" 1}", "1:6: expected a colon after the member's name, found \"1\""},
        {"{\"a\":}", "1:6: expected a value, found \"}\""},
        {"{\"a\":1,}",
         "1:8: expected the name of a member in double quotes after the comma, found \"}\""},
        {"{\"a\":1\n \"b\":2}", "2:2: expected a comma or }, found a text"},
        {"{a:1}", "1:2: expected the name of a member in double quotes, or }, found \"a\""},
        {"[1,,2]", "1:4: expected a value after the comma, found \",\""},
        {"[1,]", "1:4: expected a value after the comma, found \"]\""},
        {"[1 /* é */ 2]", "1:12: expected a comma or ], found \"2\""},
        {"[01]", "1:3: expected a comma or ], found \"1\""},
        {"[1}", "1:3: expected a comma or ], found \"}\""},
        {"[", "1:2: expected a value or ], found the end of the file"},
        {"{} {}", "1:4: expected nothing more, found \"{\""},
        {"[NaN]", "1:2: expected a value or ], found \"NaN\""},
        {"{\"a\":1e400}", "1:6: expected a number up to 1.7e308, found \"1e400\""},
        {"[-]", "1:2: expected a value or ], found \"-\""},
        {"[1, /* x", "1:5: expected the comment that begins here to end with */"},
        {"[1, /x]", "1:5: expected a value after the comma, found \"/\""},
        {"[\"abc\n\"]",
         "1:2: expected the text that begins here to end on its line (a line break is written "
         "\\n)"},
        {"[\"ab", "1:2: expected the text that begins here to end, found the end of the file"},
        {"[\"a\x07\"]",
         "1:4: expected no control character in a text, found U+0007 (it is written \\u0007)"},
        {"[\"a\\q\"]", "1:4: expected an escape as JSON has it, such as \\\" \\\\ \\n or \\u00e9"},
        {"[\"\\ud800\"]",
         "1:2: expected whole characters in the text that begins here, found half a surrogate "
         "pair"},
        {"[\x01]", "1:2: expected a value or ], found U+0001"},
        {"[é]", "1:2: expected a value or ], found a character outside of any text"},
        {std::string{"[1\0]", 4}, "1:3: expected text, found a NUL byte"},
        {"[\"\xff\"]", "1:3: expected UTF-8, found bytes that are none"},
        {"[supercalifragilistic]", "1:2: expected a value or ], found \"supercalifra...\""},
    };
    for (const auto& [text, expected] : broken) {
        CAPTURE(text);
        const Read read{text};
        CHECK(read.first() == "ivr.json:" + expected);
        CHECK(read.mistakes.size() == 1);
        CHECK(read.document.root().is_null());
        CHECK(read.document.of("/0") == Place{});
    }
}

TEST_CASE("scenario document: a member that is there twice is a mistake at the second name",
          "[scenario][document]") {
    const Read read{"{\"a\":1,\n \"b\":{\"a\":2},\n \"a\":3}"};
    REQUIRE(read.mistakes.size() == 1);
    CHECK(read.first() == "ivr.json:3:2: expected every member once, found \"a\" a second time");
    CHECK(read.document.root().at("a") == 1);
}

TEST_CASE("scenario document: size and depth have limits", "[scenario][document]") {
    CHECK(Read{nested(64)}.first() == "no mistake");
    CHECK(Read{nested(65)}.first() ==
          "ivr.json:1:65: expected at most 64 levels of objects and arrays");
    CHECK(Read{std::string(100'000, '[')}.mistakes.size() == 1);
    const std::string mebibyte = "[" + std::string((1U << 20U) - 2, ' ') + "]";
    CHECK(Read{mebibyte}.first() == "no mistake");
    CHECK(Read{mebibyte + " "}.first() ==
          "ivr.json:1:1: expected at most 1 MiB (1048576 bytes), found more");
    CHECK(Read{std::string(10'000'000, '{')}.mistakes.front().place == Place{1, 1});
}

TEST_CASE("scenario document: wherever blanks and comments stand, places are right",
          "[scenario][document][property]") {
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        Rng rng{test::number_of(seed)};
        Printer printer{rng};
        const ordered_json value = printer.print("", 0);
        printer.blank();
        CAPTURE(printer.text);
        const Read read{printer.text};
        REQUIRE(read.first() == "no mistake");
        REQUIRE(read.document.root() == value);
        for (const auto& [pointer, place] : printer.values) {
            CAPTURE(pointer);
            REQUIRE(read.document.of(pointer) == place);
        }
        for (const auto& [pointer, place] : printer.names) {
            CAPTURE(pointer);
            REQUIRE(read.document.of_name(pointer) == place);
        }
    }
}

TEST_CASE("scenario document: a damaged text is read or refused with a place in it",
          "[scenario][document][property]") {
    static const std::string bytes{"{}[]\",:/*\\ \n0-eé\xff\x00u", 21};
    std::size_t refused{0};
    for (const Seed seed : test::seeds(2000)) {
        CAPTURE(test::number_of(seed));
        Rng rng{test::number_of(seed)};
        std::string text = R"({"a": [1, "x\n\u00e9", {"b": null}], /* c */ "d": -1.5e3} // end)";
        for (std::uint64_t n = 1 + rng.below(4); n > 0 && !text.empty(); --n) {
            const std::size_t at = rng.below(text.size());
            const char byte = bytes[rng.below(bytes.size())];
            switch (rng.below(4)) {
                case 0:
                    text[at] = byte;
                    break;
                case 1:
                    text.insert(at, 1, byte);
                    break;
                case 2:
                    text.erase(at, 1 + rng.below(5));
                    break;
                default:
                    text.resize(at);
            }
        }
        CAPTURE(text);
        const Read read{text};
        const bool has_value = !read.document.root().is_null();
        REQUIRE((has_value || !read.mistakes.empty() || text == "null"));
        std::size_t lines{1};
        lines += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
        for (const Mistake& mistake : read.mistakes) {
            REQUIRE(mistake.place.line >= 1);
            REQUIRE(mistake.place.line <= lines);
            REQUIRE(mistake.place.column >= 1);
            REQUIRE(mistake.what.size() < 120);
        }
        refused += read.mistakes.empty() ? 0 : 1;
        // The parser itself agrees on what is JSON; ours refuses some more (NUL, twice, depth).
        if (read.mistakes.empty()) {
            REQUIRE(ordered_json::accept(text, /*ignore_comments=*/true));
        }
    }
    CAPTURE(refused);
    CHECK((std::getenv("RINGBACK_SEED") != nullptr || refused > 500));
}

TEST_CASE("scenario cursor: a value that is none of what is wanted says what it is",
          "[scenario][cursor]") {
    Read read{R"({"t": "soon", "n": 7, "o": {}, "a": [], "z": null, "b": true, "f": 1.5,
                  "h": 18446744073709551615})"};
    const Cursor top{read.document, read.mistakes};
    CHECK(top.member("t")->text() == "soon");
    CHECK(top.member("n")->integer(1, 300) == 7);
    CHECK(top.member("f")->number() == 1.5);
    CHECK(top.member("b")->boolean() == true);
    CHECK_FALSE(top.member("nothing"));
    REQUIRE(read.mistakes.empty());

    CHECK_FALSE(top.member("t")->integer(1, 300));
    CHECK_FALSE(top.member("n")->integer(8, 300));
    CHECK_FALSE(top.member("f")->integer(0, 9));
    CHECK_FALSE(top.member("h")->integer(INT64_MIN, INT64_MAX));
    CHECK_FALSE(top.member("o")->text());
    CHECK_FALSE(top.member("a")->boolean());
    CHECK_FALSE(top.member("z")->is_object());
    CHECK_FALSE(top.member("b")->is_array());
    CHECK_FALSE(top.member("t")->one_of({"strict", "ordered", "any"}));
    CHECK_FALSE(top.required("url"));
    std::vector<std::string> said;
    for (const Mistake& mistake : read.mistakes) {
        said.push_back(mistake.what);
    }
    CHECK(said == std::vector<std::string>{
                      "expected a whole number from 1 to 300, found \"soon\"",
                      "expected a whole number from 8 to 300, found 7",
                      "expected a whole number from 0 to 9, found 1.5",
                      "expected a whole number, found 18446744073709551615",
                      "expected a text, found an object",
                      "expected true or false, found an array",
                      "expected an object, found null",
                      "expected an array, found true",
                      "expected \"strict\", \"ordered\" or \"any\", found \"soon\"",
                      "expected a member \"url\", found none",
                  });
    CHECK(to_text(read.mistakes.front()) ==
          "ivr.json:1:7: expected a whole number from 1 to 300, found \"soon\"");
}

TEST_CASE("scenario file: an unknown member names the nearest one", "[scenario][cursor]") {
    Read read{"{\"within\": 1,\n \"wihtin\": 2, \"xyzzy\": 3, \"PATH\": 4}"};
    Cursor{read.document, read.mistakes}.only({"within", "path"});
    REQUIRE(read.mistakes.size() == 3);
    CHECK(to_text(read.mistakes[0]) ==
          "ivr.json:2:2: unknown member \"wihtin\", did you mean \"within\"?");
    CHECK(read.mistakes[1].what == "unknown member \"xyzzy\", expected one of within, path");
    CHECK(read.mistakes[2].what == "unknown member \"PATH\", did you mean \"path\"?");
}

TEST_CASE("scenario cursor: elements and members know where they stand", "[scenario][cursor]") {
    Read read{"{\"a/b\": [1, {\"c\": 2}]}"};
    const Cursor top{read.document, read.mistakes};
    const auto members = top.members();
    REQUIRE(members.size() == 1);
    CHECK(members[0].first == "a/b");
    const auto elements = members[0].second.elements();
    REQUIRE(elements.size() == 2);
    CHECK(elements[1].member("c")->pointer() == "/a~1b/1/c");
    CHECK(elements[1].member("c")->place() == Place{1, 19});
    CHECK(elements[0].elements().empty());
    CHECK(elements[0].members().empty());
}

TEST_CASE("scenario words: the nearest is near, or there is none", "[scenario][cursor]") {
    const std::vector<std::string_view> known{"equalTo", "equalToJson", "not", "matches"};
    CHECK(nearest_word("equalto", known) == "equalTo");
    CHECK(nearest_word("equalToJsn", known) == "equalToJson");
    CHECK(nearest_word("nto", known) == "not");
    CHECK(nearest_word("mtaches", known) == "matches");
    CHECK(nearest_word("present", known).empty());
    CHECK(nearest_word("", known).empty());
    CHECK(nearest_word("x", {"y"}).empty());
    CHECK(nearest_word(std::string(100'000, 'a'), known).empty());
}

}  // namespace ringback

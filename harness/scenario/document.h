#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace ringback {

/// A place in a text, both from 1; 0:0 = the file as a whole. Columns count characters.
struct Place {
    std::size_t line{0};
    std::size_t column{0};

    // What the check takes for a null pointer is a part of the default comparison.
    friend auto operator<=>(const Place&, const Place&) = default;  // NOLINT(modernize-use-nullptr)
};

/// One mistake in a file, as a person finds it again.
struct Mistake {
    std::string file;  // as it was named
    Place place;
    std::string what;  // "expected a number from 1 to 300, found \"soon\""

    friend bool operator==(const Mistake&, const Mistake&) = default;
};

/// "ivr.json:41:7: what", as printed; "ivr.json: what" for a mistake without a place.
[[nodiscard]] std::string to_text(const Mistake& mistake);

/// One step of a JSON pointer: '~' and '/' written as RFC 6901 has it.
[[nodiscard]] std::string pointer_step(std::string_view name);

// NOLINTBEGIN(bugprone-exception-escape): ordered_json says it moves without one
/// A JSON text with `//` and `/* */` comments that knows where everything in it stands.
class Document {
public:
    /// Needs   at most 1 MiB, 64 levels, valid UTF-8, no member twice in one object.
    /// Errors  go to `mistakes`. A text that is no JSON is one mistake, and the document null; a
    ///         member that is there twice is one at the second, and the first one counts.
    [[nodiscard]] static Document parse(std::string file, std::string_view text,
                                        std::vector<Mistake>& mistakes);

    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] const nlohmann::ordered_json& root() const { return root_; }
    /// Where the value at that JSON pointer ("/steps/0/send") begins; the file when there is none.
    [[nodiscard]] Place of(std::string_view pointer) const;
    /// Where the name of that member begins.
    [[nodiscard]] Place of_name(std::string_view pointer) const;
    /// Another value at that pointer; objects on the way to it are made. It stands where what it
    /// replaces stood, or where what it was put into begins. Needs a way that leads through
    /// objects, and elements that are there.
    void put(std::string_view pointer, nlohmann::ordered_json value);

private:
    friend class DocumentReader;
    /// Stands beside each value: as many inside as it has members or elements, in their order.
    struct Spot {
        Place value;
        Place name;  // 0:0 for what has none
        std::vector<Spot> inside;
    };
    [[nodiscard]] const Spot* spot(std::string_view pointer) const;
    [[nodiscard]] static Spot spot_of(const nlohmann::ordered_json& value, Place place);

    std::string file_;
    nlohmann::ordered_json root_;
    Spot spots_;
};
// NOLINTEND(bugprone-exception-escape)

}  // namespace ringback

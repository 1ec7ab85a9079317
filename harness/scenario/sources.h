#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/document.h"
#include "simulator/core/result.h"

namespace ringback {

/// A scenario file that has been found and parsed.
struct Source {
    std::string key;               // the same for the same file, however it was named
    std::string shown;             // as a person finds it: "tests/parts/greet.json", "builtin:busy"
    std::filesystem::path folder;  // where the names in it are looked for; empty: nowhere
    Document document;
    bool broken{false};  // the text is no JSON, or what it says was found wrong before
};

/// A file beside a scenario.
struct NeighbourText {
    std::string shown;
    std::string text;
};

/// The files one scenario is made of. Reads nothing outside the scenario's own folder.
class Sources {
public:
    /// `folder`: of the scenario; empty: it has none, and only built-ins can be used. `of`: what it
    /// is, where it is none; outlives this.
    Sources(const std::filesystem::path& folder, std::vector<Mistake>& mistakes,
            std::string_view of = "scenario");

    /// What `use` means: a file beside the one it stands in, else a built-in. Each is parsed once;
    /// a broken one has told its mistakes. Errors: none found, or it may not be read; `where` is
    /// empty.
    [[nodiscard]] Result<Source*> scenario(std::string_view name,
                                           const std::filesystem::path& from);
    /// A text that is at hand already.
    Source& add(std::string key, std::string shown, std::string_view text,
                std::filesystem::path folder);
    /// A file beside the one in folder `from`, at most `most` bytes.
    [[nodiscard]] Result<NeighbourText> neighbour(std::string_view name,
                                                  const std::filesystem::path& from,
                                                  std::size_t most) const;
    [[nodiscard]] const std::map<std::string, std::unique_ptr<Source>>& all() const { return all_; }

private:
    [[nodiscard]] Result<std::filesystem::path> inside(std::string_view name,
                                                       const std::filesystem::path& from) const;

    std::string_view of_;
    std::filesystem::path root_;  // canonical; empty: nowhere
    std::vector<Mistake>* mistakes_;
    std::map<std::string, std::unique_ptr<Source>> all_;  // by key
};

/// At most `most` bytes of a file. Errors: with the system's reason.
///
/// `is_typed`  a person named it on the command line: then it may be a pipe, which may keep us
///             waiting. What a scenario names may not.
[[nodiscard]] Result<std::string> file_text(const std::filesystem::path& path, std::size_t most,
                                            bool is_typed = true);

/// ", did you mean \"near\"?", or "" when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       const std::vector<std::string_view>& known);

}  // namespace ringback

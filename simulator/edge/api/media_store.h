#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/time.h"

namespace ringback {

/// A file's bytes, shared with whoever is still sending them.
using MediaBytes = std::shared_ptr<const std::string>;

/// One file that was put.
struct Medium {
    MediaBytes bytes;  // never null
    std::string type;
    std::string cache_control;  // "" = none was given
    Instant stored_at{};
    std::uint64_t number{};  // rises over all users: which was first
};

/// The media files of all users, in memory and bounded: what is forgotten here counts for as long
/// as an answer still sends it.
class MediaStore {
public:
    /// Of one file. Source: spec v1 2.5, 7.2 (65 MB).
    static constexpr std::size_t largest = std::size_t{65} << 20U;

    explicit MediaStore(std::size_t most_bytes) : most_bytes_{most_bytes} {}

    /// Takes the place of what had that name; false: there is no room, and nothing has changed.
    [[nodiscard]] bool put(std::string_view user, const std::string& name, std::string_view bytes,
                           std::string_view type, std::string_view cache_control, Instant now);
    [[nodiscard]] const Medium* find(std::string_view user, std::string_view name) const;
    /// False if there was none of that name.
    bool remove(std::string_view user, std::string_view name);

    /// A file that ringback makes up when it is asked for is not there any more. False: no room.
    [[nodiscard]] bool hide(std::string_view user, const std::string& name);
    [[nodiscard]] bool is_hidden(std::string_view user, std::string_view name) const;
    /// The same, or another was put in its place.
    [[nodiscard]] bool is_taken(std::string_view user, std::string_view name) const {
        return is_hidden(user, name) || find(user, name) != nullptr;
    }
    /// Whether is_taken can be true of anything.
    [[nodiscard]] bool hides_some(std::string_view user) const;

    /// What stands under a name: a file, or that there is none though ringback would make one up.
    struct Place {
        std::optional<Medium> medium{};
        std::shared_ptr<const void> hidden{};  // not null: it is hidden
    };
    [[nodiscard]] Place look(std::string_view user, std::string_view name) const;
    /// As it was when looked at; needs no more room than what is there now.
    void put_back(std::string_view user, const std::string& name, Place before);

    /// Newest first.
    [[nodiscard]] std::vector<std::pair<const std::string*, const Medium*>> of(
        std::string_view user) const;

    void reset(std::string_view user) {
        if (const auto at = users_.find(user); at != users_.end()) {
            users_.erase(at);
        }
    }
    void reset_all() { users_.clear(); }

    /// What all of it takes, names and all.
    [[nodiscard]] std::size_t bytes() const { return *used_; }

private:
    struct Files {
        std::map<std::string, Medium, std::less<>> media;
        std::map<std::string, std::shared_ptr<const void>, std::less<>> hidden;
    };

    /// So many bytes, given back when the last copy goes; null if there is no room.
    [[nodiscard]] std::shared_ptr<const void> take_room(std::size_t bytes) const;

    std::size_t most_bytes_;
    std::shared_ptr<std::size_t> used_{std::make_shared<std::size_t>(0)};
    std::uint64_t last_number_{0};
    std::map<std::string, Files, std::less<>> users_;
};

}  // namespace ringback

#include "simulator/edge/api/media_store.h"

#include <algorithm>
#include <utility>

namespace ringback {
namespace {

constexpr std::size_t bytes_around = 512;  // what a file takes beside its bytes and texts

template <class Users, class Files = typename Users::mapped_type>
const Files* files_of(const Users& users, std::string_view user) {
    const auto at = users.find(user);
    return at == users.end() ? nullptr : &at->second;
}

}  // namespace

std::shared_ptr<const void> MediaStore::take_room(std::size_t bytes) const {
    if (bytes > most_bytes_ || *used_ > most_bytes_ - bytes) {
        return nullptr;
    }
    *used_ += bytes;
    return {used_.get(), [used = used_, bytes](const void* /*ours*/) { *used -= bytes; }};
}

bool MediaStore::put(std::string_view user, const std::string& name, std::string_view bytes,
                     std::string_view type, std::string_view cache_control, Instant now) {
    const auto room =
        take_room(bytes.size() + name.size() + type.size() + cache_control.size() + bytes_around);
    if (room == nullptr) {
        return false;
    }
    /// The bytes and the room they take end together.
    struct Kept {
        std::string bytes;
        std::shared_ptr<const void> room;
    };
    const auto kept = std::make_shared<const Kept>(Kept{std::string{bytes}, room});
    Files& files = users_[std::string{user}];
    files.hidden.erase(name);
    files.media.insert_or_assign(name, Medium{MediaBytes{kept, &kept->bytes}, std::string{type},
                                              std::string{cache_control}, now, ++last_number_});
    return true;
}

const Medium* MediaStore::find(std::string_view user, std::string_view name) const {
    const Files* const files = files_of(users_, user);
    if (files == nullptr) {
        return nullptr;
    }
    const auto at = files->media.find(name);
    return at == files->media.end() ? nullptr : &at->second;
}

bool MediaStore::remove(std::string_view user, std::string_view name) {
    const auto files = users_.find(user);
    if (files == users_.end()) {
        return false;
    }
    const auto at = files->second.media.find(name);
    if (at == files->second.media.end()) {
        return false;
    }
    files->second.media.erase(at);
    if (files->second.media.empty() && files->second.hidden.empty()) {
        users_.erase(files);
    }
    return true;
}

bool MediaStore::hide(std::string_view user, const std::string& name) {
    auto room = take_room(name.size() + bytes_around);
    if (room == nullptr) {
        return false;
    }
    users_[std::string{user}].hidden.insert_or_assign(name, std::move(room));
    return true;
}

bool MediaStore::is_hidden(std::string_view user, std::string_view name) const {
    const Files* const files = files_of(users_, user);
    return files != nullptr && files->hidden.contains(name);
}

MediaStore::Place MediaStore::look(std::string_view user, std::string_view name) const {
    Place place;
    if (const Files* const files = files_of(users_, user)) {
        if (const auto at = files->media.find(name); at != files->media.end()) {
            place.medium = at->second;
        }
        if (const auto at = files->hidden.find(name); at != files->hidden.end()) {
            place.hidden = at->second;
        }
    }
    return place;
}

void MediaStore::put_back(std::string_view user, const std::string& name, Place before) {
    Files& files = users_[std::string{user}];
    files.media.erase(name);
    files.hidden.erase(name);
    if (before.medium) {
        files.media.emplace(name, std::move(*before.medium));
    }
    if (before.hidden) {
        files.hidden.emplace(name, std::move(before.hidden));
    }
}

bool MediaStore::hides_some(std::string_view user) const {
    const Files* const files = files_of(users_, user);
    return files != nullptr && !(files->hidden.empty() && files->media.empty());
}

std::vector<std::pair<const std::string*, const Medium*>> MediaStore::of(
    std::string_view user) const {
    std::vector<std::pair<const std::string*, const Medium*>> all;
    if (const Files* const files = files_of(users_, user)) {
        for (const auto& [name, medium] : files->media) {
            all.emplace_back(&name, &medium);
        }
    }
    std::ranges::sort(
        all, [](const auto& a, const auto& b) { return a.second->number > b.second->number; });
    return all;
}

}  // namespace ringback

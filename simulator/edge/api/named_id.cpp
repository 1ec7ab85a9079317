#include "simulator/edge/api/named_id.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "simulator/edge/api/router.h"
#include "simulator/wire/request_body.h"

namespace ringback {
namespace {

/// A recording's file is named by its call, "c-...-1.wav", a transcription's text by itself.
NamedId id_of_media(std::string name, std::uint64_t user_hash) {
    const std::size_t dash = name.rfind('-');
    const std::size_t dot = name.rfind('.');
    if (dash == std::string::npos || dot == std::string::npos || dot < dash) {
        return {IdKind::transcription, std::move(name), user_hash};
    }
    name.resize(dash);
    return {IdKind::call, std::move(name), user_hash};
}

/// The collection is the fourth part, the id the one behind it.
bool is_under_user(const std::optional<std::vector<std::string>>& parts) {
    return parts && parts->size() > 3 && (*parts)[0] == "v1" && (*parts)[1] == "users";
}

std::optional<NamedId> id_in_path(std::string_view path) {
    auto parts = split_path(path);
    if (!is_under_user(parts) || parts->size() < 5) {
        return std::nullopt;
    }
    const std::string& collection = (*parts)[3];
    const std::uint64_t user_hash = hash_of((*parts)[2]);
    if (collection == "media") {
        return id_of_media(std::move((*parts)[4]), user_hash);
    }
    const IdKind kind = collection == "recordings"    ? IdKind::recording
                        : collection == "errors"      ? IdKind::user_error
                        : collection == "messages"    ? IdKind::message
                        : collection == "domains"     ? IdKind::domain
                        : collection == "bridges"     ? IdKind::bridge
                        : collection == "conferences" ? IdKind::conference
                                                      : IdKind::call;
    return NamedId{kind, std::move((*parts)[4]), user_hash};
}

}  // namespace

std::optional<NamedId> id_in(const Request& request) {
    if (auto named = id_in_path(request.path)) {
        return named;
    }
    constexpr std::size_t to_collection = 4;
    // The name first: most requests that create something name nothing else, and are not read
    // twice.
    const bool may_name =
        request.method == "POST" && (request.body.find("callIds") != std::string::npos ||
                                     request.body.find("bridgeId") != std::string::npos ||
                                     request.body.find("conferenceId") != std::string::npos);
    const auto parts = may_name ? split_path(request.path) : std::nullopt;
    if (!is_under_user(parts) || parts->size() != to_collection) {
        return std::nullopt;
    }
    const auto body = RequestBody::parse(request.body);
    if (!body) {
        return std::nullopt;
    }
    FirstProblem whatever;
    const Members in{body.value(), "", whatever};
    const std::uint64_t user_hash = hash_of((*parts)[2]);
    if ((*parts)[3] == "calls") {
        if (const auto bridge = in.text("bridgeId")) {
            return NamedId{IdKind::bridge, std::string{*bridge}, user_hash};
        }
        const auto conference = in.text("conferenceId");
        return conference
                   ? std::optional{NamedId{IdKind::conference, std::string{*conference}, user_hash}}
                   : std::nullopt;
    }
    const auto calls = (*parts)[3] == "bridges" ? in.texts("callIds") : std::nullopt;
    return calls && !calls->empty()
               ? std::optional{NamedId{IdKind::call, std::string{calls->front()}, user_hash}}
               : std::nullopt;
}

bool names_id_of(const Request& request, const IdCodec& ids) {
    const auto named = id_in(request);
    return named && named->is_of(ids);
}

bool is_of_account(std::string_view path) {
    const auto parts = split_path(path);
    if (!parts || parts->size() < 2 || (*parts)[0] != "v1") {
        return false;
    }
    if ((*parts)[1] != "users") {
        return true;
    }
    constexpr std::array<std::string_view, 5> collections{"applications", "phoneNumbers",
                                                          "availableNumbers", "domains", "media"};
    return is_under_user(parts) && std::ranges::find(collections, (*parts)[3]) != collections.end();
}

}  // namespace ringback

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "simulator/edge/simulator.h"

namespace ringback {

/// What one request brings into being, and its taking back: for the disk that fails without
/// warning, so that what the journal's file does not have is not there either.
///
/// What a request changes or removes stays changed or removed: its lines wait for the disk.
class TakeBack {
public:
    /// Both outlive it. Looks at once at what a PUT is about to replace.
    TakeBack(const Request& request, Simulator& simulator);

    /// Whether the answer says that something is there now that was not.
    [[nodiscard]] bool is_owed(const Response& answer) const;

    /// A call, message, bridge or conference is forgotten before anybody hears of it, an item of
    /// the account is removed, a file makes room for the one before. What others know of already
    /// ends instead: the second leg of a transfer is cancelled, a member leaves, a gather is
    /// stopped. A transcription that has begun comes to its end.
    void undo(const Response& answer);

private:
    void undo_item(std::string_view location);
    void undo(const User& user, IdKind kind, const IdCodec::Decoded& which);
    void undo_call(CallId id);
    void undo_token(std::string_view token);

    const Request& request_;
    Simulator& simulator_;
    std::optional<MediaStore::Place> before_{};  // of the file that is put
};

}  // namespace ringback

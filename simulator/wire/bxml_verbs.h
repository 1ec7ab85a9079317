#pragma once

#include <optional>

#include "simulator/core/bxml.h"
#include "simulator/wire/bxml_element.h"

namespace ringback::bxml {

/// Reads a child of the root by its row of spec v1 6.3. None for one that may not stand there:
/// what that means is left to `Element::misplaced`.
[[nodiscard]] std::optional<Verb> read_verb(const Element& in);

// The verbs that others may hold, told where they stand.
enum class Inside : std::uint8_t { response, gather, transfer };
[[nodiscard]] SpeakSentence read_sentence(const Element& in);
[[nodiscard]] PlayAudio read_audio(const Element& in, Inside where);
/// What both kinds of Record have, but for what has no meaning where it stands.
[[nodiscard]] RecordSettings read_recording(const Element& in);
[[nodiscard]] Verb read_gather(const Element& in);
[[nodiscard]] Verb read_record(const Element& in);
[[nodiscard]] Verb read_transfer(const Element& in);

}  // namespace ringback::bxml

#pragma once

#include "simulator/core/history.h"
#include "simulator/wire/entry_line.h"
#include "simulator/wire/ids.h"

namespace ringback {

// The members of an entry about what is rare (OtherNews), each part at its place in the line.

void add_news(EntryLine& line, const OtherNews& news);

/// The ids of what it is about, where that is neither a call nor a message.
void add_news_ids(EntryLine& line, const Entry& entry, const IdCodec& ids);

/// The ids of others that it names: a member's call, the calls of a bridge.
void add_named_ids(EntryLine& line, const Entry& entry, const IdCodec& ids);

}  // namespace ringback

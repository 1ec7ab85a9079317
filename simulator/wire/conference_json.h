#pragma once

#include <cstdint>
#include <string>

#include "simulator/core/conference.h"
#include "simulator/wire/call_json.h"

namespace ringback {

/// Appends the conference object of spec v1 2.3. User information in URLs reads ***.
void append_conference(std::string& out, const Conference& conference, const ResourceText& text);

/// Appends the object of the how-manieth member, from 1; it must exist. `call` is its URL.
void append_member(std::string& out, const Conference& conference, std::uint32_t member,
                   const ResourceText& text);

/// {base}/v1/users/{user}/conferences/{id}/members/{id}, unquoted.
void append_member_url(std::string& out, const Conference& conference, std::uint32_t member,
                       const ResourceText& text);

}  // namespace ringback

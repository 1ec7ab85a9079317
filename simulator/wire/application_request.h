#pragma once

#include "simulator/core/directory.h"
#include "simulator/wire/call_request.h"

namespace ringback {

/// POST applications, and with `before` (the application as it is) POST applications/{id}: what is
/// not sent stays as it is. The first thing that is wrong, in the table's order. Source: spec v1
/// 2.6.
[[nodiscard]] Intake<Application> read_application(const RequestBody& body,
                                                   const RefuseUrl& refuse_url,
                                                   const Application* before = nullptr);

/// A name people gave something: at most 1,000 characters, not blank. Problems are noted.
[[nodiscard]] std::optional<std::string> read_name(const Members& in);

}  // namespace ringback

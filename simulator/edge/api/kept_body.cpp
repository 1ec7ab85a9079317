#include "simulator/edge/api/kept_body.h"

#include <fmt/format.h>

#include "simulator/edge/api/media_api.h"
#include "simulator/wire/redaction.h"

namespace ringback {

KeepBody kept_of_unclaimed(const Request& request) {
    constexpr std::size_t worth_reading{std::size_t{64} << 10U};
    return request.body.size() > worth_reading || may_be_large(request)
               ? KeepBody::size_only
               : KeepBody::without_passwords;
}

std::string kept_body(KeepBody keeps, std::string_view body) {
    switch (keeps) {
        case KeepBody::size_only:
            return fmt::format("{} bytes", body.size());
        case KeepBody::without_passwords:
            return without_passwords(body);
        case KeepBody::whole:
            break;
    }
    return std::string{body};
}

}  // namespace ringback

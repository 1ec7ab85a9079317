// What the provider says with a status (spec v1 1.6): most clients go by the code, not the number.
#include <algorithm>
#include <array>

#include "simulator/core/faults.h"

namespace ringback::fault {
namespace {

struct Words {
    int status{0};
    const char* category{""};
    const char* code{""};
    const char* message{""};
};

/// Of a status that many codes have, one that is true of most requests.
constexpr std::array<Words, 8> known{{
    {400, "bad-request", "validation-error", "Bad parameters"},
    {401, "authorization", "access-denied",
     "The authenticated user does not have sufficient permissions to access this resource"},
    {403, "forbidden", "call-invalid-state", "Unable to update call. Invalid call state"},
    {404, "not-found", "resource-not-found", "The requested resource could not be found."},
    {405, "bad-request", "method-not-allowed", "The resource does not know this method"},
    {409, "conflict", "call-update-conflict", "Another request is updating the call"},
    {429, "too-many-requests", "rate-limit-reached", "Rate limit reached"},
    {503, "unavailable", "gateway-unavailable", "The service is unavailable, try again later"},
}};

}  // namespace

Fail failing_with(int status) {
    constexpr int first_of_the_server = 500;
    Fail fail;
    fail.status = status;
    const auto* const found = std::ranges::find(known, status, &Words::status);
    // Others of the receiver's own making have no words with the provider: the general ones.
    const Words* const words = found != known.end()           ? found
                               : status < first_of_the_server ? known.data()
                                                              : nullptr;
    if (words != nullptr) {
        fail.category = words->category;
        fail.code = words->code;
        fail.message = words->message;
    } else if (status == first_of_the_server) {
        fail.category = "backend";
    }
    return fail;
}

}  // namespace ringback::fault

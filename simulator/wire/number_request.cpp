#include "simulator/wire/number_request.h"

#include <utility>

#include "simulator/wire/application_request.h"
#include "simulator/wire/sound_request.h"

namespace ringback {
namespace {

ApiError no_number() { return validation_error("Invalid phone number"); }

std::string dialled(const Members& in) {
    const auto number = in.text("number");
    if (!number) {
        in.note(missing_property("number", "number"));
    } else if (is_blank(*number)) {
        in.note(blank_property("number", "number"));
    } else if (!number->starts_with('+') || !is_number_or_sip(*number)) {
        in.note(no_number());
    }
    return std::string{number.value_or("")};
}

/// {providerName, properties: {accountId, userName, password}}: their types only.
void look_at_provider(const Members& in) {
    const auto provider = in.object("provider", "provider");
    if (!provider) {
        return;
    }
    static_cast<void>(provider->text("providerName"));
    if (const auto properties = provider->object("properties", "properties")) {
        for (const char* const name : {"accountId", "userName", "password"}) {
            static_cast<void>(properties->text(name));
        }
    }
}

}  // namespace

Intake<NumberRequest> read_number(const RequestBody& body, const PhoneNumber* before) {
    FirstProblem problems;
    const Members in{body, "number", problems};
    NumberRequest wanted;
    if (before != nullptr) {
        wanted.number = *before;
    } else {
        wanted.number.number = dialled(in);
    }
    if (in.text("name") == "") {
        wanted.number.name.clear();
    } else if (auto name = read_name(in)) {
        wanted.number.name = std::move(*name);
    }
    if (const auto application = in.text("applicationId")) {
        wanted.application_id = *application;
    }
    if (const auto fallback = in.text("fallbackNumber")) {
        wanted.number.fallback_number = *fallback;
        if (!fallback->empty() && !is_number_or_sip(*fallback)) {
            in.note(no_number());
        }
    }
    look_at_provider(in);
    return verdict(problems, std::move(wanted));
}

}  // namespace ringback

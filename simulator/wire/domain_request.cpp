#include "simulator/wire/domain_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "simulator/wire/ascii.h"
#include "simulator/wire/sound_request.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

/// What may stand in `name@name.bwapp.bwsip.io` without being quoted.
bool may_be_in_sip_name(char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' ||
           c == '_' || c == '.' || c == '+';
}

std::string sip_name(const Members& in) {
    const auto name = in.text("name");
    if (!name) {
        in.note(missing_property(in.resource(), "name"));
    } else if (is_blank(*name)) {
        in.note(blank_property(in.resource(), "name"));
    } else if (name->size() > longest_sip_name) {
        in.note(exceeds(in.resource(), "name", fmt::format("{} characters", longest_sip_name)));
    } else if (!std::all_of(name->begin(), name->end(), may_be_in_sip_name)) {
        in.note(
            validation_error(fmt::format("The '{}' resource property 'name' must consist of "
                                         "letters, digits, '-', '_', '.' and '+'",
                                         in.resource())));
    }
    return std::string{name.value_or("")};
}

std::optional<std::string> description(const Members& in) {
    const auto text = in.text("description");
    if (text && utf8_length(*text) > longest_description) {
        in.note(exceeds(in.resource(), "description",
                        fmt::format("{} characters", longest_description)));
    }
    return text ? std::optional{std::string{*text}} : std::nullopt;
}

std::optional<std::string> application_id(const Members& in) {
    const auto id = in.text("applicationId");
    return id ? std::optional{std::string{*id}} : std::nullopt;
}

/// Latin-1 is what UTF-8 begins with 0xc3 at most.
bool is_latin1(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) <= 0xc3; });
}

/// `required`: the password has to be there.
void judge_password(const Members& in, bool required) {
    const auto credentials = in.object("credentials", "credentials");
    const auto password = credentials ? credentials->text("password") : std::nullopt;
    if (!password) {
        if (required) {
            in.note(missing_property(credentials ? "credentials" : in.resource(),
                                     credentials ? "password" : "credentials"));
        }
    } else if (!is_latin1(*password) || utf8_length(*password) < shortest_password) {
        in.note(validation_error(
            fmt::format("The 'credentials' resource property 'password' must have at least {} "
                        "characters, all of them of Latin-1",
                        shortest_password)));
    }
}

}  // namespace

Intake<CreateDomain> read_domain(const RequestBody& body) {
    FirstProblem problems;
    const Members in{body, "domain", problems};
    CreateDomain wanted;
    wanted.name = sip_name(in);
    wanted.description = description(in).value_or("");
    return verdict(problems, std::move(wanted));
}

Intake<CreateEndpoint> read_endpoint(const RequestBody& body) {
    FirstProblem problems;
    const Members in{body, "endpoint", problems};
    CreateEndpoint wanted;
    wanted.name = sip_name(in);
    wanted.description = description(in).value_or("");
    wanted.application_id = application_id(in).value_or("");
    wanted.enabled = in.boolean("enabled").value_or(true);
    judge_password(in, true);
    return verdict(problems, std::move(wanted));
}

Intake<UpdateEndpoint> read_endpoint_update(const RequestBody& body) {
    FirstProblem problems;
    const Members in{body, "endpoint", problems};
    UpdateEndpoint wanted;
    wanted.description = description(in);
    wanted.application_id = application_id(in);
    wanted.enabled = in.boolean("enabled");
    judge_password(in, false);
    return verdict(problems, std::move(wanted));
}

Intake<CreateToken> read_token(const RequestBody& body) {
    FirstProblem problems;
    const Members in{body, "token", problems};
    CreateToken wanted;
    wanted.lifetime = std::chrono::seconds{in.integer("expires", 1, longest_token_lifetime.count())
                                               .value_or(usual_token_lifetime.count())};
    return verdict(problems, wanted);
}

}  // namespace ringback

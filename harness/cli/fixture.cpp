#include "harness/cli/fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "harness/scenario/cursor.h"
#include "harness/scenario/sources.h"
#include "simulator/edge/api/media_store.h"
#include "simulator/wire/call_request.h"
#include "simulator/wire/sound_request.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

namespace fs = std::filesystem;
using RefuseCallback = std::function<std::optional<std::string>(std::string_view url)>;

constexpr std::size_t most_bytes = (std::size_t{1} << 20U) + 1;  // one more is too many
constexpr std::size_t longest_name = 1000;                       // as POST applications has it
constexpr std::size_t longest_text = 256;                        // of what has no other limit

/// Reads at a place, and puts the field's name before whatever is noted there.
template <class Read>
auto named(const Cursor& at, Read read) {
    const std::size_t before = at.mistakes().size();
    auto value = read(at);
    const std::string& pointer = at.pointer();
    const std::string field = pointer.empty() ? "the file" : pointer.substr(1);
    for (std::size_t i = before; i < at.mistakes().size(); ++i) {
        at.mistakes()[i].what = field + ": " + at.mistakes()[i].what;
    }
    return value;
}

std::optional<std::string> text_of_length(const Cursor& at, std::size_t least, std::size_t most) {
    return named(at, [&](const Cursor& here) {
        auto text = here.text();
        if (text && (utf8_length(*text) < least || utf8_length(*text) > most ||
                     (least > 0 && is_blank(*text)))) {
            here.wrong(fmt::format("a text of {} to {} characters", least, most));
            text.reset();
        }
        return text;
    });
}

/// A member's text; "" when it is absent or wrong.
std::string text_member(const Cursor& at, std::string_view name, std::size_t most = longest_text) {
    const auto member = at.member(name);
    return member ? text_of_length(*member, 1, most).value_or("") : "";
}

/// A text that also is `expected`; "" when it is absent or wrong.
template <class Fits>
std::string text_that(const std::optional<Cursor>& at, std::size_t most, std::string_view expected,
                      Fits fits) {
    const auto text = at ? text_of_length(*at, 1, most) : std::nullopt;
    if (text && !fits(std::string_view{*text})) {
        named(*at, [&](const Cursor& here) {
            here.wrong(expected);
            return true;
        });
        return {};
    }
    return text.value_or("");
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// As the last part of a path that a client can ask for.
bool is_file_name(std::string_view text) {
    return text != "." && text != ".." && std::ranges::none_of(text, is_control);
}

bool is_header_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool is_state(std::string_view text) {
    return text.size() == 2 &&
           std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// A member that has to be there; none (and noted) when it is not.
std::optional<Cursor> needed(const Cursor& at, std::string_view name) {
    return named(at, [&](const Cursor& here) { return here.required(name); });
}

std::string phone(const Cursor& at, bool may_be_sip) {
    return named(at, [&](const Cursor& here) {
        const auto number = here.text();
        if (number && (!is_number_or_sip(*number) || (!may_be_sip && number->front() != '+'))) {
            here.wrong(may_be_sip ? "a number like \"+19195550123\" or a SIP address"
                                  : "a number like \"+19195550123\"");
            return std::string{};
        }
        return number.value_or("");
    });
}

/// One user while files are read.
struct Known {
    Seeded seeded;
    std::map<std::string, std::uint64_t, std::less<>> applications;  // by name: their place, from 1
    std::map<std::string, Place, std::less<>> numbers;
    std::map<std::string, Place, std::less<>> media;
    bool has_token{false};
};

class FixtureReader {
public:
    FixtureReader(const RefuseCallback& refuse_url, Fixtures& read)
        : refuse_url_{refuse_url}, read_{read} {}

    void add(const std::string& file) {
        const auto text = file_text(file, most_bytes);
        if (!text) {
            read_.mistakes.push_back({file, {}, text.error().what});
            return;
        }
        const fs::path folder = fs::path{file}.parent_path();
        folder_ = folder.empty() ? fs::path{"."} : folder;
        std::vector<Mistake> mistakes;
        const Document document = Document::parse(file, text.value(), mistakes);
        if (!document.root().is_null() || mistakes.empty()) {
            read_file(Cursor{document, mistakes});
        }
        std::ranges::stable_sort(mistakes, {}, &Mistake::place);
        read_.mistakes.insert(read_.mistakes.end(), mistakes.begin(), mistakes.end());
    }

    void finish() {
        for (const std::string& user : order_) {
            read_.seeded.push_back(std::move(users_.at(user).seeded));
        }
    }

private:
    void read_file(const Cursor& at) {
        if (!named(at, [](const Cursor& here) { return here.is_object(); })) {
            return;
        }
        only(at, {"$schema", "about", "accounts"});
        static_cast<void>(text_member(at, "$schema", longest_name));
        static_cast<void>(text_member(at, "about", longest_name));
        if (const auto accounts = needed(at, "accounts")) {
            each(*accounts, [this](const Cursor& account) { read_account(account); });
        }
    }

    void read_account(const Cursor& at) {
        only(at, {"userId", "token", "secret", "applications", "numbers", "media"});
        const auto id = needed(at, "userId");
        const std::string user = id ? user_id(*id) : "";
        Known& known = users_[user];
        if (known.seeded.user.empty() && !user.empty()) {
            known.seeded.user = user;
            order_.push_back(user);
        }
        read_credentials(at, user, known);
        // Applications first, whatever the order in the file: numbers name them.
        members(at, "applications", [&](const Cursor& item) { read_application(item, known); });
        members(at, "numbers", [&](const Cursor& item) { read_number(item, known); });
        members(at, "media", [&](const Cursor& item) { read_medium(item, known); });
    }

    void read_credentials(const Cursor& at, const std::string& user, Known& known) {
        const auto token = at.member("token");
        const auto secret = at.member("secret");
        if (token.has_value() != secret.has_value()) {
            static_cast<void>(needed(at, token ? "secret" : "token"));
        }
        if (!token || !secret) {
            return;
        }
        const auto name = text_of_length(*token, 1, longest_text);
        const auto word = secret_of(*secret);
        if (std::exchange(known.has_token, true)) {
            noted(*token, "expected one token for an account, found a second");
        } else if (name && name->size() > longest_credential) {
            noted(*token, fmt::format("expected at most {} bytes, found {}", longest_credential,
                                      name->size()));
        } else if (name && word) {
            read_.accounts.push_back({user, *name, *word});
        }
    }

    /// Not shown, whatever it is.
    [[nodiscard]] static std::optional<std::string> secret_of(const Cursor& at) {
        const auto* const text = at.value().get_ptr<const std::string*>();
        if (text == nullptr || text->empty() || text->size() > longest_text) {
            noted(at, fmt::format("expected a text of 1 to {} characters, found another value",
                                  longest_text));
            return std::nullopt;
        }
        return *text;
    }

    void read_application(const Cursor& at, Known& known) {
        only(at,
             {"name", "incomingCallUrl", "incomingCallUrlCallbackTimeout",
              "incomingCallFallbackUrl", "incomingMessageUrl", "incomingMessageUrlCallbackTimeout",
              "incomingMessageFallbackUrl", "callbackHttpMethod", "autoAnswer"});
        Application wanted;
        const auto name = needed(at, "name");
        wanted.name = name ? text_of_length(*name, 1, longest_name).value_or("") : "";
        Route calls = route(at, "Call");
        Route messages = route(at, "Message");
        if (calls.url.empty() && messages.url.empty() && !at.member("incomingCallUrl") &&
            !at.member("incomingMessageUrl")) {
            noted(at, "expected incomingCallUrl or incomingMessageUrl, found neither");
        }
        if (const auto method = at.member("callbackHttpMethod")) {
            const auto word = named(*method, [](const Cursor& here) {
                return here.one_of({"POST", "GET"});
            });
            calls.method = messages.method = word == "GET" ? Method::get : Method::post;
        }
        calls.method_given = messages.method_given = true;
        wanted.calls = RouteRef{std::move(calls)};
        wanted.messages = RouteRef{std::move(messages)};
        if (const auto answers = at.member("autoAnswer")) {
            wanted.auto_answer =
                named(*answers, [](const Cursor& here) { return here.boolean(); }).value_or(true);
        }
        if (!wanted.name.empty() &&
            !known.applications.emplace(wanted.name, known.seeded.applications.size() + 1).second) {
            noted(*name,
                  fmt::format("expected another name, found \"{}\" a second time", wanted.name));
        }
        known.seeded.applications.push_back(std::move(wanted));
    }

    [[nodiscard]] Route route(const Cursor& at, const std::string& what) const {
        Route made;
        const std::string url = "incoming" + what + "Url";
        made.url = url_member(at, url);
        if (const auto timeout = at.member(url + "CallbackTimeout")) {
            constexpr std::int64_t longest_ms = 10'000;
            const auto ms =
                named(*timeout, [](const Cursor& here) { return here.integer(1, longest_ms); });
            made.timeout = std::chrono::milliseconds{ms.value_or(longest_ms)};
        }
        const std::string fallback = "incoming" + what + "FallbackUrl";
        made.fallback_url = url_member(at, fallback);
        if (at.member(fallback) && !at.member(url)) {
            noted(*at.member(fallback), fmt::format("expected \"{}\" beside it, found none", url));
        }
        return made;
    }

    [[nodiscard]] std::string url_member(const Cursor& at, std::string_view name) const {
        const auto member = at.member(name);
        if (!member) {
            return {};
        }
        return named(*member, [&](const Cursor& here) {
            const auto url = here.text();
            if (!url) {
                return std::string{};
            }
            const auto refused = is_http_url(*url) ? refuse_url_(*url) : std::nullopt;
            if (!is_http_url(*url) || refused) {
                here.note(
                    fmt::format("expected {}, found \"{}\"",
                                refused ? "a URL that may be called: " + *refused
                                        : std::string{"an absolute http or https URL"},
                                echoable(redacted_address(*url)).value_or("a text that is none")));
                return std::string{};
            }
            return *url;
        });
    }

    void read_number(const Cursor& at, Known& known) {
        only(at, {"number", "application", "name", "fallbackNumber", "city", "state"});
        PhoneNumber wanted;
        const auto number = needed(at, "number");
        wanted.number = number ? phone(*number, false) : "";
        wanted.name = text_member(at, "name", longest_name);
        wanted.city = text_member(at, "city");
        wanted.state = text_that(at.member("state"), longest_text,
                                 "two capital letters, such as NC", is_state);
        if (const auto fallback = at.member("fallbackNumber")) {
            wanted.fallback_number = phone(*fallback, true);
        }
        if (const auto application = at.member("application")) {
            wanted.application = application_named(*application, known);
        }
        if (!wanted.number.empty() &&
            !known.numbers.emplace(wanted.number, number->place()).second) {
            noted(*number,
                  fmt::format("expected a number once, found {} a second time", wanted.number));
        }
        known.seeded.numbers.push_back(std::move(wanted));
    }

    [[nodiscard]] static std::uint64_t application_named(const Cursor& at, const Known& known) {
        const auto name = text_of_length(at, 1, longest_name);
        if (!name) {
            return 0;
        }
        const auto found = known.applications.find(*name);
        if (found != known.applications.end()) {
            return found->second;
        }
        std::vector<std::string_view> names;
        for (const auto& [each_name, place] : known.applications) {
            names.push_back(each_name);
        }
        named(at, [&](const Cursor& here) {
            here.wrong("the name of an application of the account" + did_you_mean(*name, names));
            return true;
        });
        return 0;
    }

    void read_medium(const Cursor& at, Known& known) {
        only(at, {"name", "contentType", "cacheControl", "text", "file"});
        SeededMedium wanted;
        const auto name = needed(at, "name");
        wanted.name =
            text_that(name, longest_name,
                      "a file's name without control characters, and not . or ..", is_file_name);
        constexpr std::string_view header{"a header's value in visible ASCII"};
        wanted.type = text_that(at.member("contentType"), longest_text, header, is_header_value);
        wanted.cache_control =
            text_that(at.member("cacheControl"), longest_text, header, is_header_value);
        const auto text = at.member("text");
        const auto file = at.member("file");
        if (text.has_value() == file.has_value()) {
            noted(at, text ? "expected text or file, found both"
                           : "expected text or file, found neither");
        } else if (text) {
            wanted.bytes = text_of_length(*text, 0, most_bytes).value_or("");
        } else {
            wanted.bytes = bytes_of(*file);
        }
        if (!wanted.name.empty() && !known.media.emplace(wanted.name, name->place()).second) {
            noted(*name,
                  fmt::format("expected another name, found \"{}\" a second time", wanted.name));
        }
        known.seeded.media.push_back(std::move(wanted));
    }

    [[nodiscard]] std::string bytes_of(const Cursor& at) const {
        return named(at, [&](const Cursor& here) {
            const auto name = here.text();
            if (!name) {
                return std::string{};
            }
            const Sources sources{folder_, here.mistakes(), "fixture"};
            auto file = sources.neighbour(*name, folder_, MediaStore::largest);
            if (!file) {
                here.note(file.error().what);
                return std::string{};
            }
            return std::move(file).value().text;
        });
    }

    [[nodiscard]] static std::string user_id(const Cursor& at) {
        constexpr std::size_t longest_id = 128;
        return named(at, [](const Cursor& here) {
            const auto id = here.text();
            if (id && (id->empty() || id->size() > longest_id ||
                       !std::ranges::all_of(*id, is_unreserved))) {
                here.wrong("1 to 128 characters of A-Z a-z 0-9 - . _ ~");
                return std::string{};
            }
            return id.value_or("");
        });
    }

    static void only(const Cursor& at, std::initializer_list<std::string_view> known) {
        named(at, [&](const Cursor& here) {
            here.only(known);
            return true;
        });
    }
    static void noted(const Cursor& at, std::string what) {
        named(at, [&](const Cursor& here) {
            here.note(std::move(what));
            return true;
        });
    }
    /// Every object in an array.
    template <class Read>
    static void each(const Cursor& at, Read read) {
        if (!named(at, [](const Cursor& here) { return here.is_array(); })) {
            return;
        }
        for (const Cursor& item : at.elements()) {
            if (named(item, [](const Cursor& here) { return here.is_object(); })) {
                read(item);
            }
        }
    }
    template <class Read>
    static void members(const Cursor& at, std::string_view name, Read read) {
        if (const auto member = at.member(name)) {
            each(*member, read);
        }
    }

    const RefuseCallback& refuse_url_;
    Fixtures& read_;
    fs::path folder_;
    std::map<std::string, Known, std::less<>> users_;
    std::vector<std::string> order_;
};

}  // namespace

Fixtures load_fixtures(const std::vector<std::string>& files, const RefuseCallback& refuse_url) {
    Fixtures read;
    FixtureReader reader{refuse_url, read};
    for (const std::string& file : files) {
        reader.add(file);
    }
    reader.finish();
    return read;
}

}  // namespace ringback

#include "simulator/wire/message_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simulator/wire/sound_request.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

std::vector<std::string> media_urls(const Members& in) {
    std::vector<std::string> urls;
    for (const std::string_view url : in.texts("media").value_or(std::vector<std::string_view>{})) {
        if (!is_http_url(url)) {
            in.note(bad_media_url(url));
        }
        urls.emplace_back(url);
    }
    return urls;
}

/// `has_media`: the text may be missing then.
std::string message_text(const Members& in, bool has_media) {
    const auto text = in.text("text");
    if (!text && !has_media) {
        in.note(missing_property(in.resource(), "text"));
    } else if (text && is_blank(*text) && !has_media) {
        in.note(blank_property(in.resource(), "text"));
    } else if (text && utf8_length(*text) > longest_message_text) {
        in.note(exceeds(in.resource(), "text", fmt::format("{} characters", longest_message_text)));
    }
    return std::string{text.value_or("")};
}

}  // namespace

bool is_part_name(std::string_view name) {
    constexpr std::size_t longest{128};
    return !name.empty() && name.size() <= longest && std::ranges::all_of(name, is_unreserved);
}

std::uint16_t segment_count(std::string_view text, bool mms) {
    constexpr std::size_t in_one = 160;
    constexpr std::size_t in_each_of_many = 153;  // the rest says which of how many it is
    const std::size_t length = utf8_length(text);
    if (mms || length <= in_one) {
        return 1;
    }
    return static_cast<std::uint16_t>((length + in_each_of_many - 1) / in_each_of_many);
}

NewMessage read_message(const Members& in, const RefuseUrl& refuse_url, const RouteRef& last) {
    NewMessage message;
    message.from = required_address(in, "from");
    message.to = required_address(in, "to");
    FirstProblem of_media;  // the text comes first, but whether it must be there is media's say
    message.media = media_urls(in.noting_in(of_media));
    const bool has_media = !message.media.empty() || of_media.get();
    message.text = message_text(in, has_media);
    if (of_media.get()) {
        in.note(*of_media.get());
    }
    message.segments = segment_count(message.text, has_media);
    constexpr std::array receipts{ReceiptRequested::none, ReceiptRequested::all,
                                  ReceiptRequested::error};
    message.receipts =
        receipts.at(one_of(in, "receiptRequested", {"none", "all", "error"}).value_or(0));
    if (has_media && message.receipts != ReceiptRequested::none) {
        in.note(validation_error(
            "The 'message' resource property 'receiptRequested' must be 'none' for a message with "
            "media"));
    }
    message.route = read_route(in, refuse_url, last);
    message.tag = std::string{in.text("tag").value_or("")};
    return message;
}

std::optional<ApiError> refuse_redaction(const RequestBody& body) {
    FirstProblem problems;
    const Members in{body, "message", problems};
    std::size_t members = 0;
    in.for_each_text([&](std::string_view /*name*/, const auto& /*value*/) { ++members; });
    const auto text = in.text("text");
    if (members != 1 || !text || !text->empty()) {
        return bad_parameters(R"(a message can only be changed by {"text":""} and nothing else)");
    }
    return std::nullopt;
}

}  // namespace ringback

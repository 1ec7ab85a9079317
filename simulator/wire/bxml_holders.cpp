// The verbs that hold others, and Record, which differs by who holds it (spec v1 6.3).

#include <fmt/format.h>

#include <array>

#include "simulator/wire/bxml_verbs.h"
#include "simulator/wire/call_request.h"

namespace ringback::bxml {
namespace {

constexpr std::int64_t most_digits = 128;
constexpr std::int64_t longest_inter_digit_s = 3600;
constexpr std::int64_t longest_recording_s = 3600;
constexpr std::int64_t longest_silence_s = 60;
constexpr std::int64_t highest_threshold = 1'000'000;
constexpr std::int64_t longest_call_timeout_s = 300;
constexpr std::size_t most_targets = 7;
constexpr std::string_view number_expected{"a number (+ and digits) or sip:user@host"};

void add_prompt(const Element& child, Prompt& prompt) {
    auto* const sentences = std::get_if<std::vector<SpeakSentence>>(&prompt);
    const bool empty = std::holds_alternative<std::monostate>(prompt);
    if (child.name() == "PlayAudio") {
        if (!empty) {
            child.refuse("only SpeakSentence, or one PlayAudio, inside <Gather>",
                         sentences != nullptr ? "both" : "another PlayAudio");
        }
        prompt = read_audio(child, Inside::gather);
    } else if (sentences != nullptr) {
        sentences->push_back(read_sentence(child));
    } else {
        if (!empty) {
            child.refuse("only SpeakSentence, or one PlayAudio, inside <Gather>", "both");
        }
        prompt = std::vector<SpeakSentence>{read_sentence(child)};
    }
}

void add_target(const Element& child, Transfer& transfer) {
    child.only({});
    std::string number = child.content();
    if (!is_number_or_sip(number)) {
        child.refuse_content(number_expected, number);
    } else if (transfer.targets.size() == most_targets) {
        child.refuse(fmt::format("at most {} numbers, transferTo among them", most_targets),
                     "one more");
    }
    transfer.targets.push_back(std::move(number));
}

void add_record(const Element& child, Transfer& transfer) {
    if (!transfer.records.empty()) {
        child.refuse("one <Record> inside <Transfer>", "another");
    }
    child.idle({"maxDuration", "terminatingDigits"});
    transfer.records.push_back({read_recording(child), child.flag("multiChannel")});
}

void read_numbers(const Element& in, Transfer& transfer) {
    std::string to = in.trimmed_text("transferTo");
    if (in.has("transferTo")) {
        if (!is_number_or_sip(to)) {
            in.refuse_value("transferTo", number_expected);
        }
        transfer.targets.push_back(std::move(to));
    }
    transfer.caller_id = in.trimmed_text("transferCallerId");
    if (!transfer.caller_id.empty() && transfer.caller_id != "private" &&
        !is_number_or_sip(transfer.caller_id)) {
        in.refuse_value("transferCallerId", "\"private\", or a number or SIP address,");
    }
}

void read_diversion(const Element& in, Transfer& transfer) {
    // In the order of their enumerators.
    transfer.diversion.treatment = static_cast<DiversionTreatment>(
        in.one_of("diversionTreatment", {"none", "propagate", "stack"}));
    transfer.diversion.reason = static_cast<DiversionReason>(in.one_of(
        "diversionReason",
        {"unknown", "user-busy", "no-answer", "unavailable", "unconditional", "time-of-day",
         "do-not-disturb", "deflection", "follow-me", "out-of-service", "away"}));
}

}  // namespace

Verb read_gather(const Element& in) {
    in.only({"requestUrl", "requestUrlTimeout", "terminatingDigits", "maxDigits",
             "interDigitTimeout", "bargeable", "tag"});
    Gather gather;
    gather.request = in.request();
    if (in.has("terminatingDigits")) {
        gather.terminating_digits = in.text("terminatingDigits");
        if (gather.terminating_digits.empty() ||
            gather.terminating_digits.find_first_not_of("0123456789*#ABCD") != std::string::npos) {
            in.refuse_value("terminatingDigits", "one or more of 0-9*#ABCD");
        }
    }
    gather.max_digits =
        static_cast<std::uint32_t>(in.whole("maxDigits", 1, most_digits, most_digits));
    gather.inter_digit_timeout = in.seconds("interDigitTimeout", 1, longest_inter_digit_s, 5);
    gather.tag = in.tag();
    for (const Element& child : in.children()) {
        if (child.name() == "SpeakSentence" || child.name() == "PlayAudio") {
            add_prompt(child, gather.prompt);
        } else {
            in.misplaced(child);
        }
    }
    return gather;
}

RecordSettings read_recording(const Element& in) {
    in.only({"requestUrl", "requestUrlTimeout", "fileFormat", "transcribe", "transcribeCallbackUrl",
             "multiChannel", "maxDuration", "silenceTimeout", "silenceThreshold",
             "terminatingDigits"});
    in.no_children();
    RecordSettings settings;
    settings.request = in.request();
    settings.format =
        in.one_of("fileFormat", {"wav", "mp3"}) == 0 ? RecordingFormat::wav : RecordingFormat::mp3;
    settings.transcribe = in.flag("transcribe");
    settings.transcribe_callback_url = in.url("transcribeCallbackUrl");
    settings.silence_timeout = in.seconds("silenceTimeout", 0, longest_silence_s, 3);
    settings.silence_threshold =
        static_cast<std::uint32_t>(in.whole("silenceThreshold", 0, highest_threshold, 100));
    if (settings.transcribe && settings.format != RecordingFormat::wav) {
        in.refuse_value("fileFormat", "wav, which alone can be transcribed,");
    }
    if (settings.transcribe && settings.transcribe_callback_url.empty()) {
        in.refuse_value("transcribeCallbackUrl", "a URL, as transcribe is true,");
    }
    return settings;
}

Verb read_record(const Element& in) {
    Record record;
    record.settings = read_recording(in);
    in.idle({"multiChannel"});
    record.max_duration = in.seconds("maxDuration", 1, longest_recording_s, 60);
    record.terminating_digits = in.text("terminatingDigits");
    if (record.terminating_digits.size() > 1 ||
        record.terminating_digits.find_first_not_of("0123456789*#") != std::string::npos) {
        in.refuse_value("terminatingDigits", "one of 0-9*#");
    }
    return record;
}

Verb read_transfer(const Element& in) {
    in.only({"transferTo", "transferCallerId", "callTimeout", "requestUrl", "requestUrlTimeout",
             "tag", "diversionTreatment", "diversionReason"});
    Transfer transfer;
    read_numbers(in, transfer);
    transfer.call_timeout = in.seconds("callTimeout", 1, longest_call_timeout_s, 60);
    transfer.request = in.request();
    transfer.tag = in.tag();
    read_diversion(in, transfer);
    for (const Element& child : in.children()) {
        if (child.name() == "PhoneNumber") {
            add_target(child, transfer);
        } else if (child.name() == "SpeakSentence") {
            transfer.whispers.emplace_back(read_sentence(child));
        } else if (child.name() == "PlayAudio") {
            transfer.whispers.emplace_back(read_audio(child, Inside::transfer));
        } else if (child.name() == "Record") {
            add_record(child, transfer);
        } else {
            in.misplaced(child);
        }
    }
    if (transfer.targets.empty()) {
        in.refuse_value("transferTo", "a number, there or in a PhoneNumber,");
    }
    return transfer;
}

}  // namespace ringback::bxml

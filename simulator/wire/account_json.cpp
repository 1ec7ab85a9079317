#include "simulator/wire/account_json.h"

#include <fmt/format.h>

#include "simulator/wire/json_out.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

using Source = Transaction::Source;

/// No two transactions of an account have number and this in common.
constexpr std::uint32_t sub_number(Source source, std::uint32_t transcription) {
    return (transcription << 2U) | static_cast<std::uint32_t>(source);
}

/// "" where what was charged for is no resource of the account.
std::string resource_id_of(const Transaction& it, const ResourceText& text) {
    switch (it.source) {
        case Source::call:
            return text.ids->text(IdKind::call, text.user_hash, it.number);
        case Source::message:
            return text.ids->text(IdKind::message, text.user_hash, it.number);
        case Source::transcription:
            return text.ids->text(IdKind::transcription, text.user_hash, it.number,
                                  it.transcription);
        case Source::charge:
            break;
    }
    return {};
}

}  // namespace

std::string money_text(Money amount) {
    constexpr std::int64_t parts = 100'000;
    const auto value = static_cast<std::int64_t>(amount);
    const std::int64_t size = value < 0 ? -value : value;
    return fmt::format("{}{}.{:05}", value < 0 ? "-" : "", size / parts, size % parts);
}

void append_account(std::string& out, Money balance) {
    JsonObject object{out};
    object.text("balance", money_text(balance));
    object.text("accountType", "pre-pay");
    object.end();
}

IdText transaction_id(const Transaction& transaction, const ResourceText& text) {
    return text.ids->make(IdKind::transaction, text.user_hash, transaction.number,
                          sub_number(transaction.source, transaction.transcription));
}

IdText charge_id(std::uint64_t number, const IdCodec& ids, std::uint64_t user_hash) {
    return ids.make(IdKind::transaction, user_hash, number, sub_number(Source::charge, 0));
}

void append_transaction(std::string& out, const Transaction& transaction,
                        const ResourceText& text) {
    JsonObject object{out};
    object.text("id", transaction_id(transaction, text).view());
    object.text("time", time_text(transaction.at));
    object.text("amount", money_text(transaction.amount));
    object.text("type", "charge");
    object.integer("units", transaction.units);
    object.text("productType", word(transaction.product));
    object.text_if("number", transaction.phone);
    object.text_if("resourceId", resource_id_of(transaction, text));
    object.end();
}

}  // namespace ringback

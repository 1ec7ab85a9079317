#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "simulator/wire/account_json.h"
#include "simulator/wire/entry_json.h"
#include "tests/support/entries.h"

namespace ringback {
namespace {

using nlohmann::json;

TEST_CASE("money: dollars with five decimals", "[wire][account]") {
    CHECK(money_text(opening_balance) == "538.37250");
    CHECK(money_text(Money{}) == "0.00000");
    CHECK(money_text(Money{750}) == "0.00750");
    CHECK(money_text(Money{-1}) == "-0.00001");
    CHECK(money_text(Money{-12'345'678}) == "-123.45678");
}

TEST_CASE("ids: transactions of a call, a message, a transcription and a charge differ",
          "[wire][account]") {
    const IdCodec ids{Seed{42}};
    const ResourceText text{&ids, "", "u-test", hash_of("u-test")};
    std::set<std::string> different;
    for (const auto source : {Transaction::Source::call, Transaction::Source::message,
                              Transaction::Source::transcription, Transaction::Source::charge}) {
        Transaction one;
        one.source = source;
        one.number = 3;
        one.transcription = source == Transaction::Source::transcription ? 1 : 0;
        different.emplace(transaction_id(one, text).view());
        CHECK(transaction_id(one, text).view().starts_with("pptx-"));
    }
    CHECK(different.size() == 4);
    CHECK(different.contains(std::string{charge_id(3, ids, hash_of("u-test")).view()}));
}

TEST_CASE("entry json: what became of domains and endpoints stands under their ids",
          "[wire][account]") {
    const IdCodec ids{Seed{42}};
    using What = DomainChanged::What;
    using How = DomainChanged::How;
    const auto shown = [&](DomainChanged change) {
        return entry_json(test::entry(change, "u-test", 0), ids);
    };
    const auto domain = shown({What::domain, How::removed, 2, 0, 0});
    const auto endpoint = shown({What::endpoint, How::changed, 2, 5, 0});
    const auto token = shown({What::token, How::created, 2, 5, 9});
    CHECK(domain["kind"] == "domain");
    CHECK(domain["domainId"] == ids.text(IdKind::domain, hash_of("u-test"), 2));
    CHECK(domain["item"] == "domain");
    CHECK(domain["what"] == "removed");
    CHECK_FALSE(domain.contains("endpointId"));
    CHECK_FALSE(domain.contains("call"));
    CHECK(endpoint["endpointId"] == ids.text(IdKind::endpoint, hash_of("u-test"), 2, 5));
    CHECK(endpoint["item"] == "endpoint");
    CHECK(endpoint["what"] == "changed");
    CHECK(token["item"] == "token");
    CHECK(token["what"] == "created");
}

TEST_CASE("entry json: a charge names its transaction, product and amount", "[wire][account]") {
    const IdCodec ids{Seed{42}};
    const auto shown = entry_json(test::entry(Charged{4, Product::cnam_search}, "u-test", 0), ids);
    CHECK(shown["kind"] == "charge");
    CHECK(shown["transactionId"] == charge_id(4, ids, hash_of("u-test")).view());
    CHECK(shown["productType"] == "cnam-search");
    CHECK(shown["amount"] == "0.00800");
}

}  // namespace
}  // namespace ringback

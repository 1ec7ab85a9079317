#include <catch2/catch.hpp>
#include <cstdlib>
#include <regex>
#include <set>

#include "simulator/wire/ids.h"
#include "tests/support/seeds.h"

namespace ringback {
namespace {

constexpr std::uint64_t hash = hash_of("u-axqs3dv6in72g4gfyxxcfhy");

}  // namespace

TEST_CASE("ids: they have the published form and come back as what they were made from", "[wire]") {
    const std::uint64_t chosen = test::chosen_seed();
    CAPTURE(chosen);
    Rng rng{chosen};
    const std::regex form{"(c|ce|gtr|rec|tr|ue|ued|a)-[a-z2-7]{22}[aiqy]"};
    for (int i = 0; i < 20'000; ++i) {
        const IdCodec codec{Seed{rng.below(8)}};
        const auto kind = static_cast<IdKind>(1 + rng.below(8));
        const std::uint64_t user = rng.next();
        const std::uint64_t call = rng.next() >> (24 + rng.below(40));
        const auto sub = static_cast<std::uint32_t>(rng.below(1U << 24U));

        const std::string id = codec.text(kind, user, call, sub);

        CAPTURE(i, id);
        if (i < 500) {  // std::regex is slow
            REQUIRE(std::regex_match(id, form));
        }
        REQUIRE(codec.decode(kind, id, user) == IdCodec::Decoded{call, sub});
    }
}

TEST_CASE("ids: no two of them are the same", "[wire]") {
    const IdCodec codec{Seed{1}};
    std::set<std::string> seen;
    for (std::uint64_t call = 0; call < 2000; ++call) {
        for (std::uint32_t sub = 0; sub < 5; ++sub) {
            seen.insert(codec.text(IdKind::call_event, hash, call, sub));
        }
    }
    CHECK(seen.size() == 10'000);
}

TEST_CASE("ids: what is not an id of this kind, user and seed is not decoded", "[wire]") {
    const IdCodec codec{Seed{1}};
    const std::string id = codec.text(IdKind::call, hash, 42);

    CHECK(codec.decode(IdKind::call, id, hash));
    CHECK_FALSE(codec.decode(IdKind::gather, id, hash));
    CHECK_FALSE(codec.decode(IdKind::call, id, hash_of("u-other")));
    CHECK_FALSE(IdCodec{Seed{2}}.decode(IdKind::call, id, hash));
    CHECK_FALSE(codec.decode(IdKind::call, id.substr(0, 24), hash));
    CHECK_FALSE(codec.decode(IdKind::call, id + "a", hash));
    CHECK_FALSE(codec.decode(IdKind::call, "c-", hash));
    CHECK_FALSE(codec.decode(IdKind::call, "", hash));
    CHECK_FALSE(codec.decode(IdKind::call, "c-b6bgm4bz4okhvoesy5cwxsy", hash));
    CHECK_FALSE(codec.decode(IdKind::call, "c-B6BGM4BZ4OKHVOESY5CWXSY", hash));
    CHECK_FALSE(codec.decode(IdKind::call, "c-b6bgm4bz4okhvoesy5cwx\0y", hash));
    CHECK_FALSE(codec.decode(IdKind::call, "c-b6bgm4bz4okhvoesy5cwxsb", hash));
}

TEST_CASE("ids: the same seed, user and number give the same id in every build", "[wire]") {
    // Golden: a change of this line breaks every recorded journal.
    CHECK(IdCodec{Seed{42}}.text(IdKind::call, hash, 1) == "c-nwxuw4hf3msz44iahziclwi");
}

}  // namespace ringback

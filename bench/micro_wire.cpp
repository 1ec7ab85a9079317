#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "bench/measure.h"
#include "simulator/wire/callback_json.h"
#include "simulator/wire/ids.h"
#include "simulator/wire/time_text.h"

namespace ringback::bench {
namespace {

constexpr std::string_view bench_user = "u-bench";
constexpr std::string_view base = "https://api.catapult.inetwork.com";

Event answer_event() {
    Event event;
    event.type = EventType::answer;
    event.call = call_id(UserSlot{1}, 1);
    event.time = Instant{std::chrono::seconds{1'767'603'600}};
    event.from = "+19195550123";
    event.to = "+19195550187";
    event.detail = AnswerDetail{};
    return event;
}

/// The next event of another call a little later: what makes every body differ.
void advance(Event& event) {
    event.call = CallId{static_cast<std::uint64_t>(event.call) + 1};
    event.time += std::chrono::milliseconds{7};
}

/// What does the body of an answer event cost? Watch the time against answer_body_memcpy (the least
/// it could be) and answer_body_nlohmann (the ordinary way).
void answer_body(benchmark::State& state) {
    const IdCodec ids{Seed{42}};
    const CallbackText text{&ids, std::string{base}};
    Event event = answer_event();
    std::string body;
    for ([[maybe_unused]] auto _ : state) {
        advance(event);
        body.clear();
        append_callback(body, event, Method::post, bench_user, hash_of(bench_user), text);
        benchmark::DoNotOptimize(body.data());
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(answer_body);

/// The same bytes as answer_body put down by hand. The floor.
void answer_body_memcpy(benchmark::State& state) {
    const IdCodec ids{Seed{42}};
    Event event = answer_event();
    std::string expected;
    append_callback(expected, event, Method::post, bench_user, hash_of(bench_user),
                    CallbackText{&ids, std::string{base}});
    std::string body(1024, '\0');
    std::string time;
    std::size_t size = 0;
    const auto put = [&](std::string_view part) {
        std::memcpy(body.data() + size, part.data(), part.size());
        size += part.size();
    };
    const auto write = [&] {
        size = 0;
        time.clear();
        append_time(time, event.time);
        const IdText id = ids.make(IdKind::call, hash_of(bench_user), number_of(event.call));
        put(R"({"callId":")");
        put(id.view());
        put(R"(","from":")");
        put(event.from);
        put(R"(","eventType":"answer","to":")");
        put(event.to);
        put(R"(","time":")");
        put(time);
        put(R"(","callUri":")");
        put(base);
        put("/v1/users/");
        put(bench_user);
        put("/calls/");
        put(id.view());
        put(R"(","callState":"active"})");
    };
    write();
    if (std::string_view{body.data(), size} != expected) {
        fail("micro: the floor writes other bytes than the product");
    }
    for ([[maybe_unused]] auto _ : state) {
        advance(event);
        write();
        benchmark::DoNotOptimize(body.data());
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}
BENCHMARK(answer_body_memcpy);

/// The same members through a JSON document.
void answer_body_nlohmann(benchmark::State& state) {
    const IdCodec ids{Seed{42}};
    Event event = answer_event();
    std::string body;
    for ([[maybe_unused]] auto _ : state) {
        advance(event);
        const std::string id = ids.text(IdKind::call, hash_of(bench_user), number_of(event.call));
        std::string uri{base};
        uri.append("/v1/users/").append(bench_user).append("/calls/").append(id);
        body = nlohmann::ordered_json{{"callId", id},
                                      {"from", event.from},
                                      {"eventType", "answer"},
                                      {"to", event.to},
                                      {"time", time_text(event.time)},
                                      {"callUri", uri},
                                      {"callState", "active"}}
                   .dump();
        benchmark::DoNotOptimize(body.data());
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(answer_body_nlohmann);

/// What does a text id cost? Every callback makes at least one.
void id_made(benchmark::State& state) {
    const IdCodec ids{Seed{42}};
    std::uint64_t number = 0;
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(ids.make(IdKind::call, hash_of(bench_user), ++number));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(id_made);

/// And the way back? Every request about one call pays it, and a wrong id too.
void id_read(benchmark::State& state) {
    const IdCodec ids{Seed{42}};
    const std::string text = ids.text(IdKind::call, hash_of(bench_user), 4711);
    for ([[maybe_unused]] auto _ : state) {
        const auto decoded = ids.decode(IdKind::call, text, hash_of(bench_user));
        if (!decoded) {
            fail("micro: an id of ours was not read");
        }
        benchmark::DoNotOptimize(decoded);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(id_read);

}  // namespace
}  // namespace ringback::bench

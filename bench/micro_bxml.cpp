#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <vector>

#include "bench/measure.h"
#include "simulator/core/engine.h"
#include "simulator/wire/bxml.h"
#include "simulator/wire/bxml_news.h"

namespace ringback::bench {
namespace {

constexpr Instant monday{std::chrono::seconds{1'767'603'600}};

/// Ten verbs, as a voicemail with a menu has them.
const std::string& ten_verbs() {
    static const std::string text{R"(<?xml version="1.0" encoding="UTF-8"?>
<Response>
    <SpeakSentence gender="female" locale="en_US" voice="kate">You have reached us.</SpeakSentence>
    <PlayAudio repeatCount="2">http://127.0.0.1:9000/music.wav</PlayAudio>
    <Pause length="2"/>
    <SendDtmf>12w3</SendDtmf>
    <Gather requestUrl="/menu?lang=en&amp;try=1" maxDigits="1" tag="menu">
        <SpeakSentence>Press one for sales, two for support.</SpeakSentence>
    </Gather>
    <SpeakSentence>Nobody is here, please leave a message.</SpeakSentence>
    <Record requestUrl="/recorded" maxDuration="30" silenceTimeout="5" terminatingDigits="#"/>
    <SpeakSentence>Thank you, good bye.</SpeakSentence>
    <Pause/>
    <Hangup/>
</Response>
)"};
    return text;
}

/// An engine with one answered call that waits for a document.
struct Answered {
    Engine engine{Seed{42}, ModelSettings{}, EngineLimits{.ended_calls = 100}};
    Instant now{monday};

    CallId call() {
        NewCall wanted;
        wanted.from = "+19195550123";
        wanted.to = "+19195550187";
        wanted.route = route;
        const CallId id = engine.create(engine.user("u-bench"), wanted, now)->id;
        now += std::chrono::seconds{5};
        engine.advance_to(now);
        engine.outputs().clear();
        return id;
    }
    static RouteRef by_get() {
        Route route;
        route.url = "http://127.0.0.1:9100/cb";
        route.method = Method::get;
        return RouteRef{std::move(route)};
    }
    RouteRef route{by_get()};
};

/// How long does it take to read a document of ten verbs? Watch the time of one.
void ten_verbs_read(benchmark::State& state) {
    for ([[maybe_unused]] auto _ : state) {
        bxml::Reading reading = bxml::read(ten_verbs());
        if (!std::holds_alternative<bxml::Document>(reading)) {
            fail("micro: the document was refused");
        }
        benchmark::DoNotOptimize(reading);
    }
}
BENCHMARK(ten_verbs_read);

/// How long do reading it and carrying it out take together: from the bytes of the answer over
/// every timer of its verbs to the end of the call and its events, through the engine? Watch
/// us_per_document; the aim is at most 20. The calls are made outside of what is measured, many at
/// once, because stopping the watch takes time too.
void ten_verbs_read_and_carried_out(benchmark::State& state) {
    constexpr std::size_t at_once = 64;
    Answered setting;
    std::vector<CallId> calls(at_once);
    for ([[maybe_unused]] auto _ : state) {
        state.PauseTiming();
        for (CallId& id : calls) {
            id = setting.call();
        }
        state.ResumeTiming();
        for (const CallId id : calls) {
            setting.engine.apply(
                id, read_answer(EventType::answer, "http://127.0.0.1:9100/cb", ten_verbs()),
                setting.now);
        }
        setting.now += std::chrono::seconds{200};
        setting.engine.advance_to(setting.now);
        benchmark::DoNotOptimize(setting.engine.outputs());
        state.PauseTiming();
        for (const CallId id : calls) {
            if (!is_over(setting.engine.find(id)->state)) {
                fail("micro: a call has not come to its end");
            }
        }
        setting.engine.outputs().clear();
        state.ResumeTiming();
    }
    state.counters["us_per_document"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * at_once / 1e6,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(ten_verbs_read_and_carried_out);

}  // namespace
}  // namespace ringback::bench

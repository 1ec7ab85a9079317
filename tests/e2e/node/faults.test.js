"use strict";
// What faults do to callbacks, as a receiver behind a socket sees it and as reports tell it.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { performance } = require("node:perf_hooks");
const { faultFile, pressed, presser, pressing } = require("./fault_file");
const { admin, run, scratchFolder, short, startFake, startReceiver, test, until, voice } = require("./harness");

/** A call with two keys pressed, under these faults; what the receiver saw, and what became of the run. */
async function played(faults, { answer = () => 200, call = {}, seed = 42 } = {}) {
	const receiver = await startReceiver(answer);
	const file = path.join(scratchFolder(), "keys.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1,
		name: "keys",
		start: { call },
		faults,
		steps: [
			{ send: "answer" },
			{ caller: { press: "12", after: "1s" } },
			{ send: "dtmf" }, { send: "dtmf" },
			{ caller: { hangup: true, after: "1s" } },
			{ send: "hangup" },
			{ quiet: "30s" },
		],
	}));
	const flags = ["--callback-url", receiver.url, "--seed", String(seed)];
	const { code, stdout, stderr } = await run(["run", file, ...flags, "--format", "json"]);
	await receiver.stop();
	const report = JSON.parse(stdout);
	const words = receiver.events.map((event) => [event.eventType, event.dtmfDigit].filter((word) => word).join(" "));
	return { code, report, run: report.runs ? report.runs[0] : report, events: receiver.events, words, stderr };
}

const asItHappens = ["answer", "dtmf 1", "dtmf 2", "hangup"];

test("faults: copies have the same ids, and a receiver that takes them passes", async () => {
	const { code, words, events } = await played([{ duplicate: { gap: "200ms" }, on: "dtmf" }]);

	assert.equal(code, 0);
	assert.deepEqual(words, ["answer", "dtmf 1", "dtmf 2", "dtmf 1", "dtmf 2", "hangup"]);
	assert.deepEqual(events[1], events[3]);
});

test("faults: a receiver that fails on a copy has failed", async () => {
	const seen = new Set();
	const answer = (event) => {
		const text = JSON.stringify(event);
		return seen.has(text) ? 500 : (seen.add(text), 200);
	};
	const { code, run: played_ } = await played([{ duplicate: true, on: "hangup" }], { answer });

	assert.equal(code, 1);
	const broken = played_.expectations.filter((each) => each.result === "failed");
	assert.deepEqual(broken.map((each) => each.name), ["invariant callbacks-answered"]);
	assert.match(broken[0].got, /^hangup: answered 500/);
});

test("faults: what is dropped never comes, is no failure, and is counted", async () => {
	const { code, words, run: played_ } = await played([{ drop: true, on: "dtmf", nth: 2 }]);

	assert.equal(code, 0);
	assert.deepEqual(words, ["answer", "dtmf 1", "hangup"]);
	assert.equal(played_.lost_events.events, 1);
	assert.ok(played_.expectations.some((each) => each.expected.endsWith("could not be judged, a fault has dropped the event")));
	const losses = played_.journal.filter((entry) => entry.kind === "fault" && entry.lost);
	assert.deepEqual(losses.map((entry) => entry.fault), ["drop"]);
});

test("faults: at the end it is said how often each struck; what met nothing is a warning, and no failure", async () => {
	const { code, stderr, run: played_ } = await played([{ drop: true, on: "dtmf", nth: 2 }, { delay: "1s", on: "gather" }]);

	assert.equal(code, 0);
	assert.match(stderr, /^fault 1 of keys \{"drop":true,"on":"dtmf","nth":2\} struck 1 of 2$/m);
	assert.match(stderr, /^ringback: warning: fault 2 of keys \{"delay":"1s","on":"gather"\} met nothing: /m);
	assert.deepEqual(played_.faults.map(({ rule, matched, struck }) => [rule, matched, struck]), [[1, 2, 1], [2, 0, 0]]);
});

test("faults: late keeps the order, reordered does not", async () => {
	const late = await played([{ delay: "700ms", on: "answer" }, { delay: "300ms", on: "dtmf", nth: 1 }]);
	assert.equal(late.code, 0);
	assert.deepEqual(late.words, asItHappens);

	const turned = await played([{ reorder: true, on: "dtmf", nth: 1 }]);
	assert.equal(turned.code, 0);
	assert.deepEqual(turned.words, ["answer", "dtmf 2", "dtmf 1", "hangup"]);
});

test("faults: after the hangup come events that cannot be", async () => {
	const { code, words } = await played([{ impossible: "hangup" }, { impossible: "speak.done" }, { impossible: "gather" }]);

	assert.equal(code, 0);
	assert.deepEqual(words, [...asItHappens, "hangup", "speak", "gather"]);
});

for (const [odd, check] of Object.entries({
	"large-tag": (event) => event.tag?.length === 100_000,
	"unknown-type": (event) => event.eventType === "somethingNobodyKnows",
	"extra-members": (event) => "unknownNumber" in event,
	"utf8-names": (event) => /[^\x00-\x7f]/.test(event.tag),
	nulls: (event) => event.to === null || event.to === "",
	"wrong-types": (event) => /^\d{1,2}$/.test(String(event.to)),
})) {
	for (const callbackHttpMethod of ["POST", "GET"]) {
		// No receiver of node takes a head of 100 kB.
		if (odd === "large-tag" && callbackHttpMethod === "GET") continue;
		test(`faults: by ${callbackHttpMethod}, a payload with ${odd} arrives whole, and may be refused`, async () => {
			const answer = (event) => check(event) ? 400 : 200;
			const { code, events } = await played([{ odd, on: "hangup" }], { answer, call: { callbackHttpMethod } });

			assert.equal(code, 0);
			assert.equal(events.length, 4);
			assert.ok(check(events[3]), JSON.stringify(events[3]).slice(0, 500));
		});
	}
}

test("faults: a receiver that is asked by a query of 100 kB refuses it, and nothing else suffers", async () => {
	const { code, words } = await played([{ odd: "large-tag", on: "dtmf", nth: 1 }], { call: { callbackHttpMethod: "GET" } });

	assert.equal(code, 0);
	assert.deepEqual(words, ["answer", "dtmf 2", "hangup"]);
});

test("faults: the same seed gives the same faults, another one others", async () => {
	const faults = [{ drop: true, toxicity: 0.5 }, { delay: { uniform: ["0s", "2s"] }, toxicity: 0.5 }, { duplicate: true, toxicity: 0.5 }];
	const drawn = async (seed) => {
		const { run: played_ } = await played(faults, { seed });
		return played_.journal.filter((entry) => entry.kind === "fault").map(({ fault, draw, text, event }) => ({ fault, draw, text, event }));
	};
	const once = await drawn(7);

	assert.deepEqual(await drawn(7), once);
	assert.notDeepEqual(await drawn(8), once);
});

/** The receiver of probed.json under one fault of the API's answers, with a patience of 300 ms: a JSON report. */
async function probed(fault, variant) {
	const receivers = path.join(__dirname, "..", "..", "receivers");
	const patience = ["create", "say", "ask", "bye"].flatMap((step) => ["--override", `${step}:within=1500ms`]);
	const { code, stdout } = await run(
		["run", path.join(receivers, "probed.json"), "--faults", faultFile(fault), ...patience, "--format", "json", "--", "node",
			path.join(receivers, "probed.js")],
		{ VARIANT: variant, STORE: path.join(scratchFolder(), "store.json") });
	return { code, stdout, run: JSON.parse(stdout) };
}

const audio = "POST /v1/users/*/calls/*/audio";

test("faults: a request that one has refused is told as sent, with the fault, and not held against the receiver", async () => {
	const sent = /^the receiver sent POST \/v1\/users\/u-ringback\/calls\S*, and the fault /;
	for (const [fault, step, words] of [
		[{ fail: 500, on: audio, nth: 1 }, "say", /fail refused it with 500; then nothing came$/],
		[{ rate_limit: true, on: "POST /v1/users/*/calls/*/gather" }, "ask", /rate_limit refused it with 429; then nothing came$/],
		[{ unavailable: true, until: "20s" }, "create", /unavailable refused it with 503; then /],
	]) {
		const { code, stdout, run: { expectations } } = await probed(fault, "gives-up");

		assert.equal(code, 1, stdout);
		const failed = Object.fromEntries(expectations.filter(({ result }) => result === "failed").map(({ name, got }) => [name, got]));
		assert.match(failed[step], sent);
		assert.match(failed[step], words);
		assert.equal(expectations.find(({ name }) => name === "invariant commands-accepted").result, "passed");
		if (step === "create") assert.match(failed.start, /answered 502.*; before, the fault unavailable had refused POST \S+\/calls with 503$/);
		else assert.deepEqual(Object.keys(failed), [step]);
	}
});

test("faults: a receiver that asks again when one has refused its request passes", async () => {
	for (const fault of [{ fail: 500, on: audio, nth: 1 }, { rate_limit: true, nth: 1 }, { unavailable: true, times: 2 }]) {
		const { code, stdout, run: { journal } } = await probed(fault, "correct");

		assert.equal(code, 0, stdout);
		assert.ok(journal.some(({ kind, fate }) => kind === "api" && fate === "refused"));
	}
});

test("faults: where nothing comes behind an answer that was reset, the fault is named", async () => {
	const { code, stdout, run: { expectations } } = await probed({ reset_peer: { bytes: 0 }, on: { request: "POST /v1/users/*/calls" } }, "knows-by-answer");

	assert.equal(code, 1, stdout);
	const broken = expectations.find(({ result }) => result === "failed");
	assert.match(broken.got, /; before, the answer to POST \S+\/calls had met the fault reset_peer$/);
});

/** Five keys are pressed in a call while everything in it is shuffled by `serve`: as it happened, as it came, what was drawn. */
async function shuffled(seed) {
	const fake = await startFake([...pressing, "--faults", faultFile({ shuffle: "1m" }), "--seed", String(seed)]);
	const receiver = await startReceiver();
	await voice(fake).create({ to: presser, callbackUrl: receiver.url });
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");
	const journal = await admin(fake, "GET", "/journal");
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
	const happened = journal.filter(({ kind }) => kind === "event").map(({ payload }) => short(payload));
	const met = journal.filter(({ kind }) => kind === "fault").map(({ fault, rule, draw, text, delivery }) => ({ fault, rule, draw, text, delivery }));
	return { happened, came: receiver.events.map(short), met };
}

test("serve: what is shuffled comes once each, in the order that the journal has drawn, which the same seed draws again", async () => {
	const [first, again, another] = await Promise.all([42, 42, 7].map(shuffled));

	for (const { happened, came, met } of [first, again, another]) {
		assert.deepEqual(happened, pressed);
		assert.notDeepEqual(came, happened);
		assert.deepEqual([...came].sort(), [...happened].sort());
		assert.deepEqual([...new Set(met.map(({ fault, rule }) => `${fault} ${rule}`))], ["shuffle 1"]);
		const [, order] = met.at(-1).text.match(/^7 of them, as ([\d, ]+)$/);
		assert.deepEqual(came, order.split(", ").map((place) => happened[place - 1]));
	}
	assert.deepEqual(again, first);
	assert.notDeepEqual(another.came, first.came);
	assert.notDeepEqual(another.met.map(({ draw }) => draw), first.met.map(({ draw }) => draw));
});

/** In real time: somebody answers at once, and hangs up 100 ms later. */
const atOnce = ["--clock", "real", "--answer-delay", "0s", "--hangup-delay", "0s", "--far-end", `${presser}=answer:0s,hangup:100ms`];

/** A call like that under this fault: when it was asked for, what came when, the journal of it. `takes`: what holds up the first answer. */
async function inRealTime(fault, takes = async () => {}) {
	const fake = await startFake([...atOnce, "--faults", faultFile(fault)]);
	const came = [];
	const receiver = await startReceiver(async (event) => {
		const seen = { name: short(event), at: performance.now() };
		came.push(seen);
		if (came.length === 1) await takes(fake);
		seen.answered = performance.now();
	});
	const since = performance.now();
	await voice(fake).create({ to: presser, callbackUrl: receiver.url });
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");
	const journal = await admin(fake, "GET", "/journal");
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
	return { since, came, journal };
}

/** The modelled time of the only entry like that, in milliseconds. */
function timeOf(journal, wanted) {
	const found = journal.filter((entry) => Object.entries(wanted).every(([member, value]) => entry[member] === value));
	assert.equal(found.length, 1, JSON.stringify(found));
	return Date.parse(found[0].time);
}

test("serve: in real time a copy comes not before its gap has passed", async () => {
	const { since, came, journal } = await inRealTime({ duplicate: { gap: "300ms" }, on: "answer" });

	const [first, copy] = came.filter(({ name }) => name === "answer");
	assert.deepEqual(came.map(({ name }) => name).sort(), ["answer", "answer", "hangup NORMAL_CLEARING"]);
	assert.ok(copy.at >= since + 300, `${copy.at - since} ms`);
	assert.ok(copy.at >= first.answered);
	const raised = timeOf(journal, { kind: "event", event: "answer" });
	assert.ok(timeOf(journal, { kind: "fault", text: "copy 1 of 1, 300ms later" }) >= raised + 300);
});

test("serve: in real time a copy whose gap has passed waits until the first was answered", async () => {
	const hasCopy = async (fake) => (await admin(fake, "GET", "/journal?kind=fault")).some(({ text }) => text.startsWith("copy 1 of 1"));
	const { came } = await inRealTime({ duplicate: { gap: "50ms" }, on: "answer" },
		(fake) => until(() => hasCopy(fake), () => "the journal has no copy"));

	const [first, copy] = came.filter(({ name }) => name === "answer");
	assert.ok(copy.at >= first.answered, `${first.answered - copy.at} ms before the answer`);
});

test("serve: in real time what is late comes not before its delay has passed, and what happened meanwhile behind it", async () => {
	const { since, came, journal } = await inRealTime({ delay: "400ms", on: "answer" });

	assert.deepEqual(came.map(({ name }) => name), ["answer", "hangup NORMAL_CLEARING"]);
	assert.ok(came[0].at >= since + 400, `${came[0].at - since} ms`);
	const raised = timeOf(journal, { kind: "event", event: "answer" });
	assert.ok(timeOf(journal, { kind: "attempt", event: "answer" }) >= raised + 400);
	assert.ok(timeOf(journal, { kind: "event", event: "hangup" }) < raised + 400);
});

test("serve: the third creation of each user fails in the provider's words and makes no call, the others succeed", async () => {
	const words = { category: "backend", code: "call-creation-failure", message: "No call can be made today" };
	const creation = "POST /v1/users/*/calls";
	const fake = await startFake(["--faults", faultFile({ fail: { status: 500, ...words }, on: creation, nth: 3 }, { fail: 503, on: creation, nth: 4 })]);
	const receiver = await startReceiver();
	for (const user of ["u-one", "u-two"]) {
		const api = voice(fake, user);
		const answers = [];
		for (const tag of ["1", "2", "3", "4", "5"]) {
			answers.push(await api.ask("POST", "/calls", { from: "+19195550123", to: "+19195559901", tag, callbackUrl: receiver.url }));
		}

		assert.deepEqual(answers.map(({ status }) => status), [201, 201, 500, 503, 201]);
		const details = Object.entries({ requestMethod: "POST", remoteAddress: "127.0.0.1", requestPath: `users/${user}/calls` })
			.map(([name, value]) => ({ name, value }));
		assert.deepEqual(answers[2].json, { ...words, details });
		const { message, ...unavailable } = answers[3].json;
		assert.deepEqual(unavailable, { category: "unavailable", code: "gateway-unavailable", details });
		assert.equal(typeof message, "string");
		for (const { headers } of answers.slice(2, 4)) assert.equal(headers.get("location"), null);
		assert.deepEqual((await api.ask("GET", "/calls")).json.map(({ tag }) => tag).sort(), ["1", "2", "5"]);
	}
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");

	assert.deepEqual(receiver.events.map(({ tag }) => tag).sort(), ["1", "1", "2", "2", "5", "5"]);
	assert.equal((await admin(fake, "GET", "/calls")).length, 6);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

"use strict";
// ringback serve as a process among others: signals, drain, closed descriptors, ports, memory and what it may keep.

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const {
	admin, endings, journalLines, neverReplies, run, scratchFolder, send, short, startFake, startReceiver, startServing,
	test, until, voice, within,
} = require("./harness.js");
const { halfWay } = require("./raw.js");

const numbers = { from: "+19195550123", to: "+19195559900" };
const busy = "+19195559901";
/** Until it has gone behind a second signal; a sanitizer looks at everything before it goes. */
const hardStopMs = process.env.RINGBACK_SANITIZED ? 2000 : 1000;

const now = () => Number(process.hrtime.bigint() / 1000000n);
const draining = (fake) =>
	until(async () => (await send("GET", fake.admin + "/ready")).status === 503, () => "not draining");

/** A fake whose `count` calls each have an answer event at a receiver that never replies, and clients half-way. */
async function stuck(count, flags) {
	const receiver = await startReceiver(() => neverReplies);
	const fake = await startServing(["--port", "0", "--quiet", "--answer-delay", "0s", ...flags]);
	for (let n = 0; n < count; ++n) await voice(fake).create({ ...numbers, callbackUrl: receiver.url, tag: String(n) });
	if (count > 0) await receiver.event(() => new Set(receiver.events.map((each) => each.callId)).size === count);
	const clients = [];
	for (const text of ["", "PO", "POST /v1/users/u-node/calls HTTP/1.1\r\nHost: x\r\n",
		"POST /v1/users/u-node/calls HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"from\":"]) {
		for (let n = 0; n < 5; ++n) clients.push(await halfWay(fake, text || " "));
	}
	return { fake, receiver, clients };
}

// --- signals

for (const signal of ["SIGTERM", "SIGINT"]) {
	test(`${signal}: with 20 stuck receivers and 20 clients half-way it ends when --drain-timeout is over`, async (t) => {
		const journal = path.join(scratchFolder(), "journal.ndjson");
		const { fake, receiver } = await stuck(20, ["--journal", journal, "--drain-timeout", "700ms", "--strict-order"]);
		const began = now();
		fake.signal(signal);
		await draining(fake);
		const refused = await voice(fake).ask("POST", "/calls", numbers);
		assert.equal(refused.status, 503);
		const refusedIn = now() - began;
		assert.equal(await fake.ended(), 0);
		const took = now() - began;
		assert.ok(took >= 700 && took < 700 + 5000, `${took} ms`);
		const attempts = journalLines(journal).filter((entry) => entry.kind === "attempt");
		assert.equal(attempts.length, 20);
		assert.ok(attempts.every((entry) => entry.end === "abandoned" && entry.outcome === "failed" && entry.error));
		assert.equal((await run(["journal", "check", journal])).code, 0);
		t.diagnostic(`a call is refused ${refusedIn} ms after the signal; ended ${took - 700} ms after the drain's time`);
		await receiver.stop();
	});
}

test("SIGTERM: with nothing in flight, clients half-way hold nothing up", async (t) => {
	const { fake, receiver } = await stuck(0, ["--drain-timeout", "10m"]);
	const began = now();
	assert.equal(await fake.stop(), 0);
	t.diagnostic(`ended after ${now() - began} ms`);
	assert.ok(now() - began < 5000);
	await receiver.stop();
});

test("SIGTERM: a second signal of either kind ends it within a second, stuck receivers or not", async (t) => {
	for (const second of ["SIGTERM", "SIGINT"]) {
		const { fake, receiver } = await stuck(5, ["--drain-timeout", "10m"]);
		fake.signal("SIGTERM");
		await draining(fake);
		const began = now();
		fake.signal(second);
		assert.equal(await fake.ended(), 130);
		const took = now() - began;
		t.diagnostic(`${second}: ended after ${took} ms`);
		assert.ok(took < hardStopMs, `${took} ms`);
		await receiver.stop();
	}
});

test("SIGHUP, SIGPIPE and SIGXFSZ are harmless, and so is a reader of its output that has gone", async () => {
	const journal = path.join(scratchFolder(), "journal.ndjson");
	const fake = await startFake(["--journal", journal, "--verbose"]);
	fake.closeOutput();
	for (const signal of ["SIGHUP", "SIGPIPE", "SIGXFSZ"]) fake.signal(signal);
	const receiver = await startReceiver();
	await voice(fake).create({ ...numbers, to: busy, callbackUrl: receiver.url });
	await receiver.event((event) => event.eventType === "hangup");
	assert.equal(await fake.stop(), 0);
	assert.deepEqual(receiver.events.map(short), ["hangup USER_BUSY"]);
	await receiver.stop();
});

// --- descriptors

test("descriptors: 0, 1 and 2 closed at the start never become sockets", async () => {
	const ready = path.join(scratchFolder(), "ready");
	const child = spawn("sh", ["-c", 'exec "$@" <&- >&- 2>&-', "sh", process.env.RINGBACK_BIN, "serve", "--port", "0",
		"--clock", "virtual", "--verbose", "--ready-file", ready], { stdio: "ignore" });
	endings.add(() => child.kill("SIGKILL"));
	const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
	await until(() => new Promise((resolve) => setTimeout(() => resolve(fs.existsSync(ready)), 20)), () => "not ready");
	const fake = JSON.parse(fs.readFileSync(ready, "utf8"));
	const receiver = await startReceiver();
	for (let n = 0; n < 20; ++n) await voice(fake).create({ ...numbers, to: busy, callbackUrl: receiver.url });
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");
	assert.deepEqual([0, 1, 2].map((n) => fs.readlinkSync(`/proc/${fake.pid}/fd/${n}`)), Array(3).fill("/dev/null"));
	assert.equal(receiver.events.length, 20);
	child.kill("SIGTERM");
	assert.equal(await within(ended, () => "it did not end"), 0);
	await receiver.stop();
});

// --- ports

test("port: a second server on it is status 3 within 5 s and names it; after kill -9 it is free within 2 s", async (t) => {
	const fake = await startFake();
	const { port } = new URL(fake.api);
	const began = now();
	const second = await run(["serve", "--port", port]);
	const refusedIn = now() - began;
	assert.equal(second.code, 3);
	assert.match(second.stderr, new RegExp(`\\b${port}\\b`));
	assert.ok(refusedIn < 5000, `${refusedIn} ms`);

	// with connections open, half-way and in use, as they are when somebody loses patience
	const receiver = await startReceiver(() => neverReplies);
	await voice(fake).create({ ...numbers, callbackUrl: receiver.url });
	await receiver.event((event) => event.eventType === "answer");
	for (let n = 0; n < 10; ++n) await halfWay(fake, "GET / HTTP/1.1\r\n");
	fake.signal("SIGKILL");
	assert.equal(await fake.ended(), "SIGKILL");
	const restart = now();
	const again = await startServing(["--port", port, "--quiet"]);
	const boundIn = now() - restart;
	assert.equal(new URL(again.api).port, port);
	assert.ok(boundIn < 2000, `${boundIn} ms`);
	assert.equal(await again.stop(), 0);
	t.diagnostic(`refused after ${refusedIn} ms; bound again ${boundIn} ms after kill -9`);
	await receiver.stop();
});

// --- what may be kept

test("--max-calls: one more is 503 with Retry-After, and there is room again when a call has ended", async () => {
	const fake = await startFake(["--max-calls", "5"]);
	const api = voice(fake);
	const first = await api.create(numbers);
	for (let n = 1; n < 5; ++n) await api.create(numbers);
	const refused = await api.ask("POST", "/calls", numbers);
	assert.equal(refused.status, 503);
	assert.ok(Number(refused.headers.get("retry-after")) >= 1);
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");
	await api.hangUp(first);
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");
	assert.equal((await api.ask("POST", "/calls", numbers)).status, 201);
	assert.equal(await fake.stop(), 0);
});

test("--max-pending-events: what is owed to a receiver that never replies is bounded: 503 with Retry-After", async () => {
	const receiver = await startReceiver(() => neverReplies);
	const fake = await startServing(["--port", "0", "--quiet", "--answer-delay", "0s", "--max-pending-events", "10"]);
	const api = voice(fake);
	let refused;
	await until(async () => {
		const answer = await api.ask("POST", "/calls", { ...numbers, callbackUrl: receiver.url });
		if (answer.status !== 201) refused = answer;
		return refused;
	}, () => "no call is refused");
	assert.equal(refused.status, 503);
	assert.ok(Number(refused.headers.get("retry-after")) >= 1);
	assert.ok((await admin(fake, "GET", "/stats")).deliveries.pending <= 10 + 1);
	assert.equal((await api.ask("GET", "/calls")).status, 200, "reading goes on");
	fake.signal("SIGTERM");
	await draining(fake);
	fake.signal("SIGTERM");
	assert.equal(await fake.ended(), 130);
	await receiver.stop();
});

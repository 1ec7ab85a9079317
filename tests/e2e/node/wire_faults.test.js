"use strict";
// Bytes that leave badly, and who is at the other end: a receiver on node's own http server, plain and https, and
// node's fetch as the client. Both live through all of it.

const assert = require("node:assert/strict");
const net = require("node:net");
const { performance } = require("node:perf_hooks");
const { faultFile } = require("./fault_file");
const { admin, endings, foundingEvents, isHangup, makeCertificate, scratchFolder, send, short, startFake, startReceiver, test,
	voice, within } = require("./harness");

/** As a receiver should: whatever comes twice is acted on once. */
function onceEach(api) {
	const seen = new Set();
	return async (event) => {
		const name = short(event);
		if (seen.has(name)) return;
		seen.add(name);
		if (name === "answer") await api.audio(event.callId, { sentence: "Hello" });
		if (name === "speak done") await api.hangUp(event.callId);
	};
}

const rudeness = [
	{ half_body: true },
	{ slicer: { size: 20, pause: "1ms" } },
	{ latency: "20ms" },
	{ wrong_length: 10 },
	{ limit_data: 40 },
	{ reset_peer: { bytes: 40 } },
	{ reset_peer: true },
	{ timeout: { bytes: 40, for: "50ms" } },
	{ slow_close: "50ms" },
	{ garbage: true },
	{ empty: true },
	{ close_kept: true },
];

/** A call is played out before a receiver on which every callback is first sent like that. */
async function playsThrough(fault, options, flags) {
	const fake = await startFake(["--faults", faultFile({ ...fault, on: { event: "*" } }), ...flags]);
	const api = voice(fake);
	const receiver = await startReceiver(onceEach(api), options);

	await api.create({ callbackUrl: receiver.url, callbackTimeout: 1000 });
	await receiver.event(isHangup);
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");

	assert.deepEqual([...new Set(receiver.events.map(short))].sort(), [...foundingEvents].sort());
	const met = await admin(fake, "GET", "/journal?kind=fault");
	assert.notEqual(JSON.stringify(met).match(/sent (badly|slowly)/), null);
	if (fault.close_kept) {
		const tries = await admin(fake, "GET", "/journal?kind=attempt");
		assert.ok(tries.some(({ end, wall }) => end === "broken" && wall.reused_connection), JSON.stringify(tries));
		assert.ok(tries.filter(({ end }) => end === "broken").every(({ wall }) => wall.reused_connection), JSON.stringify(tries));
	}
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
}

for (const fault of rudeness) {
	test(`serve: a receiver on node's http lives through ${JSON.stringify(fault)}`, () => playsThrough(fault, {}, []));
}

test("serve: a receiver on node's https lives through half a body and a reset", async () => {
	const { key, cert, certFile } = makeCertificate(scratchFolder());
	for (const fault of [{ half_body: true }, { reset_peer: { bytes: 40 } }]) {
		await playsThrough(fault, { key, cert }, ["--cacert", certFile]);
	}
});

test("serve: what node's fetch makes of answers that leave badly, and the next one is whole", async () => {
	const bad = [{ half_body: true }, { wrong_length: 10 }, { limit_data: 20 }, { empty: true },
		{ garbage: true }, { timeout: { bytes: 20, for: "20ms" } }, { reset_peer: { bytes: 20 } }];
	for (const fault of bad) {
		const fake = await startFake(["--faults", faultFile({ ...fault, on: { request: "GET /v1/users/*/account" }, times: 1 })]);
		const api = voice(fake);

		await assert.rejects(api.ask("GET", "/account"), JSON.stringify(fault));
		assert.equal((await api.ask("GET", "/account")).status, 200);
		assert.equal(await fake.stop(), 0);
	}
});

test("serve: slow answers are whole", async () => {
	for (const fault of [{ latency: "100ms" }, { slicer: { size: 7, pause: "2ms" } }, { bandwidth: 10000 }]) {
		const fake = await startFake(["--faults", faultFile({ ...fault, on: { request: "*" } })]);
		const api = voice(fake);

		assert.equal((await api.ask("GET", "/account")).json.balance !== undefined, true);
		assert.equal((await send("GET", `${fake.admin}/live`)).status, 200);
		assert.equal(await fake.stop(), 0);
	}
});

/** Everything that comes from the other end of a connection until it says that no more will, and how long that took. */
function allThatComes(socket, since = performance.now()) {
	const all = new Promise((resolve, reject) => {
		let text = "";
		socket.setEncoding("latin1").on("data", (more) => (text += more)).on("error", reject);
		socket.on("end", () => resolve({ text, took: performance.now() - since }));
	});
	return within(all, () => "the connection did not end");
}

/** Of a message that came whole: how long its body is. */
function bodyOf(text) {
	const [head, body] = text.split("\r\n\r\n");
	assert.equal(Number(head.match(/^content-length: (\d+)/im)?.[1]), body.length, text);
	return body;
}

/** The answer to a request under that fault, as bytes. `last`: the client wants no other on the connection. */
async function answerUnder(fault, last) {
	const flags = ["--idle-deadline", "1h"];  // so that nothing but the fault ends the connection
	const fake = await startFake(["--faults", faultFile({ ...fault, on: { request: "GET /v1/users/*/account" } }), ...flags]);
	const { hostname, port } = new URL(fake.api);
	const since = performance.now();
	const socket = net.connect({ host: hostname, port, allowHalfOpen: true });
	endings.add(() => socket.destroy());
	socket.write(`GET /v1/users/u-node/account HTTP/1.1\r\nHost: ${hostname}\r\n` +
		`Authorization: ${voice(fake).headers.Authorization}\r\n${last ? "Connection: close\r\n" : ""}\r\n`);
	const answer = await allThatComes(socket, since);
	socket.destroy();
	assert.equal(await fake.stop(), 0);
	return answer;
}

test("serve: slow_close sends the whole answer, and ends the connection when it has been silent for so long", async () => {
	const { text, took } = await answerUnder({ slow_close: "300ms" }, false);

	assert.ok("balance" in JSON.parse(bodyOf(text)));
	assert.ok(took >= 300, `${took} ms`);
});

test("serve: under bandwidth an answer takes as long as its bytes do at that rate", async () => {
	const bytesASecond = 400;
	const { text, took } = await answerUnder({ bandwidth: bytesASecond }, true);

	assert.ok("balance" in JSON.parse(bodyOf(text)));
	const slice = bytesASecond / 20;  // the first is not waited for
	assert.ok(took >= ((text.length - slice) / bytesASecond) * 1000, `${text.length} bytes in ${took} ms`);
});

/** What comes by the first connection to a receiver that never answers on it, under that fault of `answer`. */
async function callbackUnder(fault) {
	const connected = [];
	let first;
	const opened = new Promise((resolve) => (first = resolve));
	const server = net.createServer({ allowHalfOpen: true }, (socket) => {
		connected.push(socket);
		if (connected.length === 1) return first(socket);
		socket.on("error", () => {}).on("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	endings.add(() => server.close());
	endings.add(() => connected.forEach((socket) => socket.destroy()));
	const fake = await startFake(["--faults", faultFile({ ...fault, on: { event: "answer" }, times: 1 })]);
	const since = performance.now();
	await voice(fake).create({ callbackUrl: `http://127.0.0.1:${server.address().port}/cb`, callbackTimeout: 10000 });
	const came = await allThatComes(await within(opened, () => "nobody has connected"), since);
	connected[0].destroy();
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");
	const journal = await admin(fake, "GET", "/journal?kind=attempt");
	assert.equal(await fake.stop(), 0);
	server.close();
	return { ...came, attempts: journal.filter(({ event }) => event === "answer") };
}

test("serve: slow_close sends the whole callback, ends the connection when it has been silent for so long, and tells it again", async () => {
	const { text, took, attempts } = await callbackUnder({ slow_close: "300ms" });

	assert.equal(JSON.parse(bodyOf(text)).eventType, "answer");
	assert.ok(took >= 300, `${took} ms`);
	assert.deepEqual(attempts.map(({ attempt, end, outcome }) => [attempt, end, outcome]), [[0, "broken", "owed"], [1, "answered", "delivered"]]);
	assert.equal(attempts[0].error, "fault: silent for 300 ms after the last byte");
});

test("serve: under bandwidth a callback takes as long as its bytes do at that rate", async () => {
	const bytesASecond = 1000;
	const receiver = await startReceiver();
	const fake = await startFake(["--faults", faultFile({ bandwidth: bytesASecond, on: { event: "answer" } })]);
	const since = performance.now();
	await voice(fake).create({ callbackUrl: receiver.url });
	await receiver.event(({ eventType }) => eventType === "answer");
	const took = performance.now() - since;

	assert.equal(await fake.stop(), 0);
	await receiver.stop();
	const body = receiver.requests[0].body.length;  // the head is paid for as well
	assert.ok(took >= ((body - bytesASecond / 20) / bytesASecond) * 1000, `a body of ${body} bytes in ${took} ms`);
});

/** "14856 us late", "8 ms late": in milliseconds. */
function latenessOf({ text }) {
	const [, number, unit] = text.match(/^(\d+) (us|ms) late$/);
	return unit === "ms" ? Number(number) : Number(number) / 1000;
}

/** What the clients of those users wait, one request of a user behind the other, and what `--seed` has drawn for it. */
async function answersLate(latencies, requests, seed) {
	const users = Object.keys(latencies);
	const rules = users.map((user) => ({ latency: latencies[user], on: { request: `GET /v1/users/${user}/account` } }));
	const fake = await startFake(["--faults", faultFile(...rules), "--seed", String(seed)]);
	const wait = async (user) => {
		const api = voice(fake, user);
		const took = [];
		while (took.length < requests) {
			const since = performance.now();
			assert.equal((await api.ask("GET", "/account")).status, 200);
			took.push(performance.now() - since);
		}
		return took;
	};
	const took = await Promise.all(users.map(wait));
	const met = await admin(fake, "GET", "/journal?kind=fault");
	assert.equal(await fake.stop(), 0);
	const drawn = users.map((user) => met.filter((each) => each.user === user).map(latenessOf));
	return { drawn: Object.fromEntries(users.map((user, at) => [user, drawn[at]])), took: took.flat(), all: drawn.flat() };
}

test("serve: answers under a latency that is drawn take as long as the journal says, each another time, by the same seed the same", async () => {
	const latencies = {
		"u-uniform": { uniform: ["5ms", "15ms"] },
		"u-normal": { normal: { mean: "10ms", deviation: "2ms" } },
		"u-lognormal": { lognormal: { median: "8ms", sigma: 0.5 } },
		"u-exponential": { exponential: { mean: "8ms" } },
		"u-one-of": { oneOf: ["5ms", "10ms"] },
	};
	const requests = 30;
	const [first, again, another] = await Promise.all([42, 42, 43].map((seed) => answersLate(latencies, requests, seed)));

	assert.equal(first.all.length, first.took.length);
	for (const { took, all } of [first, again, another]) {
		took.forEach((ms, at) => assert.ok(ms >= all[at], `request ${at}: ${ms} ms, though ${all[at]} ms were drawn`));
	}
	for (const [user, drawn] of Object.entries(first.drawn)) {
		const different = [...new Set(drawn)].sort((a, b) => a - b);
		if (user === "u-one-of") assert.deepEqual(different, [5, 10]);
		else assert.ok(different.length > requests / 2, `${user}: ${different}`);
	}
	assert.ok(first.drawn["u-uniform"].every((ms) => ms >= 5 && ms <= 15), `${first.drawn["u-uniform"]}`);
	assert.deepEqual(again.drawn, first.drawn);
	for (const user of Object.keys(latencies)) assert.notDeepEqual(another.drawn[user], first.drawn[user]);
});

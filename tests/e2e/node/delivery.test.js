"use strict";
// What becomes of callbacks: failures and fallbacks, whom they may reach, order, and the modelled clock.

const assert = require("node:assert/strict");
const http = require("node:http");
const path = require("node:path");
const {
	admin, closes, conversation, foundingEvents, isHangup, journalLines, neverReplies, occupiedPort, scratchFolder,
	short, startFake, startReceiver, test, voice, within,
} = require("./harness.js");

const answersThenHangsUp = "+19195559907";
const busy = "+19195559901";
const isAnswer = (event) => event.eventType === "answer";
const numbers = { from: "+19195550123", to: "+19195550187" };

const idle = (fake) => admin(fake, "GET", "/wait?for=idle&timeout=50s");
const entries = (fake, kind) => admin(fake, "GET", `/journal?kind=${kind}`);
const detail = (error, name) => error.details.find((each) => each.name === name)?.value;
const seconds = (from, to) => (Date.parse(to.time) - Date.parse(from.time)) / 1000;

// --- failures

// Wide enough that good answers are in time on a slow machine, where only the failing one is to be late.
const callbackTimeout = 1000;

for (const [what, failure, code] of [
	["answers 500", 500, "callback-http-failure-status"],
	["closes the connection", closes, "callback-io-error"],
	["does not reply in time", neverReplies, "callback-server-timeout"],
]) {
	test(`fallback: when the receiver ${what}, the fallback gets that event once, and no other`, async () => {
		const journal = path.join(scratchFolder(), "journal.ndjson");
		const fake = await startFake(["--journal", journal]);
		const api = voice(fake);
		const receiver = await startReceiver((event) => (event.eventType === "answer" ? failure : 200));
		const fallback = await startReceiver();
		const call = await api.create({
			to: answersThenHangsUp, callbackUrl: receiver.url, fallbackUrl: fallback.url, tag: "mine",
			callbackTimeout: failure === neverReplies ? callbackTimeout : undefined,
		});
		await receiver.event(isHangup);
		await fallback.event(isAnswer);
		const errors = await api.errors();
		assert.equal(await fake.stop(), 0);  // which waits for what is still owed

		assert.deepEqual(receiver.events.map(short), ["answer", "hangup NORMAL_CLEARING"]);
		assert.deepEqual(fallback.events, [receiver.events[0]]);
		assert.deepEqual(fallback.requests[0].body, receiver.requests[0].body);
		assert.deepEqual(errors.map((error) => [error.category, error.code]), [["unavailable", code]]);
		assert.equal(detail(errors[0], "callId"), call);
		assert.equal(detail(errors[0], "callbackUrl"), receiver.url);
		assert.equal(detail(errors[0], "callbackMethod"), "POST");
		assert.equal(detail(errors[0], "callbackEvent"), "answer");
		if (failure === 500) assert.equal(detail(errors[0], "callbackStatusCode"), "500");
		if (failure === neverReplies) assert.equal(detail(errors[0], "callbackTimeout"), String(callbackTimeout));
		assert.deepEqual(
			journalLines(journal).filter((entry) => entry.kind === "attempt" && entry.event === "answer")
				.map((entry) => [entry.attempt, entry.fallback, entry.outcome]),
			[[1, false, "owed"], [2, true, "delivered_by_fallback"]]);
		await receiver.stop();
		await fallback.stop();
	});
}

test("fallback: a receiver that is down, and a fallback that fails too, are two errors and end there", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const down = await occupiedPort();
	await down.release();
	const fallback = await startReceiver(() => 503);
	await api.create({ to: busy, callbackUrl: `http://127.0.0.1:${down.port}/`, fallbackUrl: fallback.url });
	await idle(fake);
	assert.deepEqual(fallback.events.map(short), ["hangup USER_BUSY"]);
	assert.deepEqual(
		(await api.errors()).map((error) => error.code).sort(), ["callback-http-failure-status", "callback-io-error"]);
	assert.deepEqual((await entries(fake, "attempt")).map((entry) => entry.outcome), ["owed", "failed"]);
	await fallback.stop();
	assert.equal(await fake.stop(), 0);
});

test("fallback: callbackTimeout is real time, also while the modelled clock stands still", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const receiver = await startReceiver(() => neverReplies);
	const fallback = await startReceiver();
	await api.create({ to: busy, callbackUrl: receiver.url, fallbackUrl: fallback.url, callbackTimeout: 50 });
	// paused from its hangup on: nothing modelled is needed for what follows
	await receiver.event(isHangup);
	await admin(fake, "POST", "/clock", { pause: true });
	await fallback.event(isHangup);
	assert.equal(await fake.stop(), 0);
});

test("--retries, --no-fallback: more tries of callbackUrl, none of fallbackUrl", async () => {
	const journal = path.join(scratchFolder(), "journal.ndjson");
	const fake = await startFake(["--retries", "2", "--no-fallback", "--journal", journal]);
	let third;
	const thrice = new Promise((resolve) => (third = resolve));
	let tries = 0;
	const receiver = await startReceiver(() => {
		if (++tries < 3) return 500;
		third();
		return 200;
	});
	const fallback = await startReceiver();
	await voice(fake).create({ to: busy, callbackUrl: receiver.url, fallbackUrl: fallback.url });
	await within(thrice, () => `${tries} tries`);
	assert.equal(await fake.stop(), 0);
	assert.deepEqual(receiver.events.map(short), Array(3).fill("hangup USER_BUSY"));
	assert.deepEqual(fallback.events, []);
	assert.deepEqual(
		journalLines(journal).filter((entry) => entry.kind === "attempt").map((entry) => entry.outcome),
		["owed", "owed", "delivered"]);
	await receiver.stop();
});

test("--retries: Retry-After moves a try to twice its wait at most, and what is no number of seconds moves none", async () => {
	const unheeded = [undefined, "0", "-5", new Date(Date.now() + 3600000).toUTCString(), "9".repeat(21)];
	const waitsAfter = async (value) => {
		const journal = path.join(scratchFolder(), "journal.ndjson");
		const fake = await startFake(["--retries", "2", "--seed", "7", "--journal", journal]);
		const headers = value === undefined ? {} : { "Retry-After": value };
		const receiver = await startReceiver(() => ({ status: 503, headers }));
		await voice(fake).create({ to: busy, callbackUrl: receiver.url });
		await idle(fake);
		assert.equal(await fake.stop(), 0);
		assert.equal(receiver.events.length, 3);
		await receiver.stop();
		const tries = journalLines(journal).filter((entry) => entry.kind === "attempt").map(({ wall }) => wall);
		return tries.slice(1).map((next, n) => next.due_us - tries[n].ended_us);
	};
	const [twice, ...waits] = await Promise.all(["1000", ...unheeded].map(waitsAfter));
	// The same seed, so the same waits, each as late as the machine makes it: an hour or nothing would be seen.
	for (const [n, least] of [200000, 1000000].entries()) {
		const each = waits.map((wait) => wait[n]);
		const said = `wait ${n + 1} after Retry-After ${unheeded.join(", ")}: ${each.join(", ")} us; after 1000: ${twice[n]}`;
		assert.ok(each.every((us) => us >= least), said);
		assert.ok(Math.max(...each) - Math.min(...each) < 1000000, said);
		assert.ok(twice[n] >= 2 * least, said);
		assert.ok(twice[n] < 10 * least, said);
	}
});

test("idle: not while a retry or the fallback of a callback is still owed", async () => {
	for (const [flags, failure] of [[["--retries", "1", "--no-fallback"], 500], [[], neverReplies]]) {
		const fake = await startFake(["--reply-patience", "0s", ...flags]);
		let tries = 0;
		const receiver = await startReceiver(() => (++tries === 1 ? failure : 200));
		const url = receiver.url;
		await voice(fake).create({ to: busy, callbackUrl: url, fallbackUrl: url, callbackTimeout });
		await receiver.event(isHangup);
		await idle(fake);
		assert.equal(receiver.events.length, 2, `one try of two has been made; ${flags}`);
		await receiver.stop();
		assert.equal(await fake.stop(), 0);
	}
});

test("success: 204, and 202 with any body, are delivered at once", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const replies = [
		{ status: 204 },
		{ status: 202, body: "<Response>not\u0000for\u001b[31m us</Response>" },
		{ status: 202, headers: { "Content-Type": "application/json" }, body: "{\"broken\":" },
		{ status: 299, body: "x".repeat(100000) },
	];
	const receiver = await startReceiver((event) => replies[Number(event.tag)]);
	for (const n of replies.keys()) {
		await api.create({ to: busy, callbackUrl: receiver.url, tag: String(n) });
	}
	await idle(fake);
	assert.deepEqual(receiver.events.map((event) => event.tag).sort(), ["0", "1", "2", "3"]);
	const attempts = await entries(fake, "attempt");
	assert.deepEqual(attempts.map((entry) => entry.outcome), Array(4).fill("delivered"));
	assert.deepEqual(attempts.map((entry) => entry.status).sort(), [202, 202, 204, 299]);
	assert.deepEqual(await api.errors(), []);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("redirects: a failure by default, and nobody is called there", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const canary = await startReceiver();
	for (const status of [301, 302, 303, 307, 308]) {
		const receiver = await startReceiver(() => ({ status, headers: { Location: canary.url } }));
		await api.create({ to: busy, callbackUrl: receiver.url });
		await receiver.event(isHangup);
		await idle(fake);
		const [error] = await api.errors();
		assert.equal(error.code, "callback-http-failure-status");
		assert.equal(detail(error, "callbackStatusCode"), String(status));
		await receiver.stop();
	}
	assert.deepEqual(canary.requests, []);
	await canary.stop();
	assert.equal(await fake.stop(), 0);
});

test("--follow-redirects: 307 repeats the POST there, 302 becomes a GET without a body", async () => {
	const fake = await startFake(["--follow-redirects"]);
	const api = voice(fake);
	for (const [status, method] of [[307, "POST"], [302, "GET"]]) {
		const there = await startReceiver();
		const receiver = await startReceiver(() => ({ status, headers: { Location: there.url } }));
		await api.create({ to: busy, callbackUrl: receiver.url });
		await idle(fake);
		assert.deepEqual(there.requests.map((request) => request.method), [method]);
		assert.equal(there.requests[0].body, method === "POST" ? receiver.requests[0].body : "");
		assert.equal((await entries(fake, "attempt")).at(-1).outcome, "delivered");
		await receiver.stop();
		await there.stop();
	}
	assert.equal(await fake.stop(), 0);
});

test("--follow-redirects: the address redirected to is checked like any other", async () => {
	const fake = await startFake(["--follow-redirects"]);
	const api = voice(fake);
	const receiver = await startReceiver(() => ({ status: 307, headers: { Location: "http://192.0.2.1/cb" } }));
	await api.create({ to: busy, callbackUrl: receiver.url });
	await idle(fake);
	assert.deepEqual(
		(await entries(fake, "attempt")).map((entry) => [entry.end, entry.outcome]),
		[["answered", "owed"], ["target_refused", "failed"]]);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

// --- whom it may call

test("targets: what is not loopback is a 400 that names the very flag that allows it", async () => {
	const fake = await startFake();
	const api = voice(fake);
	for (const [host, port] of [
		["192.0.2.1", "9000"], ["10.0.0.1", "80"], ["receiver.example", "8080"], ["[2001:db8::1]", "9000"],
	]) {
		for (const member of ["callbackUrl", "fallbackUrl"]) {
			const url = `http://${host}:${port}/cb`;
			const call = { ...numbers, callbackUrl: "http://127.0.0.1:1/cb", [member]: url };
			const { status, json } = await api.ask("POST", "/calls", call);
			assert.equal(status, 400, url);
			assert.equal(json.code, "callback-invalid-url");
			const [flag] = /--allow-target \S+/.exec(json.message) || [json.message];
			assert.equal(flag, `--allow-target ${host}:${port}`);

			const allowed = await startFake(flag.split(" "));
			await admin(allowed, "POST", "/clock", { pause: true });  // accepted is enough: nobody is called
			assert.equal((await voice(allowed).ask("POST", "/calls", call)).status, 201);
			assert.equal(await allowed.stop(), 0);
		}
	}
	assert.deepEqual(await entries(fake, "attempt"), []);
	assert.equal(await fake.stop(), 0);
});

test("targets: other spellings of addresses, other schemes and ringback itself are refused", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const own = new URL(fake.api).port;
	for (const url of [
		"http://2130706433/cb", "http://0x7f.1/cb", "http://127.1/cb", "http://0.0.0.0/cb", "http://[::]/cb",
		"http://[::ffff:127.0.0.1]/cb", "http://127.0.0.1@192.0.2.1/cb", "http://localhost.example/cb",
		"ftp://127.0.0.1/cb", "file:///etc/passwd", "//127.0.0.1/cb", "/cb", "http:///cb", "http://127.0.0.1:0/cb",
		"http://127.0.0.1:65536/cb", `http://127.0.0.1:${own}/cb`, `http://localhost:${own}/__admin/reset`,
	]) {
		const { status, json } = await api.ask("POST", "/calls", { ...numbers, callbackUrl: url });
		assert.deepEqual([url, status, json.code], [url, 400, "callback-invalid-url"]);
	}
	assert.equal(await fake.stop(), 0);
});

// --- order

test("a live call: its tag and callbackUrl can change, and the events that follow obey", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const second = await startReceiver(conversation(api));
	const first = await startReceiver(async (event) => {
		await api.update(event.callId, { tag: "two", callbackUrl: second.url });
		await api.audio(event.callId, { sentence: "Hello", tag: "of the audio" });
	});
	const call = await api.create({ callbackUrl: first.url, tag: "one" });
	await second.event(isHangup);
	assert.deepEqual(first.events.map((event) => [short(event), event.tag]), [["answer", "one"]]);
	assert.deepEqual(second.events.map((event) => [short(event), event.tag]), [
		["speak started", "of the audio"], ["speak done", "of the audio"], ["hangup NORMAL_CLEARING", "two"],
	]);
	const { tag, callbackUrl } = await api.call(call);
	assert.deepEqual([tag, callbackUrl], ["two", second.url]);
	await first.stop();
	await second.stop();
	assert.equal(await fake.stop(), 0);
});

for (const clock of ["real", "virtual"]) {
	test(`the answer of POST calls comes before the first callback, even without a delay (${clock} clock)`, async () => {
		const fake = await startFake(["--clock", clock, "--answer-delay", "0s"]);
		const { base, headers } = voice(fake);
		const order = [];
		const receiver = await startReceiver((event, request) => {
			order.push("callback" + new URL(request.url, "http://h").searchParams.get("n"));
		});
		// fetch tells of an answer some turns of the event loop late; http.request does not
		const create = (n) => new Promise((resolve, reject) => {
			const request = http.request(base + "/calls", {
				method: "POST", headers: { ...headers, "Content-Type": "application/json" },
			}, (response) => {
				order.push("answer" + n);
				response.resume().on("end", () => resolve(response.statusCode));
			});
			request.on("error", reject);
			request.end(JSON.stringify({ ...numbers, callbackUrl: `${receiver.url}?n=${n}` }));
		});
		const all = Promise.all(Array.from({ length: 50 }, (_, n) => create(n)));
		assert.deepEqual(new Set(await within(all, () => "not all calls are answered")), new Set([201]));
		await idle(fake);
		assert.equal(receiver.events.length, 50);
		for (let n = 0; n < 50; n++) {
			const answered = order.indexOf("answer" + n);
			assert.ok(answered >= 0 && answered < order.indexOf("callback" + n), order.join(" "));
		}
		await receiver.stop();
		assert.equal(await fake.stop(), 0);
	});
}

test("a receiver that calls the API before it replies sees the new state and loses no event", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const states = [];
	const receiver = await startReceiver(async (event) => {
		states.push([short(event), (await api.call(event.callId)).state]);
		await conversation(api)(event);
	});
	await api.create({ callbackUrl: receiver.url });
	await receiver.event(isHangup);
	await idle(fake);
	assert.deepEqual(states, [
		["answer", "active"], ["speak started", "active"], ["speak done", "active"],
		["hangup NORMAL_CLEARING", "completed"],
	]);
	const story = (await entries(fake, "api,attempt"))
		.filter((entry) => entry.kind === "attempt" || entry.method === "POST")
		.map((entry) => (entry.kind === "attempt" ? entry.event : entry.path.replace(/c-\w+/, "{id}")));
	assert.deepEqual(story, [
		"/v1/users/u-node/calls",
		"/v1/users/u-node/calls/{id}/audio", "answer",  // called, and then replied
		"speak",
		"/v1/users/u-node/calls/{id}", "speak",
		"hangup",
	]);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("200 calls at once in virtual time: each has all its events, in order", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const receiver = await startReceiver(conversation(api));
	const ids = await Promise.all(Array.from({ length: 200 }, (_, n) => api.create({
		callbackUrl: receiver.url, to: `+1919555${String(1000 + n)}`,
	})));
	assert.equal(new Set(ids).size, 200);
	await idle(fake);
	for (const id of ids) {
		assert.deepEqual(receiver.events.filter((event) => event.callId === id).map(short), foundingEvents);
	}
	assert.equal(receiver.events.length, 800);
	assert.deepEqual(await api.errors(), []);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

// --- time

const onHold = async (fake, to) => {
	const api = voice(fake);
	const receiver = await startReceiver(async (event) => {
		if (event.eventType === "answer") {
			await api.audio(event.callId, { fileUrl: "http://music.example/hold.wav", loopEnabled: true });
		}
	});
	const id = await api.create({ to, callbackUrl: receiver.url });
	const hangup = await receiver.event(isHangup);
	const [answer, started, done] = receiver.events;
	assert.deepEqual(receiver.events.map(short), [
		"answer", "playback started", "playback done", "hangup NORMAL_CLEARING",
	]);
	assert.ok(Math.abs(seconds(answer, hangup) - 600) <= 1, `${answer.time} to ${hangup.time}`);
	assert.ok(seconds(started, done) >= 598, "the music is played to the end");
	assert.equal((await api.call(id)).chargeableDuration, 600);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
};

test("a ten-minute call on hold, as POST /__admin/far-ends wants it, is soon over in virtual time", async () => {
	const fake = await startFake();
	await admin(fake, "POST", "/far-ends", { to: "+19195550100", act: "answer", after: "2s", hangUpAfter: "10m" });
	await onHold(fake, "+19195550100");
});

test("a ten-minute call on hold, as --far-end wants it, is soon over in virtual time", async () => {
	const fake = await startFake(["--far-end", "+19195550100=answer:2s,hangup:10m"]);
	await onHold(fake, "+19195550100");
});

for (const clock of ["real", "virtual"]) {
	test(`a paused ${clock} clock: nothing before it is advanced, all that is due when that returns`, async () => {
		const fake = await startFake(["--clock", clock]);
		const receiver = await startReceiver();
		const paused = await admin(fake, "POST", "/clock", { pause: true });
		assert.equal(paused.paused, true);
		const advance = async (by) => Date.parse((await admin(fake, "POST", "/clock", { advance: by })).now);
		const began = Date.parse(paused.now);
		const call = await voice(fake).create({ to: answersThenHangsUp, callbackUrl: receiver.url });

		assert.equal(await advance("3999ms"), began + 3999);
		assert.deepEqual(receiver.events, []);
		assert.equal((await voice(fake).call(call)).state, "started");
		assert.equal(await advance("1ms"), began + 4000);
		assert.deepEqual(receiver.events.map(short), ["answer"]);
		assert.equal(Date.parse((await admin(fake, "GET", "/clock")).now), began + 4000);
		assert.equal(await advance("1h"), began + 3604000);
		assert.deepEqual(receiver.events.map(short), ["answer", "hangup NORMAL_CLEARING"]);

		await admin(fake, "POST", "/clock", { resume: true });
		await voice(fake).create({ to: "+19195559900", callbackUrl: receiver.url, tag: "resumed" });
		await receiver.event((event) => event.tag === "resumed");
		await receiver.stop();
		assert.equal(await fake.stop(), 0);
	});
}

test("advance: a conversation that the receiver carries on is delivered as far as the time allows", async () => {
	const fake = await startFake(["--length-of", "Hello from ringback=30s"]);
	const api = voice(fake);
	const receiver = await startReceiver(conversation(api));
	await admin(fake, "POST", "/clock", { pause: true });
	await api.create({ callbackUrl: receiver.url });
	const seen = [];
	for (const by of ["4s", "1s", "29s", "1s"]) {
		await admin(fake, "POST", "/clock", { advance: by });
		seen.push(receiver.events.length);
	}
	assert.deepEqual(seen, [1, 2, 2, 4]);
	assert.deepEqual(receiver.events.map(short), foundingEvents);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("--time-scale 20: modelled time is twenty times as fast as real time", async () => {
	const fake = await startFake(["--clock", "real", "--time-scale", "20"]);
	const receiver = await startReceiver();
	await voice(fake).create({ to: answersThenHangsUp, callbackUrl: receiver.url });
	const hangup = await receiver.event(isHangup);
	assert.ok(Math.abs(seconds(receiver.events[0], hangup) - 5.2) <= 1);
	const { scale, mode } = await admin(fake, "GET", "/clock");
	assert.deepEqual([scale, mode], [20, "real"]);
	const [asked] = await entries(fake, "api");
	const raised = (await entries(fake, "event")).at(-1);
	assert.equal(raised.event, "hangup");
	const modelled = seconds(asked, raised);
	assert.ok(modelled >= 9.2);
	const real = (raised.wall.at_us - asked.wall.at_us) / 1e6;
	// A timer may be late on a busy machine, but never early, and never as late as without the scale.
	assert.ok(real > 0.4 && real < 9.2, `${modelled} s modelled, ${real} s real`);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

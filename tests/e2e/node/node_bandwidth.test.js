"use strict";
// The unmodified npm package node-bandwidth against a real ringback process.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const Bandwidth = require("node-bandwidth");
const { startFake, startReceiver, admin } = require("./harness.js");

const client = (fake, secret = "s-secret") =>
	new Bandwidth({ userId: "u-node", apiToken: "t-token", apiSecret: secret, baseUrl: fake.api });

const numbers = { from: "+19195550123", to: "+19195550187" };
const short = (event) =>
	[event.eventType, event.status, event.dtmfDigit, event.reason, event.digits, event.cause].filter(Boolean).join(" ");

test("the founding conversation: answer, speak, hang up", async () => {
	const fake = await startFake(["--length-of", "Hello from Bandwidth=30s"]);
	const api = client(fake);
	const receiver = await startReceiver(async (event) => {
		if (event.eventType === "answer") {
			await api.Call.speakSentence(event.callId, "Hello from Bandwidth");
		} else if (event.eventType === "speak" && event.status === "done") {
			await api.Call.hangup(event.callId);
		}
	});
	const created = await api.Call.create({ ...numbers, callbackUrl: receiver.url, tag: "founding" });
	assert.match(created.id, /^c-[a-z2-7]{22}[aiqy]$/);
	await receiver.event((event) => event.eventType === "hangup");

	assert.deepEqual(receiver.events.map(short), [
		"answer", "speak started", "speak done", "hangup NORMAL_CLEARING",
	]);
	const [answer, started, done, hangup] = receiver.events;
	assert.equal(answer.callState, "active");
	assert.equal(answer.tag, "founding");
	assert.equal(started.state, "PLAYBACK_START");
	assert.equal(done.state, "PLAYBACK_STOP");
	assert.equal(started.tag, undefined);
	assert.equal(Date.parse(done.time) - Date.parse(started.time), 30000);
	assert.equal(hangup.callState, "completed");
	const call = await api.Call.get(created.id);
	assert.equal(call.state, "completed");
	assert.equal(call.chargeableDuration, 60);
	const log = await api.Call.getEvents(created.id);
	assert.deepEqual(log.map((entry) => entry.name), ["create", "answer", "speak", "speak", "hangup"]);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("gather, keys, tones, recording", async () => {
	const fake = await startFake();
	const api = client(fake);
	let gatherId;
	const receiver = await startReceiver(async (event) => {
		if (event.eventType === "answer") {
			await api.Call.enableRecording(event.callId);
			gatherId = (await api.Call.createGather(event.callId, {
				maxDigits: 2,
				tag: "menu",
				prompt: { sentence: "Press two digits" },
			})).id;
			assert.equal((await api.Call.getGather(event.callId, gatherId)).state, "started");
			await admin(fake, "POST", `/calls/${event.callId}/caller`, { action: "press", digits: "25" });
		} else if (event.eventType === "gather") {
			await api.Call.sendDtmf(event.callId, "1w2");
			await api.Call.disableRecording(event.callId);
		} else if (event.eventType === "recording") {
			await api.Call.hangup(event.callId);
		}
	});
	const { id } = await api.Call.create({ ...numbers, callbackUrl: receiver.url });
	await receiver.event((event) => event.eventType === "hangup");
	assert.deepEqual(receiver.events.map(short), [
		"answer", "dtmf 2", "dtmf 5", "gather max-digits 25", "recording complete", "hangup NORMAL_CLEARING",
	]);
	const gather = await api.Call.getGather(id, gatherId);
	assert.equal(gather.digits, "25");
	assert.equal(gather.reason, "max-digits");
	const [recording] = await api.Call.getRecordings(id);
	assert.equal(recording.state, "complete");
	const media = await api.Media.download(recording.media.split("/").pop());
	assert.equal(media.contentType.split(";")[0], "audio/wav");
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("a receiver that wants GET gets query strings", async () => {
	const fake = await startFake();
	const api = client(fake);
	const seen = [];
	const receiver = await startReceiver((event, request) => {
		seen.push(request.method + " " + request.url.split("?")[0]);
	});
	await api.Call.create({
		from: numbers.from, to: "+15550009901", callbackUrl: receiver.url + "?mine=1", callbackHttpMethod: "GET",
	});
	const hangup = await receiver.event((event) => event.eventType === "hangup");
	assert.deepEqual(seen, ["GET /cb"]);
	assert.equal(hangup.mine, "1");
	assert.equal(hangup.cause, "USER_BUSY");
	assert.equal(hangup.from, numbers.from);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("lists have pages, unknown calls are a 404 with a message", async () => {
	const fake = await startFake();
	const api = client(fake);
	const ids = [];
	for (let i = 0; i < 3; i++) {
		ids.push((await api.Call.create({ from: numbers.from, to: "+15550009902" })).id);
	}
	const first = await api.Call.list({ page: 0, size: 2 });
	const second = await api.Call.list({ page: 1, size: 2 });
	assert.deepEqual([...first, ...second].map((call) => call.id), ids.reverse());
	await assert.rejects(api.Call.get("c-nosuchcall"), (error) => {
		assert.equal(error.statusCode, 404);
		assert.match(error.message, /could not be found/);
		return true;
	});
	await assert.rejects(api.Call.create({ from: numbers.from }), (error) => error.statusCode === 400);
	assert.equal(await fake.stop(), 0);
});

test("with accounts only their credentials open the door", async () => {
	const fake = await startFake(["--user-id", "u-node", "--token", "t-token", "--secret", "s-secret"]);
	await assert.rejects(client(fake, "wrong").Call.list({}), (error) => error.statusCode === 401);
	assert.deepEqual(await client(fake).Call.list({}), []);
	assert.equal(await fake.stop(), 0);
});

test("a receiver that never replies holds up neither its call nor the clock", async () => {
	const fake = await startFake(["--reply-patience", "20ms"]);
	const api = client(fake);
	const receiver = await startReceiver(() => new Promise(() => {}));
	await api.Call.create({ from: numbers.from, to: "+15550009907", callbackUrl: receiver.url });
	await receiver.event((event) => event.eventType === "hangup");
	assert.deepEqual(receiver.events.map(short), ["answer", "hangup NORMAL_CLEARING"]);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("inbound calls ring at the URL that the flag names", async () => {
	const receiver = await startReceiver();
	const fake = await startFake(["--callback-url", receiver.url]);
	await admin(fake, "POST", "/calls", { userId: "u-node", from: "+19195550187", to: "+19195550123" });
	const answer = await receiver.event((event) => event.eventType === "answer");
	assert.deepEqual(receiver.events.map(short), ["incomingcall", "answer"]);
	assert.equal((await client(fake).Call.get(answer.callId)).direction, "in");
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("sixty-four test runs share one server without seeing each other", async () => {
	const fake = await startFake();
	const run = async (n) => {
		const api = new Bandwidth({ userId: `u-run${n}`, apiToken: "t", apiSecret: "s", baseUrl: fake.api });
		const receiver = await startReceiver(async (event) => {
			if (event.eventType === "answer") await api.Call.hangup(event.callId);
		});
		const { id } = await api.Call.create({ ...numbers, callbackUrl: receiver.url });
		await receiver.event((event) => event.eventType === "hangup");
		assert.deepEqual(receiver.events.map(short), ["answer", "hangup NORMAL_CLEARING"]);
		assert.ok(receiver.events.every((event) => event.callId === id));
		assert.deepEqual((await api.Call.list({})).map((call) => call.id), [id]);
		await admin(fake, "POST", "/reset", { userId: `u-run${n}` });
		assert.deepEqual(await api.Call.list({}), []);
		await receiver.stop();
		return id;
	};
	const ids = await Promise.all(Array.from({ length: 64 }, (_, n) => run(n)));
	assert.equal(new Set(ids).size, 64);
	assert.equal(await fake.stop(), 0);
});

"use strict";
// Calls, recordings, transcriptions and messages: every function that node-bandwidth has for them, against real
// ringback processes.

const assert = require("node:assert/strict");
const Bandwidth = require("node-bandwidth");
const { admin, assertAllUsed, startReceiver, startServing, test, watched } = require("./harness.js");

const used = { Call: new Set(), Recording: new Set(), Message: new Set() };

const sdk = (fake) =>
	new Bandwidth({ userId: "u-node", apiToken: "t-token", apiSecret: "s-secret", baseUrl: fake.api });
const client = (fake) => {
	const api = sdk(fake);
	const watchedOnes = Object.entries(used).map(([name, names]) => [name, watched(api[name], names)]);
	return Object.assign(Object.create(api), Object.fromEntries(watchedOnes));
};

const numbers = { from: "+19195550123", to: "+19195550187" };

// The clock is real: commands come when a person at a keyboard sends them, not from within an event.
const quick = ["answer", "audio-start", "stop", "hangup", "save", "transcribe", "small", "sent", "receipt"]
	.flatMap((name) => [`--${name}-delay`, "10ms"]);

/** A fake, its client, and a receiver that only listens. */
async function scene() {
	const fake = await startServing(["--port", "0", "--quiet", "--speech-per-word", "200ms", ...quick]);
	const receiver = await startReceiver();
	const api = client(fake);
	const end = async () => {
		await receiver.stop();
		assert.equal(await fake.stop(), 0);
	};
	return { fake, receiver, api, end };
}

/** A call that is answered: its id. */
async function answered({ api, receiver }, more = {}) {
	const { id } = await api.Call.create({ ...numbers, callbackUrl: receiver.url, ...more });
	await receiver.event((event) => event.eventType === "answer" && event.callId === id);
	return id;
}

test("calls: audio, keys, gathers and their logs", async () => {
	const at = await scene();
	const { api, receiver } = at;
	const id = await answered(at);
	const told = (type, status, tag) => receiver.event((event) =>
		event.eventType === type && event.status === status && event.callId === id && (tag === undefined || event.tag === tag));

	await api.Call.speakSentence(id, "This is a sentence that is so long that it is stopped some time before all of it has been said");
	await told("speak", "started");
	await api.Call.stopSpeaking(id);
	await told("speak", "done");
	await api.Call.playAudioFile(id, "http://example.com/file.mp3");
	await told("playback", "started");
	await api.Call.stopAudioFilePlayback(id);
	await told("playback", "done");
	await api.Call.playAudioAdvanced(id, { sentence: "hola", locale: "es", gender: "female", tag: "advanced" });
	await told("speak", "done", "advanced");

	await api.Call.sendDtmf(id, "1w2");
	const gather = await api.Call.createGather(id, { maxDigits: 5, interDigitTimeout: 30, tag: "asked" });
	assert.equal((await api.Call.getGather(id, gather.id)).state, "started");
	await api.Call.completeGather(id, gather.id);
	const ended = await receiver.event((event) => event.eventType === "gather");
	assert.deepEqual([ended.gatherId, ended.reason, ended.tag], [gather.id, "cancelled", "asked"]);

	await api.Call.update(id, { tag: "renamed" });
	const call = await api.Call.get(id);
	assert.equal(call.state, "active");
	const [first] = await api.Call.getEvents(id);
	assert.equal((await api.Call.getEvent(id, first.id)).name, first.name);
	assert.equal((await api.Call.list({})).length, 1);
	await api.Call.hangup(id);
	assert.equal((await receiver.event((event) => event.eventType === "hangup")).tag, "renamed");
	await at.end();
});

test("calls: an inbound one is answered or rejected, and one is put through", async () => {
	const at = await scene();
	const { fake, api, receiver } = at;
	const ring = async (from) => (await admin(fake, "POST", "/calls", { userId: "u-node", from, to: numbers.from, callbackUrl: receiver.url, autoAnswer: false })).id;
	const taken = await ring("+19195550101");
	await receiver.event((event) => event.eventType === "incomingcall" && event.callId === taken);
	await api.Call.answer(taken);
	await receiver.event((event) => event.eventType === "answer" && event.callId === taken);
	const refused = await ring("+19195550102");
	await receiver.event((event) => event.eventType === "incomingcall" && event.callId === refused);
	await api.Call.reject(refused);
	assert.equal((await receiver.event((event) => event.eventType === "hangup" && event.callId === refused)).cause, "CALL_REJECTED");

	const { id: other } = await api.Call.transfer(taken, {
		transferTo: "+19195550188", transferCallerId: numbers.from, callbackUrl: receiver.url,
		whisperAudio: { sentence: "You have a call" },
	});
	await receiver.event((event) => event.eventType === "answer" && event.callId === other);
	await receiver.event((event) => event.eventType === "speak" && event.status === "done" && event.callId === other);
	await api.Call.hangup(other);
	await receiver.event((event) => event.eventType === "hangup" && event.callId === taken);
	await at.end();
});

test("recordings and transcriptions: made, listed and shown by call and by account", async () => {
	const at = await scene();
	const { api, receiver } = at;
	const id = await answered(at);
	await api.Call.setMaxRecordingDuration(id, 120);
	await api.Call.enableRecording(id);
	await api.Call.speakSentence(id, "This is what is recorded");
	await receiver.event((event) => event.eventType === "speak" && event.status === "done");
	await api.Call.disableRecording(id);
	const complete = await receiver.event((event) => event.eventType === "recording");
	assert.equal(complete.state, "complete");

	const [recording] = await api.Call.getRecordings(id);
	assert.equal(recording.id, complete.recordingId);
	assert.deepEqual(await api.Recording.get(recording.id), recording);
	assert.deepEqual((await api.Recording.list({})).map((one) => one.id), [recording.id]);
	const made = await api.Recording.createTranscription(recording.id);
	const done = await receiver.event((event) => event.eventType === "transcription");
	assert.equal(done.transcriptionId, made.id);
	const transcription = await api.Recording.getTranscription(recording.id, made.id);
	assert.deepEqual([transcription.id, transcription.state], [made.id, "completed"]);
	assert.deepEqual((await api.Recording.getTranscriptions(recording.id)).map((one) => one.id), [made.id]);
	assert.deepEqual((await api.Call.getTranscriptions(id)).map((one) => one.id), [made.id]);
	await api.Call.hangup(id);
	await receiver.event((event) => event.eventType === "hangup");
	await at.end();
});

test("messages: one, several at once, looked at, redacted and listed by pages", async () => {
	const at = await scene();
	const { api, receiver } = at;
	const first = await api.Message.send({ ...numbers, text: "one", receiptRequested: "all", callbackUrl: receiver.url, tag: "t" });
	const receipt = await receiver.event((event) => event.deliveryState === "delivered");
	assert.deepEqual([receipt.messageId, receipt.tag], [first.id, "t"]);
	assert.equal((await api.Message.get(first.id)).deliveryState, "delivered");

	const several = await api.Message.sendMultiple([
		{ ...numbers, text: "two" }, { from: numbers.from, text: "nobody to send it to" }, { ...numbers, text: "three" },
	]);
	assert.deepEqual(several.map((one) => Boolean(one.error)), [false, true, false]);

	await api.Message.patch(first.id, { text: "" });
	assert.equal((await api.Message.get(first.id)).text, "");
	const page = await api.Message.list({ size: 2 });
	assert.deepEqual(page.messages.map(({ text }) => text), ["three", "two"]);
	const next = await page.getNextPage();
	assert.deepEqual([next.messages.map(({ id }) => id), next.hasNextPage], [[first.id], false]);
	await at.end();
});

test("every function of the package for them was called above", () => {
	const api = sdk({ api: "http://127.0.0.1:1" });
	for (const [name, names] of Object.entries(used)) assertAllUsed(api[name], names);
});

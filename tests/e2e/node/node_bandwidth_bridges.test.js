"use strict";
// Bridges: every function that node-bandwidth has for them, against a real ringback process.

const assert = require("node:assert/strict");
const Bandwidth = require("node-bandwidth");
const { admin, assertAllUsed, startFake, startReceiver, test, watched } = require("./harness.js");

const used = new Set();

const client = (fake) => {
	const api = new Bandwidth({ userId: "u-node", apiToken: "t-token", apiSecret: "s-secret", baseUrl: fake.api });
	return Object.assign(Object.create(api), { Bridge: watched(api.Bridge, used) });
};

const numbers = { from: "+19195550123", to: "+19195550187" };

/** A fake, its client, a receiver that only listens, and calls that are active. */
async function scene(calls) {
	const fake = await startFake();
	const api = client(fake);
	const receiver = await startReceiver();
	const ids = [];
	for (let n = 0; n < calls; ++n) {
		const { id } = await api.Call.create({ ...numbers, callbackUrl: receiver.url });
		await receiver.event((event) => event.eventType === "answer" && event.callId === id);
		ids.push(id);
	}
	return { fake, api, receiver, ids };
}

const journal = (fake, query) => admin(fake, "GET", `/journal?${query}`);

const refused = (promise, statusCode, message) =>
	assert.rejects(promise, (error) => {
		assert.equal(error.statusCode, statusCode);
		assert.ok(error.message.startsWith(message), error.message);
		return true;
	});

test("create, get, getCalls, update, list: two calls are joined, held, parted", async () => {
	const { fake, api, receiver, ids } = await scene(2);
	const created = await api.Bridge.create({ bridgeAudio: true, callIds: ids });
	assert.match(created.id, /^brg-[a-z2-7]{22}[aiqy]$/);
	const url = `${fake.api}/v1/users/u-node/bridges/${created.id}`;
	const bridge = await api.Bridge.get(created.id);
	assert.deepEqual({ ...bridge, createdTime: 0, activatedTime: 0 }, {
		id: created.id, state: "active", bridgeAudio: true, callIds: ids, calls: `${url}/calls`,
		createdTime: 0, activatedTime: 0,
	});
	assert.match(bridge.activatedTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
	const calls = await api.Bridge.getCalls(created.id);
	assert.deepEqual(calls.map((call) => [call.id, call.bridgeId, call.bridge]),
		ids.map((id) => [id, created.id, url]));
	assert.deepEqual((await api.Call.list({ bridgeId: created.id })).map((call) => call.id).sort(), [...ids].sort());

	await api.Bridge.update(created.id, { bridgeAudio: false });
	assert.equal((await api.Bridge.get(created.id)).state, "hold");
	await api.Bridge.update(created.id, { bridgeAudio: true });
	await api.Bridge.update(created.id, { callIds: [ids[0]] });
	assert.deepEqual((await api.Bridge.get(created.id)).callIds, [ids[0]]);
	assert.equal((await api.Call.get(ids[1])).bridgeId, undefined);
	await api.Bridge.update(created.id, { callIds: [] });
	const over = await api.Bridge.get(created.id);
	assert.equal(over.state, "completed");
	assert.ok(over.completedTime);
	assert.equal((await api.Call.get(ids[0])).state, "active");
	await refused(api.Bridge.update(created.id, { bridgeAudio: true }), 400, "Unable to update bridge");

	const entries = await journal(fake, `kind=bridge&call=${created.id}`);
	assert.deepEqual(entries.map((entry) => [entry.before, entry.after, entry.bridgeAudio, entry.callIds]), [
		["created", "active", true, ids],
		["active", "hold", false, ids],
		["hold", "active", true, ids],
		["active", "active", true, [ids[0]]],
		["active", "completed", true, []],
	]);
	assert.equal((await journal(fake, `kind=bridge&call=${ids[1]}`)).length, 3);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("list pages through all bridges, each once", async () => {
	const { fake, api, receiver } = await scene(0);
	const made = [];
	for (let n = 0; n < 5; ++n) made.unshift((await api.Bridge.create({})).id);
	const seen = [];
	let page = await api.Bridge.list({ size: 2 });
	for (;;) {
		seen.push(...page.bridges.map((bridge) => bridge.id));
		if (!page.hasNextPage) break;
		page = await page.getNextPage();
	}
	assert.deepEqual(seen, made);
	assert.equal((await api.Bridge.list()).bridges.length, 5);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("speakSentence, stopSpeaking, playAudioFile, stopAudioFilePlayback, playAudioAdvanced: both phones hear, no event comes",
	async () => {
		const { fake, api, receiver, ids } = await scene(2);
		const { id } = await api.Bridge.create({ callIds: ids });
		const heard = async () => {
			const entries = (await journal(fake, "kind=phone")).filter((entry) => entry.what.startsWith("heard_"));
			return ids.map((call) => entries.filter((entry) => entry.call === call).map((entry) => entry.text));
		};
		const after = (ms) => admin(fake, "POST", "/clock", { advance: `${ms}ms` });
		await admin(fake, "POST", "/clock", { pause: true });
		await api.Bridge.speakSentence(id, "Hello both");
		await after(500);
		await api.Bridge.stopSpeaking(id);
		await refused(api.Bridge.stopSpeaking(id), 403, "The audio for bridge");
		await api.Bridge.playAudioFile(id, "http://example.com/file.mp3");
		await after(500);
		await api.Bridge.stopAudioFilePlayback(id);
		await api.Bridge.playAudioAdvanced(id, {
			sentence: "hola de Bandwidth", gender: "male", locale: "es", voice: "Jorge", loopEnabled: true,
		});
		await after(60000);
		const all = ["Hello both", "http://example.com/file.mp3", "hola de Bandwidth"];
		assert.deepEqual(await heard(), [all, all]);
		await api.Bridge.update(id, { callIds: [] });
		await refused(api.Bridge.speakSentence(id, "x"), 400, "No active calls in the bridge");
		assert.deepEqual(receiver.events.map((event) => event.eventType), ["answer", "answer"]);
		await receiver.stop();
		assert.equal(await fake.stop(), 0);
	});

test("an outbound call made with bridgeId joins at its answer; the bridge ends with its calls", async () => {
	const { fake, api, receiver } = await scene(0);
	const { id } = await api.Bridge.create({});
	assert.equal((await api.Bridge.get(id)).state, "created");
	const dial = async (to) => (await api.Call.create({ ...numbers, to, callbackUrl: receiver.url, bridgeId: id })).id;
	const first = await dial("+19195550187");
	await receiver.event((event) => event.eventType === "answer" && event.callId === first);
	assert.equal((await api.Bridge.get(id)).state, "created");
	const second = await dial("+19195550188");
	await receiver.event((event) => event.eventType === "answer" && event.callId === second);
	const joined = await api.Bridge.get(id);
	assert.equal(joined.state, "active");
	assert.deepEqual(joined.callIds, [first, second]);
	await refused(dial("+19195550189"), 403, "Only two calls are allowed in a bridge");

	const hangup = (call) => receiver.event((event) => event.eventType === "hangup" && event.callId === call);
	await api.Call.hangup(first);
	await hangup(first);
	assert.equal((await api.Bridge.get(id)).state, "active");
	await admin(fake, "POST", `/calls/${second}/caller`, { action: "hangup" });
	await hangup(second);
	assert.equal((await api.Bridge.get(id)).state, "completed");
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("what is wrong is refused in the provider's words", async () => {
	const { fake, api, receiver, ids } = await scene(3);
	const { id } = await api.Bridge.create({ callIds: [ids[0]] });
	await refused(api.Bridge.create({ callIds: ids }), 403, "Only two calls are allowed in a bridge");
	await refused(api.Bridge.create({ callIds: ["c-nobody"] }), 403, "Call Id not found. callId c-nobody");
	await refused(api.Bridge.create({ callIds: [ids[0]] }), 400, `The call ${ids[0]} is already in another bridge`);
	await refused(api.Bridge.get("brg-nothing"), 404, "The bridge brg-nothing could not be found");
	await refused(api.Bridge.getCalls("brg-nothing"), 404, "The bridge brg-nothing could not be found");
	await api.Call.hangup(ids[1]);
	await refused(api.Bridge.update(id, { callIds: [ids[1]] }), 400, `The call ${ids[1]} is not active`);
	await refused(api.Call.create({ ...numbers, bridgeId: "brg-nothing" }), 404, "The bridge brg-nothing could not be found");
	assert.deepEqual((await api.Bridge.get(id)).callIds, [ids[0]]);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("every function of the package's bridges was called above", () => {
	assertAllUsed(new Bandwidth({ userId: "u", apiToken: "t", apiSecret: "s" }).Bridge, used);
});

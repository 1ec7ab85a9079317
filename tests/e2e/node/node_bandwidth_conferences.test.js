"use strict";
// Conferences and their members through the unmodified npm package node-bandwidth, against a real process.

const assert = require("node:assert/strict");
const Bandwidth = require("node-bandwidth");
const { admin, assertAllUsed, fakeWithPipe, startFake, startReceiver, test, voice, watched } = require("./harness.js");

const client = (fake) =>
	new Bandwidth({ userId: "u-node", apiToken: "t-token", apiSecret: "s-secret", baseUrl: fake.api });

const numbers = { from: "+19195550123", to: "+19195550187" };
const short = (event) =>
	[event.eventType, event.status, event.state, event.activeMembers, event.mute === true && "muted",
		event.hold === true && "held", event.tag, event.cause].filter((part) => part || part === 0).join(" ");

/** A call that is answered: its id. */
async function answered(api, phones, params = {}) {
	const { id } = await api.Call.create({ ...numbers, callbackUrl: phones.url, ...params });
	await phones.event((event) => event.eventType === "answer" && event.callId === id);
	return id;
}

test("a conference of three, with every function that the SDK has", async () => {
	const fake = await startFake();
	const api = client(fake);
	const used = new Set();
	const conference = watched(api.Conference, used);
	const room = await startReceiver();
	const phones = await startReceiver();
	const created = await conference.create({
		from: numbers.from, callbackUrl: room.url, tag: "room", profile: "passthru_digits",
	});
	assert.match(created.id, /^conf-[a-z2-7]{22}[aiqy]$/);
	const id = created.id;
	await room.event((event) => event.status === "created");
	assert.equal((await conference.get(id)).state, "created");

	const calls = [];
	const members = [];
	for (let number = 1; number <= 3; number++) {
		calls.push(await answered(api, phones, { conferenceId: id }));
		members.push((await conference.createMember(id, { callId: calls.at(-1), joinTone: "true" })).id);
		assert.match(members.at(-1), /^member-[a-z2-7]{22}[aiqy]$/);
		const joined = await room.event((event) => event.memberId === members.at(-1));
		assert.equal(joined.callId, calls.at(-1));
		assert.strictEqual(joined.activeMembers, number);
		assert.strictEqual(joined.mute, false);
	}
	assert.deepEqual((await conference.getMembers(id)).map((member) => member.id), members);
	assert.equal((await api.Call.list({ conferenceId: id })).length, 3);
	assert.equal((await api.Call.get(calls[0])).conferenceId, id);

	await conference.updateMember(id, members[0], { mute: "true" });
	await room.event((event) => event.mute === true);
	await conference.updateMember(id, members[0], { hold: true });
	await room.event((event) => event.hold === true);
	const first = await conference.getMember(id, members[0]);
	assert.deepEqual([first.mute, first.hold, first.joinTone, first.leavingTone], [true, true, true, false]);
	await conference.update(id, { mute: "true", tag: "renamed" });  // of all: no event says so
	assert.equal((await conference.get(id)).mute, true);

	const soundIn = (receiver, type, status, tag) =>
		receiver.event((event) => event.eventType === type && event.status === status && event.tag === tag);
	await conference.speakSentence(id, "Welcome everybody");
	await soundIn(room, "conference-speak", "done");
	await conference.playAudioFile(id, "http://127.0.0.1:9/music.mp3");
	await soundIn(room, "conference-playback", "done");
	await conference.playAudioAdvanced(id, { sentence: "Please wait", loopEnabled: "true", tag: "wait" });
	await soundIn(room, "conference-speak", "started", "wait");
	await conference.stopSpeaking(id);
	await soundIn(room, "conference-speak", "done", "wait");
	await conference.playAudioAdvanced(id, { fileUrl: "http://127.0.0.1:9/a.wav", loopEnabled: true, tag: "loop" });
	await soundIn(room, "conference-playback", "started", "loop");
	await conference.stopAudioFilePlayback(id);
	await soundIn(room, "conference-playback", "done", "loop");

	await conference.speakSentenceToMember(id, members[1], "Hello you");
	await soundIn(phones, "speak", "done");
	await conference.playAudioFileToMember(id, members[1], "http://127.0.0.1:9/you.wav");
	await soundIn(phones, "playback", "done");
	await conference.playAudioAdvancedToMember(id, members[1], { sentence: "Hola", locale: "es", tag: "es" });
	assert.equal((await soundIn(phones, "speak", "done", "es")).callId, calls[1]);
	await admin(fake, "POST", `/calls/${calls[1]}/caller`, { action: "press", digits: "5" });
	await phones.event((event) => event.dtmfDigit === "5" && event.callId === calls[1]);

	await conference.removeMember(id, members[0]);
	await room.event((event) => event.memberId === members[0] && event.state === "completed");
	assert.equal((await api.Call.get(calls[0])).state, "active");
	await api.Call.hangup(calls[1]);
	await phones.event((event) => event.eventType === "hangup" && event.callId === calls[1]);
	await room.event((event) => event.memberId === members[1] && event.state === "completed");
	await conference.remove(id);
	await room.event((event) => event.eventType === "conference" && event.status === "completed");

	assert.deepEqual(room.events.map(short), [
		"conference created room",
		"conference-member active 1 room",
		"conference-member active 2 room",
		"conference-member active 3 room",
		"conference-member active 3 muted room",
		"conference-member active 3 muted held room",
		"conference-speak started", "conference-speak done",
		"conference-playback started", "conference-playback done",
		"conference-speak started wait", "conference-speak done wait",
		"conference-playback started loop", "conference-playback done loop",
		"conference-member completed 2 muted held renamed",
		"conference-member completed 1 renamed",
		"conference-member completed 0 renamed",
		"conference completed renamed",
	]);
	const over = await conference.get(id);
	assert.equal(over.state, "completed");
	assert.equal(over.activeMembers, 0);
	assert.ok(over.completedTime);
	assert.equal((await conference.getMembers(id)).filter((member) => member.removedTime).length, 3);
	assert.equal((await api.Call.get(calls[2])).state, "active");
	await assert.rejects(conference.update(id, { mute: "false" }), (error) => error.statusCode === 403);
	assertAllUsed(api.Conference, used);
	await room.stop();
	await phones.stop();
	assert.equal(await fake.stop(), 0);
});

test("keys of a conference that interprets them reach nobody, and its 21st member does not get in", async () => {
	const fake = await startFake();
	const api = client(fake);
	const phones = await startReceiver();
	const { id } = await api.Conference.create({ from: numbers.from });
	const calls = [];
	for (let number = 0; number < 21; number++) calls.push((await api.Call.create({ ...numbers, callbackUrl: phones.url })).id);
	for (const call of calls) await phones.event((event) => event.eventType === "answer" && event.callId === call);
	for (const callId of calls.slice(0, 20)) await api.Conference.createMember(id, { callId });
	await assert.rejects(api.Conference.createMember(id, { callId: calls[20] }), (error) => {
		assert.equal(error.statusCode, 403);
		assert.match(error.message, /reached the max number of members/);
		return true;
	});
	await admin(fake, "POST", `/calls/${calls[0]}/caller`, { action: "press", digits: "12" });
	await admin(fake, "POST", `/calls/${calls[20]}/caller`, { action: "press", digits: "3" });
	await phones.event((event) => event.eventType === "dtmf");
	assert.deepEqual(phones.events.filter((event) => event.eventType === "dtmf").map((event) => event.dtmfDigit), ["3"]);
	assert.equal((await api.Conference.get(id)).activeMembers, 20);
	const journal = await admin(fake, "GET", `/journal?call=${calls[0]}&kind=conference`);
	assert.deepEqual(journal.map((entry) => entry.state), ["active"]);
	await phones.stop();
	assert.equal(await fake.stop(), 0);
});

test("a room that wants GET gets query strings, and its fallback when it fails", async () => {
	const fake = await startFake(["--strict-conference"]);
	const api = client(fake);
	const fallback = await startReceiver();
	const room = await startReceiver((event) => (event.status === "created" ? 500 : 200));
	const phones = await startReceiver();
	const { id } = await api.Conference.create({
		from: numbers.from, callbackUrl: room.url + "?mine=1", callbackHttpMethod: "get", fallbackUrl: fallback.url,
	});
	const created = await fallback.event((event) => event.status === "created");
	assert.equal(created.conferenceId, id);
	assert.equal(created.conferenceUri, `https://api.catapult.inetwork.com/v1/users/u-node/conferences/${id}`);
	const stranger = await answered(api, phones);
	await assert.rejects(api.Conference.createMember(id, { callId: stranger }), (error) => error.statusCode === 403);
	const callId = await answered(api, phones, { conferenceId: id });
	const member = await api.Conference.createMember(id, { callId, mute: true });
	const joined = await room.event((event) => event.eventType === "conference-member");
	assert.deepEqual([joined.mine, joined.memberId, joined.mute, joined.activeMembers], ["1", member.id, "true", "1"]);
	await api.Call.hangup(callId);
	await room.event((event) => event.status === "completed");
	assert.ok(room.requests.every((request) => request.method === "GET" && request.body === ""));
	await room.stop();
	await phones.stop();
	await fallback.stop();
	assert.equal(await fake.stop(), 0);
});

test("the first call's hang-up is told to its own URL, its leaving to the room's, the order of both kept", async () => {
	const fake = await startFake();
	const api = client(fake);
	const both = await startReceiver();  // one URL for everything: each conversation keeps its order
	const { id } = await api.Conference.create({ from: numbers.from, callbackUrl: both.url });
	const callId = await answered(api, both);
	await api.Conference.createMember(id, { callId });
	await both.event((event) => event.eventType === "conference-member");
	await admin(fake, "POST", `/calls/${callId}/caller`, { action: "hangup" });
	await both.event((event) => event.status === "completed");
	await both.event((event) => event.eventType === "hangup");
	assert.deepEqual(both.events.map(short), [
		"conference created", "answer", "conference-member active 1",
		"conference-member completed 0", "hangup NORMAL_CLEARING", "conference completed",
	]);
	await both.stop();
	assert.equal(await fake.stop(), 0);
});

test("a conference that could not be recorded never was, and a member leaves again", async () => {
	const lost = await fakeWithPipe();
	await lost.fill();
	await assert.rejects(client(lost.fake).Conference.create({ from: numbers.from }), (error) => error.statusCode === 503);
	assert.deepEqual(await voice(lost.fake).ask("GET", "/conferences").then(({ json }) => json), []);
	assert.equal(await lost.close(), 0);

	const kept = await fakeWithPipe();
	const phones = await startReceiver();
	const api = client(kept.fake);
	const { id } = await api.Conference.create({ from: numbers.from });
	const callId = await answered(api, phones);
	await kept.fill();
	await assert.rejects(api.Conference.createMember(id, { callId }), (error) => error.statusCode === 503);
	assert.deepEqual((await api.Conference.getMembers(id)).map((member) => member.state), ["completed"]);
	assert.equal((await api.Call.get(callId)).state, "active");
	await phones.stop();
	assert.equal(await kept.close(), 0);
});

"use strict";
// With --journal, and a file that takes nothing: nothing is changed that could not be recorded.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { admin, fakeWithPipe, scratchFolder, short, startFake, startReceiver, test, voice } = require("./harness.js");

const numbers = { from: "+19195550123", to: "+19195559900" };

/** Something of everything, there from the start. */
function fixtureFile() {
	const file = path.join(scratchFolder(), "fixture.json");
	fs.writeFileSync(file, JSON.stringify({ accounts: [{
		userId: "u-node",
		token: "t-token",
		secret: "s-secret",
		applications: [{ name: "Menu", incomingCallUrl: "http://127.0.0.1:9/c" }],
		numbers: [{ number: "+19195550100", application: "Menu" }],
		media: [{ name: "greeting", text: "hello" }],
	}] }));
	return file;
}

test("journal: while it cannot be written nothing is changed, by no method, and everything can be read", async () => {
	const fake = await startFake(["--journal", "/dev/full", "--fixture", fixtureFile()]);
	const api = voice(fake);
	const all = async () => Promise.all(
		["/applications", "/phoneNumbers", "/media", "/media/greeting", "/domains", "/messages", "/bridges", "/account"]
			.map(async (path) => (await api.ask("GET", path)).text));
	const before = await all();
	const application = JSON.parse(before[0])[0].id;
	const number = JSON.parse(before[1])[0].id;
	assert.equal(before[3], "hello");

	for (const [method, where, body] of [
		["PUT", "/media/greeting", { other: "words" }],
		["PUT", "/media/another", { other: "words" }],
		["DELETE", "/media/greeting"],
		["POST", `/applications/${application}`, { name: "Renamed" }],
		["DELETE", `/applications/${application}`],
		["DELETE", `/phoneNumbers/${number}`],
		["POST", "/domains", { name: "mine" }],
		["PATCH", "/messages/m-any", { text: "" }],
		["DELETE", "/domains/rd-any"],
		["POST", "/bridges", {}],
	]) {
		const { status, json, headers } = await api.ask(method, where, body);
		assert.equal(status, 503, `${method} ${where}`);
		assert.equal(json.code, "journal-unavailable", `${method} ${where}`);
		assert.equal(headers.get("retry-after"), "1", `${method} ${where}`);
	}
	assert.deepEqual(await all(), before);

	// What is told of them, here and in the file, holds neither a password nor a file's bytes.
	await api.ask("POST", "/domains/rd-any/endpoints", { name: "a", credentials: { password: "secret-word" } });
	const told = JSON.stringify(await admin(fake, "GET", "/journal"));
	assert.match(told, /"password":"\*\*\*"/);
	assert.doesNotMatch(told, /secret-word/);
	assert.doesNotMatch(told, /other.{1,5}words/);
	assert.equal(await fake.stop(), 0);
});

/** Asks for something while the pipe is full without warning; afterwards it takes lines again. */
async function lost(piped, ask) {
	await piped.fill();
	const { status, json, headers } = await ask();
	assert.equal(status, 503);
	assert.equal(json.code, "journal-unavailable");
	assert.equal(headers.get("location"), null);
	piped.empty();
}

test("journal: what came into being and was not recorded never was, of every kind", async () => {
	const piped = await fakeWithPipe();
	const api = voice(piped.fake);
	const list = async (path) => (await api.ask("GET", path)).json;
	const made = async (path, body) =>
		(await api.ask("POST", path, body)).headers.get("location").replace(/.*\/users\/u-node/, "");

	for (const [where, body] of [
		["/calls", numbers],
		["/messages", { ...numbers, text: "hello" }],
		["/messages", [{ ...numbers, text: "one" }, { ...numbers, text: "two" }]],
		["/bridges", {}],
		["/conferences", { from: numbers.from }],
		["/applications", { name: "Menu", incomingCallUrl: "http://127.0.0.1:9/c" }],
		["/phoneNumbers", { number: "+19195550100" }],
		["/domains", { name: "mine" }],
	]) {
		await lost(piped, () => api.ask("POST", where, body));
		assert.deepEqual(await list(where), [], where);
		if (where === "/phoneNumbers" || where === "/domains") {
			assert.equal((await api.ask("POST", where, body)).status, 201, `${where}: nothing is in its way`);
		}
	}

	const endpoints = `/domains/${(await list("/domains"))[0].id}/endpoints`;
	const endpoint = { name: "me", credentials: { password: "secret6" } };
	await lost(piped, () => api.ask("POST", endpoints, endpoint));
	assert.deepEqual(await list(endpoints), []);
	const mine = await made(endpoints, endpoint);
	await lost(piped, () => api.ask("POST", `${mine}/tokens`, {}));

	const orders = `${piped.fake.api}/v1/availableNumbers/local?areaCode=919&quantity=2`;
	const order = async (method) => {
		const answer = await fetch(orders, { method, headers: api.headers });
		return { status: answer.status, json: await answer.json(), headers: answer.headers };
	};
	const offered = (await order("GET")).json;
	await lost(piped, () => order("POST"));
	assert.equal((await list("/phoneNumbers")).length, 1);
	assert.deepEqual((await order("GET")).json, offered, "they can still be had");
	assert.equal(await piped.close(), 0);
});

test("journal: a file that was not recorded leaves its place as it was", async () => {
	const piped = await fakeWithPipe();
	const api = voice(piped.fake);
	const put = (name, body) => api.ask("PUT", `/media/${name}`, body);
	const get = async (name) => {
		const { status, text } = await api.ask("GET", `/media/${name}`);
		return status === 200 ? text : status;
	};
	await lost(piped, () => put("new", "bytes"));
	assert.equal(await get("new"), 404);
	assert.equal((await put("old", "first")).status, 200);
	await lost(piped, () => put("old", "second"));
	assert.equal(await get("old"), '"first"');
	assert.equal(await piped.close(), 0);
});

test("journal: what others know of ends where it was not recorded: a gather, the second leg of a transfer", async () => {
	const piped = await fakeWithPipe();
	const api = voice(piped.fake);
	const receiver = await startReceiver();
	const call = await api.create({ to: numbers.to, callbackUrl: receiver.url });
	await receiver.event((event) => event.eventType === "answer");

	await lost(piped, () => api.ask("POST", `/calls/${call}/gather`, { maxDigits: 5 }));
	await receiver.event((event) => event.eventType === "gather");
	assert.equal((await api.ask("POST", `/calls/${call}/gather`, {})).status, 201, "no gather is in its way");
	await receiver.event((event) => event.reason === "inter-digit-timeout");

	await lost(piped, () => api.ask("POST", `/calls/${call}`, { state: "transferring", transferTo: "+19195550144" }));
	await receiver.event((event) => event.callId !== call && event.eventType === "hangup");
	assert.equal((await api.call(call)).state, "active");
	assert.deepEqual(receiver.events.map(short), [
		"answer", "gather cancelled", "gather inter-digit-timeout", "hangup ORIGINATOR_CANCEL",
	]);
	await receiver.stop();
	assert.equal(await piped.close(), 0);
});

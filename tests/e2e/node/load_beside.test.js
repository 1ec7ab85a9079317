"use strict";
// `ringback load`: beside its call a receiver creates what names no call: another leg, a conference, a message. Each is
// found to be the call's whose script awaits it; what belongs to the account is there for whichever loop is asked.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { load, run, scratchFolder, startReceiver, test } = require("./harness");

const heldOrInvalid = [0, 98];

function scenarioFile(members) {
	const file = path.join(scratchFolder(), "scenario.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "beside", vars: { to: "+19195550187" }, start: { call: { tag: "${api}" } },
		model: { "answer-delay": "10ms", "small-delay": "5ms", "sent-delay": "10ms" },
		...members,
	}));
	return file;
}

const created = "/v1/users/${userId}";
const tagged = { match: { body: { tag: "${first:callId}" } } };
const beside = () => scenarioFile({ steps: [
	{ send: "answer", id: "first" },
	{ await: { id: "text", command: "message", answered: 201, within: "20s", ...tagged } },
	{ await: { id: "open", method: "POST", path: `${created}/conferences`, answered: 201, within: "20s", ...tagged } },
	{ block: { order: "any", steps: [
		{ await: { id: "join", method: "POST", path: `${created}/conferences/*/members`, answered: 201, within: "20s",
			match: { body: { callId: "${first:callId}" } } } },
		{ send: "conference.created", id: "room" },
	] } },
	{ send: "conference-member", match: { activeMembers: 1 } },
	{ await: { id: "dial", command: "create", answered: 201, within: "20s", ...tagged } },
	{ send: "answer", id: "second", match: { callId: "${dial:callId}" } },
	{ block: { order: "ordered", steps: [
		{ await: { id: "bye", command: "update", within: "20s", match: { body: { state: "completed" } } } },
		{ await: { id: "bye-first", command: "update", within: "20s", match: { body: { state: "completed" } } } },
	] } },
] });

/** A receiver that does all that; `forgets(n)`: the n-th of its calls sends no message. */
async function busyReceiver(forgets = () => false) {
	let calls = 0;
	const firsts = new Map();  // by room
	const problems = [];
	const receiver = await startReceiver(async (event) => {
		try {
			await act(event);
		} catch (error) {
			problems.push(`${error.message}: ${error.cause}`);
		}
		return 200;
	});
	let api = "";
	async function ask(method, below, body) {
		const answer = await fetch(`${api}/v1/users/u-ringback${below}`, {
			method, body: body && JSON.stringify(body),
			headers: { Authorization: `Basic ${Buffer.from("t-ringback:s-ringback").toString("base64")}`, "Content-Type": "application/json" },
		});
		if (answer.status >= 300) problems.push(`${method} ${below}: ${answer.status} ${await answer.text()}`);
		else await answer.arrayBuffer();
		return (answer.headers.get("location") || "").split("/").pop();
	}
	async function act(event) {
		if (event.eventType === "answer" && event.tag.startsWith("http")) {
			api = event.tag;
			calls += 1;
			if (!forgets(calls)) await ask("POST", "/messages", { from: "+19195550100", to: "+19195550123", text: "on my way", tag: event.callId });
			const room = await ask("POST", "/conferences", { from: "+19195550100", callbackUrl: receiver.url, tag: event.callId });
			firsts.set(room, event.callId);
			await ask("POST", `/conferences/${room}/members`, { callId: event.callId });
		} else if (event.eventType === "conference-member" && event.state === "active") {
			await ask("POST", "/calls", { from: "+19195550100", to: "+19195550187", tag: firsts.get(event.conferenceId), callbackUrl: receiver.url });
		} else if (event.eventType === "answer") {
			await ask("POST", `/calls/${event.callId}`, { state: "completed" });
			await ask("POST", `/calls/${event.tag}`, { state: "completed" });
		}
	}
	return { receiver, problems };
}

test("load: what a receiver creates beside its call belongs to the call whose script awaits it", async () => {
	const { receiver, problems } = await busyReceiver();
	const { code, result } = await load([beside(), "--callback-url", receiver.url, "--calls", "24", "--rate", "20/1s"]);
	assert.deepEqual(problems, [], JSON.stringify(result.failures || Object.keys(result)));
	assert.ok(heldOrInvalid.includes(code), `${code}`);
	assert.equal(result.counts.passed, 24, JSON.stringify(result.steps));
	assert.equal(result.counts.failed, 0);
});

test("load: where such a request does not come it is that step that fails", async () => {
	const { receiver } = await busyReceiver(() => true);
	const { result } = await load([beside(), "--callback-url", receiver.url, "--calls", "3", "--rate", "20/1s"]);
	assert.equal(result.counts.passed, 0);
	assert.equal(result.counts.failed, 3);
	assert.match(JSON.stringify(result), /text: /);
});

test("load --workers: a scenario that awaits what names no call is refused before anything is sent", async () => {
	const { receiver } = await busyReceiver();
	const ended = await run(["load", beside(), "--callback-url", receiver.url, "--calls", "3", "--rate", "20/1s", "--workers", "2"]);
	assert.equal(ended.code, 2);
	assert.match(ended.stderr, /--workers: expected 1 for a scenario that awaits a request which names no call \(text, .*scenario\.json:\d+:\d+\)/);
	assert.equal(receiver.requests.length, 0);
});

test("load --workers: what belongs to the account is the same whichever loop is asked, media of any size too", async () => {
	const file = scenarioFile({ vars: { to: "+19195559907" }, steps: [{ send: "answer", id: "answer" }, { await: { id: "bye", command: "update", within: "30s" } }] });
	const seen = [];
	const receiver = await startReceiver(async (event) => {
		if (event.eventType === "answer") seen.push(await look(event).catch((error) => error.message));
		return 200;
	});
	async function look(event) {
		const base = `${event.tag}/v1/users/u-ringback`;
		// Each over a connection of its own, so that most are another loop's.
		const ask = (method, url, body) => fetch(url, { method, body,
			headers: { Authorization: `Basic ${Buffer.from("t-ringback:s-ringback").toString("base64")}`, Connection: "close", "Content-Type": "application/json" } });
		const name = `f-${event.callId}`;
		const made = await ask("POST", `${base}/applications`, JSON.stringify({ name, incomingCallUrl: receiver.url }));
		const statuses = [made.status, (await ask("PUT", `${base}/media/${name}`, "x".repeat(2 << 20))).status];
		for (let i = 0; i < 4; i += 1) {
			statuses.push((await ask("GET", `${base}/applications/${made.headers.get("location").split("/").pop()}`)).status);
			statuses.push((await ask("GET", `${base}/media/${name}`)).status);
		}
		await ask("POST", `${base}/calls/${event.callId}`, JSON.stringify({ state: "completed" }));
		return statuses.join(" ");
	}
	const { result } = await load([file, "--callback-url", receiver.url, "--calls", "6", "--rate", "10/1s", "--workers", "3"]);
	assert.deepEqual([...new Set(seen)], ["201 200 200 200 200 200 200 200 200 200"]);
	assert.equal(result.counts.passed, 6);
});

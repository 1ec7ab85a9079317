"use strict";
// Paths without a user, available numbers and number info, where it is no account but a scenario that stands
// behind a path: `ringback run` and `ringback load`.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { load, run, scratchFolder, test } = require("./harness");

/** A scenario file of these members. */
function scenario(members) {
	const file = path.join(scratchFolder(), "scenario.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "orders", model: { "answer-delay": "10ms", "hangup-delay": "10ms" }, ...members,
	}));
	return file;
}

/** A receiver that looks for a number, orders it, asks who has it, and then says what it came to. */
function receiver() {
	const file = path.join(scratchFolder(), "receiver.mjs");
	fs.writeFileSync(file, `
		import http from "node:http";
		const base = process.env.RINGBACK_URL + "/v1";
		const headers = { authorization: "Basic " + btoa(process.env.RINGBACK_TOKEN + ":" + process.env.RINGBACK_SECRET) };
		const ask = async (method, path, body) => {
			const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
			return answer.status + " " + await answer.text();
		};
		http.createServer(async (request, response) => {
			const event = JSON.parse((await request.toArray()).join(""));
			if (event.eventType === "answer") {
				const user = "/users/" + event.callUri.match(/users.([^/]+)/)[1];
				const found = await ask("GET", "/availableNumbers/local?areaCode=919&quantity=1");
				const ordered = await ask("POST", "/availableNumbers/local?areaCode=919&quantity=1");
				const owned = await ask("GET", user + "/phoneNumbers");
				const info = await ask("GET", "/phoneNumbers/numberInfo/%2B19195550187");
				const number = ordered.startsWith("200") ? JSON.parse(ordered.slice(4))[0].number : "none";
				const is_mine = found.startsWith("200") && owned.includes(number);
				await ask("POST", user + "/calls/" + event.callId + "/audio",
					{ sentence: is_mine ? "mine, " + info.slice(0, 3) : ordered });
			}
			response.end();
		}).listen(process.env.PORT, "127.0.0.1");
	`);
	return ["--", "node", file];
}
const orders = {
	allow: [{ method: "POST", path: "/v1/availableNumbers/*" }],
	steps: [
		{ send: "answer" },
		{ await: { id: "told", command: "audio", within: "20s", match: { body: { sentence: { equalTo: "mine, 200" } } } } },
		{ send: "speak.started" },
		{ caller: { hangup: true } },
		{ send: "speak.done" },
		{ send: "hangup" },
	],
};

test("run: paths without a user reach the scenario that is being played, whatever its user id", async () => {
	for (const vars of [{}, { userId: "u-mine" }]) {
		const { code, stdout, stderr } = await run(["run", scenario({ ...orders, vars }), ...receiver()]);
		assert.equal(code, 0, stdout + stderr);
	}
});

test("run: paths that there are not stay unknown, with a user or without", async () => {
	const file = path.join(scratchFolder(), "receiver.mjs");
	fs.writeFileSync(file, `
		import http from "node:http";
		http.createServer(async (request, response) => {
			const headers = { authorization: "Basic dDpz" };
			const answer = await fetch(process.env.RINGBACK_URL + "/v1/availableNumbers", { headers });
			response.writeHead(answer.status === 404 ? 200 : 500).end();
		}).listen(process.env.PORT, "127.0.0.1");
	`);
	const { code, stdout, stderr } = await run(["run", scenario({ steps: [{ send: "answer", expect: { status: 200 } }] }),
		"--", "node", file]);
	assert.match(stderr, /GET \/v1\/availableNumbers/, stdout);
	assert.equal(code, 0, stdout + stderr);
});

test("load: paths without a user are those of the load's user", async () => {
	const { code, stderr, result } = await load([scenario(orders), "--calls", "5", "--rate", "20/1s", ...receiver()]);
	assert.ok([0, 98].includes(code), stderr);
	assert.equal(result.counts.passed, 5, stderr);
});

"use strict";
// `ringback load --workers N`: several loops share the load and the API's port, and nobody outside can tell: every call
// once, every request answered by the loop whose call it is, one result.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { load, occupiedPort, run, scratchFolder, start, startReceiver, test, within } = require("./harness");

const heldOrInvalid = [0, 98];

function scenarioFile(members) {
	const file = path.join(scratchFolder(), "scenario.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "shared", vars: { to: "+19195559907" },
		model: { "answer-delay": "10ms", "talk-delay": "30ms", "hangup-delay": "10ms" },
		...members,
	}));
	return file;
}

/** Answered at once, hung up on by the phone soon after. */
const short = (members = {}) =>
	scenarioFile({ steps: [{ send: "answer", id: "answer" }, { send: "hangup", id: "bye" }], ...members });

/** The receiver speaks, looks at the call, and hangs up; nobody else does, however long it takes. */
const conversation = () => scenarioFile({ vars: { to: "+19195550187" }, start: { call: {} }, model: { "answer-delay": "10ms" }, steps: [
	{ send: "answer", id: "answer" },
	{ await: { id: "say", command: "audio", within: "30s" } },
	{ send: "speak.started" },
	{ send: "speak.done" },
	{ await: { id: "bye", command: "update", within: "30s", match: { body: { state: { equalTo: "completed" } } } } },
	{ send: "hangup", id: "end" },
] });

/**
 * The other side of that, as a process: over a few connections that stay, and with every look at a call over one of its
 * own, so that most requests reach the API on another loop's connection. Writes in the end what it was told and saw.
 */
const speaker = `
const fs = require("node:fs");
const http = require("node:http");
const { RINGBACK_URL, RINGBACK_USER_ID, RINGBACK_TOKEN, RINGBACK_SECRET, PORT, TOLD } = process.env;
const staying = new http.Agent({ keepAlive: true, maxSockets: 6 });
const auth = RINGBACK_TOKEN + ":" + RINGBACK_SECRET;
const lines = [];
const write = (line) => lines.push(line);
process.on("SIGTERM", () => {
	fs.writeFileSync(TOLD, JSON.stringify(lines));
	process.exit();
});
const ask = (method, id, what, body) => new Promise((resolve, reject) => {
	const url = RINGBACK_URL + "/v1/users/" + RINGBACK_USER_ID + "/calls/" + id + what;
	const agent = method === "GET" ? false : staying;
	const request = http.request(url, { method, agent, auth, headers: { "Content-Type": "application/json" } }, (answer) => {
		let text = "";
		answer.on("data", (bytes) => (text += bytes)).on("end", () => resolve({ status: answer.statusCode, text }));
	});
	request.on("error", reject).end(body && JSON.stringify(body));
});
async function act({ eventType, status, callId }) {
	if (eventType === "answer") await ask("POST", callId, "/audio", { sentence: "Good morning" });
	if (eventType !== "speak" || status !== "done") return;
	const seen = await ask("GET", callId, "");
	write({ seen: seen.status, asked: callId, got: seen.status === 200 ? JSON.parse(seen.text).id : seen.text });
	await ask("POST", callId, "", { state: "completed" });
}
http.createServer((request, response) => {
	let body = "";
	request.on("data", (bytes) => (body += bytes)).on("end", () => {
		if (request.method !== "POST") return response.end();
		const event = JSON.parse(body);
		write({ told: event.eventType + (event.status || ""), callId: event.callId });
		response.end();
		act(event).catch((error) => write({ error: error.message }));
	});
}).listen(PORT, "127.0.0.1");
`;

const startedInAll = (result) => result.seconds.reduce((sum, second) => sum + second.started, 0);

/** A built-in scenario with short delays and long patience; `model` over these delays. */
function quickly(name, model) {
	const scenario = JSON.parse(fs.readFileSync(path.join(__dirname, "../../../fixtures/scenarios", `${name}.json`), "utf8"));
	for (const step of scenario.steps) if (step.await) step.await.within = "30s";
	return scenarioFile({
		...scenario,
		model: { "answer-delay": "10ms", "hangup-delay": "10ms", "audio-start-delay": "10ms", ...model },
		steps: scenario.steps.filter((step) => !step.quiet),
	});
}

test("load --workers: a bridge is known by the call that is put into it, and a call by the bridge it is dialled into", async () => {
	const reference = path.join(__dirname, "..", "..", "receivers", "reference.js");
	// Not busy at once: the receiver has to have read whose call that is.
	const file = quickly("bridge-agent-busy", { "fail-delay": "2s" });
	const { code, stderr, result, report } = await load([file, "--workers", "3", "--calls", "60", "--rate", "30/1s",
		"--", "node", reference]);

	assert.ok(heldOrInvalid.includes(code), stderr);
	const { passed, failed, requests, requests_refused: refused, callbacks } = result.counts;
	assert.deepEqual({ passed, failed, requests, refused, callbacks },
		{ passed: 60, failed: 0, requests: 240, refused: 0, callbacks: 300 }, JSON.stringify(report.failures));
});

test("load --workers: every call once, and every request finds the loop of its call", async () => {
	const told = path.join(scratchFolder(), "told.json");
	const { code, stdout, stderr, result, report } = await load([conversation(), "--workers", "3", "--calls", "300", "--rate", "60/1s",
		"--", "node", "-e", speaker], { TOLD: told });

	assert.ok(heldOrInvalid.includes(code), stderr);
	const { planned, started, finished, passed, failed, dropped, callbacks, delivered, requests, requests_refused: refused } = result.counts;
	assert.deepEqual({ planned, started, finished, passed, failed, dropped, callbacks, delivered, requests, refused },
		{ planned: 300, started: 300, finished: 300, passed: 300, failed: 0, dropped: 0, callbacks: 1200, delivered: 1200, requests: 900, refused: 0 },
		stdout);
	assert.equal(result.workers, 3);
	assert.equal(result.metrics.response.count, 1200);
	assert.equal(result.metrics.start_lag.count, 300);
	assert.equal(result.metrics.call.count, 300);
	assert.equal(startedInAll(result), 300);
	assert.deepEqual(result.plan.segment, { index: 0, of: 1 });
	assert.deepEqual(result.merged_segments, []);
	assert.equal(result.steps.find((step) => step.step === "end").passed, 300);

	const lines = JSON.parse(fs.readFileSync(told));
	assert.deepEqual(lines.filter((line) => line.error), []);
	const events = lines.filter((line) => line.told);
	assert.equal(events.length, 1200);
	assert.equal(new Set(events.map((event) => event.callId)).size, 300);
	assert.equal(new Set(events.map((event) => event.callId + event.told)).size, 1200);
	const looks = lines.filter((line) => line.asked);
	assert.equal(looks.length, 300);
	for (const look of looks) assert.deepEqual([look.seen, look.got], [200, look.asked]);

	const again = await run(["report", report, "--format", "json"]);
	assert.deepEqual(JSON.parse(again.stdout), result, again.stderr);
});

test("load --workers: a segment's loops share it, and segments of several processes are one result", async () => {
	const receiver = await startReceiver();
	const file = short();
	const parts = [];
	for (const [segment, workers] of [["1/2", "3"], ["2/2", "2"]]) {
		const { code, stderr, report } = await load([file, "--segment", segment, "--workers", workers, "--calls", "60", "--rate", "100/1s",
			"-f", receiver.url]);
		assert.ok(heldOrInvalid.includes(code), stderr);
		parts.push(report);
	}
	const { stdout, stderr } = await run(["report", ...parts, "--format", "json"]);

	const sum = JSON.parse(stdout, stderr);
	assert.equal(sum.workers, 5);
	assert.equal(sum.counts.passed, 60);
	assert.equal(new Set(receiver.events.map((event) => event.callId)).size, 60);
});

test("load --workers: of calls that fail on all loops the first twenty are kept", async () => {
	const receiver = await startReceiver((event) => (event.eventType === "hangup" ? 500 : 200));
	const { result } = await load([short(), "--workers", "3", "--calls", "60", "--rate", "200/1s", "-f", receiver.url]);

	assert.equal(result.counts.failed, 60);
	assert.deepEqual(Object.entries(result.failures), [["bye: answered 500", 60]]);
	assert.deepEqual(result.kept.map(({ call }) => call), Array.from({ length: 20 }, (_, n) => n + 1));
});

test("load --workers: no more is in flight at once than was asked for, over all loops", async () => {
	const receiver = await startReceiver();
	const slow = short({ model: { "answer-delay": "2500ms", "talk-delay": "0s", "hangup-delay": "0s" } });
	const { code, result } = await load([slow, "--workers", "2", "--calls", "20", "--rate", "200/1s", "--max-in-flight", "3", "-f", receiver.url]);

	assert.equal(code, 98);
	assert.equal(result.counts.started, 3);
	assert.equal(result.counts.dropped, 17);
	assert.equal(startedInAll(result), result.counts.started);
	assert.equal(Math.max(...result.seconds.map((second) => second.in_flight)), 3);
});

test("load --workers: a rule that aborts, and a receiver that ends, end all loops", async () => {
	const receiver = await startReceiver(() => 500);
	const aborted = await load([short(), "--workers", "2", "--rate", "20/1s", "--duration", "30s", "--abort-on", "errors:rate>50%@1s",
		"-f", receiver.url]);
	assert.match(aborted.result.aborted, /errors:rate>50%@1s/);
	assert.ok(aborted.result.counts.started < 600);
	assert.equal(aborted.result.counts.planned, 600);

	const dies = "require('http').createServer((q, s) => { s.end(); if (q.method === 'POST') process.exit(0); }).listen(process.env.PORT)";
	const ended = await load([short(), "--workers", "2", "--rate", "20/1s", "--duration", "30s", "--", "node", "-e", dies]);
	assert.equal(ended.result.aborted, "the receiver's process has ended");
	assert.ok(ended.result.counts.started < 600);
});

test("load --workers: a search goes on over probes of several loops, and can be interrupted", async () => {
	const receiver = await startReceiver();
	const report = path.join(scratchFolder(), "result.json");
	const process = start(["load", short(), "--workers", "2", "--find-max", "response:p(99)<10s", "--rate", "20/1s", "--duration", "500ms",
		"--report", `json=${report}`, "-f", receiver.url]);
	// The first probe has ten calls.
	await receiver.event(() => new Set(receiver.events.map(({ callId }) => callId)).size > 12);
	process.child.kill("SIGINT");

	assert.equal(await within(process.exited, () => process.stderr()), 130);
	const result = JSON.parse(fs.readFileSync(report));
	assert.equal(result.search.end, "ended early");
	const placed = receiver.events.filter(({ eventType }) => eventType === "answer").map(({ callId }) => callId);
	assert.equal(new Set(placed).size, placed.length, "no call id comes twice in a search");
});

test("load --workers: what cannot be divided, and a port that somebody has, are said before anything is sent", async () => {
	const receiver = await startReceiver();
	const attempt = async (code, words, ...args) => {
		const ended = await run(["load", short(), "--rate", "5/1s", "--calls", "1", "-f", receiver.url, ...args]);
		assert.equal(ended.code, code, ended.stderr);
		assert.match(ended.stderr, words);
	};
	await attempt(2, /--workers: expected .*1.*64.*found "0"/, "--workers", "0");
	await attempt(2, /--workers: expected .*1.*64.*found "65"/, "--workers", "65");
	await attempt(2, /--workers: expected .*found "many"/, "--workers", "many");
	await attempt(2, /--max-in-flight: expected at least 3, one for each of --workers, found 2/, "--workers", "3", "--max-in-flight", "2");
	await attempt(2, /--connections: expected at least 4, one for each of --workers, found 3/, "--workers", "4", "--connections", "3");
	const taken = await occupiedPort();
	await attempt(3, /127\.0\.0\.1:\d+: cannot bind: Address already in use/, "--workers", "3", "--port", String(taken.port));
	assert.equal(receiver.events.length, 0);
});

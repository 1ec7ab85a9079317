"use strict";
// `ringback load`: one scenario many times over. Nothing here depends on how fast this machine is: a run that
// could not hold its schedule is still counted right, and says so.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { run, scratchFolder, start, startReceiver, test, unbroken, within } = require("./harness");

const receivers = path.join(__dirname, "..", "..", "receivers");
const heldOrInvalid = [0, 98];

/** A scenario file of these members: answered at once, hung up on by the phone soon after. */
function scenario(members = {}) {
	const file = path.join(scratchFolder(), "scenario.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "short", vars: { to: "+19195559907" },
		model: { "answer-delay": "10ms", "talk-delay": "30ms", "hangup-delay": "10ms" },
		steps: [{ send: "answer", id: "answer" }, { send: "hangup", id: "bye" }],
		...members,
	}));
	return file;
}

/** `ringback load` with a JSON report: { code, stdout, stderr, result }. */
async function load(args, env = {}) {
	const report = path.join(scratchFolder(), "result.json");
	const ended = await run(["load", "--report", `json=${report}`, ...args], env);
	return { ...ended, result: fs.existsSync(report) ? JSON.parse(fs.readFileSync(report)) : null };
}

test("load: every call of the plan is placed once, and the scenario holds for each", async () => {
	const receiver = await startReceiver();
	const { code, stderr, result } = await load([scenario(), "--calls", "40", "--rate", "100/1s", "-f", receiver.url]);

	assert.ok(heldOrInvalid.includes(code), stderr);
	const { planned, started, finished, passed, dropped, callbacks, delivered } = result.counts;
	assert.deepEqual({ planned, started, finished, passed, dropped, callbacks, delivered },
		{ planned: 40, started: 40, finished: 40, passed: 40, dropped: 0, callbacks: 80, delivered: 80 });
	const told = receiver.events.map((event) => event.callId + event.eventType);
	assert.equal(told.length, 80);
	assert.equal(new Set(told).size, 80);
	assert.equal(result.metrics.response.count, 80);
	assert.equal(result.metrics.start_lag.count, 40);
	assert.deepEqual(result.steps.filter((step) => ["answer", "bye"].includes(step.step)).map((step) => [step.step, step.passed]),
		[["answer", 40], ["bye", 40]]);
	assert.equal(result.seconds.reduce((sum, second) => sum + second.started, 0), 40);
});

test("load: the warm-up is played and not measured", async () => {
	const receiver = await startReceiver();
	const { result } = await load([scenario(), "--rate", "50/1s", "--duration", "400ms", "--warmup", "200ms", "-f", receiver.url]);

	assert.equal(receiver.events.length, 40);
	assert.equal(result.counts.started, 10);
	assert.equal(result.metrics.response.count, 20);
});

test("load: calls that fail are counted by cause, and the first twenty are kept whole", async () => {
	const receiver = await startReceiver((event) => (event.eventType === "hangup" ? 500 : 200));
	const { stdout, result } = await load([scenario(), "--calls", "30", "--rate", "200/1s", "-f", receiver.url]);

	assert.equal(result.counts.failed, 30);
	assert.deepEqual(Object.entries(result.failures), [["bye: answered 500", 30]]);
	assert.deepEqual(Object.entries(result.errors), [["answered 500", 30]]);
	assert.equal(result.kept.length, 20);
	assert.match(unbroken(stdout), /bye: answered 500/);
	assert.match(result.kept[0].story, /FAIL short {2}bye/);
	assert.ok(result.kept[0].run.journal.length > 4);
});

test("load: a receiver that acts is served, and its reactions and timers are measured", async () => {
	const file = path.join(scratchFolder(), "menu.json");
	const menu = JSON.parse(fs.readFileSync(path.join(receivers, "menu.json"), "utf8").replace(/^\s*\/\/.*$/gm, ""));
	fs.writeFileSync(file, JSON.stringify({ ...menu, load: { timers: { greeting: ["answer", "say"] } } }));
	const { code, stderr, result } = await load([file, "--calls", "6", "--rate", "20/1s", "--threshold", "greeting:count==6",
		"--", "node", path.join(receivers, "menu_express.js")]);

	assert.ok(heldOrInvalid.includes(code), stderr);
	assert.equal(result.counts.passed, 6);
	assert.equal(result.counts.requests, 18);
	assert.equal(result.metrics.reaction.count, 18);
	assert.equal(result.metrics.greeting.count, 6);
	assert.deepEqual(result.thresholds.map((one) => [one.expression, one.held]), [["greeting:count==6", true]]);
});

test("load: what is more than allowed at once is dropped, and the run is invalid", async () => {
	const receiver = await startReceiver();
	const slow = scenario({ model: { "answer-delay": "300ms", "talk-delay": "0s", "hangup-delay": "0s" } });
	const { code, stdout, result } = await load([slow, "--calls", "20", "--rate", "200/1s", "--max-in-flight", "3", "-f", receiver.url]);

	assert.equal(code, 98);
	assert.ok(result.counts.dropped > 0);
	assert.equal(result.counts.started + result.counts.dropped, 20);
	assert.match(unbroken(stdout), /calls were not started: too many were in flight/);
	assert.doesNotMatch(stdout, /p99\.9/);
});

test("load: what cannot be done is said before anything is sent, with status 2", async () => {
	const receiver = await startReceiver();
	const refused = async (args, words) => {
		const { code, stderr } = await run(["load", ...args]);
		assert.equal(code, 2, stderr);
		assert.match(stderr, words);
	};
	await refused([scenario(), "-f", receiver.url], /--rate: expected how many calls/);
	await refused([scenario(), "--rate", "fast", "-f", receiver.url], /--rate: expected .*found "fast"/);
	await refused([scenario(), "--rate", "5/1s", "-f", receiver.url], /--duration: expected with --rate how long/);
	await refused([scenario(), "--stage", "1s", "-f", receiver.url], /--stage: expected/);
	await refused([scenario(), "--rate", "5/1s", "--calls", "1", "--threshold", "respnse:p(99)<1s", "-f", receiver.url],
		/--threshold: .*did you mean "response"/);
	await refused([scenario(), "--rate", "5/1s", "--calls", "1", "--abort-on", "errors", "-f", receiver.url], /--abort-on: expected/);
	await refused([scenario(), "--rate", "5/1s", "--calls", "1", "--arrivals", "trace=/nowhere/trace", "-f", receiver.url], /\/nowhere\/trace/);
	await refused([scenario(), "--rate", "5/1s", "--calls", "1", "-f", "http://192.0.2.1:9/cb"], /--i-own-this-target: expected/);
	await refused([scenario(), "--rate", "5/1s", "--calls", "1"], /--callback-url: expected/);
	await refused(["nobody.json", "--rate", "5/1s", "--calls", "1", "-f", receiver.url], /nobody\.json/);
	await refused([scenario({ start: { kick: { url: "${receiver}/dial" }, await: { path: "/v1/users/${userId}/calls" } } }), "--rate", "5/1s",
		"--calls", "1", "-f", receiver.url], /start\.kick/);
	assert.equal(receiver.events.length, 0);
});

test("load: a receiver that never answers is status 4, one that ends early ends the run", async () => {
	const gone = await load([scenario(), "--rate", "5/1s", "--calls", "1", "--wait-timeout", "300ms", "--", "node", "-e", "setInterval(() => {}, 1000)"]);
	assert.equal(gone.code, 4, gone.stderr);

	const dies = "require('http').createServer((q, s) => { s.end(); if (q.method === 'POST') process.exit(0); }).listen(process.env.PORT)";
	const { result } = await load([scenario(), "--rate", "20/1s", "--duration", "30s", "--", "node", "-e", dies]);
	assert.equal(result.aborted, "the receiver's process has ended");
	assert.ok(result.counts.started < 600);
});

test("load: --abort-on ends the run early, and the report is written", async () => {
	const receiver = await startReceiver(() => 500);
	const { result } = await load([scenario(), "--rate", "20/1s", "--duration", "30s", "--abort-on", "errors:rate>50%@1s", "-f", receiver.url]);

	assert.match(result.aborted, /errors:rate>50%@1s/);
	assert.ok(result.counts.started < 600);
	assert.equal(result.counts.planned, 600);
});

test("load: SIGINT starts no more calls, lets those in flight end, and writes the report", async () => {
	const receiver = await startReceiver();
	const report = path.join(scratchFolder(), "result.json");
	const process = start(["load", scenario(), "--rate", "20/1s", "--duration", "60s", "--report", `json=${report}`, "-f", receiver.url]);
	await receiver.event((event) => event.eventType === "hangup");
	process.child.kill("SIGINT");
	const code = await within(process.exited, () => process.stderr());

	assert.ok([130, 98].includes(code), process.stderr());
	const result = JSON.parse(fs.readFileSync(report));
	assert.equal(result.interrupted, true);
	assert.equal(result.counts.failed, 0);
	assert.equal(result.counts.started, result.counts.finished);
});

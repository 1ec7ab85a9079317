"use strict";
// `ringback load`: one scenario many times over. Nothing here depends on how fast this machine is: a run that
// could not hold its schedule is still counted right, and says so.

const assert = require("node:assert/strict");
const dns = require("node:dns/promises");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { load, run, scratchFolder, start, startReceiver, test, unbroken, within } = require("./harness");

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
	const args = ["--calls", "30", "--rate", "200/1s", "--faults", "drop=dtmf", "-f", receiver.url];
	const { stdout, result } = await load([scenario(), ...args]);

	assert.equal(result.counts.failed, 30);
	assert.deepEqual(Object.entries(result.failures), [["bye: answered 500", 30]]);
	assert.deepEqual(Object.entries(result.errors), [["answered 500", 30]]);
	assert.equal(result.kept.length, 20);
	assert.match(unbroken(stdout), /bye: answered 500/);
	assert.match(result.kept[0].story, /FAIL short {2}bye/);
	assert.match(result.kept[0].story, /again: ringback run \S+scenario\.json --seed \d+ --faults drop=dtmf .*-f http:/);
	assert.ok(result.kept[0].run.journal.length > 4);
});

test("load: with --faults it is told how often each struck, over all loops, and which met nothing", async () => {
	const receiver = await startReceiver();
	const args = ["--calls", "20", "--rate", "100/1s", "--faults", "dup-hangup,delay=gather,early", "--workers", "2", "-f", receiver.url];
	const { code, stdout, stderr, result } = await load([scenario(), ...args]);
	await receiver.stop();

	assert.ok(heldOrInvalid.includes(code), stdout + stderr);
	assert.equal(receiver.events.length, 60);
	assert.equal(result.schema, "ringback-load/2");
	assert.deepEqual(result.faults.map(({ rule, fault, set, matched, struck }) => [rule, fault, set, matched, struck]),
		[[1, "duplicate", undefined, 20, 20], [2, "delay", undefined, 0, 0], [3, "early", "early", 0, 0]]);
	const said = unbroken(stdout);
	assert.match(said, /^ {4}fault 1 \{"duplicate":true,"on":"hangup"\} struck 20 of 20$/m);
	assert.match(said, /^ {4}warning {2}fault 2 \{"delay":"2s","on":"gather"\} met nothing: /m);
	assert.match(said, /^ {4}warning {2}faults early met nothing: /m);
});

test("load: calls under BXML are played by their documents, each held against what is expected of it", async () => {
	const file = scenario({
		start: { inbound: { callbackHttpMethod: "GET" } },
		steps: [
			{ send: "incomingcall" },
			{ send: "answer", id: "answer", expect: { body: { xpath: "/Response/Gather/@requestUrl" } } },
			{ caller: { press: "1", after: "50ms" } },
			{ send: "gather", id: "choice", match: { digits: "1" }, expect: { body: { xpath: "/Response/Redirect" } } },
			{ send: "redirect", id: "page", expect: { body: { xpath: "/Response/Hangup" } } },
			{ send: "hangup", id: "bye" },
		],
	});
	const documents = {
		answer: '<Gather requestUrl="/chosen" maxDigits="1"/>', gather: '<Redirect requestUrl="/page"/>', redirect: "<Hangup/>",
	};
	const receiver = await startReceiver((event) => {
		const verbs = documents[event.eventType];
		return verbs ? { status: 200, body: `<Response>${verbs}</Response>` } : 200;
	});
	const right = await load([file, "--calls", "12", "--rate", "50/1s", "-f", receiver.url]);
	documents.gather = "<Pause/><Hangup/>";
	const wrong = await load([file, "--calls", "3", "--rate", "50/1s", "-f", receiver.url]);

	assert.ok(heldOrInvalid.includes(right.code), right.stderr);
	assert.deepEqual([right.result.counts.passed, right.result.counts.callbacks, right.result.counts.requests], [12, 60, 0]);
	assert.equal(wrong.result.counts.failed, 3);
	assert.deepEqual(Object.keys(wrong.result.failures), ["choice: its answer says something else"]);
	assert.match(unbroken(wrong.stdout), /expected it to have \/Response\/Redirect, got "<Response><Pause\/>/);
	await receiver.stop();
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
	await refused([scenario(), "--rate", "5/1s", "--calls", "1", "-f", "http://192.0.2.1:9/cb"], /start ringback with --allow-target 192\.0\.2\.1:9/);
	await refused([scenario(), "--rate", "5/1s", "--calls", "1"], /--callback-url: expected/);
	await refused([scenario(), "--find-max", "respnse:p(99)<1s", "-f", receiver.url], /--find-max: .*did you mean "response"/);
	await refused([scenario(), "--find-max", "response:p(99)<1s", "--stage", "1s:5", "--calls", "1", "-f", receiver.url],
		/--stage: expected none with --find-max[\s\S]*--calls: expected none/);
	await refused(["nobody.json", "--rate", "5/1s", "--calls", "1", "-f", receiver.url], /nobody\.json/);
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

test("load: where most of what is sent fails for ten seconds it ends by itself, unless told not to", async () => {
	const receiver = await startReceiver(() => 500);
	const [left, told] = await Promise.all([[], ["--abort-on", "none"]].map((more) =>
		load([scenario(), "--rate", "10/1s", "--duration", "13s", ...more, "-f", receiver.url])));

	assert.match(left.result.aborted, /^errors:rate>50%@10s: 100%$/);
	assert.ok(left.result.counts.started < 130, `${left.result.counts.started} started`);
	assert.equal(told.result.aborted, "");
	assert.equal(told.result.counts.started, 130);
});

test("load: a rate that may not be exceeded is one for plans, and where a search ends", async () => {
	const receiver = await startReceiver();
	const plan = await run(["load", scenario(), "--rate", "20/1s", "--calls", "2", "--max-rate", "19/1s", "-f", receiver.url]);
	assert.equal(plan.code, 2);
	assert.match(plan.stderr, /--max-rate: expected at least 20\/1s for this load to 127\.0\.0\.1:\d+, found 19\/1s/);
	assert.equal(receiver.events.length, 0);

	const { code, stdout, result } = await load([scenario(), "--find-max", "errors:rate<1%", "--rate", "10/1s", "--duration", "1s",
		"--max-rate", "12/1s", "-f", receiver.url]);
	if (result.search.limited_per_s !== undefined) return assert.equal(code, 98, stdout);  // a busy machine
	assert.equal(code, 0, stdout);
	assert.deepEqual([result.search.end, result.search.held_per_s, result.search.allowed_per_s], ["at least", 12, 12]);
	assert.match(unbroken(stdout), /at least 12\/s: no more than 12\/s is allowed \(--max-rate\)/);
});

test("load: whoever is on another machine must have agreed, and to that rate", async (t) => {
	// A name may stand for any machine; this one's own stands for itself.
	const name = os.hostname();
	const { address } = await dns.lookup(name).catch(() => ({}));
	if (address !== "127.0.0.1") return t.skip("this machine's name does not lead to it");
	const server = await startWebhook();
	const options = ["--rate", "20/1s", "--calls", "2", "--allow-target", name, "-f", `http://${name}:${server.port}/cb`];
	const attempt = async (headers, more = []) => {
		server.headers = headers;
		server.seen = [];
		const { code, stderr } = await run(["load", scenario(), ...options, ...more]);
		return { code, stderr, methods: server.seen.map(({ method }) => method) };
	};
	const origin = { "WebHook-Allowed-Origin": "ringback.invalid" };
	for (const [headers, words] of [
		[{}, /WebHook-Allowed-Origin: ringback\.invalid, found ""/],
		[{ ...origin, "WebHook-Allowed-Rate": "2399" }, /it allows 2399 callbacks a minute, and the load is up to 2400/],
		[origin, /WebHook-Allowed-Rate/],
	]) {
		const { code, stderr, methods } = await attempt(headers);
		assert.equal(code, 2, stderr);
		assert.match(stderr, words);
		assert.deepEqual(methods, ["OPTIONS"], "nothing else was sent");
	}
	const agreed = await attempt({ ...origin, "WebHook-Allowed-Rate": "2400" });
	assert.ok(heldOrInvalid.includes(agreed.code), agreed.stderr);
	assert.deepEqual(agreed.methods, ["OPTIONS", "POST", "POST", "POST", "POST"]);
	assert.deepEqual(server.asked, { origin: "ringback.invalid", rate: "2400" });
	const owned = await attempt({}, ["--i-own-this-target"]);
	assert.ok(heldOrInvalid.includes(owned.code), owned.stderr);
	assert.ok(!owned.methods.includes("OPTIONS"));
	const search = await run(["load", scenario(), "--find-max", "response:p(99)<1s", ...options.slice(4)]);
	assert.equal(search.code, 2, search.stderr);
	assert.match(search.stderr, /--i-own-this-target: expected, as nobody knows before what load/);
});

/** A receiver that answers OPTIONS with `headers`: { port, headers, seen, asked }. */
async function startWebhook() {
	const webhook = { headers: {}, seen: [], asked: null };
	const { port } = await startReceiver(() => 200, { observe(request, response) {
		webhook.seen.push({ method: request.method });
		if (request.method !== "OPTIONS") return false;
		webhook.asked = { origin: request.headers["webhook-request-origin"], rate: request.headers["webhook-request-rate"] };
		response.writeHead(204, webhook.headers).end();
		return true;
	} });
	return Object.assign(webhook, { port });
}

/** Serves callbacks one at a time, `ms` each, in the order in which they come. */
function oneAtATime(ms) {
	let before = Promise.resolve();
	return () => (before = before.then(() => new Promise((served) => { setTimeout(() => served(200), ms); })));
}

test("load: --find-max finds what a receiver of known capacity can take, and says how surely", async () => {
	const receiver = await startReceiver(oneAtATime(10));
	const capacity = 1000 / 10 / 2;  // two callbacks a call
	const page = path.join(scratchFolder(), "r.html");
	const { code, stdout, stderr, result } = await load([scenario(), "--find-max", "response:p(99)<200ms", "--rate", "13/1s",
		"--duration", "1s", "--report", `html=${page}`, "-f", receiver.url]);

	// In one second a queue of 200 ms takes a fifth more than the capacity; timers are late rather than early. A
	// machine that is busy with something else may make ringback the limit.
	const { search } = result;
	assert.equal(code, { found: 0, "at least": 98 }[search.end], stderr);
	if (search.held_per_s !== undefined) assert.ok(search.held_per_s < capacity * 1.6, stdout);
	if (search.end === "found") {
		assert.ok(search.held_per_s > capacity / 2, stdout);
		assert.equal(search.confirmed, 3);
		assert.match(unbroken(stdout), /highest +[\d.]+\/s, at which it held response:p\(99\)<200ms/);
	}
	// A rate at which ringback was the limit is tried up to three times, at once; then nothing higher is.
	let tries = 0;
	search.probes.forEach(({ outcome, rate_per_s: rate }, at) => {
		const next = search.probes[at + 1];
		tries = outcome === "invalid" ? tries + 1 : 0;
		if (tries > 0 && next) assert.ok(tries < 3 ? next.rate_per_s === rate : next.rate_per_s < rate, stdout);
		tries %= 3;
	});
	const placed = receiver.events.filter(({ eventType }) => eventType === "answer").map(({ callId }) => callId);
	assert.equal(new Set(placed).size, placed.length, "no call id comes twice in a search");
	assert.match(fs.readFileSync(page, "utf8"), /data-chart="knee"/);
});

test("load: --find-max below what is asked says so, and ends as the last probe did", async () => {
	const receiver = await startReceiver(() => 500);
	const { code, stdout, result } = await load([scenario(), "--find-max", "errors:rate<1%", "--rate", "0.4/1s", "--duration", "3s",
		"--abort-on", "errors:rate>50%@1s", "-f", receiver.url]);

	assert.ok([1, 98].includes(code), stdout);
	assert.equal(result.search.held_per_s, undefined);
	if (code === 1) assert.match(unbroken(stdout), /highest +below 0\.1\/s, which failed/);
});

test("load: --find-max is interrupted in the midst of a search, and the report is written", async () => {
	const receiver = await startReceiver();
	const report = path.join(scratchFolder(), "result.json");
	const process = start(["load", scenario(), "--find-max", "response:p(99)<10s", "--rate", "20/1s", "--duration", "60s", "--report",
		`json=${report}`, "-f", receiver.url]);
	await receiver.event((event) => event.eventType === "hangup");
	process.child.kill("SIGINT");

	assert.equal(await within(process.exited, () => process.stderr()), 130);
	const { search } = JSON.parse(fs.readFileSync(report));
	assert.equal(search.end, "ended early");
	assert.equal(search.held_per_s, undefined);
});

for (const workers of [1, 3]) test(`load: SIGINT starts no more calls, lets those in flight end, and writes the report (--workers ${workers})`, async () => {
	const receiver = await startReceiver();
	const report = path.join(scratchFolder(), "result.json");
	const rate = 60;
	const process = start(["load", scenario(), "--workers", String(workers), "--rate", `${rate}/1s`, "--duration", "60s", "--report",
		`json=${report}`, "-f", receiver.url]);
	await receiver.event((event) => event.eventType === "hangup");
	process.child.kill("SIGINT");
	const interrupted = Date.now();
	const code = await within(process.exited, () => process.stderr());

	assert.ok([130, 98].includes(code), process.stderr());
	const result = JSON.parse(fs.readFileSync(report));
	assert.equal(result.interrupted, true);
	assert.equal(result.counts.failed, 0);
	assert.equal(result.counts.started, result.counts.finished);
	// None begins before its time: more than these would be calls that began later than a second after it.
	const dueWithin = rate * (interrupted - Date.parse(result.started_at) + 1000) / 1000 + 1;
	assert.ok(result.counts.started <= dueWithin, `${result.counts.started} started, of ${dueWithin} due`);
	assert.equal(result.counts.planned, 3600);
	assert.equal(result.seconds.reduce((sum, second) => sum + second.started, 0), result.counts.started);
});

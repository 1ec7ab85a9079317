"use strict";
// `ringback load` of scenarios that kick: the application is asked for a call and places it itself, while others do the
// same. Nothing here depends on how fast this machine is: 98 says that it was too slow to tell a latency.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { load, run, scratchFolder, startReceiver, test, unbroken, voice } = require("./harness");

const reference = path.join(__dirname, "..", "..", "receivers", "reference.js");

/** Rows by which each kick can be told from the others. */
const rowsOf = (count) => Array.from({ length: count }, (_, at) => ({ tag: `n-${at + 1}` }));

/** What the application is told: where the API is, and what to place. */
const kick = { url: "${receiver}/dial", body: { api: "${api}", user: "${userId}", to: "${to}", tag: "${data.tag}" } };
const create = { id: "create", command: "create", within: "20s", match: { body: { tag: "${data.tag}" } } };

/** A scenario of these members: kicked, placed, answered at once, hung up on by the phone soon after. */
function scenario(members = {}) {
	const file = path.join(scratchFolder(), "scenario.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "kicked", vars: { to: "+19195559907" }, data: rowsOf(100),
		model: { "answer-delay": "10ms", "talk-delay": "30ms", "hangup-delay": "10ms" },
		start: { kick, await: create },
		steps: [{ send: "answer", id: "answer", match: { callId: "${create:callId}" } }, { send: "hangup", id: "bye" }],
		...members,
	}));
	return file;
}

/**
 * An application with a page /dial: `dialed(wanted, place)` is what it does there, and what it answers; place() resolves
 * with the new call's id. `handle` is for callbacks, as of startReceiver. { url, events, dials }.
 */
async function startApplication(dialed, handle = () => 200) {
	const dials = [];
	const answerDial = async (request, response, body) => {
		const wanted = JSON.parse(body);
		dials.push({ ...wanted, method: request.method, header: request.headers["x-tag"], agent: request.headers["user-agent"] });
		const place = () => voice(wanted, wanted.user).create({ to: wanted.to, tag: wanted.tag, callbackUrl: receiver.url });
		response.writeHead(await dialed(wanted, place)).end("{}");
	};
	const receiver = await startReceiver(handle, { observe(request, response) {
		if (!request.url.endsWith("/dial")) return false;
		let body = "";
		request.on("data", (bytes) => (body += bytes)).on("end", () => answerDial(request, response, body));
		return true;
	} });
	return { ...receiver, dials };
}

/** Passed or, on a machine that is busy, invalid; else with what was told. */
function assertEnds(status, { code, stdout, stderr }) {
	assert.ok([status, 98].includes(code), `${code}\n${stdout}${stderr}`);
}

/** A step of a result. */
const stepOf = (result, name) => result.steps.find((one) => one.step === name);

test("load: every call that the application is kicked for is placed by it, and holds", async () => {
	const waiting = [];
	const application = await startApplication((wanted, place) => {
		// In groups of five, the last one first: it is not age that tells them apart.
		waiting.push(place);
		if (waiting.length === 5) waiting.splice(0).reverse().forEach((placeNext) => placeNext());
		return 202;
	});
	const kicked = { ...kick, headers: { "X-Tag": "${data.tag}" }, expect: { status: 202 } };
	const ended = await load([scenario({ start: { kick: kicked, await: create } }), "--calls", "100", "--rate", "50/1s",
		"--threshold", "response{step:start}:count==100", "-f", application.url]);

	assertEnds(0, ended);
	const { result } = ended;
	const { planned, started, finished, passed, dropped, callbacks, delivered, requests } = result.counts;
	assert.deepEqual({ planned, started, finished, passed, dropped, callbacks, delivered, requests },
		{ planned: 100, started: 100, finished: 100, passed: 100, dropped: 0, callbacks: 200, delivered: 200, requests: 100 },
		ended.stdout);
	assert.deepEqual(application.dials.map(({ tag }) => tag).sort(), rowsOf(100).map(({ tag }) => tag).sort());
	for (const { header, tag, method, agent } of application.dials) {
		assert.deepEqual([header, method, agent], [tag, "POST", "ringback"]);
	}
	assert.equal(new Set(application.events.map(({ callId }) => callId)).size, 100);
	assert.equal(result.unexpected_calls, undefined);
	assert.equal(result.metrics.start_lag.count, 100);
	assert.equal(result.metrics.response.count, 200, "a kick is no callback");
	for (const [name, count] of [["start", 100], ["create", 100], ["answer", 100], ["bye", 100]]) {
		assert.deepEqual([name, stepOf(result, name).passed, stepOf(result, name).failed], [name, count, 0]);
	}
	const { response, service } = stepOf(result, "start").metrics;
	assert.deepEqual([response.count, service.count], [100, 100]);
	assert.deepEqual(result.thresholds.map(({ held }) => held), [true]);
});

test("load: exactly the calls whose kick leads to none fail, and say so", async () => {
	const application = await startApplication((wanted, place) => {
		if (!wanted.tag.endsWith("0")) place();
		return 202;
	});
	const file = scenario({
		start: { kick, await: { ...create, within: "4s" } },
		load: { thresholds: ["calls.failed:count==10", "response{step:start}:count==100"] },
	});
	const ended = await load([file, "--calls", "100", "--rate", "50/1s", "--threshold", "calls.failed:rate<5%", "-f", application.url]);

	assertEnds(1, ended);
	const { result } = ended;
	assert.deepEqual(result.failures, { "create: nothing came": 10 });
	assert.equal(result.counts.passed, 90);
	assert.deepEqual(result.kept.map(({ call }) => call), [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
	assert.match(result.kept[0].story, /within 4000 ms: POST \/v1\/users\/u-ringback\/calls/);
	assert.deepEqual(result.thresholds.map(({ expression, held }) => [expression, held]),
		[["calls.failed:count==10", true], ["response{step:start}:count==100", true], ["calls.failed:rate<5%", false]]);
	assert.equal(result.unexpected_calls, undefined);
});

test("load: a kick that is refused, or that nobody answers, fails its call with that cause", async () => {
	const application = await startApplication(({ tag }, place) => {
		if (tag === "n-2") return 503;
		if (tag === "n-3") return new Promise(() => {});  // ringback gives it up
		place();
		return 200;
	});
	const ended = await load([scenario(), "--calls", "4", "--rate", "50/1s", "--timeout", "5s", "-f", application.url]);

	assertEnds(1, ended);
	assert.equal(ended.result.counts.passed, 2);
	assert.deepEqual(ended.result.failures, { "start: answered 503": 1, "create: the time for the run is over": 1 });
	assert.match(ended.stdout, /start: answered 503/);
});

test("load: calls that look alike are given to the kicks in the order of both", async () => {
	const application = await startApplication((wanted, place) => {
		place();
		return 200;
	});
	const ended = await load([scenario({ start: { kick }, steps: [{ send: "answer", id: "answer" }, { send: "hangup", id: "bye" }] }),
		"--calls", "30", "--rate", "100/1s", "--timeout", "20s", "-f", application.url]);

	assertEnds(0, ended);
	assert.equal(ended.result.counts.passed, 30);
	assert.equal(stepOf(ended.result, "start").passed, 30);
});

test("load: a call that nobody was waiting for is counted, and is the run's failure", async () => {
	let placeAgain;
	const application = await startApplication(async (wanted, place) => {
		await place();
		placeAgain = place;
		return 200;
	}, async ({ eventType }) => {
		// While the first one lasts.
		const again = eventType === "hangup" ? placeAgain : undefined;
		placeAgain = again ? undefined : placeAgain;
		await again?.();
		return 200;
	});
	const ended = await load([scenario(), "--calls", "1", "--rate", "10/1s", "-f", application.url]);

	assertEnds(1, ended);
	assert.equal(ended.result.counts.passed, 1, ended.stdout);
	assert.equal(ended.result.unexpected_calls, 1);
	assert.match(unbroken(ended.stdout), /1 call was placed that no kick was waiting for/);
});

test("load: a call that is placed twice fails no other that is still waited for", async () => {
	const waiting = [];
	const application = await startApplication(async (wanted, place) => {
		// Each is placed when two more wait; the first a second time, too.
		const nth = waiting.push(place);
		if (nth === 3) await waiting[0]();
		if (nth > 2) await waiting[nth - 3]();
		if (nth === 30) for (const last of waiting.slice(-2)) await last();
		return 200;
	});
	const ended = await load([scenario(), "--calls", "30", "--rate", "100/1s", "-f", application.url]);

	assertEnds(1, ended);
	assert.equal(ended.result.counts.passed, 30, ended.stdout);
	assert.equal(ended.result.unexpected_calls, 1);
});

test("load: a creation that says something else fails the call, and what the API refuses is the call's too", async () => {
	const application = await startApplication(({ tag, ...wanted }, place) => {
		const api = voice(wanted, wanted.user);
		if (tag === "n-1") api.create({ to: wanted.to, tag: "another", callbackUrl: application.url });
		else api.ask("POST", "/calls", { from: "nobody", tag });
		return 200;
	});
	const ended = await load([scenario(), "--calls", "2", "--rate", "2/1s", "-f", application.url]);

	assertEnds(1, ended);
	const causes = Object.keys(ended.result.failures).sort();
	assert.match(causes[0], /^create: POST \/v1\/users\/u-ringback\/calls -> 201 came, but says something else/);
	assert.match(causes[1], /^create: POST \/v1\/users\/u-ringback\/calls -> 400: the API refused it/);
	assert.equal(ended.result.unexpected_calls, undefined);
});

test("load: the first step's own time holds from when the application has placed the call", async () => {
	const application = await startApplication((wanted, place) => {
		place();
		return 200;
	}, () => 200);
	const slow = [{ send: "answer", id: "answer", after: "400ms" }, { send: "hangup", id: "bye" }];
	const ended = await load([scenario({ steps: slow, load: { timers: { ringing: ["create", "answer"] } } }), "--calls", "5",
		"--rate", "50/1s", "-f", application.url]);

	assertEnds(0, ended);
	const [ringing] = Object.entries(ended.result.metrics).filter(([name]) => name === "ringing").map(([, metric]) => metric);
	assert.equal(ringing.count, 5);
	if (ended.code === 0) assert.ok(ringing.min_us >= 390_000, JSON.stringify(ringing));
});

test("load: a built-in scenario that kicks is played against the receiver that gets all of them right", async () => {
	const ended = await load(["dial-speak-hangup", "--calls", "8", "--rate", "8/1s", "--", "node", reference]);

	assertEnds(0, ended);
	assert.equal(ended.result.counts.passed, 8, ended.stdout);
	assert.equal(stepOf(ended.result, "create").passed, 8);
});

test("load: whoever may not be called is not kicked, and nothing is sent", async () => {
	const application = await startApplication(() => 200);
	const elsewhere = scenario({ start: { kick: { ...kick, url: "http://192.0.2.1:9/dial" }, await: create } });
	const { code, stderr } = await run(["load", elsewhere, "--calls", "1", "--rate", "1/1s", "-f", application.url]);

	assert.equal(code, 2, stderr);
	assert.match(stderr, /start\.kick\.url: .*start ringback with --allow-target 192\.0\.2\.1:9/);
	assert.equal(application.dials.length + application.events.length, 0);
});

test("load: several loops are refused where the application places the calls, before anything is sent", async () => {
	const application = await startApplication(() => 200);
	const { code, stderr } = await run(["load", scenario(), "--workers", "2", "--calls", "1", "--rate", "1/1s", "-f", application.url]);

	assert.equal(code, 2, stderr);
	assert.match(stderr, /--workers: expected 1 for a scenario with start\.kick/);
	assert.equal(application.dials.length + application.events.length, 0);
});

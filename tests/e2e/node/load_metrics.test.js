"use strict";
// GET /metrics of `ringback load`: the run so far, in Prometheus' text format, under the names of its report.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { scratchFolder, start, startReceiver, test, until, within } = require("./harness");
const { readExposition, valueOf } = require("./exposition");

const calls = 40;

/** A scenario whose events name the API in their tag, and arrivals: `calls` at once, one more much later. */
function files() {
	const folder = scratchFolder();
	const scenario = path.join(folder, "scenario.json");
	fs.writeFileSync(scenario, JSON.stringify({
		version: 1, name: "short", vars: { to: "+19195559907" },
		start: { call: { tag: "${api}" } },
		model: { "answer-delay": "10ms", "talk-delay": "30ms", "hangup-delay": "10ms" },
		steps: [{ send: "answer", id: "answer" }, { send: "hangup", id: "bye" }],
	}));
	const trace = path.join(folder, "trace");
	fs.writeFileSync(trace, [...Array.from({ length: calls }, (_, at) => at / 100), 600].join("\n") + "\n");
	return { folder, scenario, trace };
}

/** A run that is ended by finish(), and what its report in the same format says then. */
function startRun(receiver, workers = 1) {
	const { folder, scenario, trace } = files();
	const report = path.join(folder, "metrics.prom");
	const process = start(["load", scenario, "--workers", String(workers), "--arrivals", `trace=${trace}`, "--report", `prometheus=${report}`, "-f", receiver.url]);
	return {
		async finish() {
			process.child.kill("SIGINT");
			await within(process.exited, () => process.stderr());
			return readExposition(fs.readFileSync(report, "utf8"));
		},
	};
}

/**
 * { status, type, text } of a request with these headers as written, on a connection of its own: the loops of a run take
 * connections by turns.
 */
function ask(url, headers = {}, method = "GET") {
	return within(new Promise((resolve, reject) => {
		const request = http.request(url, { method, headers, agent: false }, (response) => {
			let text = "";
			response.setEncoding("utf8").on("data", (more) => (text += more)).on("error", reject);
			response.on("end", () => resolve({ status: response.statusCode, type: response.headers["content-type"], text }));
		});
		request.on("error", reject).end();
	}), () => url);
}

/** What the API's port at `base` tells now. */
async function scrape(base, at = "/metrics") {
	const { status, type, text } = await ask(base + at);
	assert.equal(status, 200, text);
	assert.match(type, /^text\/plain; version=0\.0\.4(;|$)/);
	return readExposition(text);
}

for (const workers of [1, 3]) test(`load metrics: while it runs, the counters are those of what the receiver saw (--workers ${workers})`, async () => {
	let midway;
	let answered = 0;
	const receiver = await startReceiver(async ({ tag }) => {
		if (receiver.events.length === calls) midway = { told: await scrape(tag), answered };
		answered += 1;
		return 200;
	});
	const run = startRun(receiver, workers);
	const { tag: api } = await receiver.event(() => receiver.events.length === 2 * calls);
	const settled = await until(async () => {
		const told = await scrape(api);
		return valueOf(told, "calls_finished_total") === calls && told;
	}, () => `${receiver.events.length} events`);

	const delivered = valueOf(midway.told, "callbacks_delivered_total");
	assert.ok(delivered <= midway.answered, `${delivered} of ${midway.answered}: none is counted before it is answered`);
	assert.ok(valueOf(midway.told, "calls_started_total") >= calls / 2, "each has two events");
	assert.equal(valueOf(midway.told, "calls_failed_total"), 0);
	const expected = {
		running: 1, calls_started_total: calls, calls_passed_total: calls, calls_failed_total: 0, calls_dropped_total: 0,
		callbacks_total: 2 * calls, callbacks_delivered_total: 2 * calls, callback_errors_total: 0, requests_total: 0,
		response_seconds_count: 2 * calls, start_lag_seconds_count: calls, call_seconds_count: calls,
		'step_results_total{step="answer",result="passed"}': calls, 'step_results_total{step="bye",result="failed"}': 0,
	};
	for (const [series, value] of Object.entries(expected)) {
		assert.equal(valueOf(settled, series), value, series);
	}
	assert.equal(receiver.events.length, 2 * calls);

	const ended = await run.finish();
	assert.equal(valueOf(ended, "running"), 0);
	assert.equal(valueOf(ended, "requests_total"), 0, "whoever asks for metrics is not the receiver");
	assert.equal(valueOf(ended, "calls_passed_total"), calls);
	assert.deepEqual([...settled.keys()], [...ended.keys()], "the same names live and at the end");
	await receiver.stop();
});

for (const workers of [1, 3]) test(`load metrics: they are where the admin plane is too, and for whom it is (--workers ${workers})`, async () => {
	const receiver = await startReceiver();
	const run = startRun(receiver, workers);
	const { tag: api } = await receiver.event(() => true);

	for (let loop = 0; loop < workers; ++loop) {
		assert.equal(valueOf(await scrape(api, "/__admin/metrics"), "running"), 1);
		assert.equal((await ask(api + "/metrics", { Host: "rebound.example" })).status, 421);
		assert.equal((await ask(api + "/metrics", { Origin: "http://elsewhere.example" })).status, 403);
		assert.equal((await ask(api + "/metrics", {}, "POST")).status, 405);
	}
	await run.finish();
});

test("load metrics: who asks while a run ends keeps nothing from ending", async () => {
	const receiver = await startReceiver();
	const run = startRun(receiver, 3);
	const { tag: api } = await receiver.event(() => true);

	const asked = Array.from({ length: 30 }, () => ask(api + "/metrics").catch(() => null));
	const ended = await run.finish();
	assert.equal(valueOf(ended, "running"), 0);
	for (const answer of await Promise.all(asked)) assert.ok(answer === null || answer.status === 200);
});

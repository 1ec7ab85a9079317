"use strict";
// `ringback run --probe` against receivers that pass the scenario: one that survives, and for each probe one with
// the classic defect. What is wrong with whom: tests/receivers/probed.js.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { run, scratchFolder, test, unbroken } = require("./harness");

const receivers = path.join(__dirname, "..", "..", "receivers");
const scenario = path.join(receivers, "probed.json");
const command = ["node", path.join(receivers, "probed.js")];

/** `ringback run --probe` of the receiver with that defect; the result of the only probe among the reports. */
async function probe(name, variant, env = {}, flags = []) {
	const folder = scratchFolder();
	const json = path.join(folder, "report.json");
	const ended = await run(
		["run", scenario, "--probe", name, "--report", `json=${json}`, ...flags, "--", ...command],
		{ VARIANT: variant, STORE: path.join(folder, "store.json"), ...env });
	const [result] = JSON.parse(fs.readFileSync(json, "utf8")).probes;
	return { ...ended, stdout: unbroken(ended.stdout), result };
}

const failing = (result) => result.tries.filter((one) => one.result === "failed");

test("probe: a receiver whose process ends between any two events goes on, when it keeps what it has done", async () => {
	const { code, stdout, stderr, result } = await probe("restart", "correct", { WATCHDOG: "1500" });

	assert.equal(code, 0, stdout + stderr);
	assert.match(stdout, /^ok {3}probed {2}survives restart: (\d+) of \1 disturbed runs$/m);
	assert.equal(result.result, "survived");
	assert.deepEqual(result.tries.slice(0, 3).map(({ what }) => what), [
		"it is restarted between answer and speak.started",
		"it is restarted between speak.started and speak.done",
		"it is restarted between speak.done and dtmf",
	]);
	const missed = result.tries.find(({ what }) => what === "it is down from speak.started on and misses speak.done");
	assert.equal(missed.result, "survived");
	assert.ok(missed.told.some(({ kind, what }) => kind === "missing request" && what.includes("/gather")), JSON.stringify(missed));
});

test("probe: a receiver that has its calls in memory only is caught when it is restarted", async () => {
	const { code, stdout, result } = await probe("restart", "in-memory");

	assert.equal(code, 1, stdout);
	assert.match(stdout, /FAIL probed {2}probe restart\n {2}wrong {5}it is restarted between speak\.started and speak\.done\n {2}expected {2}it goes on as if nothing had been\n/);
	assert.match(stdout, /callback not taken {2,}speak\.done was answered 404\n? +taken in the clean run {2}#\d+\n/);
	assert.match(stdout, /missing request {2,}POST \/v1\/users\/u-ringback\/calls\/\{call\}\/gather \{"maxDigits":1\}\n? +never here, once in the clean run/);
	assert.match(stdout, /stuck call {2,}\{call\} never ends, it is still active\n? +completed in the clean run/);
	assert.match(stdout, /again: ringback run \S+probed\.json --seed 42 --probe restart -- node \S+probed\.js\n/);
	assert.equal(result.result, "failed");
	assert.ok(failing(result).length >= 2);
});

test("probe: is not begun where a run without anything wrong fails", async () => {
	const { code, stdout, stderr } = await run(["run", scenario, "--probe", "lost", "--", "node", "-e",
		'require("node:http").createServer((_, r) => r.writeHead(500).end()).listen(Number(process.env.PORT))']);

	assert.equal(code, 1, stdout + stderr);
	assert.match(stderr, /the probe was not begun: a run without anything wrong has to pass first/);
	assert.doesNotMatch(stdout, /survive/);
});

test("probe: two runs that differ with nothing wrong cannot be compared with a third", async () => {
	const file = path.join(scratchFolder(), "test.json");
	fs.writeFileSync(file, JSON.stringify({ version: 1, name: "test", order: "ordered", start: { call: {} }, steps: [
		{ send: "answer" }, { caller: { hangup: true } }, { send: "hangup" }] }));
	const fickle = `
		const http = require("node:http");
		let answers = 0;
		http.createServer((request, response) => {
			let body = "";
			request.on("data", (bytes) => (body += bytes)).on("end", async () => {
				const event = body && JSON.parse(body);
				if (event.eventType === "answer" && ++answers > 1) {
					await fetch(process.env.RINGBACK_URL + "/v1/users/" + process.env.RINGBACK_USER_ID + "/calls/" + event.callId + "/audio", {
						method: "POST", headers: { "Content-Type": "application/json", Authorization: "Basic " + Buffer.from("t:s").toString("base64") },
						body: JSON.stringify({ sentence: "again?" }) });
				}
				response.writeHead(200).end();
			});
		}).listen(Number(process.env.PORT), "127.0.0.1");`;

	const { code, stderr } = await run(["run", file, "--probe", "lost", "--", "node", "-e", fickle]);

	assert.equal(code, 6, stderr);
	assert.match(stderr, /no probe of test: two runs in which nothing was wrong differ: extra request POST \S+\/audio \{"sentence":"again\?"\}/);
});

test("probe: what cannot be asked for is bad usage, and nothing is started", async () => {
	for (const [words, problem] of [
		[["--probe", "restart", "-f", "http://127.0.0.1:9"], /--probe: restart: expected the command that starts your receiver, behind --, or --restart-cmd, found neither/],
		[["--probe", "doubles", "--", "false"], /--probe: expected all, or some of duplicates, reorder, restart, early, slow-api, lost, found "doubles"/],
		[["--probe", "lost", "--jobs", "2", "--", "false"], /--jobs: expected 1 with --probe, found "2"/],
		[["--budget", "7", "--", "false"], /--budget: expected --probe with it, found none/],
		[["--restart-cmd", "true", "--", "false"], /--restart-cmd: expected --probe restart with it, found none/],
		[["--probe", "reorder", "--budget", "0", "--", "false"], /--budget: expected .*1.*, found "0"/],
	]) {
		const { code, stderr } = await run(["run", scenario, ...words]);

		assert.equal(code, 2, stderr);
		assert.match(stderr, problem);
	}
});

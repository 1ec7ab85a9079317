"use strict";
// `ringback run --probe` against receivers that pass the scenario: one that survives, and for each probe one with
// the classic defect. What is wrong with whom: tests/receivers/probed.js. Who survives restarts: probe_restart.test.js.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { assertIsJunit, run, scratchFolder, test, unbroken } = require("./harness");
const { command, failing, probe, scenario } = require("./probing");

test("probe: a receiver that has its calls in memory only is caught when it is restarted", async () => {
	const { code, stdout, result } = await probe("restart", "in-memory", {}, ["--budget", "3"]);

	assert.equal(code, 1, stdout);
	assert.match(stdout, /FAIL probed {2}probe restart\n {2}wrong {5}it is restarted between speak\.started and speak\.done\n {2}expected {2}it goes on as if nothing had been\n/);
	assert.match(stdout, /callback not taken {2,}speak\.done was answered 404\n? +taken in the clean run {2}#\d+\n/);
	assert.match(stdout, /missing request {2,}POST \/v1\/users\/u-ringback\/calls\/\{call\}\/gather \{"maxDigits":1\}\n? +never here, once in the clean run/);
	assert.match(stdout, /stuck call {2,}\{call\} never ends, it is still active\n? +completed in the clean run/);
	assert.match(stdout, /again: ringback run \S+probed\.json --seed 42 --probe restart(?: --budget \d+)? -- node \S+probed\.js\n/);
	assert.equal(result.result, "failed");
	assert.ok(failing(result).length >= 2);
});

test("probe: a receiver that acts on each event once survives duplicates, other orders and losses", async () => {
	for (const [name, flags] of [["duplicates", []], ["reorder", ["--budget", "12"]], ["lost", []]]) {
		const { code, stdout, stderr, result } = await probe(name, "correct", name === "lost" ? { WATCHDOG: "1500" } : {}, flags);

		assert.equal(code, 0, name + stdout + stderr);
		const told = name === "reorder" ? "12 of (?!12 )\\d+ disturbed runs \\(--budget 12\\)" : "(\\d+) of \\1 disturbed runs";
		assert.match(stdout, new RegExp(`^ok {3}probed {2}survives ${name}: ${told}$`, "m"));
		assert.match(stderr, /^1 of 1 runs: 1 passed, 0 failed, 0 inconclusive; 1 of 1 probes survived$/m);
		assert.equal(result.tries.length, { duplicates: 2, reorder: 12, lost: 6 }[name]);
	}
});

test("probe: a receiver that acts on an event twice is caught by duplicates, with its first request too many", async () => {
	const { code, stdout, stderr, result } = await probe("duplicates", "not-idempotent");

	assert.equal(code, 1, stdout);
	assert.match(stderr, /^1 of 1 runs: 1 passed, 0 failed, 0 inconclusive; 0 of 1 probes survived$/m);
	assert.match(stdout, /FAIL probed {2}probe duplicates\n {2}wrong {5}every event comes twice\n {2}expected {2}it asks for nothing more than when each comes once\n/);
	assert.match(stdout, /extra request +POST \/v1\/users\/u-ringback\/calls\/\{call\}\/audio \{"sentence":"Hello\. Press one\."\}\n? +twice here, once in the clean run {2}#\d+\n/);
	assert.equal(failing(result)[0].findings[0].kind, "extra request");
	assert.match(stdout, /again: ringback run \S+probed\.json --seed 42 --probe duplicates -- node \S+probed\.js\n/);
});

test("probe: the smallest order that a receiver does not survive is kept as a scenario that fails likewise", async () => {
	const folder = scratchFolder();
	const file = path.join(folder, "probed.json");
	fs.copyFileSync(scenario, file);
	const json = path.join(folder, "report.json");
	const env = { VARIANT: "expects-order", STORE: path.join(folder, "store.json") };

	const { code, stdout } = await run(["run", file, "--probe", "reorder", "--report", `json=${json}`, "--", ...command], env);

	assert.equal(code, 1, stdout);
	assert.match(stdout, /wrong {5}speak\.started comes behind speak\.done\n {2}expected {2}it asks for the same as in the usual order\n/);
	assert.match(unbroken(stdout), /missing request +POST \/v1\/users\/u-ringback\/calls\/\{call\}\/gather \{"maxDigits":1\}\n? +never here, once in the clean run/);
	const saved = path.join(folder, "probed.reorder.json");
	assert.ok(unbroken(stdout).includes(`saved     ${saved}\n`), stdout);
	assert.match(stdout, /again: ringback run \S+probed\.reorder\.json --seed 42 -- node /);
	assert.match(fs.readFileSync(saved, "utf8"), /"faults": \[\n {4}\{"reorder":\{"behind":1,"within":"30000ms"\},"on":"speak\.started","nth":1\}\n/);
	const again = await run(["run", saved, "--", ...command], { ...env, STORE: path.join(folder, "again.json") });  // the ids are the same
	assert.equal(again.code, 1, again.stdout);
	assert.match(again.stdout, /FAIL probed {2}ask /);
	const healed = await run(["run", saved, "--", ...command], { ...env, VARIANT: "correct", STORE: path.join(folder, "other.json") });
	assert.equal(healed.code, 0, healed.stdout);
});

test("probe: a receiver that knows a call only by the answer to its own request is caught by an early event", async () => {
	const { code, stdout, result } = await probe("early", "knows-by-answer");

	assert.equal(code, 1, stdout);
	assert.match(stdout, /wrong {5}events come before the answer to their request\n {2}expected {2}it knows the id from the event where it does not have the answer yet\n/);
	assert.match(stdout, /callback not taken +answer was answered 404\n? +taken in the clean run {2}#\d+\n/);
	assert.equal(result.tries.length, 3);
	assert.equal(result.tries[0].result, "failed");
});

test("probe: a receiver that takes an event of a call it does not know yet survives early ones", async () => {
	const { code, stdout, stderr } = await probe("early", "correct");

	assert.equal(code, 0, stdout + stderr);
	assert.match(stdout, /^ok {3}probed {2}survives early: 3 of 3 disturbed runs$/m);
});

test("probe: a receiver that asks again after a second is caught by an API that takes two", async () => {
	const { code, stdout } = await probe("slow-api", "impatient");

	assert.equal(code, 1, stdout);
	assert.match(stdout, /wrong {5}POST \/v1\/users\/u-ringback\/calls is answered after 2 s\n {2}expected {2}it waits, and does not ask for the same again\n/);
	assert.match(stdout, /extra request +POST \/v1\/users\/u-ringback\/calls \{.*\n? +twice here, once in the clean run/);
});

test("probe: a receiver that waits survives a slow API", async () => {
	const { code, stdout, stderr } = await probe("slow-api", "correct");

	assert.equal(code, 0, stdout + stderr);
	assert.match(stdout, /^ok {3}probed {2}survives slow-api: 4 of 4 disturbed runs$/m);
});

test("probe: a receiver that waits for ever is caught by a lost event, as a call that never ends", async () => {
	const { code, stdout, result } = await probe("lost", "waits-forever", { WATCHDOG: "1500" });

	assert.equal(code, 1, stdout);
	assert.match(stdout, /wrong {5}speak\.done never comes\n {2}expected {2}the call ends, and it asks for nothing more than before\n/);
	assert.match(stdout, /stuck call +\{call\} never ends, it is still active\n? +completed in the clean run/);
	assert.match(stdout, /and, which is no fault:\n {2}missing request +POST \S+\/gather/);
	assert.deepEqual(failing(result).map(({ what }) => what), ["answer never comes", "speak.done never comes", "gather never comes"]);
});

test("probe: is not begun where a run without anything wrong fails", async () => {
	const { code, stdout, stderr } = await run(["run", scenario, "--probe", "lost", "--", "node", "-e",
		'require("node:http").createServer((_, r) => r.writeHead(500).end()).listen(Number(process.env.PORT))']);

	assert.equal(code, 1, stdout + stderr);
	assert.match(stderr, /the probe was not begun: the run that it is compared with has to pass first/);
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
	assert.match(stderr, /no probe of test: two runs that the probe left alone differ: extra request POST \S+\/audio \{"sentence":"again\?"\}/);
});

test("probe: several at once, and their reports: a JUnit case per disturbed run, a line each of JSON", async () => {
	const folder = scratchFolder();
	const reports = Object.fromEntries(["junit", "html", "markdown"].map((kind) => [kind, path.join(folder, kind)]));

	const { code, stdout } = await run(["run", scenario, "--probe", "lost,duplicates", "--format", "json",
		...Object.entries(reports).flatMap(([kind, file]) => ["--report", `${kind}=${file}`]), "--", ...command],
	{ VARIANT: "not-idempotent", STORE: path.join(folder, "store.json"), WATCHDOG: "1500" });

	assert.equal(code, 1, stdout);
	const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
	assert.deepEqual(lines.map(({ probe }) => probe),
		[undefined, "duplicates", "duplicates", "lost", "lost", "lost", "lost", "lost", "lost", "duplicates", "lost"]);
	assert.deepEqual(lines.slice(-2).map(({ result, planned, possible, played, found_something: found }) =>
		[result, planned, possible, played, found]), [["failed", 2, 2, 2, 2], ["survived", 6, 6, 6, 0]]);
	assert.equal(lines[1].result, "failed");
	assert.ok(lines[1].journal.some(({ kind }) => kind === "fault"));
	assertIsJunit(reports.junit);
	const junit = fs.readFileSync(reports.junit, "utf8");
	assert.match(junit, /<testsuite [^>]*name="probed: probe duplicates"[^>]*tests="2" failures="2"/);
	assert.match(junit, /<testsuite [^>]*name="probed: probe lost"[^>]*tests="6"/);
	assert.match(junit, /<failure message="extra request: POST [^"]*twice here, once in the clean run"/);
	assert.match(fs.readFileSync(reports.html, "utf8"), /<td>probed: probe duplicates<\/td><td>every event comes twice<\/td><td class="failed">failed<\/td>/);
	assert.match(fs.readFileSync(reports.markdown, "utf8"), /<details><summary>probed: probe duplicates: every event comes twice<\/summary>/);
});

test("probe: a failing order is saved beside what is there already", async () => {
	const folder = scratchFolder();
	const file = path.join(folder, "probed.json");
	fs.copyFileSync(scenario, file);
	const first = path.join(folder, "probed.reorder.json");
	fs.writeFileSync(first, "somebody's own");
	const words = ["run", file, "--probe", "reorder", "--", ...command];
	const env = { VARIANT: "expects-order", STORE: path.join(folder, "store.json") };

	for (const store of ["one.json", "two.json"]) {  // the second time it is the same order
		const { code, stdout } = await run(words, { ...env, STORE: path.join(folder, store) });

		assert.equal(code, 1, stdout);
		assert.match(unbroken(stdout), /^ {2}saved {5}\S+probed\.reorder-2\.json$/m);
		assert.match(stdout, /again: ringback run \S+probed\.reorder-2\.json --seed 42/);
	}
	assert.equal(fs.readFileSync(first, "utf8"), "somebody's own");
	assert.match(fs.readFileSync(path.join(folder, "probed.reorder-2.json"), "utf8"), /"faults": \[/);
	assert.ok(!fs.existsSync(path.join(folder, "probed.reorder-3.json")));
});

test("probe: what cannot be asked for is bad usage, and nothing is started", async () => {
	for (const [words, problem] of [
		[["--probe", "restart", "-f", "http://127.0.0.1:9"], /--probe: restart: expected the command that starts your receiver, behind --, or --restart-cmd, found neither/],
		[["--probe", "doubles", "--", "false"], /--probe: expected all, or some of duplicates, reorder, restart, early, slow-api, lost, found "doubles"/],
		[["--probe", "lost", "--jobs", "2", "--", "false"], /--jobs: expected 1 with --probe, found "2"/],
		[["--budget", "7", "--", "false"], /--budget: expected --probe with it, found none/],
		[["--restart-cmd", "true", "--", "false"], /--restart-cmd: expected --probe restart with it, found none/],
		[["--restart-cmd", "true", "--probe", "lost", "-f", "http://127.0.0.1:9"], /--restart-cmd: expected --probe restart with it, found none/],
		[["--restart-cmd", "true", "--probe", "restart", "--", "false"], /--restart-cmd: expected a receiver that is not started by --, found a command behind --/],
		[["--probe", "duplicate", "--", "false"], /--probe: expected all, or some of .*, found "duplicate", did you mean "duplicates"\?/],
		[["--probe", "lost,", "--", "false"], /--probe: expected all, or some of .*, found ""/],
		[["--faults", "chaos,", "--", "false"], /--faults: expected a fault on both sides of every comma, found none on one/],
		[["--probe", "reorder", "--budget", "0", "--", "false"], /--budget: expected .*1.*, found "0"/],
	]) {
		const { code, stderr } = await run(["run", scenario, ...words]);

		assert.equal(code, 2, stderr);
		assert.match(stderr, problem);
	}
});

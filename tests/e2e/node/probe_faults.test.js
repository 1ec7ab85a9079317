"use strict";
// `ringback run --probe` together with `--faults`: what was asked for goes wrong in every run, the one that is compared
// with among them.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { run, scratchFolder, test, unbroken } = require("./harness");

const receivers = path.join(__dirname, "..", "..", "receivers");
const scenario = path.join(receivers, "probed.json");
const command = ["node", path.join(receivers, "probed.js")];

/** The environment of the receiver with that defect. */
const as = (variant) => ({ VARIANT: variant, STORE: path.join(scratchFolder(), "store.json") });

/** Faults in a file, for --faults. */
function faultsFile(...faults) {
	const file = path.join(scratchFolder(), "faults.json");
	fs.writeFileSync(file, JSON.stringify({ version: 1, faults }));
	return file;
}

const refusesAudio = { fail: 500, on: "POST /v1/users/*/calls/*/audio", nth: 1 };

test("probe: with --faults they are in the run that is compared with, and a receiver that asks again survives", async () => {
	for (const [name, fault, flags] of [
		["duplicates", refusesAudio, []],
		["reorder", { unavailable: true, toxicity: 0.3 }, ["--budget", "6"]],
		["duplicates", { odd: "extra-members" }, []],
		["duplicates", { half_body: true, on: { event: "speak.done" } }, []],
		["lost", { rate_limit: true, nth: 2 }, []],
	]) {
		const { code, stdout, stderr } = await run(["run", scenario, "--probe", name, ...flags, "--faults", faultsFile(fault), "--", ...command],
			{ ...as("correct"), ...(name === "lost" ? { WATCHDOG: "1500" } : {}) });

		assert.equal(code, 0, JSON.stringify(fault) + stdout + stderr);
		assert.match(stdout, new RegExp(`^ok {3}probed {2}survives ${name}: (\\d+) of (\\1 disturbed runs|\\d+ disturbed runs \\(--budget \\1\\))$`, "m"));
	}
});

test("probe: with --faults they are in the disturbed runs too, drawn alike, and do not hide what is found", async () => {
	const faults = faultsFile({ ...refusesAudio, nth: undefined, times: 1, toxicity: 0.9 });
	const { code, stdout } = await run(
		["run", scenario, "--probe", "duplicates", "--format", "json", "--faults", faults, "--", ...command],
		as("not-idempotent"));

	assert.equal(code, 1, stdout);
	const [clean, disturbed] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
	assert.equal(clean.result, "passed");
	assert.equal(disturbed.result, "failed");
	const met = ({ journal }) => journal.filter(({ kind, fault }) => kind === "fault" && fault === "fail");
	assert.equal(met(clean).length, 1);
	assert.deepEqual(met(disturbed).map(({ rule, draw }) => [rule, draw]), met(clean).map(({ rule, draw }) => [rule, draw]));
	assert.ok(disturbed.journal.some(({ fault }) => fault === "duplicate"));
	assert.ok(disturbed.findings.some(({ kind }) => kind === "extra request"), JSON.stringify(disturbed.findings));
	assert.ok(disturbed.findings.every(({ what }) => !what.includes("/calls {")), JSON.stringify(disturbed.findings));
});

test("probe: with --faults, who asks once more because an answer did not come in time passes a strict scenario, and survives", async () => {
	const slowAnswer = { latency: "2s", on: "POST /v1/users/*/calls/*/audio", nth: 1 };

	const { code, stdout, stderr } = await run(["run", scenario, "--probe", "duplicates", "--faults", faultsFile(slowAnswer),
		"--format", "json", "--", ...command], as("impatient"));

	assert.equal(code, 0, stdout + stderr);
	const [clean, ...probed] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
	assert.equal(clean.result, "passed");
	assert.equal(clean.journal.filter(({ kind, method, path: asked }) => kind === "api" && method === "POST" && asked.endsWith("/audio")).length, 2);
	assert.deepEqual(probed.map(({ result }) => result), ["survived", "survived", "survived"]);
});

test("probe: is not begun where the receiver does not live through the --faults that were asked for", async () => {
	const { code, stdout, stderr } = await run(["run", scenario, "--probe", "duplicates", "--faults", faultsFile(refusesAudio),
		"--override", "say:within=300ms", "--", ...command], as("gives-up"));

	assert.equal(code, 1, stdout + stderr);
	assert.match(stderr, /the probe was not begun: the run that it is compared with has to pass first/);
	assert.match(unbroken(stdout), /got +the receiver sent POST \S+\/audio, and the fault fail refused it with 500; then\s+nothing came/);
});

"use strict";
// What the tests of `ringback run --probe` share: receivers/probed.js with one of its defects, probed.

const fs = require("node:fs");
const path = require("node:path");
const { run, scratchFolder, unbroken } = require("./harness");

const receivers = path.join(__dirname, "..", "..", "receivers");
const scenario = path.join(receivers, "probed.json");
const command = ["node", path.join(receivers, "probed.js")];

/** `ringback run --probe` of the receiver with that defect; the result of the only probe among the reports. */
async function probe(name, variant, env = {}, flags = [], played = scenario) {
	const folder = scratchFolder();
	const json = path.join(folder, "report.json");
	const ended = await run(
		["run", played, "--probe", name, "--report", `json=${json}`, ...flags, "--", ...command],
		{ VARIANT: variant, STORE: path.join(folder, "store.json"), ...env });
	const [result] = JSON.parse(fs.readFileSync(json, "utf8")).probes;
	return { ...ended, stdout: unbroken(ended.stdout), result };
}

const failing = (result) => result.tries.filter((one) => one.result === "failed");

module.exports = { command, failing, probe, scenario };

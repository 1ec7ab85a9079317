"use strict";
// The reports of `ringback run`: files that CI systems and people open.

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { open } = require("./browser");
const { assertIsJunit, run, scratchFolder, test } = require("./harness");

const receivers = path.join(__dirname, "..", "..", "receivers");
const menu = path.join(receivers, "menu.json");
const receiver = ["node", path.join(receivers, "menu_express.js")];

/** Plays the menu and a busy number with a report of every kind: { code, stdout, stderr, files }. */
async function report(variant, flags = [], { command = receiver, scenarios = [menu, "busy"], env = {} } = {}) {
	const folder = scratchFolder();
	const names = { junit: "r.xml", json: "r.json", html: "r.html", markdown: "r.md" };
	const files = Object.fromEntries(Object.entries(names).map(([kind, name]) => [kind, path.join(folder, name)]));
	const wishes = Object.entries(files).flatMap(([kind, file]) => ["--report", `${kind}=${file}`]);
	const outcome = await run(["run", ...scenarios, ...wishes, ...flags, "--", ...command], { VARIANT: variant, ...env });
	return { ...outcome, folder, files };
}

test("reports: every kind is written, of a run that failed as well", async () => {
	const { code, stdout, files, folder } = await report("forgets-tag");

	assert.equal(code, 1, stdout);
	const json = JSON.parse(fs.readFileSync(files.json));
	assert.deepEqual([json.result, json.planned, json.passed, json.failed], ["failed", 2, 1, 1]);
	assert.equal(json.exit_status, 1);
	assertIsJunit(files.junit);
	assert.match(fs.readFileSync(files.junit, "utf8"), /<testcase name="say"[^>]*>\s*<failure message="expected within/);
	assert.match(fs.readFileSync(files.markdown, "utf8"), /^## ringback: failed\n[^]*body\.tag\s+✗ expected "menu", got nothing/);
	assert.deepEqual(fs.readdirSync(folder).sort(), ["r.html", "r.json", "r.md", "r.xml"]);
});

test("reports: the page works in a browser, from disk, without asking anybody for anything", async () => {
	const { files } = await report("forgets-tag");
	const page = await open(files.html);

	assert.equal(await page.text("h1"), "ringback: failed");
	assert.equal(await page.evaluate("document.querySelectorAll('svg.ladder').length"), 2);
	assert.deepEqual(await page.evaluate("[...document.querySelectorAll('#runs td:nth-child(2)')].map((cell) => cell.textContent)"),
		["failed", "passed"]);
	// The row that decided it stands out, and is red where something was refused only.
	assert.match(await page.text("svg .marked"), /POST …\/audio/);
	assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.payload')).display"), "none");
	await page.click("svg .marked .label");
	assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.payload:target')).display"), "block");
	assert.match(await page.text(".payload:target"), /"sentence": "Please press one\."/);
	await page.click(".payload:target .close");
	assert.equal(await page.evaluate("document.querySelector('.payload:target')"), null);
	// Narrow screens scroll the wide parts, not the page.
	assert.deepEqual(await page.tooWide(320), []);
	const seen = await page.close();
	assert.deepEqual(seen.requests.filter((url) => !url.startsWith("file://") && !url.startsWith("data:")), []);
	assert.deepEqual(seen.complaints, []);
});

test("reports: too little coverage is 99, and says what was never touched", async () => {
	const { code, stderr, files } = await report("correct", ["--require-coverage", "causes>=3", "--require-coverage", "events>=2"]);

	assert.equal(code, 99, stderr);
	assert.match(stderr, /coverage causes>=3: 2 of 7 touched; never: ORIGINATOR_CANCEL \(cancel-while-ringing\),/);
	assert.doesNotMatch(stderr, /events>=2/);
	assertIsJunit(files.junit);
	const json = JSON.parse(fs.readFileSync(files.json));
	assert.deepEqual(json.required_coverage.map(({ met }) => met), [false, true]);
	assert.equal(json.exit_status, 99);
});

test("reports: a receiver that never starts has its reports too", async () => {
	const { code, stderr, files } = await report("", [], { command: ["false"] });

	assert.equal(code, 4, stderr);
	assertIsJunit(files.junit);
	const json = JSON.parse(fs.readFileSync(files.json));
	assert.deepEqual([json.result, json.planned, json.runs.length], ["not played", 2, 0]);
	assert.match(json.troubles[0].what, /ended with exit code 1 before it answered/);
	assert.match(fs.readFileSync(files.html, "utf8"), /kept scenarios from being played/);
});

test("reports: mistakes in a scenario file are in the reports, at their places", async () => {
	const file = path.join(scratchFolder(), "bad.json");
	fs.writeFileSync(file, '{"version": 1,\n "steps": [{"sent": "answer"}]}');
	const { code, files, stderr } = await report("", [], { scenarios: [file], env: { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: path.dirname(file) } });

	assert.equal(code, 2);
	assertIsJunit(files.junit);
	const [trouble] = JSON.parse(fs.readFileSync(files.json)).troubles;
	assert.deepEqual([trouble.file, trouble.line], [file, 2]);
	assert.match(stderr, /^::error file=bad\.json,line=2,col=\d+,title=ringback::.*send/m);
});

test("reports: on GitHub's runners failures are told beside the change, and the summary is appended", async () => {
	const summary = path.join(scratchFolder(), "summary.md");
	fs.writeFileSync(summary, "from the step before\n");
	const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: path.join(receivers, "..") };
	const { stdout, stderr } = await report("forgets-tag", ["--report", `markdown=${summary}`], { env });

	assert.match(stderr, /^::error file=receivers\/menu\.json,line=8,col=5,title=menu%3A say::FAIL menu .*%0A/m);
	assert.doesNotMatch(stdout, /^::/m);
	assert.match(fs.readFileSync(summary, "utf8"), /^from the step before\n## ringback: failed/);
});

test("reports: one that cannot be written is said, and is not success", async () => {
	const { code, stderr } = await report("correct", ["--report", "json=/nowhere/at/all.json"]);

	assert.equal(code, 1);
	assert.match(stderr, /ringback: \/nowhere\/at\/all\.json: the report cannot be written: No such file or directory/);
});

test("reports: a kind that is none is bad usage", async () => {
	const { code, stderr } = await run(["run", "busy", "--report", "xml=r.xml", "--require-coverage", "colours>=1", "--", "true"]);

	assert.equal(code, 2);
	assert.match(stderr, /--report: expected KIND=PATH with KIND one of junit, json, html, markdown, found "?xml=r\.xml/);
	assert.match(stderr, /--require-coverage: expected KIND>=N/);
});

test("reports: the GitHub action writes its reports, its summary and its status", async () => {
	const folder = scratchFolder();
	const file = (name) => path.join(folder, name);
	const env = {
		INPUT_SCENARIOS: `${menu}\n  busy`, INPUT_COMMAND: `VARIANT=forgets-tag exec ${receiver.join(" ")}`,
		INPUT_FLAGS: "--seed 7 --require-coverage 'causes>=1'", INPUT_REPORTS: file("reports"), INPUT_RINGBACK: process.env.RINGBACK_BIN,
		GITHUB_ACTIONS: "true", GITHUB_OUTPUT: file("output"), GITHUB_STEP_SUMMARY: file("summary.md"),
	};
	const action = path.join(__dirname, "..", "..", "..", ".github", "actions", "ringback", "run");
	const { status, stdout, stderr } = spawnSync(action, { env: { ...process.env, ...env }, encoding: "utf8", timeout: 30_000 });

	assert.equal(status, 1, stdout + stderr);
	assert.deepEqual(fs.readdirSync(file("reports")).sort(), ["junit.xml", "report.html", "report.json"]);
	assert.equal(JSON.parse(fs.readFileSync(file("reports/report.json"))).runs[0].seed, 7);
	assert.equal(fs.readFileSync(file("output"), "utf8"), "status=1\n");
	assert.match(fs.readFileSync(file("summary.md"), "utf8"), /^## ringback: failed/);
	assert.match(stderr, /^::error file=.*menu\.json,line=8/m);
});

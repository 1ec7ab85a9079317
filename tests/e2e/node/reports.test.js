"use strict";
// The reports of `ringback run`: files that CI systems and people open.

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { open } = require("./browser");
const { assertIsJunit, run, scratchFolder, startReceiver, test } = require("./harness");

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
	await page.fits(320);
	const seen = await page.close();
	assert.deepEqual(seen.requests.filter((url) => !url.startsWith("file://") && !url.startsWith("data:")), []);
	assert.deepEqual(seen.complaints, []);
});

/** What has run scripts in pages that take text for markup; `pwned` would tell. */
const payloads = [
	"<script>pwned=1</script>",
	"</script><script>pwned=1</script>",
	"</style><script>pwned=1</script>",
	"</title><svg onload=pwned=1>",
	"\"><img src=x onerror=pwned=1>",
	"'><img src='x' onerror='pwned=1'>",
	"<iframe srcdoc=\"<script>parent.pwned=1</script>\">",
	"<a href=\"javascript:pwned=1\" autofocus onfocus=pwned=1>x</a>",
	"--></pre><details open ontoggle=pwned=1>",
	"]]><math><mtext></form><form><mglyph><style></math><img src onerror=pwned=1>",
	"<base href=\"http://127.0.0.1:9/\"><meta http-equiv=refresh content=\"0;url=javascript:pwned=1\">",
	"&lt;img src=x onerror=pwned=1&gt;<object data=\"data:text/html,<script>parent.pwned=1</script>\">",
];

test("reports: of classical script payloads none becomes more than text in a browser", async () => {
	const folder = scratchFolder();
	const receiver = await startReceiver();
	const scenarios = payloads.map((payload, n) => {
		const file = path.join(folder, `payload-${n}.json`);
		fs.writeFileSync(file, JSON.stringify({
			version: 1, name: `payload-${n}`, about: payload, vars: { to: "+19195559907" },  // who hangs up
			start: { call: { tag: payload, callbackUrl: "${receiver}?q=" + encodeURIComponent(payload) } },
			model: { "answer-delay": "10ms", "talk-delay": "30ms", "hangup-delay": "10ms" },
			steps: [{ send: "answer" }, { send: "hangup" }],
		}));
		return file;
	});
	const html = path.join(folder, "r.html");
	const { code, stdout, stderr } = await run(["run", ...scenarios, "-f", receiver.url, "--report", `html=${html}`]);
	assert.equal(code, 0, stdout + stderr);
	const page = await open(html);

	const text = await page.text("body");
	for (const payload of payloads) {
		const asJson = JSON.stringify(payload);
		assert.ok(text.split(`"tag": ${asJson}`).length > 2, `${payload}: in both events, as it is`);
		assert.ok(text.includes(`?q=${encodeURIComponent(payload)}`), payload);
	}
	assert.equal(await page.evaluate("typeof pwned"), "undefined");
	assert.equal(await page.evaluate("document.scripts.length"), 0);
	// Nothing but what the page is made of, and no attribute that could run something.
	assert.equal(await page.evaluate("document.querySelectorAll('img, iframe, object, form, base, math, [style]').length"), 0);
	assert.equal(await page.evaluate("document.querySelectorAll('meta').length"), 3);
	assert.deepEqual(await page.evaluate("[...document.querySelectorAll('*')].flatMap(({ attributes }) => [...attributes])" +
		".filter(({ name, value }) => name.startsWith('on') || /^ *javascript:/i.test(value)).map(({ name }) => name)"), []);
	// Whoever gets markup in all the same finds it forbidden.
	await page.evaluate(`document.body.insertAdjacentHTML("beforeend", '<p id=in style="color:red">x</p><img src=x onerror=pwned=1><style>#in{color:red}</style>')`);
	assert.notEqual(await page.evaluate("getComputedStyle(document.getElementById('in')).color"), "rgb(255, 0, 0)");
	assert.equal(await page.evaluate("typeof pwned"), "undefined");
	assert.match(await page.evaluate("document.querySelector('meta[http-equiv]').content"),
		/^default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src 'sha256-[^']+'$/);
	const seen = await page.close();
	assert.deepEqual(seen.requests.filter((url) => !url.startsWith("file://") && !url.startsWith("data:")), []);
	assert.ok(seen.complaints.length > 0 && seen.complaints.every((complaint) => /Content Security Policy/.test(complaint)), seen.complaints.join("\n"));
	await receiver.stop();
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

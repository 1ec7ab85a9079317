"use strict";
// What is made of the results of load runs: `ringback report`, `ringback compare`.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const hdr = require("hdr-histogram-js");
const { open } = require("./browser");
const { assertIsJunit, run, scratchFolder, test } = require("./harness");

const golden = path.join(__dirname, "..", "..", "golden", "load.json");

/** The result that is kept, changed, in a file of its own. */
function resultFile(change = () => {}, name = "load.json") {
	const result = JSON.parse(fs.readFileSync(golden));
	change(result);
	const file = path.join(scratchFolder(), name);
	fs.writeFileSync(file, JSON.stringify(result));
	return file;
}

/** A run in which nothing went wrong. */
const allWell = (result) => {
	result.counts.failed = 0;
	result.thresholds = [];
};
const invalid = (result) => {
	result.truth.invalid = ["start lag p99 48.0 ms, more than 1.00 ms"];
	result.truth.valid = false;
};

test("report: a result is rendered as every kind, and ends as the run did", async () => {
	const begins = {
		text: /^ringback load: failed\n/, json: /^{\n "schema": "ringback-load\/1",\n "outcome": "failed"/, csv: /^second,warmup,planned_per_s/,
		md: /^## ringback load: failed/, junit: /^<\?xml/, html: /^<!doctype html>/, prometheus: /^# HELP ringback_load_info/,
	};
	for (const [kind, begin] of Object.entries(begins)) {
		const { code, stdout, stderr } = await run(["report", golden, "--format", kind]);
		assert.equal(code, 1, stderr);
		assert.match(stdout, begin);
	}
	const again = await run(["report", golden, "--format", "json"]);
	assert.deepEqual(JSON.parse(again.stdout), JSON.parse(fs.readFileSync(golden)));
	assert.equal((await run(["report", resultFile(allWell)])).code, 0);
	assert.equal((await run(["report", resultFile(invalid)])).code, 98);
});

test("report: files are written beside it, JUnit as CI systems read it", async () => {
	for (const change of [() => {}, allWell, invalid]) {
		const folder = scratchFolder();
		const wish = (kind) => ["--report", `${kind}=${path.join(folder, kind)}`];
		const { stdout } = await run(["report", resultFile(change), ...["junit", "html", "csv", "md", "prometheus", "json", "hlog"].flatMap(wish)]);
		assert.match(stdout, /^ringback load: /);
		assert.deepEqual(fs.readdirSync(folder).sort(), ["csv", "hlog", "html", "json", "junit", "md", "prometheus"]);
		assertIsJunit(path.join(folder, "junit"));
	}
	const nowhere = await run(["report", resultFile(allWell), "--report", "csv=/nowhere/at/all.csv"]);
	assert.equal(nowhere.code, 1);
	assert.match(nowhere.stderr, /\/nowhere\/at\/all\.csv: the report cannot be written: No such file/);
});

test("report: hdr-histogram-js reads the log, every figure as in the JSON", async () => {
	const { code, stdout } = await run(["report", golden, "--format", "hlog"]);
	assert.equal(code, 1);
	const result = JSON.parse(fs.readFileSync(golden));
	const wanted = Object.entries(result.metrics);
	for (const { step, metrics } of result.steps) {
		wanted.push(...Object.entries(metrics).map(([name, figures]) => [`${name}{step:${step}}`, figures]));
	}
	const reader = new hdr.HistogramLogReader(stdout, 64);
	for (const [tag, figures] of wanted) {
		const read = reader.nextIntervalHistogram();
		assert.equal(read.tag, tag);
		assert.equal(read.startTimeStampMsec, Date.parse(result.started_at));
		assert.equal(read.endTimeStampMsec - read.startTimeStampMsec, result.duration_s * 1000);
		assert.equal(read.totalCount, figures.count);
		for (const [percent, value] of [[50, figures.p50_us], [90, figures.p90_us], [99, figures.p99_us], [99.9, figures.p999_us]]) {
			assert.equal(read.getValueAtPercentile(percent), value, `${tag} p(${percent})`);
		}
	}
	assert.equal(reader.nextIntervalHistogram(), null);
	const late = await run(["report", resultFile(invalid), "--format", "hlog"]);
	assert.deepEqual(hdr.listTags(late.stdout), ["send_lag", "start_lag"]);
});

test("report: the page has its charts drawn, opens from disk, and asks nobody for anything", async () => {
	const file = path.join(scratchFolder(), "r.html");
	await run(["report", golden, "--report", `html=${file}`]);
	const page = await open(file);
	// Something is drawn on each of them: pixels that are not empty, of several colours. Looked at in a copy, as
	// the browser remarks on canvases that are read again and again.
	const drawn = `[...document.querySelectorAll("canvas")].map((canvas) => {
		const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
		copy.drawImage(canvas, 0, 0);
		const pixels = new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
		const painted = pixels.filter((pixel) => pixel !== 0);
		return [canvas.dataset.chart, painted.length > 500 && new Set(painted).size > 5];
	})`;
	const all = ["latency", "rate", "flight", "errors", "lag", "distribution"].map((name) => [name, true]);

	assert.equal(await page.text("h1"), "ringback load: failed");
	assert.deepEqual(await page.evaluate(drawn), all);
	assert.match(await page.text("#latency"), /response.*178 ms/);
	assert.match(await page.text("#thresholds"), /calls\.failed:rate<0\.1%0\.833 %✗ crossed/);
	await page.click("svg .marked .label");
	assert.match(await page.text(".payload:target"), /"sentence": "<\/script><b>/);
	await page.click(".payload:target .close");
	await page.evaluate('dispatchEvent(new Event("beforeprint"))');
	assert.deepEqual(await page.evaluate(drawn), all);
	await page.evaluate('dispatchEvent(new Event("afterprint"))');
	await page.fits(320);
	assert.deepEqual(await page.evaluate(drawn), all);
	// What is not the page's own does not run.
	assert.match(await page.evaluate("document.querySelector('meta[http-equiv]').content"),
		/^default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src 'sha256-[^']+'; script-src 'sha256-[^']+' 'sha256-[^']+'$/);
	await page.evaluate(`document.body.append(Object.assign(document.createElement("script"), { textContent: "window.intruder = true" }))`);
	assert.equal(await page.evaluate("typeof intruder"), "undefined");
	const seen = await page.close();
	assert.deepEqual(seen.requests.filter((url) => !url.startsWith("file://") && !url.startsWith("data:")), []);
	assert.deepEqual(seen.complaints.filter((text) => !/Content Security Policy/.test(text)), []);
	assert.equal(seen.complaints.length, 1, "of the intruder alone");
});

test("report: the page of an invalid run says so first and shows no latency", async () => {
	const file = path.join(scratchFolder(), "r.html");
	await run(["report", resultFile(invalid), "--report", `html=${file}`]);
	const page = await open(file);

	assert.match(await page.text("header + *"), /This run is invalid.*start lag p99 48\.0 ms/s);
	assert.deepEqual(await page.evaluate("[...document.querySelectorAll('canvas')].map((canvas) => canvas.dataset.chart)"),
		["rate", "flight", "errors", "lag"]);
	assert.doesNotMatch(await page.evaluate("document.body.innerText"), /178 ms|response p50|p99\.9/);
	assert.deepEqual((await page.close()).complaints, []);
});

test("report: several files are one result, with its thresholds evaluated anew", async () => {
	const part = (index, change = () => {}) => resultFile((result) => {
		allWell(result);
		result.plan.segment = { index, of: 2 };
		result.thresholds = [{ expression: "response:p(99)<250ms", value: 1, held: true }];
		change(result);
	}, `part${index}.json`);
	const { code, stdout, stderr } = await run(["report", part(0), part(1), "--format", "json"]);

	assert.equal(code, 0, stderr);
	const sum = JSON.parse(stdout);
	assert.equal(sum.counts.planned, 720);
	assert.equal(sum.metrics.response.count, 2886);
	assert.equal(sum.merged_from.length, 2);
	assert.equal(sum.thresholds[0].held, true);
	assert.ok(sum.thresholds[0].value > 170_000);
	const crossed = await run(["report", part(0), part(1), "--threshold", "response:p(99)<100ms"]);
	assert.equal(crossed.code, 99, crossed.stderr);
	assert.match(crossed.stdout, /FAIL {2}response:p\(99\)<100ms +178 ms/);
	const twice = await run(["report", part(0), part(0)]);
	assert.equal(twice.code, 2);
	assert.match(twice.stderr, /part0\.json: segment 1\/2 has arrivals that segment 1\/2 of \S+part0\.json has too/);
	const other = await run(["report", part(0), part(1, (result) => { result.plan.seed = 7; })]);
	assert.equal(other.code, 2);
	assert.match(other.stderr, /part1\.json: is of another load than \S+part0\.json: its seed is 7, not 42/);
});

test("compare: tells how far two runs are apart, and fails on what surely is so", async () => {
	const slower = resultFile((result) => { result.metrics.service = result.metrics.response; });
	const { code, stdout, stderr } = await run(["compare", golden, slower]);
	assert.equal(code, 0, stderr);
	assert.match(stdout, /^service:p\(99\) +23\.8 ms +178 ms +\+6\d\d\.\d %/m);
	const worse = await run(["compare", golden, slower, "--fail-if", "service:p(99)>+10%", "--fail-if", "reaction.greet:p(95)>+1ms"]);
	assert.equal(worse.code, 99, worse.stdout + worse.stderr);
	assert.match(worse.stdout, /^crossed: service:p\(99\)>\+10%/m);
	const same = await run(["compare", golden, golden, "--fail-if", "p(99)>+10%", "--format", "json"]);
	assert.equal(same.code, 0, same.stderr);
	assert.equal(JSON.parse(same.stdout).claims[0].verdict, "held");
	assert.deepEqual(await run(["compare", golden, golden, "--fail-if", "p(99)>+10%", "--format", "json"]), same, "the same draws");
	const wrong = await run(["compare", golden, golden, "--fail-if", "reaction.greed:p(95)>+1ms"]);
	assert.equal(wrong.code, 2);
	assert.match(wrong.stderr, /^ringback: --fail-if: expected/m);
	const gone = await run(["compare", golden, path.join(scratchFolder(), "gone.json")]);
	assert.equal(gone.code, 2);
	assert.match(gone.stderr, /gone\.json: cannot be read: No such file or directory/);
	assert.equal((await run(["compare", golden])).code, 2);
});

test("report: what is no result is bad usage, told with its place", async () => {
	const gone = path.join(scratchFolder(), "gone.json");
	const missing = await run(["report", gone]);
	assert.equal(missing.code, 2);
	assert.match(missing.stderr, /gone\.json: cannot be read: No such file or directory/);
	const folder = await run(["report", scratchFolder()]);
	assert.equal(folder.code, 2);
	assert.match(folder.stderr, /: cannot be read: Is a directory/);
	const newer = await run(["report", resultFile((result) => { result.schema = "ringback-load/3"; })]);
	assert.equal(newer.code, 2);
	assert.match(newer.stderr, /load\.json: \/schema: needs a ringback that reads ringback-load\/3/);
	const wrong = await run(["report", resultFile((result) => { result.counts.planned = "many"; })]);
	assert.equal(wrong.code, 2);
	assert.match(wrong.stderr, /load\.json: \/counts\/planned: expected a whole number, 0 or more, found "many"/);
	const flags = await run(["report", golden, "--format", "xml", "--report", "html"]);
	assert.equal(flags.code, 2);
	assert.match(flags.stderr, /--format: expected one of text, json/);
	assert.match(flags.stderr, /--report: expected KIND=PATH/);
	const claims = await run(["report", golden, "--threshold", "fast", "--threshold", "reaction.greet:p(95)<1s", "--threshold", "reaction.greed:max<1s"]);
	assert.equal(claims.code, 2);
	assert.equal(claims.stderr.match(/^ringback: --threshold: expected/gm).length, 2, claims.stderr);
	assert.equal((await run(["report"])).code, 2);
});

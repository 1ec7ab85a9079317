"use strict";
// `ringback run --probe restart` against a receiver that keeps what it has done and looks after its calls when nothing
// comes any more, and one that does not: what is lost while it is down is told, and who waits for it for ever is caught.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { scratchFolder, test } = require("./harness");
const { failing, probe } = require("./probing");

test("probe: a receiver whose process ends between any two events goes on, when it keeps what it has done", async () => {
	const [html, markdown] = ["html", "markdown"].map((kind) => path.join(scratchFolder(), kind));

	const { code, stdout, stderr, result } = await probe("restart", "correct", { WATCHDOG: "1500" },
		["--report", `html=${html}`, "--report", `markdown=${markdown}`]);

	assert.equal(code, 0, stdout + stderr);
	const [, line, count] = /^ok {3}probed {2}(survives restart: 12 of 12 disturbed runs; (\d+) events lost while it was down: answer, speak\.started, speak\.done, dtmf, gather, hangup.*)$/m.exec(stdout) ?? assert.fail(stdout);
	const lost = result.tries.flatMap((one) => one.told).filter(({ what }) => what.endsWith("got no answer: could_not_connect"));
	assert.equal(Number(count), lost.length);
	for (const { what, told } of result.tries) {  // what it is said to miss is what it missed, be it one of two that come at once
		const missed = / and misses (.*)$/.exec(what)?.[1];
		const gone = told.flatMap((one) => / got no answer: /.test(one.what) ? [one.what.split(" ")[0]] : []);
		assert.deepEqual(gone, missed ? [missed] : [], what);
	}
	assert.ok(fs.readFileSync(markdown, "utf8").includes(`- ✅ ok   probed  ${line}\n`));
	assert.match(fs.readFileSync(html, "utf8"), /<td>it is down from answer on and misses speak\.started<\/td><td class="passed">survived<\/td><td>1 event lost while it was down: speak\.started<\/td>/);
	assert.equal(result.result, "survived");
	assert.deepEqual(result.tries.slice(0, 4).map(({ what }) => what), [
		"it is restarted between its own POST /calls and answer",
		"it is restarted between answer and speak.started",
		"it is restarted between speak.started and speak.done",
		"it is restarted between speak.done and dtmf",
	]);
	assert.ok(result.tries.some(({ what }) => what === "it is down from its own POST /calls on and misses answer"));
	const missed = result.tries.find(({ what }) => what === "it is down from speak.started on and misses speak.done");
	assert.equal(missed.result, "survived");
	assert.ok(missed.told.some(({ kind, what }) => kind === "missing request" && what.includes("/gather")), JSON.stringify(missed));
});

test("probe: a receiver that waits for ever for what it has missed while it was down is caught, as a call that never ends", async () => {
	const { code, stdout, result } = await probe("restart", "waits-forever", {}, ["--budget", "9"]);

	assert.equal(code, 1, stdout);
	assert.deepEqual(failing(result).map(({ what }) => what), [
		"it is down from its own POST /calls on and misses answer",
		"it is down from speak.started on and misses speak.done",
	]);
	assert.match(stdout, /FAIL probed {2}probe restart\n {2}wrong {5}it is down from speak\.started on and misses speak\.done\n {2}expected {2}the call ends, and it asks for nothing more than before\n {2}stuck call +\{call\} never ends, it is still active\n? +completed in the clean run\n/);
	const told = stdout.slice(stdout.indexOf("misses speak.done"));
	assert.match(told, /and, which is no fault:\n {2}callback not taken +speak\.done got no answer: could_not_connect\n? +taken in the clean run {2}#\d+\n/);
	assert.match(told, /missing request +POST \/v1\/users\/u-ringback\/calls\/\{call\}\/gather \{"maxDigits":1\}\n? +never here, once in the clean run\n/);
	assert.match(stdout, /^FAIL probed {2}does not survive restart: 2 of 9 disturbed runs found something, of 12 \(--budget 9\); 3 events lost while it was down: answer, speak\.started, speak\.done$/m);
});

"use strict";
// `ringback run --probe` against receivers that lose a race which most tests never run: two copies of an event at once,
// an end before the first event of a call, an event or a slow API while somebody waits for an answer, a late event.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { run, scratchFolder, test } = require("./harness");
const { command, failing, probe, scenario } = require("./probing");

test("probe: a receiver that looks first and marks later is caught only by copies that come at the same time", async () => {
	const { code, stdout, result } = await probe("duplicates", "marks-late");

	assert.equal(code, 1, stdout);
	assert.deepEqual(result.tries.map(({ what, result: came }) => [what, came]), [
		["every event comes twice", "survived"],
		["every event comes twice, both at the same time", "failed"],
	]);
	assert.match(stdout, /wrong {5}every event comes twice, both at the same time\n {2}expected {2}it asks for nothing more than when each comes once\n/);
	assert.match(stdout, /extra request +POST \/v1\/users\/u-ringback\/calls\/\{call\}\/audio \{"sentence":"Hello\. Press one\."\}\n? +twice here, once in the clean run {2}#\d+\n/);
	assert.ok(failing(result)[0].journal.some(({ kind, text }) => kind === "fault" && text === "copy 1 of 1, together with it"));
});

test("probe: a receiver that has placed a call and keeps it only with its first event is caught by a restart before that", async () => {
	const { code, stdout, result } = await probe("restart", "keeps-late", {}, ["--budget", "2"]);

	assert.equal(code, 1, stdout);
	assert.deepEqual(result.tries.map(({ what, result: came }) => [what, came]), [
		["it is restarted between its own POST /calls and answer", "failed"],
		["it is restarted between answer and speak.started", "survived"],
	]);
	assert.match(stdout, /wrong {5}it is restarted between its own POST \/calls and answer\n {2}expected {2}it goes on as if nothing had been\n/);
	assert.match(stdout, /callback not taken +answer was answered 404\n? +taken in the clean run {2}#\d+\n/);
	assert.match(stdout, /stuck call +\{call\} never ends, it is still active\n? +completed in the clean run/);
});

test("probe: a receiver that fails its own user because an event was early is caught by what it told that user", async () => {
	const { code, stdout, result } = await probe("early", "inserts");

	assert.equal(code, 1, stdout);
	assert.match(stdout, /wrong {5}events come before the answer to their request\n/);
	assert.match(stdout, /answer to the kick +the kick was answered 500\n? +202 in the clean run\n/);
	assert.deepEqual(result.tries[0].findings.map(({ kind }) => kind), ["answer to the kick"]);
});

test("probe: a receiver that leaves its own user without an answer because the API is slow is caught, though the call goes well", async () => {
	const { code, stdout, result } = await probe("slow-api", "hurries", {}, ["--budget", "1"]);

	assert.equal(code, 1, stdout);
	assert.deepEqual(failing(result).map(({ what }) => what), ["POST /v1/users/u-ringback/calls is answered after 2 s"]);
	assert.deepEqual(failing(result)[0].findings, [
		{ kind: "answer to the kick", what: "the kick was answered 504", than: "202 in the clean run" }]);
	assert.match(stdout, /answer to the kick +the kick was answered 504\n? +202 in the clean run\n/);
});

test("probe: a receiver that looks whether a call is known and keeps it a moment later is caught by events that come with the answer, and just behind it", async () => {
	const { code, stdout, result } = await probe("early", "checks-first");

	assert.equal(code, 1, stdout);
	assert.deepEqual(result.tries.map(({ what, result: came }) => [what, came]), [
		["events come before the answer to their request", "survived"],
		["events come together with the answer to their request", "failed"],
		["events come just behind the answer to their request", "failed"],
	]);
	const found = " {2}answer to the kick +the kick was answered 500\\n? +202 in the clean run\\n";
	assert.match(stdout, new RegExp(`wrong {5}events come together with the answer to their request\\n {2}expected {2}it does the same, whichever of the two it reads first\\n${found}`));
	assert.match(stdout, new RegExp(`wrong {5}events come just behind the answer to their request\\n {2}expected {2}it has noted the id before it takes the next event\\n${found}`));
	assert.deepEqual(failing(result).map(({ journal }) => journal.find(({ kind }) => kind === "fault").text),
		["the first event comes together with the answer", "the first event comes right behind the answer"]);
});

test("probe: a receiver that takes a copy of an event for a second call is caught by how the call ends, as well as by what it asks", async () => {
	const ringing = "inbound-caller-gives-up";
	const { code, stdout, result } = await probe("duplicates", "counts-events", {}, [], ringing);
	const survives = await probe("duplicates", "correct", {}, [], ringing);

	assert.equal(code, 1, stdout);
	assert.match(stdout, /wrong {5}every event comes twice\n {2}expected {2}it asks for nothing more than when each comes once\n {2}extra request +POST \/v1\/users\/u-ringback\/calls\/\{call\} \{"state":"rejected"\}\n? +once here, never in the clean run {2}#\d+\n {2}other end +\{call\} ends as rejected\n? +completed in the clean run {2}#\d+\n/);
	assert.deepEqual(failing(result)[0].findings.map(({ kind, what }) => [kind, what]), [
		["extra request", 'POST /v1/users/u-ringback/calls/{call} {"state":"rejected"}'],
		["other end", "{call} ends as rejected"],
	]);
	assert.equal(survives.code, 0, survives.stdout);
});

test("probe: a receiver that counts the lateness of events as the caller's is caught by a delay alone, which is kept as a scenario", async () => {
	const folder = scratchFolder();
	const file = path.join(folder, "probed.json");
	fs.copyFileSync(scenario, file);

	const { code, stdout, result } = await probe("reorder", "counts-lateness", {}, ["--budget", "8"], file);

	assert.equal(code, 1, stdout);
	assert.match(stdout, /wrong {5}speak\.started comes 5000 ms late\n {2}expected {2}it asks for the same as in the usual order\n {2}extra request +POST \/v1\/users\/u-ringback\/calls\/\{call\}\/audio \{"sentence":"That took you too long\."\}\n? +once here, never in the clean run {2}#\d+\n/);
	assert.deepEqual(result.tries.map(({ what, result: came }) => [what, came]).slice(0, 2), [
		["speak.started comes behind speak.done", "survived"],
		["dtmf comes behind gather", "survived"],
	]);
	assert.match(stdout, /again: ringback run \S+probed\.reorder\.json --seed 42 -- node /);
	const saved = path.join(folder, "probed.reorder.json");
	assert.match(fs.readFileSync(saved, "utf8"), /"faults": \[\n {4}\{"delay":"5000ms","on":"speak\.started","nth":1\}\n/);
	for (const [variant, status] of [["counts-lateness", 1], ["correct", 0]]) {
		const again = await run(["run", saved, "--", ...command], { VARIANT: variant, STORE: path.join(folder, `${variant}.json`) });
		assert.equal(again.code, status, again.stdout);
	}
});

test("probe: a receiver that hears too late of what came before the caller hung up is not to blame for what is refused", async () => {
	const scenario = path.join(scratchFolder(), "hangs-up.json");
	fs.writeFileSync(scenario, JSON.stringify({
		version: 1, name: "hangs-up", order: "ordered",
		start: {
			kick: { url: "${receiver}/dial", body: { to: "+19195550187" } },
			await: { command: "create", within: "10s" },
		},
		steps: [
			{ send: "answer" },
			{ send: "speak.started" },
			{ caller: { hangup: true, after: "3s" } },
			{ await: { command: "update", within: "5s", answered: 403 } },  // it takes leave of a call that is over
			{ send: "hangup" },
		],
	}));

	const { code, stdout, result } = await probe("reorder", "correct", {}, ["--budget", "7"], scenario);

	assert.equal(code, 0, stdout);
	const late = result.tries.find(({ what }) => what === "speak.done comes 5000 ms late");
	assert.deepEqual(late.told.map(({ kind, what, than }) => [kind, what, than]), [
		["other answer", 'POST /v1/users/u-ringback/calls/{call}/gather {"maxDigits":1}', "answered 4xx here, 2xx in the clean run"],
		["missing request", 'POST /v1/users/u-ringback/calls/{call} {"state":"completed"}', "never here, once in the clean run"],
	]);
});

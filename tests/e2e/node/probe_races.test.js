"use strict";
// `ringback run --probe` against receivers that lose a race which most tests never run: two copies of an event at once,
// an end before the first event of a call, an event or a slow API while somebody waits for an answer.

const assert = require("node:assert/strict");
const { test } = require("./harness");
const { failing, probe } = require("./probing");

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

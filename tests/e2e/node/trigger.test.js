"use strict";
// `ringback trigger`: events sent to a receiver, without a fake.

const assert = require("node:assert/strict");
const { occupiedPort, run, startReceiver, test } = require("./harness");

test("trigger: one event reaches the receiver as the API sends it", async () => {
	const receiver = await startReceiver();

	const { code, stdout, stderr } = await run(["trigger", "speak.done", "-f", receiver.url, "--override", "tag=menu"]);

	assert.equal(code, 0, stderr);
	assert.match(stdout, /^speak\.done\s+200 {2}\d+\.\d ms\n$/);
	const [event] = receiver.events;
	assert.deepEqual([event.eventType, event.status, event.state, event.tag], ["speak", "done", "PLAYBACK_STOP", "menu"]);
	assert.match(event.callUri, /^https:\/\/api\.catapult\.inetwork\.com\/v1\/users\/u-ringback\/calls\/c-[a-z2-7]{23}$/);
	assert.equal(receiver.requests[0].headers["user-agent"], "BandwidthAPI/v1");
	await receiver.stop();
});

test("trigger: the events of a scenario come in order, about one call, by GET as well", async () => {
	const receiver = await startReceiver();

	const { code, stdout, stderr } = await run(["trigger", "answer-speak-hangup", "--callback-url", receiver.url + "/?mine=1",
		"--method", "GET", "--format", "json"]);

	assert.equal(code, 0, stderr);
	const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
	assert.deepEqual(lines.map(({ event }) => event), ["answer", "speak.started", "speak.done", "hangup"]);
	assert.equal(new Set(lines.map(({ payload }) => payload.callId)).size, 1);
	const query = new URL(receiver.requests[3].url, receiver.url).searchParams;
	assert.deepEqual([query.get("mine"), query.get("eventType"), query.get("cause")], ["1", "hangup", "NORMAL_CLEARING"]);
	await receiver.stop();
});

test("trigger: events go as the API sends them, by GET where a scenario's call has it so or BXML brings them", async () => {
	const receiver = await startReceiver();
	for (const words of [["menu-by-bxml"], ["transferComplete"], ["answer"], ["redirect", "--method", "POST"]]) {
		const { code, stderr } = await run(["trigger", ...words, "-f", receiver.url]);
		assert.equal(code, 0, stderr);
	}

	assert.deepEqual(receiver.events.map(({ eventType }, at) => [receiver.requests[at].method, eventType]), [
		["GET", "incomingcall"], ["GET", "answer"], ["GET", "gather"], ["GET", "redirect"], ["GET", "hangup"],
		["GET", "transferComplete"], ["POST", "answer"], ["POST", "redirect"],
	]);
	assert.equal(receiver.events[2].digits, "2");
	assert.deepEqual(Object.keys(receiver.events[3]).sort(), ["callId", "callState", "eventType", "from", "to"]);
	await receiver.stop();
});

test("trigger: an answer that is none fails, nobody there is told apart", async () => {
	const receiver = await startReceiver(() => 500);
	const failed = await run(["trigger", "hangup", "-f", receiver.url]);
	assert.equal(failed.code, 1);
	assert.match(failed.stdout, /^hangup\s+500 /);
	await receiver.stop();

	const nobody = await run(["trigger", "answer-speak-hangup", "-f", receiver.url]);
	assert.equal(nobody.code, 4);
	assert.match(nobody.stdout, /^answer\s+.*refused/);
	assert.equal(nobody.stdout.trim().split("\n").length, 1);
});

test("trigger: bad usage says what there is, and sends nothing", async () => {
	const receiver = await startReceiver();
	for (const [words, message] of [
		[["hangout"], /hangout.*\n?[^]*answer, incomingcall/],
		[["hangup", "--override", "colour=red"], /hangup has no member "colour"; it has eventType, callId/],
		[["answer-speak-hangup", "--override", "nobody:tag=x"], /there is no step or event "nobody"/],
		[["hangup", "--method", "PUT"], /--method: expected POST or GET, found/],
		[[], /expected one of answer, incomingcall/],
	]) {
		const { code, stderr } = await run(["trigger", ...words, "-f", receiver.url]);
		assert.equal(code, 2, stderr);
		assert.match(stderr, message);
	}
	assert.equal(receiver.events.length, 0);
	await receiver.stop();
});

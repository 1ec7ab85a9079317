"use strict";
// The wall clock of the machine jumps by an hour, forth and back, while timers of every kind run (support/nth_failure.c, whose
// process only sees it): none of them minds.

const assert = require("node:assert/strict");
const net = require("node:net");
const { startFailing, startWorld } = require("./failing.js");
const { attempt } = require("./failing_request.js");
const { neverReplies, startReceiver, test, until, within } = require("./harness.js");

const hour = 3600;
const ms = 1000;  // microseconds
const callbackTimeout = 1500;
const headDeadline = 3000;

const secret = `whsec_${Buffer.from("of this test, and of no other: 32").toString("base64")}`;

const isAnswer = (wanted) => ({ tag, eventType }) => tag === wanted && eventType === "answer";

/** The wall clock of the sender, in seconds, when it sent the event that `wanted` accepts. */
const signedAt = (receiver, wanted) => Number(receiver.requests[receiver.events.findIndex(wanted)].headers["webhook-timestamp"]);

/** A client that begins a request and does no more: what came back, and after how many milliseconds it was closed. */
function dawdle(port) {
	const begun = performance.now();
	const socket = net.connect(port, "127.0.0.1", () => socket.write("GET /v1/users/u-node/calls HTTP/1.1\r\nHost: "));
	let text = "";
	const closed = new Promise((resolve) => {
		socket.on("data", (bytes) => (text += bytes)).on("error", () => {})
			.on("close", () => resolve({ text, after: performance.now() - begun }));
	});
	return within(closed, () => "a client that says half a head is not cut");
}

/** A client that says nothing: { isOpen(), end() }. */
async function idleClient(port) {
	const socket = net.connect(port, "127.0.0.1");
	await new Promise((resolve, reject) => socket.once("error", reject).once("connect", resolve));
	let open = true;
	socket.on("close", () => (open = false));
	return { isOpen: () => open, end: () => socket.destroy() };
}

for (const offset of [hour, -hour]) {
	test(`clock: a jump by ${offset} s moves no timer, neither of callbacks nor of clients nor of the model`, async () => {
		const world = await startWorld();
		const silent = await startReceiver(() => neverReplies);
		const { receiver } = world;
		const fake = startFailing(world, world.folder, undefined,
			["--head-deadline", `${headDeadline}ms`, "--idle-deadline", "600s", "--retries", "1",
				"--far-end", "+15550009901=answer:300ms,hangup:3s"],
			{ clock: "real", env: { RINGBACK_SIGNING_SECRET: secret } });
		const { api, admin } = await fake.ready;
		const port = Number(new URL(api).port);
		const place = async (callbackUrl, tag) => {
			const made = await attempt("POST", `${api}/v1/users/u-node/calls`,
				{ from: "+19195550123", to: "+15550009901", callbackUrl, tag, callbackTimeout });
			assert.equal(made?.status, 201, fake.stderr());
			return made.location.split("/").pop();
		};
		const idle = await idleClient(port);
		const unanswered = await place(silent.url, "unanswered");
		const answered = await place(world.url, "answered");
		await silent.event(isAnswer("unanswered"));
		await receiver.event(isAnswer("answered"));
		const settled = [];
		const dawdling = dawdle(port);
		dawdling.then(() => settled.push("the half request"));
		const asked = performance.now();
		const waited = attempt("GET", `${admin}/wait?for=call-ended&call=${unanswered}&timeout=3s`)
			.then((answer) => ({ status: answer?.status, after: performance.now() - asked }));
		waited.then(() => settled.push("the wait"));
		await attempt("GET", `${admin}/live`);  // all of them are there now

		assert.equal(await fake.ask(`clock ${offset}`), "set");
		assert.deepEqual(settled, [], "over before the clock was set");
		const placedLater = await place(world.url, "later");
		await receiver.event(({ tag, eventType }) => tag === "later" && eventType === "hangup");
		// It sees the other time.
		const [before, after] = ["answered", "later"].map((tag) => signedAt(receiver, isAnswer(tag)));
		assert.ok(Math.abs(after - before - offset) < hour / 10, `signed at ${before}, then at ${after}`);
		const { status, after: toldAfter } = await waited;
		assert.ok(status === 200 || (status === 504 && toldAfter >= 3000), `told ${status} after ${toldAfter} ms`);
		const { text, after: cutAfter } = await dawdling;
		assert.match(text, /^HTTP\/1\.1 408 /);
		assert.ok(cutAfter >= headDeadline, `cut after ${cutAfter} ms`);
		await until(async () => (await attempt("GET", `${admin}/wait?for=idle&timeout=2s`))?.status === 200, () => "never idle");
		assert.ok(idle.isOpen(), "an idle client was cut");
		idle.end();
		fake.child.kill("SIGTERM");
		assert.equal(await within(fake.exited, () => `it did not end; stderr: ${fake.stderr()}`), 0);

		const lines = fake.lines();
		const tries = lines.filter(({ kind, call }) => kind === "attempt" && call === unanswered);
		for (const wanted of ["answer", "hangup"]) {
			assert.deepEqual(tries.filter(({ event }) => event === wanted).map(({ attempt: number, outcome }) => [number, outcome]),
				[[1, "owed"], [2, "failed"]], wanted);
		}
		assert.equal(tries.length, 4);
		for (const { wall: { due_us: due, ended_us: ended }, end } of tries) {
			assert.equal(end, "timed_out");
			assert.ok(ended - due >= callbackTimeout * ms && ended - due < hour * ms * ms / 10, `a try took ${ended - due} us`);
		}
		for (const call of [answered, placedLater]) {
			const [answer, hangup] = lines.filter((entry) => entry.kind === "event" && entry.call === call);
			assert.deepEqual([answer.event, hangup.event], ["answer", "hangup"]);
			const apart = Date.parse(hangup.time) - Date.parse(answer.time);
			assert.ok(apart >= 3000 && apart < hour * ms / 10, `${apart} ms between answer and hangup`);
		}
		const times = lines.map(({ time }) => Date.parse(time));
		assert.deepEqual(times, [...times].sort((one, other) => one - other));
		assert.ok(times.at(-1) - times[0] < hour * ms / 10, `${times.at(-1) - times[0]} ms from first to last`);
		await receiver.stop();
		await silent.stop();
	});
}

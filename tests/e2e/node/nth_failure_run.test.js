"use strict";
// Every call into the kernel that `ringback run` makes, failing once: the n-th of its kind, for every n. It comes to a verdict, or
// says why there is none. Of memory nothing is to be seen: the first refusal is met from what is kept in reserve. Of `ringback load`
// those by which a loop hears, which no limit of descriptors or memory takes away.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { everyOne, firstOnes } = require("./failing.js");
const { scratchFolder, start, startReceiver, test, within } = require("./harness.js");

const library = process.env.RINGBACK_NTH_FAILURE;
const functions = [
	"write", "send", "read", "recv", "socket", "connect", "bind", "listen", "getsockname", "getpeername", "getsockopt",
	"setsockopt", "close", "fcntl", "ioctl", "poll", "pipe", "epoll_create1", "epoll_ctl", "epoll_wait", "eventfd", "timerfd_create",
	"pthread_create",
];
const ofMemory = ["malloc", "calloc", "aligned_alloc"];
/** It fails only if its arguments are wrong. */
const neverFails = ["timerfd_settime"];
const atOnce = 4;  // processes beside each other
const channel = 3;

/** What to play, and with whom: `handle` as of startReceiver(). */
async function world(handle) {
	const scenario = path.join(scratchFolder(), "short.json");
	fs.writeFileSync(scenario, JSON.stringify({
		version: 1, name: "short", vars: { to: "+19195559907" },
		start: { call: { callbackTimeout: 1000 } },  // a send() that failed may have been answered: that is waited for
		model: { "answer-delay": "10ms", "talk-delay": "30ms", "hangup-delay": "10ms" },
		steps: [{ send: "answer" }, { send: "hangup" }],
	}));
	const receiver = await startReceiver(handle);
	return { receiver, words: [scenario, "-f", receiver.url] };
}

/** { code (or a signal's name), stdout, stderr, failed: whether the call was made }. `plan` as support/nth_failure.c has it. */
function play(words, plan) {
	const { child, exited, stderr } = start(words,
		{ LD_PRELOAD: library, RINGBACK_FAIL_CHANNEL: String(channel), ...(plan ? { RINGBACK_FAIL: plan } : {}) },
		"pipe", { stdio: ["ignore", "pipe", "pipe", "pipe"] });
	const socket = child.stdio[channel];
	let stdout = "";
	let said = "";
	child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
	socket.on("error", () => {});  // of a process that is over
	socket.setEncoding("utf8").on("data", (text) => (said += text));
	const closed = new Promise((resolve) => child.once("close", resolve));  // all that it said has come
	const ended = within(Promise.all([exited, closed]), () => `still there with ${plan}; stderr: ${stderr()}`)
		.then(([code]) => ({ code, stdout, stderr: stderr(), failed: said.includes("failed\n") }));
	return { socket, ended, said: () => said };
}

/** What came of it for each n until one that is never reached, or all of them. */
async function playAll(name, numbers, { command = ["run"], flags = [] } = {}) {
	const { receiver, words } = await world();
	const tried = [];
	let reached = true;
	await Promise.all(Array.from({ length: atOnce }, async () => {
		for (const n of numbers) {
			const outcome = await play([...command, ...words, ...flags], `${name}:${n}`).ended;
			if (outcome.failed) tried.push({ n, ...outcome });
			reached &&= outcome.failed;
			if (!reached) return;
		}
	}));
	await receiver.stop();
	assert.ok(tried.length > 0, `${name}() was never called, so nothing was tried`);
	return tried;
}

/** A callback that did not get through, by no fault of the receiver's, or a report that could not be written. */
const notTaken = /^ +got +(broken|could_not_connect|timed_out): .+$|^ringback: standard output: cannot be written: /m;

/** A verdict that names what went wrong, or no verdict and why. */
function assertIsAnEnd(name, { n, code, stdout, stderr }) {
	const what = `${name}:${n}: ${code}\n${stdout}\n${stderr}`;
	assert.ok([0, 1, 2, 3].includes(code), what);
	if (code === 0) assert.match(stdout, /^ok .*short/m, what);
	if (code === 1) assert.match(stdout + stderr, notTaken, what);
	if (code > 1) assert.match(stderr, /^(ringback: |\S+short\.json: )./m, what);
}

for (const name of functions) {
	test(`nth failure: whichever ${name}() of a run fails, it comes to its verdict or says why there is none`, async () => {
		for (const outcome of await playAll(name, everyOne())) assertIsAnEnd(name, outcome);
	});
}

for (const name of ofMemory) {
	test(`nth failure: whichever ${name}() of a run fails, it passes as without that, or says that it cannot begin`, async (t) => {
		const tried = await playAll(name, everyOne(name === "malloc" ? 61 : 1));
		for (const outcome of tried) {
			assertIsAnEnd(name, outcome);
			assert.ok(outcome.code === 0 || (name === "calloc" && outcome.code === 3), `${name}:${outcome.n}: ${outcome.stderr}`);
		}
		t.diagnostic(`${tried.length} runs, the last with the ${Math.max(...tried.map(({ n }) => n))}th`);
	});
}

for (const name of ["epoll_ctl", "eventfd", "timerfd_create", "write", "pthread_create"]) {
	test(`nth failure: whichever ${name}() of a load fails, it comes to its verdict or says why there is none`, async () => {
		const flags = ["--rate", "20", "--duration", "300ms"];
		for (const { n, code, stderr } of await playAll(name, firstOnes(), { command: ["load"], flags })) {
			const what = `${name}:${n}: ${code}: ${stderr}`;
			assert.ok([0, 3, 98].includes(code), what);
			if (code === 3) assert.match(stderr, /^ringback: ./m, what);
		}
	});
}

test("nth failure: of the functions that can be made to fail each that a run calls is tried", async () => {
	const { receiver, words } = await world(async ({ eventType }) => {
		if (eventType !== "hangup") return;
		running.socket.write("called\n");
		await within(new Promise((resolve) => running.socket.on("data", () => running.said().includes("called ") && resolve())), () => "no answer");
	});
	const running = play(["run", ...words]);
	const { code, stderr } = await running.ended;
	await receiver.stop();
	assert.equal(code, 0, stderr);
	const called = running.said().match(/^called (.*)$/m)[1].split(" ");

	assert.deepEqual(called.sort(), [...functions, ...ofMemory, ...neverFails].sort());
});

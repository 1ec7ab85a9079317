"use strict";
// Every call into the kernel that `ringback serve` makes, failing once: the n-th of its kind, for every n. Memory
// too, from its start on and again once it serves. What is left then is what is left without a failure.
// nth_failure_tls.test.js is the same over TLS.

const assert = require("node:assert/strict");
const os = require("node:os");
const { attempt, calls, everyOne, hangingName, startFailing, startWorld, tryAll, tryNothing } = require("./failing.js");
const { test, until, within } = require("./harness.js");

const functions = [
	"write", "send", "read", "recv", "accept4", "socket", "connect", "bind", "listen", "getsockname", "getpeername", "getsockopt",
	"setsockopt", "open", "fstat", "flock", "close", "rename", "fcntl", "ioctl", "fdatasync", "fsync", "poll", "fallocate", "pipe",
	"epoll_create1", "epoll_ctl", "epoll_wait", "eventfd", "timerfd_create", "malloc", "aligned_alloc", "calloc",
];
/** Called only where a callback goes to a host by its name, which a thread asks for. */
const forNames = ["getaddrinfo", "pthread_create"];
/** It fails only if its arguments are wrong. */
const neverFails = ["timerfd_settime"];

for (const name of functions) {
	test(`nth failure: whichever ${name}() fails, nothing dies, hangs, leaks or is lost`, () => tryAll(name, everyOne()));
}

for (const name of [...forNames, "calloc"]) {  // which asking for a name calls, too
	test(`nth failure: whichever ${name}() fails where a receiver has a name, no event is lost`, () =>
		tryAll(name, everyOne(), { world: { named: true } }));
}

test("nth failure: of the functions that can be made to fail each that is called is tried", async () => {
	const plain = await tryNothing(await startWorld());
	const named = await tryNothing(await startWorld({ named: true }));

	assert.deepEqual([...plain.called].sort(), [...functions, ...neverFails].sort());
	assert.deepEqual([...named.called].sort(), [...functions, ...forNames, ...neverFails].sort());
});

for (const name of ["malloc", "aligned_alloc"]) {
	test(`nth failure: whichever ${name}() fails while it serves, nobody notices`, async (t) => {
		const failed = await tryAll(name, everyOne(), { serving: true });
		for (const { n, answers, outcomes, said } of failed) {
			assert.equal(answers, calls, `${name}:${n}: ${said}`);
			assert.deepEqual(outcomes, Array(calls).fill("delivered"), `${name}:${n}: ${said}`);
		}
		t.diagnostic(`${failed.length} runs, the last with the ${Math.max(...failed.map(({ n }) => n))}th`);
	});
}

for (const [name, code] of [["send", "ENOBUFS"], ["send", "ENOMEM"], ["getsockopt", "ENOBUFS"]]) {
	test(`nth failure: a system without room for a ${name}() once (${code}) costs no event`, async () => {
		for (const { n, outcomes, said } of await tryAll(name, everyOne(), { error: os.constants.errno[code] })) {
			assert.deepEqual([...new Set(outcomes)], ["delivered"], `${name}:${n}: ${said}`);
		}
	});
}

test("nth failure: after an fdatasync() that failed it is not said that all is on the disk", async () => {
	const failed = await tryAll("fdatasync", everyOne(), { error: os.constants.errno.EIO });
	const again = failed.filter(({ said }) => /can be written again/.test(said));
	assert.notEqual(again.length, 0);
	for (const { n, said } of again) {
		assert.match(said, /can be written again; 0 lines were lost, and a loss of power may take more of them/, `fdatasync:${n}`);
	}
});

for (const name of ["pthread_create", "calloc", "aligned_alloc", "malloc", "fdatasync"]) {
	test(`nth failure: whichever ${name}() fails where the disk is waited for beside the loop, no event is lost`, async () => {
		await tryAll(name, everyOne(name === "malloc" ? 5 : 1), { world: { fsync: "batch" }, serving: true });
	});
}

test("nth failure: without a thread to wait for the disk beside the loop that is said, and the loop waits", async () => {
	for (const { n, outcomes, said } of await tryAll("pthread_create", everyOne(), { world: { fsync: "batch" } })) {
		assert.match(said, /journal\.jsonl: no thread for fsync is to be had: Resource temporarily unavailable; everything else waits/);
		assert.deepEqual([...new Set(outcomes)], ["delivered"], `pthread_create:${n}: ${said}`);
	}
});

test("nth failure: an fdatasync() that failed beside the loop is told, whatever the next one says", async () => {
	for (const { n, said } of await tryAll("fdatasync", everyOne(), { world: { fsync: "batch" }, error: os.constants.errno.EIO })) {
		assert.match(said, /cannot be written: Input\/output error/, `fdatasync:${n}`);
	}
});

test("nth failure: a resolver that never answers keeps no other call waiting, and no process from ending when its time to drain is over", async () => {
	const world = await startWorld();
	const fake = startFailing(world, world.folder, undefined, ["--allow-target", hangingName, "--drain-timeout", "1s"]);
	const { api } = await fake.ready;
	const place = (callbackUrl, tag) => attempt("POST", `${api}/v1/users/u-node/calls`,
		{ from: "+19195550123", to: "+15550009901", callbackUrl, tag });
	assert.equal((await place(`http://${hangingName}:9/`, "hanging")).status, 201);
	await until(async () => (await fake.ask("called")).includes("getaddrinfo"), () => "no name was asked for");
	assert.equal((await place(world.url, "other")).status, 201);
	await until(async () => world.receiver.events.some(({ tag }) => tag === "other") || void await fake.ask("called"), () => "the other call waits");
	fake.child.kill("SIGTERM");
	assert.equal(await within(fake.exited, () => `it did not end; stderr: ${fake.stderr()}`), 0);
	assert.match(fake.stderr(), /the time to drain was over/);
	await world.receiver.stop();
});

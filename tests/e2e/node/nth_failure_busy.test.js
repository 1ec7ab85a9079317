"use strict";
// The same as nth_failure.test.js while ringback is at everything that it does at its edge: failing_story.js.

const assert = require("node:assert/strict");
const { everyOne, startWorld, tryAll, tryNothing } = require("./failing.js");
const story = require("./failing_story.js");
const { test } = require("./harness.js");

const world = { busy: true };

/** Those that it calls while it serves, and how many of them are passed over each time, as their neighbours are much the same. */
const functions = {
	write: 1, send: 3, read: 1, recv: 3, accept4: 1, socket: 1, connect: 1, getsockopt: 1, setsockopt: 3, getpeername: 1, close: 3,
	shutdown: 1, fcntl: 1, ioctl: 5, fdatasync: 3, epoll_ctl: 3, epoll_wait: 7, getaddrinfo: 1, pthread_create: 1,
	malloc: 17, aligned_alloc: 3, calloc: 1,
};
/** It fails only if its arguments are wrong. */
const neverFails = ["timerfd_settime"];
/** Called before it serves, or at its end: see nth_failure.test.js. */
const otherwhere = [
	"bind", "listen", "getsockname", "open", "fstat", "flock", "rename", "fsync", "poll", "fallocate", "pipe", "epoll_create1",
	"eventfd", "timerfd_create",
];

for (const [name, step] of Object.entries(functions)) {
	test(`nth failure, busy: whichever ${name}() fails while it serves, nothing dies, hangs, leaks or is lost`, async (t) => {
		const failed = await tryAll(name, everyOne(step), { world, serving: true });
		t.diagnostic(`${failed.length} runs, the last with the ${Math.max(...failed.map(({ n }) => n))}th`);
	});
}

test("nth failure, busy: of the functions that can be made to fail each that is called is tried", async () => {
	const { called, answers, rules } = await tryNothing(await startWorld(world));
	assert.equal(answers, story.owedOfAll);
	assert.deepEqual(rules, story.faults.map((_, place) => place + 1));

	assert.deepEqual([...called].sort(), [...Object.keys(functions), ...neverFails, ...otherwhere].sort());
});

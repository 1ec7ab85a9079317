"use strict";
// The same as nth_failure.test.js, the API and the receiver over TLS: what OpenSSL asks the system for, and the certificate
// that `ringback serve` makes.

const assert = require("node:assert/strict");
const { everyOne, firstOnes, startWorld, tryAll, tryNothing } = require("./failing.js");
const { test } = require("./harness.js");

const world = { tls: true };
// Four calls need memory several thousand times, a start ten thousands, each of them in much the same way.
const step = 67;
const stepOfStart = 499;

/** Those that TLS adds or calls more often. The others are called by the same code as without. */
const functions = [
	"write", "send", "read", "recv", "accept4", "connect", "open", "fopen", "close", "rename", "unlink", "mkdtemp", "shutdown",
	"fstat", "getsockopt", "realloc", "malloc",
];
const asWithout = [
	"socket", "bind", "listen", "getsockname", "getpeername", "setsockopt", "flock", "fcntl", "ioctl", "fdatasync", "fsync", "poll",
	"fallocate", "pipe", "epoll_create1", "epoll_ctl", "epoll_wait", "eventfd", "timerfd_create", "timerfd_settime", "aligned_alloc", "calloc",
];

for (const name of functions) {
	test(`nth failure over TLS: whichever ${name}() fails, nothing dies, hangs, leaks or is lost`, () =>
		tryAll(name, name === "malloc" ? everyOne(stepOfStart) : firstOnes(), { world }));
}

for (const name of ["send", "recv", "realloc"]) {
	test(`nth failure over TLS: whichever ${name}() fails while it serves, nothing dies, hangs, leaks or is lost`, () =>
		tryAll(name, firstOnes(), { world, serving: true }));
}

test("nth failure over TLS: whichever malloc() fails while it serves, from the first to the last, nothing dies, hangs, leaks or is lost", async (t) => {
	const failed = await tryAll("malloc", everyOne(step), { world, serving: true });
	t.diagnostic(`${failed.length} runs, the last with the ${Math.max(...failed.map(({ n }) => n))}th`);
});

test("nth failure over TLS: of the functions that can be made to fail each that is called is tried", async () => {
	const { called } = await tryNothing(await startWorld(world));

	assert.deepEqual([...called].sort(), [...functions, ...asWithout].sort());
});

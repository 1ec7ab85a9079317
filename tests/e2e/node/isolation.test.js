"use strict";
// What hostile receivers come to, each as it deserves, and that good calls do not notice them.

const assert = require("node:assert/strict");
const { admin, foundingEvents, send, short, test, until } = require("./harness");
const {
	callbackTimeout, converse, engage, idle, keys, lags, quantile, startHostile, startShortCalls,
} = require("./isolation");
const { clearPeak, occupied } = require("./raw");

const ms = (value) => value.toFixed(1);
/** Far from what a busy machine does to a callback, and far below what waiting for a hostile receiver's timeout would. */
const heldUpMs = callbackTimeout / (process.env.RINGBACK_SANITIZED ? 2 : 6);

/** Asserts the promises about good calls; prints the figures. */
async function good(fake, when) {
	const run = await converse(fake, 20);
	for (const id of Object.keys(run.calls)) {
		// As they were sent: this process has more to do than to read them in their order.
		assert.deepEqual(run.events.filter((event) => event.callId === id).map(short).sort(), [...foundingEvents].sort());
	}
	const sent = (await admin(fake, "GET", "/journal?kind=attempt&user=u-good")).sort((a, b) => a.wall.sent_us - b.wall.sent_us);
	for (const id of Object.keys(run.calls)) {
		const deliveries = sent.filter(({ call }) => call === id).map(({ delivery }) => delivery);
		assert.deepEqual(deliveries, [...deliveries].sort((a, b) => a - b));
	}
	const late = await lags(fake, run.calls);
	assert.equal(late.length, 80);
	const worst = { creation: Math.max(...run.creations), call: Math.max(...Object.values(run.calls)) };
	console.log(`isolation, ${when}: 20 good calls, creation at most ${ms(worst.creation)} ms, a whole call at most ` +
		`${ms(worst.call)} ms, send lag p50 ${ms(quantile(late, 0.5))} p99 ${ms(quantile(late, 0.99))} ms`);
	assert.ok(worst.creation < 2000, `a creation took ${worst.creation} ms`);
	assert.ok(worst.call < 10000, `a call took ${worst.call} ms`);
	// Of eighty the last four may have met anything; a receiver that holds others up holds up more.
	assert.ok(quantile(late, 0.95) < heldUpMs, `callbacks were sent up to ${quantile(late, 0.95)} ms late`);
}

test("isolation: beside a hundred kinds of hostile receivers good calls have all their events in time", async () => {
	const fake = await startShortCalls();
	const receivers = await startHostile();
	assert.ok(receivers.length >= 80);
	await good(fake, "alone");
	await idle(fake);
	clearPeak(fake.pid);
	const before = occupied(fake.pid);

	const engaged = engage(fake, receivers, 3);
	await good(fake, `beside ${receivers.length} kinds of hostile receivers, three calls each`);
	const calls = await engaged;
	await idle(fake);

	// Every attempt came to what its receiver deserves, in its time.
	const attempts = await admin(fake, "GET", "/journal?kind=attempt&user=u-hostile");
	const wrong = attempts.map(({ call, end, status, error }) => ({ kind: calls[call], what: end === "answered" ? `${end} ${status}` : end, error }))
		.filter(({ kind, what }) => !kind.outcome.test(what))
		.map(({ kind, what, error }) => `${kind.name}: ${what} ${error}`);
	assert.deepEqual([...new Set(wrong)], []);
	assert.equal(attempts.length, receivers.length * 3 * (1 + keys));
	// From the moment it was due, so that waiting for its turn, resolving, connecting and the TLS handshake are all in it.
	const times = attempts.map(({ call, wall }) => ({ kind: calls[call].name, took: (wall.ended_us - wall.due_us) / 1000 }));
	assert.deepEqual(times.filter(({ took }) => !(took >= 0)), [], "each has its beginning and its end");
	const longest = Math.max(...times.map(({ took }) => took));
	assert.ok(longest < callbackTimeout + 1000,
		`an attempt of at most ${callbackTimeout} ms took ${longest} ms: ${times.find(({ took }) => took === longest).kind}`);

	// Nothing is left of them: what is kept open is for a few seconds, on either side.
	const after = await until(async () => {
		await send("GET", fake.admin + "/live");
		const now = occupied(fake.pid);
		return now.descriptors <= before.descriptors + 4 && now;
	}, () => `descriptors: ${before.descriptors} before, ${occupied(fake.pid).descriptors} now`);
	assert.equal(after.threads, before.threads);
	const grown = after.mostKB - before.kB;
	console.log(`isolation: ${attempts.length} hostile attempts, the longest ${ms(longest)} ms of ${callbackTimeout}; descriptors ` +
		`${before.descriptors} and ${after.descriptors}, threads ${before.threads} and ${after.threads}, at most ${grown} kB more resident`);
	// A sanitizer keeps what was freed, and a shadow of all memory.
	assert.ok(grown < (process.env.RINGBACK_SANITIZED ? 128 : 16) << 10, `${grown} kB`);
	assert.equal(await fake.stop(), 0);
});

"use strict";
// How long a run may wait by the modelled clock, which jumps as far as a scenario likes.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { run, scratchFolder, startReceiver, test, unbroken } = require("./harness");

/** A scenario whose waits are these, and `ringback run` of it. */
async function waiting(pauses, ...flags) {
	const receiver = await startReceiver();
	const file = path.join(scratchFolder(), "waits.json");
	const steps = [{ send: "answer" }, ...pauses.map((pause) => ({ pause })), { caller: { hangup: true } }, { send: "hangup" }];
	fs.writeFileSync(file, JSON.stringify({ version: 1, name: "waits", steps }));
	const { code, stdout, stderr } = await run(["run", file, "--callback-url", receiver.url, ...flags]);
	await receiver.stop();
	return { code, told: unbroken(stdout), stderr, events: receiver.events.map(({ eventType }) => eventType) };
}

test("run: waits of more than an hour together are inconclusive, at the step where they would begin", async () => {
	const { code, told, events } = await waiting(["35m", "35m"]);

	assert.equal(code, 6, told);
	assert.match(told, /INCONCLUSIVE waits {2}pause \(line 1\)/);
	assert.match(told, /the waits of this run come to 1h10m together, and may come to 1h: --timeout makes that more/);
	assert.deepEqual(events, ["answer"]);
});

test("run: waits of an hour pass, and a longer --timeout makes room for more", async () => {
	for (const [pauses, ...flags] of [[["30m", "30m"]], [["35m", "35m"], "--timeout", "2h"]]) {
		const { code, told, stderr, events } = await waiting(pauses, ...flags);

		assert.equal(code, 0, told + stderr);
		assert.deepEqual(events, ["answer", "hangup"]);
	}
});

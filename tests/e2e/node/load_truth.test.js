"use strict";
// Does `ringback load` tell the truth about a receiver that stalls, and about itself when it has no time? What is
// compared here is of one and the same run, so that a slow machine changes both sides. bench/queueing holds the
// figures against formulas.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { scratchFolder, start, startReceiver, test, within } = require("./harness");

/** One callback a call: the number is busy. */
function customer() {
	const file = path.join(scratchFolder(), "customer.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "customer", start: { call: { to: "+15550009901", callbackUrl: "${receiver}/cb" } },
		steps: [{ send: "hangup", id: "end" }],
	}));
	return file;
}

function startLoad(args) {
	const report = path.join(scratchFolder(), "result.json");
	const load = start(["load", customer(), "--quiet", "--report", `json=${report}`, ...args]);
	const ended = within(load.exited, () => `ringback load did not end: ${load.stderr()}`)
		.then((code) => ({ code, stdout: load.stdout(), stderr: load.stderr(), result: JSON.parse(fs.readFileSync(report)) }));
	return { child: load.child, ended };
}

test("load: what waits because the receiver stalls is in the response time, though no request took long", async () => {
	const deafAfter = 30;
	const deafMs = 1500;
	let taken = 0;
	let deaf = null;
	const receiver = await startReceiver(async () => {
		taken += 1;
		if (taken === deafAfter) deaf = new Promise((hear) => setTimeout(hear, deafMs));
		await deaf;
		return 200;
	});

	const { code, stdout, stderr, result } = await startLoad(["-f", receiver.url.replace("/cb", ""),
		"--rate", "100/1s", "--duration", "3s", "--connections", "1"]).ended;

	assert.ok([0, 98].includes(code), stderr);
	assert.equal(result.counts.delivered, 300);
	if (code === 98) {  // a machine so busy that not even starts were on time
		assert.match(stdout, /late|busy/);
		return;
	}
	const { response, service } = result.metrics;
	// Of 300 callbacks about 150 were due while it was deaf; only one had been sent.
	assert.ok(response.p90_us > deafMs * 1000 / 3, JSON.stringify(response));
	assert.ok(service.max_us >= deafMs * 1000 * 0.9, JSON.stringify(service));
	assert.ok(service.p99_us < response.p90_us, `${service.p99_us} ${response.p90_us}`);
});

test("load: a generator that has a fraction of a core says so: 98, and no latency as a result", async () => {
	const receiver = await startReceiver();
	const load = startLoad(["-f", receiver.url.replace("/cb", ""), "--rate", "100/1s", "--duration", "3s"]);
	await receiver.event(() => true);
	// A tenth of a core: stopped for nine of ten milliseconds.
	const withheld = setInterval(() => {
		load.child.kill("SIGSTOP");
		setTimeout(() => load.child.kill("SIGCONT"), 45);
	}, 50);

	const { code, stdout, result } = await load.ended.finally(() => {
		clearInterval(withheld);
		load.child.kill("SIGCONT");
	});

	assert.equal(code, 98);
	assert.equal(result.truth.valid, false);
	assert.match(result.truth.invalid.join(), /calls started late/);
	assert.equal(result.counts.started, 300);
	assert.doesNotMatch(stdout, /p99\.9/);
});

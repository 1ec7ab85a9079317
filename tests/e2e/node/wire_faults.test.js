"use strict";
// Bytes that leave badly, and who is at the other end: a receiver on node's own http server, plain and https, and
// node's fetch as the client. Both live through all of it.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { admin, foundingEvents, isHangup, makeCertificate, scratchFolder, send, short, startFake, startReceiver, test,
	voice } = require("./harness");

/** A file of faults for `--faults`. */
function faultFile(...faults) {
	const file = path.join(scratchFolder(), "faults.json");
	fs.writeFileSync(file, JSON.stringify({ version: 1, faults }));
	return file;
}

/** As a receiver should: whatever comes twice is acted on once. */
function onceEach(api) {
	const seen = new Set();
	return async (event) => {
		const name = short(event);
		if (seen.has(name)) return;
		seen.add(name);
		if (name === "answer") await api.audio(event.callId, { sentence: "Hello" });
		if (name === "speak done") await api.hangUp(event.callId);
	};
}

const rudeness = [
	{ half_body: true },
	{ slicer: { size: 20, pause: "1ms" } },
	{ latency: "20ms" },
	{ wrong_length: 10 },
	{ limit_data: 40 },
	{ reset_peer: { bytes: 40 } },
	{ reset_peer: true },
	{ timeout: { bytes: 40, for: "50ms" } },
	{ garbage: true },
	{ empty: true },
	{ close_kept: true },
];

/** A call is played out before a receiver on which every callback is first sent like that. */
async function playsThrough(fault, options, flags) {
	const fake = await startFake(["--faults", faultFile({ ...fault, on: { event: "*" } }), ...flags]);
	const api = voice(fake);
	const receiver = await startReceiver(onceEach(api), options);

	await api.create({ callbackUrl: receiver.url, callbackTimeout: 1000 });
	await receiver.event(isHangup);
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");

	assert.deepEqual([...new Set(receiver.events.map(short))].sort(), [...foundingEvents].sort());
	const met = await admin(fake, "GET", "/journal?kind=fault");
	assert.notEqual(JSON.stringify(met).match(/sent (badly|slowly)/), null);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
}

for (const fault of rudeness) {
	test(`serve: a receiver on node's http lives through ${JSON.stringify(fault)}`, () => playsThrough(fault, {}, []));
}

test("serve: a receiver on node's https lives through half a body and a reset", async () => {
	const { key, cert, certFile } = makeCertificate(scratchFolder());
	for (const fault of [{ half_body: true }, { reset_peer: { bytes: 40 } }]) {
		await playsThrough(fault, { key, cert }, ["--cacert", certFile]);
	}
});

test("serve: what node's fetch makes of answers that leave badly, and the next one is whole", async () => {
	const bad = [{ half_body: true }, { wrong_length: 10 }, { limit_data: 20 }, { empty: true },
		{ garbage: true }, { timeout: { bytes: 20, for: "20ms" } }, { reset_peer: { bytes: 20 } }];
	for (const fault of bad) {
		const fake = await startFake(["--faults", faultFile({ ...fault, on: { request: "GET /v1/users/*/account" }, times: 1 })]);
		const api = voice(fake);

		await assert.rejects(api.ask("GET", "/account"), JSON.stringify(fault));
		assert.equal((await api.ask("GET", "/account")).status, 200);
		assert.equal(await fake.stop(), 0);
	}
});

test("serve: slow answers are whole", async () => {
	for (const fault of [{ latency: "100ms" }, { slicer: { size: 7, pause: "2ms" } }, { bandwidth: 10000 }]) {
		const fake = await startFake(["--faults", faultFile({ ...fault, on: { request: "*" } })]);
		const api = voice(fake);

		assert.equal((await api.ask("GET", "/account")).json.balance !== undefined, true);
		assert.equal((await send("GET", `${fake.admin}/live`)).status, 200);
		assert.equal(await fake.stop(), 0);
	}
});

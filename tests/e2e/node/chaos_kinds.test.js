"use strict";
// Every single fault of the built-in `chaos`: over some seeds each strikes, of callbacks and of answers; and what a
// receiver under it is judged by.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { chaoticVoice, fates, insist } = require("./chaos_calls");
const { admin, run, scratchFolder, startReceiver, startServing, test } = require("./harness");

const secret = "whsec_" + Buffer.alloc(32, "k").toString("base64");
const users = Array.from({ length: 40 }, (_, n) => `u-${n + 1}`);
const looksOfAUser = 10;

/** A call of every user, all at once, each step once all that came of the one before is over. */
async function playCalls(fake, receiver) {
	const together = async (act) => {
		await Promise.all(users.map(act));
		await admin(fake, "GET", "/wait?for=idle&timeout=50s");
	};
	const ask = (user, ...request) => insist(() => chaoticVoice(fake, user).ask(...request));
	await together((user) => ask(user, "POST", "/calls", { from: "+19195550123", to: "+19195550187", callbackUrl: receiver.url }));
	const asked = await admin(fake, "GET", "/journal?kind=api");
	const callOf = new Map(asked.filter(({ status }) => status === 201).map(({ user, call }) => [user, call]));
	const phone = (user, act) => admin(fake, "POST", `/calls/${callOf.get(user)}/caller`, act);

	await together((user) => phone(user, { action: "press", digits: "123" }));
	await together((user) => ask(user, "POST", `/calls/${callOf.get(user)}/audio`, { sentence: "Hello" }));
	await together(async (user) => {
		for (let looks = 0; looks < looksOfAUser; looks += 1) await ask(user, "GET", "/calls");
	});
	await together((user) => phone(user, { action: "hangup" }));
}

/** Which rules have struck by this seed, by their numbers. */
async function struckBy(seed, rules) {
	const receiver = await startReceiver(undefined, { refusesBroken: true });
	const fake = await startServing(["--port", "0", "--clock", "virtual", "--reply-patience", "10s", "--quiet", "--faults", "chaos", "--seed", String(seed)],
		{ RINGBACK_SIGNING_SECRET: secret });
	rules.push(...(await admin(fake, "GET", "/faults")).faults.slice(rules.length));
	await playCalls(fake, receiver);

	const journal = await admin(fake, "GET", "/journal?limit=50000");
	assert.deepEqual([...new Set(fates(journal))].filter((fate) => fate !== "delivered" && fate !== "dropped by drop"), [], `seed ${seed}`);
	assert.equal(await fake.stop(), 0, fake.stderr());
	await receiver.stop();
	return journal.filter(({ kind }) => kind === "fault").map(({ rule }) => rule);
}

test("chaos: over some seeds every one of its faults strikes, and all that is owed is delivered or dropped by one", async () => {
	const rules = [];
	const struck = new Set();
	const idle = () => rules.filter((_, at) => !struck.has(at + 1)).map((rule) => JSON.stringify(rule));
	const seeds = 8;
	for (let seed = 1; seed === 1 || (idle().length > 0 && seed <= seeds); seed += 1) {
		for (const rule of await struckBy(seed, rules)) struck.add(rule);
	}

	assert.ok(rules.length >= 45, `${rules.length} faults`);
	assert.deepEqual(idle(), []);
});

/** A call whose person presses two keys and hangs up, played under chaos by this seed: what became of it. */
async function judged(seed, handle) {
	const receiver = await startReceiver(handle, { refusesBroken: true });
	const file = path.join(scratchFolder(), "keys.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1,
		name: "keys",
		steps: [
			{ send: "answer" },
			{ caller: { press: "12", after: "1s" } },
			{ send: "dtmf" }, { send: "dtmf" },
			{ caller: { hangup: true, after: "1s" } },
			{ send: "hangup" },
			{ quiet: "30s" },
		],
	}));
	const ended = await run(["run", file, "--callback-url", receiver.url, "--faults", "chaos", "--seed", String(seed), "--format", "json"]);
	await receiver.stop();
	const report = JSON.parse(ended.stdout);
	return { ...ended, journal: (report.runs ? report.runs[0] : report).journal };
}

test("run: under --faults chaos a receiver passes that takes all it understands, and refuses what it does not", async () => {
	let struck = 0;
	for (let seed = 1; seed <= 12; seed += 1) {
		const { code, stdout, stderr, journal } = await judged(seed, (event) => Object.values(event).includes(null) ? 400 : 200);

		assert.equal(code, 0, `seed ${seed}: ${stdout}${stderr}`);
		const met = journal.filter(({ kind }) => kind === "fault");
		if (met.length > 0) assert.match(stderr, /^faults chaos struck \d+: \w+ \d+/m);
		struck += met.length;
	}
	assert.ok(struck >= 12, `${struck} faults`);
});

test("run: under --faults chaos a receiver fails that falls over an event which comes twice", async () => {
	const failed = [];
	for (let seed = 1; failed.length === 0; seed += 1) {
		assert.ok(seed <= 30, "nothing has come twice");
		const seen = new Set();
		const { code, stdout } = await judged(seed, (event) => {
			const text = JSON.stringify(event);
			return seen.has(text) ? 500 : (seen.add(text), 200);
		});
		if (code !== 0) failed.push([code, stdout]);
	}
	assert.equal(failed[0][0], 1, failed[0][1]);
	assert.match(failed[0][1], /answered 500/);
});

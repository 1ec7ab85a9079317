"use strict";
// One process of `ringback serve` in which call after call of the C library fails, each once: it serves on, no event is lost,
// and afterwards it holds no more memory than before.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const os = require("node:os");
const { attempt, startFailing, startWorld } = require("./failing.js");
const { test, until, within } = require("./harness.js");

const settled = 150;  // failures after which what is kept is full; the rest comes and goes by some 20 kB
const enough = 300;  // failures of one function after that
// Bytes more than before. A connection is a kilobyte, a stream of TLS ten of them a failure; connections over TLS cost some
// 35 bytes each without a failure, too.
const mostKept = { plain: 32768, tls: 98304 };

/** A process that fails as it is told: play(name, n) is one call while the n-th call of `name` fails, told whether it did. */
async function startVictim(kind) {
	const world = await startWorld({ ...kind, closing: true });
	// What is kept for questions is full after a few calls.
	const fake = startFailing(world, world.folder, undefined, ["--max-journal-entries", "100", "--max-ended-calls", "10"]);
	const addresses = await fake.ready;
	const { admin } = addresses;
	const ca = world.tls ? fs.readFileSync(addresses.certificate) : undefined;
	const api = world.tls ? addresses.apiTls : addresses.api;
	let over = null;
	fake.exited.then((code) => (over = code));
	const must = (look, what) => until(async () => {
		assert.equal(over, null, `${what} ended it: ${fake.stderr()}`);
		return look();
	}, () => `${what}; stderr: ${fake.stderr()}`);
	const ok = (method, path, body) => async () => (await attempt(method, admin + path, body))?.status < 300;
	let rounds = 0;
	let made = 0;
	let failedEvents = 0;
	return {
		counts: () => ({ rounds, made, failedEvents }),
		async play(name, n, error) {
			const tag = `${name}:${n}:${++rounds}`;
			const before = fake.times();
			await fake.ask(`fail ${[name, n, error].filter(Boolean).join(":")}`);
			const answer = await attempt("POST", `${api}/v1/users/u-node/calls`,
				{ from: "+19195550123", to: "+15550009901", callbackUrl: world.url, tag }, { ca });
			await must(ok("GET", "/wait?for=idle&timeout=2s"), tag);
			await fake.ask("fail nothing:1");
			const failed = fake.times() > before;
			if (answer?.status !== 201) {
				assert.ok(failed, `${tag}: no call, and nothing failed; stderr: ${fake.stderr()}`);
				return failed;
			}
			made += 1;
			const id = answer.location.split("/").pop();
			const arrived = () => world.receiver.events.some((event) => event.tag === tag);
			const said = () => fake.lines().some((entry) => entry.kind === "attempt" && entry.call === id && entry.outcome === "failed");
			await must(async () => arrived() || said() || void await attempt("GET", `${admin}/live`), `${tag}: without its event`);
			if (!arrived()) failedEvents += 1;
			return failed;
		},
		/** What it holds without calls. */
		async memory() {
			await must(ok("POST", "/reset", {}), "reset");
			return Number((await fake.ask("memory")).split(" ")[1]);
		},
		async stop() {
			fake.child.kill("SIGTERM");
			assert.equal(await within(fake.exited, () => `it did not end; stderr: ${fake.stderr()}`), 0);
			await world.receiver.stop();
		},
	};
}

/** What is left of memory after many failures: a sentence, and whether that is too much, or nothing was tried. */
async function wear(kind, { name, error }) {
	const victim = await startVictim(kind);
	let each = 0;
	while (await victim.play(name, each + 1, error)) each += 1;
	let failures = 0;
	const playUntil = async (number) => {
		for (; each > 0 && victim.counts().rounds < number; failures += 1) await victim.play(name, 1 + failures % each, error);
	};
	await playUntil(settled);
	const before = await victim.memory();
	failures = 0;
	await playUntil(settled + enough);
	const more = await victim.memory() - before;
	await victim.stop();
	return { said: `${name}: ${each} in a call, ${failures} failures, ${JSON.stringify(victim.counts())}, ${more} of ${before} bytes more`,
		worn: each === 0 || more > (kind.tls ? mostKept.tls : mostKept.plain) };
}

// ENOBUFS: another error would have to end the connection, and a try that waits for its answer waits long. Not malloc(): the
// reserve makes up for one failure, and is there again at the next look; see below.
const send = { name: "send", error: os.constants.errno.ENOBUFS };
const cases = [
	["", {}, [send, { name: "recv" }, { name: "connect" }, { name: "socket" }]],
	[" where a receiver has a name", { named: true }, [{ name: "getaddrinfo" }]],
	[" over TLS", { tls: true }, [send, { name: "recv" }, { name: "connect" }, { name: "realloc" }]],
];
for (const [where, kind, plans] of cases) {
	test(`nth failure: calls failing again and again in one process${where} cost no event, and no memory`, async (t) => {
		const ends = await Promise.all(plans.map((plan) => wear(kind, plan)));
		for (const { said } of ends) t.diagnostic(said);
		assert.deepEqual(ends.filter(({ worn }) => worn), []);
	});
}

test("nth failure: memory that is not there now and again is made up for each time", async () => {
	const betweenLooks = 250;  // at what is kept in reserve
	const victim = await startVictim({});
	let failures = 0;
	for (let n = 1; await victim.play("malloc", n); n += 7) {
		failures += 1;
		const looked = Date.now() + 2 * betweenLooks;
		do await victim.play("nothing", 1); while (Date.now() < looked);
	}
	assert.ok(failures >= 10, `${failures} failures`);
	assert.equal(victim.counts().made, victim.counts().rounds);
	assert.equal(victim.counts().failedEvents, 0);
	await victim.stop();
});

test("nth failure: a thread to ask for names that cannot be made fails the try that needs it, and the next makes it", async () => {
	const victim = await startVictim({ named: true });
	assert.equal(await victim.play("pthread_create", 1), true);
	assert.equal(await victim.play("pthread_create", 2), false);
	assert.deepEqual(victim.counts(), { rounds: 2, made: 2, failedEvents: 1 });
	await victim.stop();
});

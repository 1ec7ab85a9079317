"use strict";
// Thousands of calls with four events each, and a receiver that is killed and started again in their midst: what
// the receiver wrote down, the journal and the accepted calls are held against each other. RINGBACK_TORTURE_CALLS
// says how many calls (10,000), RINGBACK_TORTURE_OUTAGE for how many milliseconds it is down each time (3,000).

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");
const path = require("node:path");
const readline = require("node:readline");
const { admin, endings, scratchFolder, startReceiver, startServing, test, until, voice, within } = require("./harness.js");

const calls = Number(process.env.RINGBACK_TORTURE_CALLS || 10000);
const outage = Number(process.env.RINGBACK_TORTURE_OUTAGE || 3000);
const creators = 64;
const perTarget = 256;
const patienceMicroseconds = 250000;
const longCalls = ["--answer-delay", "100ms..6s", "--talk-delay", "4s..12s"];
const fourEvents = ["answer", "hangup", "recording complete", "transcription completed"];

/** A port that no outgoing connection gets: a receiver that is down would otherwise be dialled by itself. */
async function quietPort() {
	const [lowest] = fs.readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
	for (;;) {
		const port = 10000 + Math.floor(Math.random() * (lowest - 10000));
		const free = await new Promise((resolve) => {
			const probe = net.createServer().once("error", () => resolve(false));
			probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
		});
		if (free) return port;
	}
}

/** A receiver in a process of its own: { url, kills, kill(), start(), seen() }. */
async function killableReceiver(folder) {
	const log = path.join(folder, "seen.log");
	fs.writeFileSync(log, "");
	const port = await quietPort();
	let child;
	const end = () => child?.kill("SIGKILL");
	endings.add(end);
	const receiver = {
		url: `http://127.0.0.1:${port}/cb`,
		bytes: () => fs.statSync(log).size,
		async start() {
			child = spawn(process.execPath, [path.join(__dirname, "killed_receiver.js"), log, String(port)],
				{ stdio: ["ignore", "pipe", "inherit"] });
			const ready = new Promise((resolve) => readline.createInterface({ input: child.stdout }).once("line", resolve));
			await within(ready, () => "the receiver is not ready");
		},
		async kill() {
			const gone = new Promise((resolve) => child.once("close", resolve));
			child.kill("SIGKILL");
			await within(gone, () => "the receiver did not end");
		},
		/** What it has been told of, in its order: { about, event, at }, at by the clock that the journal's wall times are of. */
		seen() {
			return fs.readFileSync(log, "utf8").trimEnd().split("\n").filter(Boolean).map((line) => {
				const [about, event, at] = line.split("\t");
				return { about, event, at: Number(at) };
			});
		},
	};
	await receiver.start();
	return receiver;
}

/** Asks for `count` calls, `creators` at a time on connections that are kept: the ids of the accepted ones. */
async function createCalls(fake, count, call) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: creators });
	const { headers, base } = voice(fake);
	const body = JSON.stringify(call);
	const ask = () => new Promise((resolve, reject) => {
		const request = http.request(`${base}/calls`, {
			agent, method: "POST",
			headers: { ...headers, "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) },
		}, (response) => {
			response.resume().on("end", () => resolve(response));
		});
		request.on("error", reject).end(body);
	});
	let asked = 0;
	const ids = [];
	const refused = [];
	await Promise.all(Array.from({ length: creators }, async () => {
		while (asked++ < count) {
			const { statusCode, headers: told } = await ask();
			if (statusCode === 201) ids.push(told.location.split("/").pop());
			else refused.push(statusCode);
		}
	}));
	agent.destroy();
	assert.deepEqual(refused, []);
	return ids;
}

/**
 * The journal's deliveries: { call, about, event, attempts } by delivery, in the order in which they became owed.
 * `about`: the call as the event names it, or its recording.
 */
async function deliveriesOf(file) {
	const deliveries = new Map();
	const lines = readline.createInterface({ input: fs.createReadStream(file) });
	let seq = 0;
	for await (const line of lines) {
		const entry = JSON.parse(line);
		assert.equal(entry.seq, ++seq);
		if (entry.kind === "event") {
			const { eventType, status, callId, recordingId } = entry.payload;
			const event = eventType + (status && eventType !== "answer" ? ` ${status}` : "");
			assert.ok(!deliveries.has(entry.delivery));
			deliveries.set(entry.delivery, { call: entry.call, about: callId ?? recordingId, event, attempts: [] });
		} else if (entry.kind === "attempt") {
			deliveries.get(entry.delivery).attempts.push(entry);
		}
	}
	return { deliveries, entries: seq };
}

const residentMegabytes = (pid) =>
	Math.round(Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024);

const passed = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const grouped = (things, key) => {
	const groups = new Map();
	for (const thing of things) {
		const name = key(thing);
		if (!groups.has(name)) groups.set(name, []);
		groups.get(name).push(thing);
	}
	return groups;
};

const endOf = (delivery) => delivery.attempts.at(-1).wall.ended_us;

/**
 * From when on the next event of the call may leave. Patience counts from the moment an event is first on the wire,
 * were it that of a connection that the kill had ended; with `strict` there is none.
 */
function mayFollowAt(delivery, strict) {
	const onTheWire = delivery.attempts.filter(({ wall }) => wall.sent_us !== undefined).map(({ wall }) => wall.sent_us);
	return Math.min(endOf(delivery), ...(strict ? [] : onTheWire.map((at) => at + patienceMicroseconds)));
}

/**
 * The order of events that follow each other in a call, by three clocks' readings: ringback's of sending and of the
 * answer, the receiver's of what came (both monotonic, of one machine, cut to microseconds). `compared`: of how many
 * pairs both came; `outOfPatience`: how many left before what is before them was over. Where that was on the wire when
 * the receiver was killed and is sent again later, they come before it (`cameFirst`), as patience allows.
 */
function heldInOrder(byCall, kills, strict) {
	const figures = { compared: 0, overtaken: 0, outOfPatience: 0, cameFirst: 0 };
	const wrong = [];
	for (const owed of byCall.values()) {
		for (let n = 1; n < owed.length; ++n) {
			const [before, next] = [owed[n - 1], owed[n]];
			const mayFollow = mayFollowAt(before, strict);
			const impatient = next.attempts[0].wall.due_us < endOf(before);
			const came = next.arrivals[0];  // undefined where it never did
			figures.outOfPatience += impatient ? 1 : 0;
			const overtakes = came < before.arrivals[0];
			figures.compared += came && before.arrivals[0] ? 1 : 0;
			figures.cameFirst += overtakes ? 1 : 0;
			if (next.attempts[0].wall.due_us < mayFollow || came < mayFollow || (overtakes && !impatient)) {
				figures.overtaken += 1;
				wrong.push(JSON.stringify({ before, next }));
			}
		}
	}
	assert.equal(figures.overtaken, 0, `no event overtakes another, neither sent nor at the receiver: ${wrong[0]}`);
	assert.ok(figures.cameFirst <= kills * perTarget, `${figures.cameFirst} came before what is before them`);
	if (strict) assert.equal(figures.outOfPatience, 0, "with --strict-order none waits for less than the outcome");
	return figures;
}

/** Holds all that is known against each other; the figures. `kills`: how often the receiver was. */
function reconciled({ ids, deliveries, seen, kills, strict }) {
	const all = [...deliveries.values()];
	const byCall = grouped(all, (delivery) => delivery.call);
	assert.deepEqual([...byCall.keys()].sort(), [...ids].sort(), "the journal has the accepted calls and no others");
	for (const [call, owed] of byCall) assert.deepEqual(owed.map((each) => each.event).sort(), [...fourEvents].sort(), call);

	const outcomes = { delivered: 0, delivered_by_fallback: 0, failed: 0 };
	let attempts = 0;
	let lost = 0;
	for (const { attempts: tries } of all) {
		assert.deepEqual(tries.map((each) => each.attempt), tries.map((_, n) => n + 1), "attempts count up from 1");
		const last = tries.at(-1);
		outcomes[last.outcome] += 1;
		assert.ok(tries.slice(0, -1).every((each) => each.outcome === "owed"), "nothing is tried again after its outcome");
		if (last.outcome === "failed") assert.ok(last.error, "a failure has its reason");
		const sentAgain = tries.filter((each) => each.sent_again);
		for (const each of sentAgain) {
			assert.ok(each.end === "broken" && each.error && each.wall.reused_connection && each.wall.ended_us, JSON.stringify(each));
			assert.equal(tries[each.attempt].wall.reused_connection, false, "what is sent again has a connection of its own");
			assert.ok(tries[each.attempt].wall.due_us >= each.wall.ended_us, "it is sent again when the first sending is lost");
		}
		assert.equal(last.unheard ?? 0, sentAgain.length);
		lost += sentAgain.length;
		attempts += tries.length - sentAgain.length;
	}
	assert.equal(outcomes.delivered + outcomes.delivered_by_fallback + outcomes.failed, 4 * ids.length);

	// What the receiver wrote down: each try that it answered, and perhaps one that broke when it was killed.
	const told = grouped(seen, ({ about, event }) => `${about}\t${event}`);
	const figures = { attempts, lost, answered: 0, seen: seen.length, seenUnanswered: 0, repeats: 0, notSeen: 0 };
	for (const delivery of all) {
		const { about, event } = delivery;
		const main = delivery.attempts.filter((each) => !each.fallback);
		const answeredTries = main.filter((each) => each.end === "answered");
		const answered = answeredTries.length;
		const mayHaveCome = main.filter((each) => each.end !== "could_not_connect" && !each.sent_again).length;
		delivery.arrivals = (told.get(`${about}\t${event}`) || []).map(({ at }) => at);
		const times = delivery.arrivals.length;
		assert.ok(times >= answered, `${about} ${event}: answered ${answered} times, seen ${times} times`);
		assert.ok(times <= mayHaveCome, `${about} ${event}: seen ${times} times in ${mayHaveCome} attempts that were sent`);
		for (const { wall } of answeredTries) {
			assert.ok(delivery.arrivals.some((at) => wall.due_us <= at && at <= wall.ended_us),
				`${about} ${event}: answered from ${wall.due_us} to ${wall.ended_us}, came at ${delivery.arrivals}`);
		}
		figures.answered += answered;
		figures.seenUnanswered += times - answered;
		figures.repeats += Math.max(0, times - 1);
		figures.notSeen += times === 0 ? 1 : 0;
		told.delete(`${about}\t${event}`);
	}
	assert.equal(told.size, 0, "nothing was sent that the journal does not have");
	assert.ok(figures.repeats <= kills * perTarget, `${figures.repeats} repeats`);

	assert.ok(lost <= kills * perTarget, `${lost} were sent over connections that a kill had ended`);
	return { ...figures, ...outcomes, ...heldInOrder(byCall, kills, strict) };
}

/** How many calls are alive now. */
const liveCalls = async (fake) => (await admin(fake, "GET", "/stats")).calls.live;

/** Resolves when the receiver has written down so many events more than `bytes` of its log hold. */
async function sees(receiver, bytes, events) {
	// A line of the log has some 45 bytes; whether it is a third of them or a quarter does not matter.
	const seen = () => (receiver.bytes() - bytes) / 45;
	await until(() => passed(20).then(() => seen() > events), () => `the receiver has seen ${seen()} events`);
}

/** Kills the receiver and starts it again after `downMs`; how many calls were alive then. */
async function outageOf(receiver, fake, downMs) {
	await receiver.kill();
	const live = await liveCalls(fake);
	await passed(downMs);
	await receiver.start();
	return live;
}

/** Calls are created in two halves, and in the midst of each is an outage: the ids, and how many were alive at each. */
async function createdAmidst({ fake, receiver, count, call, downMs }) {
	const ids = [];
	const live = [];
	for (let half = 0; half < 2; ++half) {
		const bytes = receiver.bytes();
		const creating = createCalls(fake, count / 2, call);
		await sees(receiver, bytes, (4 * count) / 2 / 4);
		live.push(await outageOf(receiver, fake, downMs));
		ids.push(...(await creating));
	}
	return { ids, live };
}

/** The same with all calls at once: the clock stands still until the last has been created. */
async function createdBefore({ fake, receiver, count, call, downMs }) {
	await admin(fake, "POST", "/clock", { pause: true });
	const ids = await createCalls(fake, count, call);
	assert.equal(await liveCalls(fake), count);
	await admin(fake, "POST", "/clock", { resume: true });
	const live = [];
	for (const part of [0.2, 0.6]) {
		await sees(receiver, 0, 4 * count * part);
		live.push(await outageOf(receiver, fake, downMs));
	}
	return { ids, live };
}

/** One run, in which the receiver is killed twice and started again after `downMs`. `play`: how its calls begin. */
async function torture({ count, flags, downMs, fallbackUrl, strict = false, play = createdAmidst }) {
	const folder = scratchFolder();
	const journal = path.join(folder, "journal.ndjson");
	const receiver = await killableReceiver(folder);
	const fake = await startServing(["--port", "0", "--quiet", "--journal", journal,
		"--answer-delay", "100ms..1s", "--talk-delay", "100ms..1s", "--save-delay", "100ms..1s",
		"--transcribe-delay", "100ms..1s", "--max-attempts-per-target", String(perTarget), "--max-journal-entries", "10000", ...flags],
	// The address sanitizer keeps what was freed; then nobody can say what has grown.
	{ ASAN_OPTIONS: "quarantine_size_mb=1:thread_local_quarantine_size_kb=64" });
	const atRest = residentMegabytes(fake.pid);
	const began = process.hrtime.bigint();
	const elapsed = () => Number((process.hrtime.bigint() - began) / 1000000n);

	const call = { from: "+19195550123", to: "+19195559907", callbackUrl: receiver.url, fallbackUrl,
		recordingEnabled: true, transcriptionEnabled: true };
	const { ids, live } = await play({ fake, receiver, count, call, downMs });
	const createdIn = elapsed();
	for (;;) {
		const { status } = await fetch(`${fake.admin}/wait?for=idle&timeout=30s`);
		if (status === 200) break;
	}
	const idleIn = elapsed();
	const memoryGrowth = residentMegabytes(fake.pid) - atRest;
	assert.equal(await fake.stop(), 0);
	assert.equal(fake.stderr(), "");
	await receiver.kill();

	const { deliveries, entries } = await deliveriesOf(journal);
	const figures = reconciled({ ids, deliveries, seen: receiver.seen(), kills: 2, strict });
	return { calls: ids.length, live, ...figures, entries, memoryGrowth, createdIn, idleIn };
}

const told = (t, figures) => t.diagnostic(JSON.stringify(figures));

test("a receiver killed twice among thousands of calls: with --retries 5 it has every event, in order", async (t) => {
	const figures = await torture({ count: calls, flags: ["--retries", "5"], downMs: outage });
	told(t, figures);
	assert.equal(figures.delivered, 4 * figures.calls);
	assert.equal(figures.notSeen, 0);
	assert.ok(figures.attempts > 4 * figures.calls, "it was down while there was something to tell");
	assert.ok(figures.memoryGrowth < 64, `${figures.memoryGrowth} MB`);
});

test("a receiver killed twice while all the calls are alive at once: with --retries 5 it has every event, in order", async (t) => {
	const figures = await torture({ count: calls, downMs: outage, play: createdBefore, flags: ["--retries", "5", ...longCalls] });
	told(t, figures);
	assert.equal(figures.delivered, 4 * figures.calls);
	assert.equal(figures.notSeen, 0);
	assert.ok(figures.live[0] > calls / 2, `${figures.live[0]} were alive at the first kill`);
	assert.ok(figures.memoryGrowth < 64, `${figures.memoryGrowth} MB`);
});

test("a receiver killed twice, --strict-order: nothing is sent before what is before it is over", async (t) => {
	const figures = await torture({
		count: calls / 4, flags: ["--retries", "5", "--strict-order", ...longCalls], downMs: outage / 3, strict: true, play: createdBefore });
	told(t, figures);
	assert.ok(figures.live[0] > calls / 8, `${figures.live[0]} were alive at the first kill`);
	assert.equal(figures.delivered, 4 * figures.calls);
});

test("a receiver killed twice, as the provider does it: each event delivered, by the fallback, or failed with its reason", async (t) => {
	const fallback = await startReceiver();
	const withFallback = await torture({ count: calls / 4, flags: [], downMs: outage / 3, fallbackUrl: fallback.url });
	told(t, withFallback);
	assert.equal(withFallback.failed, 0);
	assert.ok(withFallback.delivered_by_fallback > 0);
	assert.equal(fallback.events.length, withFallback.delivered_by_fallback);
	await fallback.stop();

	const without = await torture({ count: calls / 4, flags: ["--no-fallback"], downMs: outage / 3 });
	told(t, without);
	assert.ok(without.failed > 0);
	assert.equal(without.attempts, 4 * without.calls, "no event is tried twice");
	assert.equal(without.notSeen + without.seenUnanswered, without.failed, "only what failed was not answered");
});

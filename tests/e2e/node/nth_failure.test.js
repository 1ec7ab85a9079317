"use strict";
// Every call into the kernel that `ringback serve` makes, failing once: the n-th of its kind, for n from 1 to 12. Memory
// too, from its start on and again once it serves. What is left then is what is left without a failure.
// support/nth_failure.c is preloaded and does it; RINGBACK_NTH_FAILURE is where it was built.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { scratchFolder, start, startReceiver, test, until, within } = require("./harness.js");

const library = process.env.RINGBACK_NTH_FAILURE;
const most = 12;
const calls = 4;
const atOnce = 4;  // processes beside each other

const functions = [
	"write", "send", "read", "recv", "accept4", "socket", "connect", "bind", "listen", "getsockname", "getsockopt", "setsockopt", "open",
	"fcntl", "ioctl", "fdatasync", "fsync", "poll", "fallocate", "epoll_create1", "epoll_ctl", "epoll_wait", "eventfd", "timerfd_create",
	"malloc",
];
// Left out: what fails only if its arguments are wrong (timerfd_settime).

/** Asio tells itself of a signal through a pipe. Where that one call fails (which no kernel does), a signal has to be
 * given again; the first one may then count too. */
const signalPipe = new Set(["read", "write"]);

/** A request that may fail in any way: its answer, or null. */
async function attempt(method, url, body) {
	try {
		const response = await fetch(url, {
			method,
			headers: { Authorization: "Basic dC10b2tlbjpzLXNlY3JldA==", "Content-Type": "application/json" },
			body: body && JSON.stringify(body),
			signal: AbortSignal.timeout(20000),
		});
		return { status: response.status, location: response.headers.get("location"), text: await response.text() };
	} catch {
		return null;
	}
}

/** What a process holds: descriptors that are no sockets, by what they are; how many sockets are not kept to `port`. */
function held(pid, port) {
	const kept = new Set(fs.readFileSync(`/proc/${pid}/net/tcp`, "utf8").split("\n").map((line) => line.trim().split(/\s+/))
		.filter((fields) => parseInt(fields[2]?.split(":")[1], 16) === port).map((fields) => `socket:[${fields[9]}]`));
	const all = fs.readdirSync(`/proc/${pid}/fd`).flatMap((number) => {
		try {
			return [fs.readlinkSync(`/proc/${pid}/fd/${number}`)];
		} catch (error) {
			if (error.code !== "ENOENT") throw error;  // closed meanwhile
			return [];
		}
	});
	return {
		threads: fs.readdirSync(`/proc/${pid}/task`).length,
		sockets: all.filter((what) => what.startsWith("socket:") && !kept.has(what)).length,
		others: all.filter((what) => !what.startsWith("socket:")).map((what) => path.basename(what).replace(/:\[\d+\]$/, "")).sort(),
	};
}

/** What Asio does without: it wakes itself by a pipe, and asks epoll for its timers. */
const instead = { eventfd: ["anon_inode:[eventfd]", "pipe", "pipe"], timerfd_create: ["anon_inode:[timerfd]"] };
function without(name, others) {
	const [lost, ...taken] = instead[name] ?? [];
	const at = others.indexOf(lost);
	return others.filter((_, place) => place !== at).concat(taken).sort();
}

/** No more than it is without a failure: sockets may be fewer, connections of clients that have given up. */
const isLeft = (now, usual, name) => now.threads === usual.threads && now.sockets <= usual.sockets &&
	[usual.others, without(name, usual.others)].some((others) => others.join() === now.others.join());

/**
 * What came of it: { happened, objection, ... }, an objection of null or a sentence. `happened`: the call was made, and has
 * failed. `error`: as a number, else one that suits; `serving`: counted from when it serves; `usual`: what held() says
 * without a failure, if that is to be compared. `answers`: how many calls were created; `outcomes` of the attempts.
 */
async function tryOne(name, n, receiver, parent, { error, serving = false, usual } = {}) {
	const folder = fs.mkdtempSync(path.join(parent, `${name}-${n}-`));
	const told = path.join(folder, "told");
	const serves = path.join(folder, "serves");
	const journal = path.join(folder, "journal.jsonl");
	const readyFile = path.join(folder, "ready");
	const happened = () => fs.existsSync(told);
	const { child, exited, firstLine, stderr } = start(
		["serve", "--port", "0", "--clock", "virtual", "--quiet", "--journal", journal, "--fsync", "always",
			"--ready-file", readyFile],
		{ LD_PRELOAD: library, RINGBACK_FAIL: [name, n, error].filter(Boolean).join(":"), RINGBACK_FAIL_TOLD: told,
			...(serving ? { RINGBACK_FAIL_FROM: serves } : {}) });
	let over = null;
	exited.then((code) => (over = code));
	const objection = (what) => ({ happened: happened(), objection: `${what}; stderr: ${stderr()}` });

	// The ready line may be what could not be written: that is said, and the file has been written before.
	const ready = Promise.race([firstLine, exited.then(() => null)]);
	const complaint = new Promise((resolve) => child.stderr.once("data", resolve));
	const inFile = complaint.then(() => fs.existsSync(readyFile) ? fs.readFileSync(readyFile, "utf8") : ready);
	const line = await within(Promise.race([ready, inFile]), () => `${name}:${n}: neither ready nor over`);
	if (line === null) {
		const code = await exited;
		if (typeof code !== "number" || code === 0 || code > 3) return objection(`it did not start, and ended with ${code}`);
		if (stderr().trim() === "") return objection("it did not start and did not say why");
		return { happened: happened(), objection: null };
	}
	const { api, admin, pid } = JSON.parse(line);
	fs.writeFileSync(serves, "");
	const accepted = [];
	for (let i = 0; i < calls; ++i) {
		const answer = await attempt("POST", `${api}/v1/users/u-node/calls`, {
			from: "+19195550123", to: "+15550009901", callbackUrl: receiver.url, tag: `${name}:${n}:${i}`,
		});
		if (answer && answer.status === 201) {
			accepted.push({ tag: `${name}:${n}:${i}`, id: answer.location.split("/").pop() });
		}
	}
	// Each accepted call's one event arrives, or has failed as the journal says.
	const lines = () => fs.readFileSync(journal, "utf8").split("\n").filter((text) => text.startsWith("{"))
		.flatMap((text) => { try { return [JSON.parse(text)]; } catch { return []; } });
	const unaccounted = () => accepted.filter(({ tag, id }) =>
		!receiver.events.some((event) => event.tag === tag && event.eventType === "hangup") &&
		!lines().some((entry) => entry.kind === "attempt" && entry.call === id && entry.outcome === "failed"));
	await until(async () => over !== null || unaccounted().length === 0 ||
		void await attempt("GET", `${admin}/wait?for=idle&timeout=2s`), () => `${name}:${n}: calls without their event: ` +
		`${JSON.stringify(unaccounted())}; stderr: ${stderr()}`);
	if (over !== null) return objection(`it ended with ${over} by itself`);
	let left = held(pid, receiver.port);
	if (usual) {
		await until(async () => isLeft(left = held(pid, receiver.port), usual, name) || void await attempt("GET", receiver.url),
			() => `${name}:${n}: ${JSON.stringify(left)} is left, usually ${JSON.stringify(usual)}; stderr: ${stderr()}`);
	}
	child.kill("SIGTERM");
	let twice = false;
	const again = signalPipe.has(name) && setTimeout(() => (twice = child.kill("SIGTERM")), 3000);
	const code = await within(exited, () => `${name}:${n}: it did not end; stderr: ${stderr()}`);
	clearTimeout(again);
	if (code !== 0 && !(twice && code === 130)) return objection(`it ended with ${code}`);
	const known = new Set(lines().filter((entry) => entry.kind === "api").map((entry) => entry.location?.split("/").pop()));
	const lost = accepted.filter(({ id }) => !known.has(id));
	if (lost.length > 0) return objection(`accepted, and not in the journal: ${JSON.stringify(lost)}`);
	const outcomes = lines().filter((entry) => entry.kind === "attempt").map(({ outcome }) => outcome);
	return { happened: happened(), objection: null, answers: accepted.length, outcomes, left, said: stderr() };
}

/** Each n of the iterator, a few at once, until it ends or an n that is never reached: what tryOne() says, and n. */
async function tryAll(name, numbers, options) {
	const receiver = await startReceiver();
	const folder = scratchFolder();
	const { left: usual, objection } = await tryOne("nothing", 1, receiver, folder);
	assert.equal(objection, null);
	const tried = [];
	let reached = true;
	await Promise.all(Array.from({ length: atOnce }, async () => {
		for (const n of numbers) {
			const outcome = await tryOne(name, n, receiver, folder, { usual, ...options });
			tried.push({ n, ...outcome });
			reached &&= outcome.happened;
			if (!reached) return;
		}
	}));
	await receiver.stop();
	assert.deepEqual(tried.filter(({ objection }) => objection).map(({ n, objection }) => `${name}:${n}: ${objection}`), []);
	const failed = tried.filter(({ happened }) => happened);
	assert.ok(failed.length > 0, `${name}() was never called, so nothing was tried`);
	return failed;
}

function* firstOnes() {
	for (let n = 1; n <= most; ++n) yield n;
}
/** As far as there is something to fail. */
function* everyOne() {
	for (let n = 1; ; ++n) yield n;
}

for (const name of functions) {
	test(`nth failure: whichever ${name}() fails, nothing dies, hangs, leaks or is lost`, () => tryAll(name, firstOnes()));
}

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
		for (const { n, outcomes, said } of await tryAll(name, firstOnes(), { error: os.constants.errno[code] })) {
			assert.deepEqual([...new Set(outcomes)], ["delivered"], `${name}:${n}: ${said}`);
		}
	});
}

"use strict";
// What the tests of failing calls share: `ringback serve` with support/nth_failure.c before the C library, told by a channel
// what is to fail. RINGBACK_NTH_FAILURE is where that was built.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { faultFile } = require("./fault_file.js");
const { attempt } = require("./failing_request.js");
const story = require("./failing_story.js");
const { makeCertificate, scratchFolder, start, startReceiver, until, within } = require("./harness.js");

const library = process.env.RINGBACK_NTH_FAILURE;
const calls = 4;
const atOnce = 4;  // processes beside each other
const hangingName = "hanging.test";  // of which nobody ever hears anything
const hostName = "receiver.test";  // resolved by the library, behind a getaddrinfo() that may fail
const channel = 3;

/** Asio tells itself of a signal through a pipe. Where that one call fails (which no kernel does), a signal has to be
 * given again; the first one may then count too. */
const signalPipe = new Set(["read", "write"]);

/** What the calls of a test meet: a receiver, over TLS, with a host name, closing each connection if they are to, and flags
 * that go with it. `busy`: instead of a few calls of one event what failing_story.js plays. */
async function startWorld({ tls = false, named = false, closing = false, busy = false, fsync = "always" } = {}) {
	const folder = scratchFolder();
	const certificate = tls ? makeCertificate(folder) : {};
	const observe = (_, response) => closing && void response.setHeader("Connection", "close");
	const receiver = await startReceiver(busy ? story.application : undefined, { ...certificate, observe, refusesBroken: busy });
	return {
		folder, receiver, tls, fsync,
		play: busy ? story.play : playCalls,
		alone: tls || busy,
		url: named ? receiver.url.replace("127.0.0.1", hostName) : receiver.url,
		flags: [...(tls ? ["--https-port", "0", "--cacert", certificate.certFile] : []),
			...(named || busy ? ["--allow-target", hostName] : []),
			...(busy ? [...story.farEnd, "--faults", faultFile(...story.faults)] : [])],
	};
}

/**
 * `ringback serve` for a world: what start() gives, and `ready`, resolving with the ready line parsed or null if it ended;
 * `failed`, resolving when a call has failed; happened(), whether; ask(question), resolving with the library's answer.
 * `plan`: what fails from the start on, as "send:3".
 */
function startFailing(world, folder, plan, flags = [], { clock = "virtual", env = {} } = {}) {
	if (!library) throw new Error("RINGBACK_NTH_FAILURE must name the library");
	const readyFile = path.join(folder, "ready");
	const journal = path.join(folder, "journal.jsonl");
	const process = start(
		["serve", "--port", "0", "--clock", clock, "--quiet", "--journal", journal, "--fsync", world.fsync,
			"--ready-file", readyFile, ...world.flags, ...flags],
		{ LD_PRELOAD: library, RINGBACK_FAIL_CHANNEL: String(channel), RINGBACK_FAIL_NAME: hostName, RINGBACK_HANG_NAME: hangingName, TMPDIR: folder,
			...env, ...(plan ? { RINGBACK_FAIL: plan } : {}) },
		"pipe", { stdio: ["ignore", "pipe", "pipe", "pipe"] });
	const { child, exited, firstLine, stderr } = process;
	const socket = child.stdio[channel];
	const waiting = [];
	let times = 0;
	let tell;
	const failed = new Promise((resolve) => (tell = resolve));
	let rest = "";
	socket.on("error", () => {});  // of a process that is over
	socket.setEncoding("utf8").on("data", (text) => {
		const lines = (rest + text).split("\n");
		rest = lines.pop();
		for (const line of lines) {
			if (line !== "failed") {
				waiting.shift()(line);
			} else {
				times += 1;
				tell();
			}
		}
	});
	// The ready line may be what could not be written: that is said, and the file has been written before.
	const first = Promise.race([firstLine, exited.then(() => null)]);
	const complaint = new Promise((resolve) => child.stderr.once("data", resolve));
	const inFile = complaint.then(() => fs.existsSync(readyFile) ? fs.readFileSync(readyFile, "utf8") : first);
	const ready = within(Promise.race([first, inFile]), () => `neither ready nor over with ${plan}; stderr: ${stderr()}`)
		.then((line) => line && JSON.parse(line));
	return {
		...process,
		ready,
		failed,
		happened: () => times > 0,
		times: () => times,
		ask(question) {
			const answer = new Promise((resolve) => waiting.push(resolve));
			socket.write(`${question}\n`);
			return within(Promise.race([answer, exited.then((code) => `over: ${code}`)]), () => `no answer to ${question}`);
		},
		/** Every entry of its journal's file. */
		lines: () => fs.readFileSync(journal, "utf8").split("\n").filter((text) => text.startsWith("{"))
			.flatMap((text) => { try { return [JSON.parse(text)]; } catch { return []; } }),
		/** What it made for itself outside its journal and has left. */
		litter: () => fs.readdirSync(folder).filter((name) => !["journal.jsonl", "ready"].includes(name)),
	};
}

/** Some calls of which the far end hangs up: { accepted, objection }, as failing_story.js has it. */
async function playCalls({ ask, url, mark, ofCalls }) {
	const accepted = [];
	for (let i = 0; i < ofCalls; ++i) {
		const tag = `${mark}:${i}`;
		const answer = await ask("POST", "/calls", { from: "+19195550123", to: "+15550009901", callbackUrl: url, tag });
		if (answer?.status === 201) {
			const id = answer.location.split("/").pop();
			accepted.push({ id, name: "hangup", told: (event) => event.tag === tag && event.eventType === "hangup" });
		}
	}
	return { accepted, objection: null };
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
const isLeft = (now, usual, name) => now.threads <= usual.threads && now.sockets <= usual.sockets &&
	[usual.others, without(name, usual.others)].some((others) => others.join() === now.others.join());

/**
 * What came of it: { happened, objection, ... }, an objection of null or a sentence. `happened`: the call was made, and has
 * failed. `error`: as a number, else one that suits; `serving`: counted from when it serves; `usual`: what held() says
 * without a failure, if that is to be compared. `answers`: how many things were accepted; `outcomes` of the attempts; `rules`: numbers of the faults met.
 */
async function tryOne(name, n, world, { error, serving = false, usual, ofCalls = calls } = {}) {
	const { receiver } = world;
	const folder = fs.mkdtempSync(path.join(world.folder, `${name}-${n}-`));
	const plan = [name, n, error].filter(Boolean).join(":");
	const fake = startFailing(world, folder, serving ? undefined : plan);
	const { child, exited, stderr, happened, lines } = fake;
	let over = null;
	exited.then((code) => (over = code));
	const objection = (what) => ({ happened: happened(), objection: `${what}; stderr: ${stderr()}` });

	const addresses = await fake.ready;
	if (addresses === null) {
		const code = await exited;
		if (typeof code !== "number" || code === 0 || code > 3) return objection(`it did not start, and ended with ${code}`);
		if (stderr().trim() === "") return objection("it did not start and did not say why");
		if (fake.litter().length > 0 && !mayLitter.has(name)) return objection(`it did not start, and left ${fake.litter()}`);
		return { happened: happened(), objection: null, said: stderr() };
	}
	const { admin, pid } = addresses;
	const ca = world.tls ? fs.readFileSync(addresses.certificate) : undefined;
	const api = world.tls ? addresses.apiTls : addresses.api;
	if (serving) assert.equal(await fake.ask(`fail ${plan}`), "armed");
	const ask = (method, where, body) => attempt(method, `${api}/v1/users/u-node${where}`, body, { ca, alone: world.alone });
	const idle = () => until(async () => over !== null || (await attempt("GET", `${admin}/wait?for=idle&timeout=2s`))?.status === 200,
		() => `${plan}: never idle; stderr: ${stderr()}`);
	const { accepted, objection: wrong } = await world.play({ ask, idle, api, receiver, url: world.url, mark: `${name}:${n}`, ofCalls });
	if (wrong) return objection(wrong);
	// What is owed of each thing accepted arrives, or has failed as the journal says.
	const failedOnes = () => new Set(lines().filter((entry) => entry.kind === "attempt" && entry.outcome === "failed")
		.map((entry) => `${entry.event} ${entry.call ?? entry.conference ?? entry.message}`));
	const unaccounted = () => {
		const failures = failedOnes();
		return accepted.filter(({ id, name: event, told }) => !receiver.events.some(told) && !failures.has(`${event} ${id}`))
			.map(({ id, name: event }) => `${event} of ${id}`);
	};
	await until(async () => over !== null || unaccounted().length === 0 ||
		void await attempt("GET", `${admin}/wait?for=idle&timeout=2s`), () => `${plan}: without their event: ` +
		`${JSON.stringify(unaccounted())}; stderr: ${stderr()}`);
	if (over !== null) return objection(`it ended with ${over} by itself`);
	if (world.tls) await attempt("GET", `${admin}/live`);  // a kept connection, which waiting may have made or not
	if (world.fsync === "batch" && accepted.length > 0) {  // what syncs beside the loop begins at its first tick
		await until(async () => (await fake.ask("called")).includes("fdatasync"), () => `${plan}: nothing is synced; stderr: ${stderr()}`);
	}
	let left = held(pid, receiver.port);
	if (usual) {
		await until(async () => isLeft(left = held(pid, receiver.port), usual, name) || void await attempt("GET", receiver.url),
			() => `${plan}: ${JSON.stringify(left)} is left, usually ${JSON.stringify(usual)}; stderr: ${stderr()}`);
	}
	const called = happened() ? [] : (await fake.ask("called")).split(" ").slice(1);
	const before = happened();
	child.kill("SIGTERM");
	let twice = false;
	// The call that failed is behind the signal, and may be the one by which it is told.
	if (signalPipe.has(name) && !before) fake.failed.then(() => (twice = child.kill("SIGTERM")));
	const code = await within(exited, () => `${plan}: it did not end; stderr: ${stderr()}`);
	// The second one may also come when it has done all and minds signals no more.
	if (code !== 0 && !(twice && [130, "SIGTERM"].includes(code))) return objection(`it ended with ${code}`);
	if (fake.litter().length > 0 && !mayLitter.has(name)) return objection(`it left ${fake.litter()}`);
	const known = new Set(lines().filter((entry) => entry.kind === "api").map((entry) => entry.location?.split("/").pop()));
	const lost = accepted.filter(({ id }) => !known.has(id));
	if (lost.length > 0) return objection(`accepted, and not in the journal: ${JSON.stringify(lost)}`);
	const ended = new Set(lines().filter(({ kind, outcome }) => kind === "attempt" && outcome !== "owed").map(({ delivery }) => delivery));
	const untold = lines().filter(({ kind, delivery }) => kind === "event" && !ended.has(delivery));
	if (untold.length > 0) return objection(`raised, and no attempt has ended it: ${JSON.stringify(untold)}`);
	const outcomes = lines().filter((entry) => entry.kind === "attempt").map(({ outcome }) => outcome);
	const rules = [...new Set(lines().filter(({ kind }) => kind === "fault").map(({ rule }) => rule))].sort();
	return { happened: happened(), objection: null, answers: accepted.length, outcomes, rules, left, called, said: stderr() };
}

/** Nothing can be taken away with these. */
const mayLitter = new Set(["unlink"]);

/** What is left and what was called when nothing fails. */
async function tryNothing(world) {
	const { objection, left, called, said, answers, rules } = await tryOne("nothing", 1, world);
	assert.equal(objection, null);
	assert.ok(left, `it did not start: ${said}`);
	return { left, called, answers, rules };
}

/** Each n of the iterator, a few at once, until it ends or an n that is never reached: what tryOne() says, and n. */
async function tryAll(name, numbers, { world: kind, ...options } = {}) {
	const world = await startWorld(kind);
	const { left: usual } = await tryNothing(world);
	const tried = [];
	let reached = true;
	await Promise.all(Array.from({ length: atOnce }, async () => {
		for (const n of numbers) {
			const outcome = await tryOne(name, n, world, { usual, ...options });
			tried.push({ n, ...outcome });
			reached &&= outcome.happened;
			if (!reached) return;
		}
	}));
	await world.receiver.stop();
	assert.deepEqual(tried.filter(({ objection }) => objection).map(({ n, objection }) => `${name}:${n}: ${objection}`), []);
	const failed = tried.filter(({ happened }) => happened);
	assert.ok(failed.length > 0, `${name}() was never called, so nothing was tried`);
	if (areAllTried) console.log(`${name}${options.serving ? " while it serves" : ""}: ${failed.length} runs`);
	return failed;
}

/** RINGBACK_NTH_EVERY=1, by hand, as it takes long: over TLS too every call there is, instead of the first ones or each so-many-th. */
const areAllTried = process.env.RINGBACK_NTH_EVERY === "1";
function* firstOnes(most = areAllTried ? Infinity : 12) {
	for (let n = 1; n <= most; ++n) yield n;
}
/** As far as there is something to fail. */
function* everyOne(step = 1) {
	for (let n = 1; ; n += areAllTried ? 1 : step) yield n;
}

module.exports = { attempt, calls, everyOne, firstOnes, hangingName, startFailing, startWorld, tryAll, tryNothing };

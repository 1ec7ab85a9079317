"use strict";
// Every call into the kernel that `ringback serve` makes, failing once: the n-th of its kind, for n from 1 to 12.
// support/nth_failure.c is preloaded and does it; RINGBACK_NTH_FAILURE is where it was built.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { scratchFolder, start, startReceiver, test, until, within } = require("./harness.js");

const library = process.env.RINGBACK_NTH_FAILURE;
const most = 12;
const calls = 4;
const atOnce = 4;  // processes beside each other

const functions = [
	"write", "send", "read", "recv", "accept4", "socket", "connect", "bind", "listen", "getsockname", "setsockopt", "open",
	"fdatasync", "fallocate", "epoll_create1", "epoll_ctl", "epoll_wait", "eventfd", "timerfd_create",
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

/** What came of it: nothing to object to, or a sentence. `happened`: the call was made, and has failed. */
async function tryOne(name, n, receiver, folder) {
	const told = path.join(folder, `${name}-${n}.told`);
	const journal = path.join(folder, `${name}-${n}.jsonl`);
	const readyFile = path.join(folder, `${name}-${n}.ready`);
	const happened = () => fs.existsSync(told);
	const { child, exited, firstLine, stderr } = start(
		["serve", "--port", "0", "--clock", "virtual", "--quiet", "--journal", journal, "--fsync", "always",
			"--ready-file", readyFile],
		{ LD_PRELOAD: library, RINGBACK_FAIL: `${name}:${n}`, RINGBACK_FAIL_TOLD: told });
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
	const { api, admin } = JSON.parse(line);
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
	child.kill("SIGTERM");
	let twice = false;
	const again = signalPipe.has(name) && setTimeout(() => (twice = child.kill("SIGTERM")), 3000);
	const code = await within(exited, () => `${name}:${n}: it did not end; stderr: ${stderr()}`);
	clearTimeout(again);
	if (code !== 0 && !(twice && code === 130)) return objection(`it ended with ${code}`);
	const known = new Set(lines().filter((entry) => entry.kind === "api").map((entry) => entry.location?.split("/").pop()));
	const lost = accepted.filter(({ id }) => !known.has(id));
	if (lost.length > 0) return objection(`accepted, and not in the journal: ${JSON.stringify(lost)}`);
	return { happened: happened(), objection: null };
}

for (const name of functions) {
	test(`nth failure: whichever ${name}() fails, nothing dies, hangs or is lost`, async () => {
		const folder = scratchFolder();
		const receiver = await startReceiver();
		const objections = [];
		let happened = 0;
		const next = Array.from({ length: most }, (_, i) => i + 1);
		await Promise.all(Array.from({ length: atOnce }, async () => {
			for (let n = next.shift(); n !== undefined; n = next.shift()) {
				const outcome = await tryOne(name, n, receiver, folder);
				happened += outcome.happened ? 1 : 0;
				if (outcome.objection) objections.push(`${name}:${n}: ${outcome.objection}`);
			}
		}));
		await receiver.stop();
		assert.deepEqual(objections, []);
		assert.ok(happened > 0, `${name}() was never called, so nothing was tried`);
	});
}

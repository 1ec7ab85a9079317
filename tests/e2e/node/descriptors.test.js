"use strict";
// ringback serve, record and load when they are short of descriptors. Not under sanitizers: to look at an object theirs open a pipe, and
// take it for a finding when they cannot.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { journalLines, run, scratchFolder, send, startReceiver, startServing, test, until, voice } = require("./harness.js");
const { halfWay } = require("./raw.js");
const { startRecording } = require("./recording.js");

const numbers = { from: "+19195550123", to: "+19195559900" };

const now = () => Number(process.hrtime.bigint() / 1000000n);
const processorMs = (pid) => {
	const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
	return (Number(fields[11]) + Number(fields[12])) * 10;  // utime, stime: hundredths of a second
};

const linesWith = (fake, words) => fake.stderr().split("\n").filter((line) => line.includes(words));
/** The one line with these words; `look` asks somebody for something meanwhile, so that nothing spins. */
async function said(fake, words, look) {
	await until(async () => linesWith(fake, words).length > 0 || void await look(), () => `${words}: ${fake.stderr()}`);
	const lines = linesWith(fake, words);
	assert.equal(lines.length, 1, fake.stderr());
	return lines[0];
}

/** A look that asks ringback for nothing. */
const nothing = async (receiver) => void await send("GET", receiver.url);

test("descriptors: with 64 of them, 150 calls at once still have all their events", async (t) => {
	const journal = path.join(scratchFolder(), "journal.ndjson");
	const fake = await startServing(
		["--port", "0", "--quiet", "--answer-delay", "10ms", "--talk-delay", "10ms", "--hangup-delay", "10ms", "--journal", journal],
		{}, { under: ["prlimit", "--nofile=64:64"] });
	const receiver = await startReceiver(() => new Promise((resolve) => setTimeout(() => resolve(200), 20)));
	const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
	const { base, headers } = voice(fake);
	const body = JSON.stringify({ ...numbers, to: "+19195559907", callbackUrl: receiver.url });
	const statuses = await Promise.all(Array.from({ length: 150 }, () => new Promise((resolve, reject) => {
		http.request(`${base}/calls`, { agent, method: "POST", headers: { ...headers, "Content-Type": "application/json",
			"Content-Length": body.length } }, (response) => response.resume().on("end", () => resolve(response.statusCode)))
			.on("error", reject).end(body);
	})));
	agent.destroy();
	assert.deepEqual([...new Set(statuses)], [201]);
	await until(async () => {
		const answer = await send("GET", `${fake.admin}/wait?for=idle&timeout=30s`);
		return answer.status === 200;
	}, () => `${receiver.events.length} events`);
	assert.equal(await fake.stop(), 0);
	const outcomes = journalLines(journal).filter((entry) => entry.kind === "attempt").map((entry) => entry.outcome);
	assert.deepEqual([...new Set(outcomes)], ["delivered"]);
	assert.equal(receiver.events.length, 300);
	assert.equal(new Set(receiver.events.map((event) => event.callId + event.eventType)).size, 300);
	t.diagnostic(`150 calls, ${receiver.events.length} events delivered of 300, with 64 descriptors`);
	await receiver.stop();
});

test("descriptors: at the limit it burns no processor, says so, and serves again within a second of relief", async (t) => {
	const fake = await startServing(["--port", "0", "--quiet"], {}, { under: ["prlimit", "--nofile=64:64"] });
	const receiver = await startReceiver();
	const clients = [];
	for (let n = 0; n < 150; ++n) clients.push(await halfWay(fake, "GET "));
	assert.match(await said(fake, "are not accepted", () => nothing(receiver)),
		/^ringback: 127\.0\.0\.1:\d+: clients are not accepted: Too many open files; they wait$/);
	const before = processorMs(fake.pid);
	const began = now();
	await new Promise((resolve) => setTimeout(resolve, 2000));  // what is measured
	const share = (processorMs(fake.pid) - before) / (now() - began);
	assert.ok(share < 0.2, `${Math.round(share * 100)} %`);
	const relief = now();
	for (const client of clients) client.destroy();
	const { status } = await voice(fake).ask("GET", "/calls");
	const back = now() - relief;
	assert.equal(status, 200);
	assert.ok(back < 1000, `${back} ms`);
	await said(fake, "are accepted again", () => voice(fake).ask("GET", "/calls"));
	assert.equal(linesWith(fake, "are not accepted").length, 1, fake.stderr());
	assert.equal(await fake.stop(), 0);
	await receiver.stop();
	t.diagnostic(`${(share * 100).toFixed(1)} % of a processor at the limit; served again after ${back} ms`);
});

test("descriptors: callbacks that wait for one are told of once when it begins, and once how many did", async () => {
	const receiver = await startReceiver();
	const fake = await startServing(["--port", "0", "--quiet", "--answer-delay", "10ms", "--talk-delay", "10ms"], {},
		{ under: ["prlimit", "--nofile=64:64"] });
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	const { base, headers } = voice(fake);
	const ask = (method, body = "") => new Promise((resolve, reject) => http.request(`${base}/calls`, { agent, method,
		headers: { ...headers, "Content-Type": "application/json", "Content-Length": body.length } },
		(response) => response.resume().on("end", () => resolve(response.statusCode))).on("error", reject).end(body));
	assert.equal(await ask("GET"), 200);  // this connection it keeps, and takes no other
	const clients = [];
	for (let n = 0; n < 150; ++n) clients.push(await halfWay(fake, "GET "));
	await said(fake, "are not accepted", () => nothing(receiver));

	assert.equal(await ask("POST", JSON.stringify({ ...numbers, to: "+19195559907", callbackUrl: receiver.url })), 201);
	assert.equal(await said(fake, "callbacks wait: ", () => nothing(receiver)),
		"ringback: callbacks wait: Too many open files; each is tried again until its time is over");
	agent.destroy();
	for (const client of clients) client.destroy();
	await receiver.event((event) => event.eventType === "hangup");
	// One call has one event under way at a time: the first waited, and the others found room.
	assert.equal(await said(fake, "callbacks wait no longer", () => nothing(receiver)),
		"ringback: callbacks wait no longer: one had to");
	assert.equal(linesWith(fake, "callbacks wait: ").length, 1, fake.stderr());
	assert.equal(await fake.stop(), 0);
	await receiver.stop();
});

test("descriptors: at --max-connections it says once that clients are turned away, and once how many were", async () => {
	const receiver = await startReceiver();
	const fake = await startServing(["--port", "0", "--quiet", "--max-connections", "10"]);
	const at = new URL(fake.api).host;
	const clients = [];
	for (let n = 0; n < 20; ++n) clients.push(await halfWay(fake, "GET "));
	assert.equal(await said(fake, "turned away: ", () => nothing(receiver)),
		`ringback: ${at}: clients are turned away: as many are connected as --max-connections says`);
	// Whoever is too many sees its connection closed, and tries no more: that it is full is known all the same.
	await Promise.all(clients.slice(10).map((client) => client.closed || new Promise((closed) => client.resume().once("close", closed))));
	for (const client of clients) client.destroy();
	assert.equal(await said(fake, "turned away no longer", () => nothing(receiver)),
		`ringback: ${at}: clients are turned away no longer: 10 were`);
	assert.equal((await voice(fake).ask("GET", "/calls")).status, 200);
	assert.equal(linesWith(fake, "turned away: ").length, 1, fake.stderr());
	assert.equal(await fake.stop(), 0);
	await receiver.stop();
});

test("descriptors: a recorder at the limit says so, and passes on again what comes after", async () => {
	const receiver = await startReceiver();
	const recording = await startRecording(["--callback-url", receiver.url], [], {}, { under: ["prlimit", "--nofile=64:64"] });
	const clients = [];
	for (let n = 0; n < 150; ++n) clients.push(await halfWay({ api: recording.url }, "GET "));
	assert.match(await said(recording, "are not accepted", () => nothing(receiver)),
		/^ringback: 127\.0\.0\.1:\d+: clients are not accepted: Too many open files; they wait$/);
	for (const client of clients) client.destroy();
	const { status } = await send("POST", recording.url + new URL(receiver.url).pathname, { eventType: "answer" });
	assert.equal(status, 200);
	await said(recording, "are accepted again", () => nothing(receiver));
	assert.deepEqual(receiver.events.filter((event) => event?.eventType === "answer").length, 1);
	recording.signal("SIGTERM");
	assert.equal((await recording.ended()).code, 1);
	await receiver.stop();
});

/** `ringback load` against `receiver` with so many descriptors: { code, stderr, result }; no report was written: null. */
async function loadWith(limit, receiver, flags) {
	const folder = scratchFolder();
	const report = path.join(folder, "load.json");
	const file = path.join(folder, "scenario.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "short", vars: { to: "+19195559907" },
		model: { "answer-delay": "10ms", "talk-delay": "10ms", "hangup-delay": "10ms" },
		steps: [{ send: "answer", id: "answer" }, { send: "hangup", id: "bye" }],
	}));
	const words = ["load", file, "--quiet", "--report", `json=${report}`, "-f", receiver.url, ...flags];
	const { code, stderr } = await run(words, {}, "pipe", { under: ["prlimit", `--nofile=${limit}:${limit}`] });
	return { code, stderr, result: fs.existsSync(report) ? JSON.parse(fs.readFileSync(report, "utf8")) : null };
}

for (const workers of [1, 2]) {
	test(`descriptors: a load that needs more than 64 loses no call, and is no result (--workers ${workers})`, async (t) => {
		const atOnce = new Set();
		let most = 0;
		const receiver = await startReceiver((event, request) => {
			atOnce.add(request.socket);
			most = Math.max(most, atOnce.size);
			return new Promise((resolve) => setTimeout(() => {
				atOnce.delete(request.socket);
				resolve(200);
			}, 300));
		});
		const { code, stderr, result } = await loadWith(64, receiver,
			["--rate", "200/1s", "--calls", "150", "--connections", "200", "--workers", String(workers)]);
		assert.equal(code, 98, stderr);
		assert.match(stderr, /^ringback: callbacks wait: Too many open files; each is tried again until its time is over$/m);
		const { started, finished, passed, failed, dropped, callbacks, delivered, errors } = result.counts;
		assert.deepEqual({ started, finished, passed, failed, dropped, callbacks, delivered, errors },
			{ started: 150, finished: 150, passed: 150, failed: 0, dropped: 0, callbacks: 300, delivered: 300, errors: 0 });
		assert.equal(new Set(receiver.events.map((event) => event.callId + event.eventType)).size, 300);
		assert.equal(receiver.events.length, 300);
		const why = result.truth.invalid.find((reason) => /^\d+ callbacks or kicks were not sent in time: .*\(ulimit -n, /.test(reason));
		assert.ok(why, JSON.stringify(result.truth));
		t.diagnostic(`${most} requests at once at the receiver; ${why}`);
		await receiver.stop();
	});
}

test("descriptors: a load for which there are too few says so, and starts no call", async () => {
	const receiver = await startReceiver();
	const { code, stderr, result } = await loadWith(20, receiver, ["--rate", "10/1s", "--calls", "1"]);
	assert.equal(code, 3);
	assert.match(stderr, /^ringback: ceiling: expected room for 12 more descriptors \(ulimit -n\), found \d+$/m);
	assert.equal(result, null);
	assert.equal(receiver.events.length, 0);
	await receiver.stop();
});

test("descriptors: a run without one for its event loop says so", async () => {
	const { code, stderr } = await run(["run", "busy", "-f", "http://127.0.0.1:9/cb"], {}, "pipe", { under: ["prlimit", "--nofile=6:6"] });
	assert.equal(code, 3);
	assert.match(stderr, /^ringback: the system refuses an event loop: .*Too many open files/);
});

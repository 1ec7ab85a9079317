"use strict";
// `ringback run` against receivers that break what they can: it ends within its deadlines with the documented
// status, names the place, writes its report, and leaves no process behind.

const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { occupiedPort, run, scratchFolder, test, unbroken } = require("./harness");

/** A receiver that does this with each connection, `socket`. */
const onSocket = (body) => `
	require("node:net").createServer((socket) => {
		socket.on("error", () => {});
		${body}
	}).listen(Number(process.env.PORT), "127.0.0.1");`;

/** A receiver that answers 200 once it has done this with the event, `n` being how many it has had. */
const onEvent = (body) => `
	let n = 0;
	const api = (method, path, body) => fetch(process.env.RINGBACK_URL + path, {
		method, body: body && JSON.stringify(body),
		headers: { "Content-Type": "application/json", Authorization: "Basic " + Buffer.from("t:s").toString("base64") },
	}).then((answer) => answer.arrayBuffer().then(() => answer), () => null);
	const calls = "/v1/users/" + process.env.RINGBACK_USER_ID + "/calls/";
	require("node:http").createServer((request, response) => {
		let text = "";
		request.on("data", (bytes) => (text += bytes)).on("end", async () => {
			const event = JSON.parse(text);
			n += 1;
			${body}
			response.writeHead(200).end();
		});
	}).listen(Number(process.env.PORT), "127.0.0.1");`;

const node = (code) => ["node", "-e", code];
const short = { start: { call: { callbackTimeout: 1000 } }, steps: [
	{ send: "answer", id: "begin" }, { caller: { hangup: true } }, { send: "hangup", id: "end" },
] };

/** The processes that carry this word in their environment, zombies not counted. */
function marked(mark) {
	return fs.readdirSync("/proc").filter((name) => {
		try {
			return fs.readFileSync(`/proc/${name}/environ`, "utf8").includes(`RECEIVER_MARK=${mark}\u0000`);
		} catch {
			return false;
		}
	});
}

/** Plays `scenario` (its members) so many times against a command: what it said, its report, who is left. */
async function play(command, { scenario = short, times = 1, flags = [] } = {}) {
	const folder = scratchFolder();
	const files = Array.from({ length: times }, (_, n) => {
		const file = path.join(folder, `test-${n}.json`);
		fs.writeFileSync(file, JSON.stringify({ version: 1, name: `test-${n}`, ...scenario }, null, 1));
		return file;
	});
	const report = path.join(folder, "report.json");
	const mark = crypto.randomUUID();
	const ended = await run(["run", ...files, "--report", `json=${report}`, ...flags, "--", ...command],
		{ RECEIVER_MARK: mark, RECEIVER_FOLDER: folder });
	return { ...ended, folder, report: JSON.parse(fs.readFileSync(report, "utf8")), left: marked(mark) };
}

/** Receivers that listen and do wrong: how, the step that says so, and what of the answer. */
const wrong = {
	"accepts and never answers": [onSocket(""), "begin", /timed_out: no answer within 1000 ms/],
	"closes at once": [onSocket("socket.destroy();"), "begin", /broken: /],
	"answers what is not HTTP": [onSocket('socket.on("data", () => socket.end("SSH-2.0-garbage\\r\\n\\u0000\\u0001\\r\\n"));'), "begin", /malformed: the answer is not HTTP\/1\.1/],
	"answers with 100 kB of headers": [
		onSocket('socket.on("data", () => socket.write("HTTP/1.1 200 OK\\r\\n" + "X-Much: 0123456789\\r\\n".repeat(5000) + "Content-Length: 0\\r\\n\\r\\n"));'),
		"begin", /malformed: the head of the answer is longer than 16 kB/,
	],
	"answers one byte a while": [
		onSocket('socket.once("data", () => setInterval(() => socket.destroyed || socket.write("H"), 100));'),
		"begin", /timed_out: /,
	],
};

for (const [what, [code, step, words]] of Object.entries(wrong)) {
	test(`hostile: a receiver that ${what} fails at the step, with what came`, async () => {
		const { code: status, stdout, stderr, report, left } = await play(node(code));

		assert.equal(status, 1, stdout + stderr);
		assert.match(stdout, new RegExp(`FAIL test-0  ${step}  \\S+test-0\\.json:\\d+:\\d+`));
		assert.match(unbroken(stdout), words);
		assert.equal(report.runs.length, 1);
		assert.deepEqual(left, []);
	});
}

test("hostile: of a body without end no more is read than an answer may have", async () => {
	const { code, stdout, stderr, left } = await play(node(onSocket(`socket.once("data", () => {
		socket.write("HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n");
		const more = () => { while (!socket.destroyed && socket.write("4000\\r\\n" + "x".repeat(16384) + "\\r\\n")); };
		socket.on("drain", more);
		more();
	});`)));

	assert.equal(code, 0, stdout + stderr);  // its status came, and that is what counts
	assert.deepEqual(left, []);
});

test("hostile: one that never listens, and one whose ready page never answers, are named, and reported", async () => {
	const never = await play(node("setInterval(() => {}, 1000)"), { flags: ["--wait-timeout", "300ms"] });
	assert.equal(never.code, 4, never.stderr);
	assert.match(never.stderr, /127\.0\.0\.1:\d+: expected a connection, found none within \d+ ms/);
	assert.equal(never.report.runs.length, 0);
	assert.deepEqual(never.left, []);

	const taken = await occupiedPort();
	await taken.release();
	const ready = `http://127.0.0.1:${taken.port}/ready`;
	const mute = await play(node(onSocket("")), {
		flags: ["--wait-timeout", "3s", "--callback-url", `http://127.0.0.1:${taken.port}`, "--wait-for", ready],
	});
	assert.equal(mute.code, 4, mute.stderr);
	assert.match(mute.stderr, /\/ready: expected an answer, found none within \d+ ms/);
	assert.equal(mute.report.runs.length, 0);
	assert.deepEqual(mute.left, []);
});

test("hostile: one that ends in the middle fails the run it was in, and the others count as not run", async () => {
	const { code, stdout, stderr, report, left } = await play(
		node(onEvent("if (n === 3) process.exit(9);")), { times: 3 });

	assert.equal(code, 1, stdout + stderr);
	assert.match(stdout, /^ok +test-0/m);
	assert.match(stdout, /FAIL test-1  [^\n]*test-1\.json/);
	assert.match(stderr, /2 of 3 runs: 1 passed, 1 failed/);
	assert.equal(report.runs.length, 2);
	assert.deepEqual(left, []);
});

test("hostile: what comes late for a call of one scenario does no harm to the next", async () => {
	const { code, stdout, stderr, left } = await play(node(`let last = null;` + onEvent(`
		if (event.eventType === "answer") {
			if (last) for (let i = 0; i < 3; ++i) await api("POST", calls + last + "/audio", { sentence: "too late" });
			last = event.callId;
		}`)), { times: 3 });

	assert.equal(code, 0, stdout + stderr);
	assert.deepEqual(left, []);
});

test("hostile: hundreds of requests with each callback are all answered, and those that may not come fail", async () => {
	const flood = (request) => node(onEvent(`await Promise.all(Array.from({ length: 300 }, () => ${request}));`));
	const scenario = { ...short, start: { call: {} } };

	const reads = await play(flood('api("GET", calls + event.callId)'), { scenario });
	assert.equal(reads.code, 0, reads.stdout + reads.stderr);
	assert.deepEqual(reads.left, []);

	const writes = await play(flood('api("POST", calls + event.callId + "/audio", { sentence: "x" })'), { scenario, flags: ["--settle", "500ms"] });
	assert.equal(writes.code, 1, writes.stdout + writes.stderr);
	assert.match(unbroken(writes.stdout), /POST \S+\/audio -> \d+ came instead/);
	assert.ok(writes.stdout.length < 200000, `${writes.stdout.length} bytes of story`);
	assert.deepEqual(writes.left, []);
});

test("hostile: one that never stops asking holds up neither the modelled clock nor the end of the run", async () => {
	const asks = node(onEvent(`
		const ask = () => api("GET", calls + event.callId);
		await ask();  // the first takes node longer than the clock waits for whoever is quiet
		if (n === 1) for (let k = 0; k < 4; k += 1) (async () => { for (;;) await ask(); })();`));
	const begin = { send: "answer" };

	const paused = await play(asks, { scenario: { steps: [begin, { pause: "1h" }, { caller: { hangup: true } }, { send: "hangup" }] } });
	assert.equal(paused.code, 0, paused.stdout + paused.stderr);
	assert.deepEqual(paused.left, []);

	const awaited = await play(asks, {
		scenario: { steps: [begin, { await: { id: "bye", command: "update", within: "1m" } }, { send: "hangup" }] },
		flags: ["--timeout", "1s"],
	});
	assert.equal(awaited.code, 5, awaited.stdout + awaited.stderr);
	assert.match(awaited.stdout, /FAIL test-0 {2}bye {2}\S+test-0\.json:\d+:\d+/);
	assert.equal(awaited.report.runs.length, 1);
	assert.deepEqual(awaited.left, []);
});

test("hostile: a daemon that a receiver leaves behind does not survive the run, however it ends", async () => {
	const daemon = 'require("node:child_process").spawn("sleep", ["600"], { detached: true, stdio: "ignore" }).unref();';

	const beside = await play(node(daemon + onEvent("")), { scenario: { ...short, start: { call: {} } } });
	assert.equal(beside.code, 0, beside.stdout + beside.stderr);
	assert.deepEqual(beside.left, []);

	const instead = await play(node(daemon));
	assert.equal(instead.code, 4, instead.stderr);
	assert.match(instead.stderr, /the receiver's command ended with exit code 0 before it answered at/);
	assert.deepEqual(instead.left, []);
});

test("hostile: one that minds no TERM is gone all the same", async () => {
	const { code, left } = await play(node('process.on("SIGTERM", () => {});' + onEvent("")),
		{ scenario: { ...short, start: { call: {} } } });

	assert.equal(code, 0);
	assert.deepEqual(left, []);
});

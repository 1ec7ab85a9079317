"use strict";
// ringback serve, load and run when their memory has a limit. Not under sanitizers: theirs need address space without end.

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { endings, run, scratchFolder, start, startReceiver, startServing, test, until, voice, within } = require("./harness.js");

const mebibyte = 1 << 20;
const under = (limit) => ({ under: ["prlimit", `--as=${limit * mebibyte}`] });
const tag = "x".repeat(4000);

/** A control group of its own with that limit, gone when its process has ended; null where none can be made. */
function inGroup(limit) {
	for (const [folder, file] of [["/sys/fs/cgroup", "memory.max"], ["/sys/fs/cgroup/memory", "memory.limit_in_bytes"]]) {
		const group = path.join(folder, `ringback-test-${process.pid}`);
		try {
			fs.mkdirSync(group);
		} catch {
			continue;
		}
		// Not before its process has left it, which was told to end a moment ago.
		process.on("exit", () => spawnSync("sh", ["-c", `until rmdir ${group}; do :; done`], { timeout: 5000, stdio: "ignore" }));
		try {
			fs.writeFileSync(path.join(group, file), String(limit * mebibyte), { flag: "r+" });
			return { under: ["sh", "-c", `echo $$ > ${group}/cgroup.procs && exec "$@"`, "sh"] };
		} catch {
			// a folder like any other, or a group that does not count memory: the next
		}
	}
	return null;
}

/** Requests over kept connections, sixteen at once: { status, json, headers }. */
function client(fake) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
	const { base, headers } = voice(fake);
	endings.add(() => agent.destroy());
	return (method, path, body) => new Promise((resolve, reject) => {
		const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body === undefined ? "" : JSON.stringify(body));
		const type = Buffer.isBuffer(body) ? "audio/wav" : "application/json";
		http.request(base + path, { agent, method, headers: { ...headers, "Content-Type": type, "Content-Length": bytes.length } },
			(response) => {
				let text = "";
				response.setEncoding("utf8").on("data", (more) => (text += more)).on("end", () => resolve({
					status: response.statusCode, headers: response.headers, json: text.startsWith("{") ? JSON.parse(text) : null }));
			}).on("error", reject).end(bytes);
	});
}

function assertIsRefusal({ status, json, headers }) {
	assert.equal(status, 503);
	assert.equal(json.code, "memory-unavailable");
	assert.equal(json.category, "unavailable");
	assert.match(json.message, /memory/);
	assert.equal(headers["retry-after"], "1");
}

const linesWith = (fake, words) => fake.stderr().split("\n").filter((line) => line.includes(words));
/** The one line with these words; it comes by another way than the answers, so they are asked for until it is here. */
async function said(fake, ask, words) {
	await until(async () => (await ask("GET", "/calls?size=1")).status === 200 && linesWith(fake, words).length > 0, fake.stderr);
	const lines = linesWith(fake, words);
	assert.equal(lines.length, 1, fake.stderr());
	return lines[0];
}

/** Filled until it refuses, then given back what it waits for. `of`: the limit in its words. */
async function nearItsLimit(t, options, of) {
	const held = new Set();
	let silent = true;
	const receiver = await startReceiver(() => silent
		? new Promise((resolve) => held.add(resolve)) : 200);
	const fake = await startServing(["--port", "0", "--quiet", "--answer-delay", "1s", "--talk-delay", "8s"], {}, options);
	const ask = client(fake);
	const call = { from: "+19195550123", to: "+19195559907", callbackUrl: receiver.url, callbackTimeout: 2000, tag };
	const message = { from: "+19195550123", to: "+19195550187", text: "t".repeat(2000), tag,
		receiptRequested: "all", callbackUrl: receiver.url, callbackTimeout: 2000 };

	let made = 0;
	let newest = "";
	const refusals = [];
	const fill = async (path, body) => {
		while (refusals.length < 50) {
			const answer = await ask("POST", path, body);
			if (answer.status === 201) {
				made += 1;
				newest = path === "/calls" ? new URL(answer.headers.location).pathname.split("/").pop() : newest;
			} else {
				assertIsRefusal(answer);
				refusals.push(answer);
			}
		}
	};
	await Promise.all(Array.from({ length: 16 }, (_, n) => n % 4 ? fill("/calls", call) : fill("/messages", message)));

	assert.match(await said(fake, ask, "memory is short"), new RegExp(`\\d+ of ${of}`));
	// What reads, and what ends something, goes on.
	assert.equal((await ask("GET", "/calls?size=5")).status, 200);
	assert.equal((await ask("GET", `/calls/${newest}`)).status, 200);
	assert.equal((await ask("POST", `/calls/${newest}`, { state: "completed" })).status, 200);
	for (const [method, path, body] of [["POST", "/bridges", {}], ["POST", "/domains", { name: "mine" }],
		["PUT", "/media/a", Buffer.from("a")], ["POST", "/conferences", { from: "+19195550123" }],
		["POST", "/applications", { name: "a" }], ["POST", `/calls/${newest}`, { state: "transferring", transferTo: "+19195550187" }]]) {
		assertIsRefusal(await ask(method, path, body));
	}

	// The receiver is well again, the calls come to their end.
	silent = false;
	for (const answer of held) answer(200);
	await until(async () => {
		const answer = await ask("POST", "/calls", call);
		if (answer.status !== 201) assertIsRefusal(answer);
		return answer.status === 201;
	}, () => fake.stderr());
	assert.match(await said(fake, ask, "there is memory again"), new RegExp(`\\d+ of ${of.split(" (")[0]}`));
	assert.equal(linesWith(fake, "out of memory").length, 0, fake.stderr());
	t.diagnostic(`${made} calls and messages before the first refusal, ${refusals.length} refusals`);
	fake.signal("SIGTERM");
	fake.signal("SIGTERM");
	await fake.ended();
	await receiver.stop();
}

test("memory: near its limit it refuses what creates something, says so once, and takes it again later", async (t) => {
	await nearItsLimit(t, under(240), "240 MiB \\(ulimit -v\\)");
});

test("memory: in a control group it keeps from being killed in the same way", async (t) => {
	const group = inGroup(64);
	if (group === null) {
		t.skip("no control group can be made here");
		return;
	}
	await nearItsLimit(t, group, "64 MiB \\(its control group\\)");
});

test("memory: a body for which there is no memory is 503, and the process lives", async (t) => {
	const fake = await startServing(["--port", "0", "--quiet"], {}, under(150));
	const ask = client(fake);
	const statuses = [];
	for (let n = 0; n < 6; ++n) {
		// Refused before its body is read: whoever is slow to send that may find the connection gone before the answer.
		const answer = await ask("PUT", `/media/large-${n}`, Buffer.alloc(60 * mebibyte, "a"))
			.catch((error) => ({ status: error.code }));
		statuses.push(answer.status);
		if (!["ECONNRESET", "EPIPE", 200].includes(answer.status)) assertIsRefusal(answer);
	}
	assert.ok(statuses.some((status) => status !== 200), statuses.join());
	// Until the last body is let go there may be no memory for a connection either: it is closed, and the next one served.
	const served = (...request) => until(async () => {
		const answer = await ask(...request).catch((error) => ({ status: error.code }));
		return answer.status === 200 || answer.status === 201;
	}, () => fake.stderr());
	await served("GET", "/media");
	const call = { from: "+19195550123", to: "+19195550187" };
	await served("POST", "/calls", call);
	assert.equal(await fake.stop(), 0);
	t.diagnostic(`60 MiB files under 150 MiB: ${statuses.join()}`);
});

for (const workers of [1, 2]) {
	test(`memory: a load ends early when it is short, and says so (--workers ${workers})`, async (t) => {
		const held = new Set();
		const receiver = await startReceiver(() => new Promise((resolve) => held.add(resolve)));
		const report = path.join(scratchFolder(), "load.json");
		const { code, stderr } = await run(["load", "busy", "--rate", "4000/1s", "--duration", "60s", "--workers", String(workers),
			"--drain-timeout", "100ms", "--report", `json=${report}`, "-f", receiver.url], {}, "pipe", under(260));
		assert.ok([1, 98].includes(code), `${code}: ${stderr}`);  // 98: what ringback can take was the limit
		assert.doesNotMatch(stderr, /bug:/);
		const { aborted, counts } = JSON.parse(fs.readFileSync(report, "utf8"));
		// A second thread's heap takes 64 MiB at once, which may be the last.
		assert.match(aborted, /^(memory is short: \d+ of 260 MiB \(ulimit -v\) were in use|out of memory)$/);
		t.diagnostic(`${counts.started} calls in flight when it was short`);
		for (const answer of held) answer(200);
		await receiver.stop();
	});
}

/** In MiB: what the process needs to come as far as main(), to a quarter, and one more for what its arguments take. */
async function leastToBegin() {
	for (let limit = 8; limit < 512; limit += 0.25) {
		const { code } = await run(["--version"], {}, "pipe", under(limit));
		if (code === 0) return limit + 0.25;
	}
	throw new Error("512 MiB of address space are not enough for --version");
}

test("memory: whatever limit a run meets, it comes to its verdict or says that it cannot", async (t) => {
	const receiver = await startReceiver(() => ({ status: 200, body: "x".repeat(4000) }));
	const folder = scratchFolder();
	const file = path.join(folder, "scenario.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "short", vars: { to: "+19195559907" },
		model: { "answer-delay": "10ms", "talk-delay": "30ms", "hangup-delay": "10ms" },
		steps: [{ send: "answer" }, { send: "hangup" }],
	}));
	const rows = path.join(folder, "rows.csv");
	fs.writeFileSync(rows, `n\n${Array.from({ length: 600 }, (_, n) => n).join("\n")}\n`);  // their journals are some 30 MiB
	const least = await leastToBegin();
	const ends = [];
	const play = async (limit, words) => {
		const { code, stdout, stderr } = await run(["run", file, "-f", receiver.url, ...words], {}, "pipe", under(limit));
		const said = `${limit} MiB: ${code}: ${stderr}`;
		assert.ok(code === 0 || code === 3, said);  // and no signal's name
		if (code === 3) assert.match(stderr, /^ringback: (out of memory|the system refuses a thread, .*)$/m, said);
		ends.push({ limit, code, began: /^ok /m.test(stdout) });
	};
	for (let more = 0; more < 12; more += 0.5) await play(least + more, []);
	for (let more = 12; more < 24; more += 2) await play(least + more, ["--data", rows, "--jobs", "4"]);
	assert.ok(ends.some(({ code }) => code === 0), JSON.stringify(ends));
	assert.ok(ends.some(({ code, began }) => code === 3 && !began), JSON.stringify(ends));
	assert.ok(ends.some(({ code, began }) => code === 3 && began), JSON.stringify(ends));  // in the middle
	t.diagnostic(`${ends.length} limits from ${least} MiB on, ${ends.filter(({ code }) => code === 3).length} of them too low`);
	await receiver.stop();
});

test("memory: serve keeps its journal where there is not even room for a thread that syncs it", async (t) => {
	const least = await leastToBegin();
	const said = [];
	for (let more = 0; more < 16; more += more < 8 ? 0.25 : 2) {
		const limit = least + more;
		const journal = path.join(scratchFolder(), "journal.jsonl");
		const { child, exited, firstLine, stderr } = start(["serve", "--port", "0", "--clock", "virtual", "--journal", journal], {}, "pipe", under(limit));
		const ready = await within(Promise.race([firstLine, exited.then(() => null)]), () => `${limit} MiB: neither ready nor over`);
		if (ready === null) {
			assert.equal(await exited, 3, `${limit} MiB: ${stderr()}`);
			assert.match(stderr(), /^ringback: /);
			continue;
		}
		const api = voice(JSON.parse(ready));
		const { status, headers } = await api.ask("POST", "/calls", {
			from: "+19195550123", to: "+15550009901", callbackUrl: "http://127.0.0.1:9/" });
		assert.ok([201, 503].includes(status), `${limit} MiB: ${status}`);
		const wanted = status === 201 ? ['"kind":"attempt"', '"event":"hangup"', headers.get("location").split("/").pop()] : ['"kind":"api"'];
		await until(async () => {
			await api.ask("GET", "/account");
			return fs.readFileSync(journal, "utf8").split("\n").some((line) => wanted.every((part) => line.includes(part)));
		}, () => `${limit} MiB: ${wanted} is not in the journal; stderr: ${stderr()}`);
		child.kill("SIGTERM");
		assert.equal(await within(exited, () => `${limit} MiB: it does not end`), 0, `${limit} MiB: ${stderr()}`);
		said.push(/no thread for fsync is to be had/.test(stderr()));
	}
	assert.ok(said.includes(true) && said.includes(false), JSON.stringify(said));
	t.diagnostic(`of ${said.length} limits at which it serves ${said.filter(Boolean).length} leave no room for the thread`);
});

test("memory: with no limit nothing is watched", async () => {
	const fake = await startServing(["--port", "0", "--quiet"], {}, { under: ["prlimit", "--as=unlimited"] });
	const { memory } = await (await fetch(`${fake.admin}/stats`)).json();
	assert.ok(memory === null || memory.of === "its control group", JSON.stringify(memory));
	assert.equal(await fake.stop(), 0);
});

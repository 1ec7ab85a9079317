"use strict";
// `ringback worker` in a cluster of a real Locust master: what its tables have is held against what the receiver
// saw. Nothing here depends on how fast this machine is.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { run, scratchFolder, send, startReceiver, test, until, voice } = require("./harness");
const {
	failuresOf, freePort, requestsOf, startHeadless, startLines, startWebMaster,
} = require("./locust");

const authorization = { Authorization: "Basic " + Buffer.from("t-ringback:s-ringback").toString("base64") };

/** A scenario file: answered at once; `talk`: after that the phone hangs up, unless the receiver does before. */
function scenario(name, { steps = [], talk = "30ms", ...members } = {}) {
	const file = path.join(scratchFolder(), `${name}.json`);
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name, vars: { to: "+19195559907", worker: "none" },
		model: { "answer-delay": "10ms", "talk-delay": talk, "hangup-delay": "10ms" },
		start: { call: { tag: name + " ${worker}" } },
		steps: [{ send: "answer", id: "answered" }, ...steps, { send: "hangup", id: "bye" }],
		...members,
	}));
	return file;
}

/** The phone hangs up; the receiver does, and is timed. */
const short = () => scenario("short call");
const acted = () => scenario("acted call", {
	talk: "30s",
	steps: [{ await: { id: "done", command: "update", match: { body: { state: "completed" } } } }],
	load: { timers: { "reaction.whole": ["answered", "done"] } },
});

/**
 * Sends a signal to a worker that has only just said something. The thread sanitizer keeps about one in 700 of those to
 * itself (the handler is not called until another comes, the pipe it writes to is empty; without it none of 3,000), so
 * there it is sent once more to a worker that is still there after ten seconds.
 */
async function interrupt(began, signal) {
	began.child.kill(signal);
	if (process.env.RINGBACK_SANITIZED !== "thread") return;
	let timer;
	const patience = new Promise((resolve) => (timer = setTimeout(resolve, 10000, "still there")));
	if (await Promise.race([began.exited, patience]) === "still there") began.child.kill(signal);
	clearTimeout(timer);
}

function startWorker(port, receiver, files, ...flags) {
	return startLines(process.env.RINGBACK_BIN,
		["worker", "--locust-master", `127.0.0.1:${port}`, "-f", receiver.url, ...files, ...flags]);
}
const joined = (worker, times = 1) =>
	worker.seen((lines) => lines.filter((text) => /^worker \d+ of the Locust master/.test(text)).length === times);

/**
 * A receiver that several workers share. Which calls it hangs up is known from their number: it asks the API whose
 * address is in the event. `refuses(event)`: is it to be answered 500?
 */
async function startShared({ acts = () => false, refuses = () => false, observe } = {}) {
	const asked = [];
	const refused = [];
	const receiver = await startReceiver(async (event) => {
		if (event.eventType === "answer" && acts(event)) {
			const { status } = await send("POST", event.callUri, { state: "completed" }, authorization);
			asked.push(status);
		}
		if (refuses(event)) {
			refused.push(event);
			return 500;
		}
		return 200;
	}, { observe });
	const of = (type) => receiver.events.filter((event) => event.eventType === type);
	/** Resolves once so many events of that type that `wanted` accepts have come. */
	const come = (type, count, wanted = () => true) => until(async () => {
		if (of(type).filter(wanted).length >= count) return true;
		const before = receiver.events.length;
		await receiver.event((_, at) => at >= before);
		return false;
	}, () => `${of(type).length} of ${type} have come`);
	return { ...receiver, asked, refused, of, come };
}

const calls = (events) => new Set(events.map((event) => event.callId)).size;

test("worker: three of them, and the master's CSV has exactly what their receiver saw", async () => {
	const port = await freePort();
	const receiver = await startShared({
		acts: (event) => event.tag.startsWith("acted"),
		refuses: (event) => event.eventType === "hangup" && event.callId.charCodeAt(5) % 2 === 0,
	});
	const master = startHeadless(port, 6, { RINGBACK_USERS: "Ringback=2,ShortCall=1" });
	const workers = [1, 2, 3].map((n) =>
		startWorker(port, receiver, [short(), acted()], "-e", `worker=w${n}`));

	await Promise.all([1, 2, 3].map((n) => receiver.come("hangup", 12, (event) => event.tag.endsWith(`w${n}`))));
	master.end();
	assert.equal(await master.ended(), 1, master.all());  // Locust's own status for a run with failures
	for (const worker of workers) assert.equal(await worker.ended(), 0, worker.all());

	const [answers, hangups] = [receiver.of("answer"), receiver.of("hangup")];
	const table = master.table("stats");
	assert.equal(receiver.events.length, answers.length + hangups.length);
	assert.equal(calls(answers), answers.length, "each worker's calls have ids of their own");
	assert.equal(hangups.length, answers.length);
	const ofShort = answers.filter(({ tag }) => tag.startsWith("short")).length;
	assert.ok(receiver.refused.length > 0 && ofShort > 0 && ofShort < answers.length);
	const wanted = {
		"EVENT answer": [answers.length, 0],
		"EVENT hangup": [hangups.length, receiver.refused.length],
		"API POST /calls/{id}": [receiver.asked.length, 0],
		"REACT answered": [receiver.asked.length, 0],
		"REACT whole": [receiver.asked.length, 0],
		"CALL short call": [ofShort, receiver.refused.filter(({ tag }) => tag.startsWith("short")).length],
		"CALL acted call": [answers.length - ofShort, receiver.refused.filter(({ tag }) => tag.startsWith("acted")).length],
	};
	const found = Object.fromEntries(Object.keys(wanted).map((row) =>
		[row, [requestsOf(table, row), failuresOf(table, row)]]));
	assert.deepEqual(found, wanted);
	assert.equal(table.length, Object.keys(wanted).length + 1);  // and what is aggregated
	assert.deepEqual(new Set(receiver.asked), new Set([200]));
	const failures = master.table("failures").map(({ Method, Name, Error: text, Occurrences }) =>
		[`${Method} ${Name}`, text, Number(Occurrences)]);
	assert.deepEqual(failures.find(([row]) => row === "EVENT hangup"), ["EVENT hangup", "'answered 500'", receiver.refused.length]);
	assert.deepEqual(failures.find(([row]) => row === "CALL short call").slice(1), ["'bye: answered 500'", wanted["CALL short call"][1]]);
	assert.deepEqual(master.table("exceptions"), []);
	assert.match(workers[0].all(), /FAIL short call|FAIL acted call/);
});

test("worker: with --faults events come twice or never, and the master's tables have what was lost", async () => {
	const port = await freePort();
	const receiver = await startShared();
	const master = startHeadless(port, 3, { RINGBACK_USERS: "ShortCall" });
	const flags = ["--faults", "dup-hangup,drop=answer"];
	const workers = [1, 2, 3].map(() => startWorker(port, receiver, [short()], ...flags));

	await receiver.come("hangup", 12);
	master.end();
	assert.equal(await master.ended(), 1, master.all());  // what was lost is an exception to Locust
	for (const worker of workers) assert.equal(await worker.ended(), 0, worker.all());

	const hangups = receiver.of("hangup").map((event) => JSON.stringify(event));
	const played = new Set(hangups).size;
	assert.deepEqual(receiver.of("answer"), []);
	assert.deepEqual(hangups.filter((text) => hangups.filter((other) => other === text).length !== 2), []);
	const table = master.table("stats");
	assert.deepEqual([requestsOf(table, "CALL short call"), failuresOf(table, "CALL short call")], [played, 0]);
	const lost = master.table("exceptions");
	assert.ok(lost.length > 0 && lost.every(({ Message }) => Message === "an event was lost for good: a fault dropped it"), JSON.stringify(lost));
	assert.equal(lost.reduce((sum, { Count }) => sum + Number(Count), 0), played);
});

test("worker: a line's application is kicked for each of its calls, by the worker whose call it is", async () => {
	const port = await freePort();
	const dials = [];
	const dial = async (response, body) => {
		const { api, user, to } = JSON.parse(body);
		dials.push(api);
		await voice({ api }, user).create({ to, tag: "kicked", callbackUrl: receiver.url });
		response.writeHead(202).end();
	};
	const receiver = await startShared({ observe(request, response) {
		if (!request.url.endsWith("/dial")) return false;
		let body = "";
		request.on("data", (bytes) => (body += bytes)).on("end", () => dial(response, body));
		return true;
	} });
	const file = scenario("kicked", { start: { kick: { url: "${receiver}/dial", body: { api: "${api}", user: "${userId}", to: "${to}" } } } });
	const master = startHeadless(port, 3, { RINGBACK_USERS: "Kicked=1" });
	const workers = [1, 2, 3].map(() => startWorker(port, receiver, [short(), file]));

	await receiver.come("hangup", 12);
	master.end();
	assert.equal(await master.ended(), 0, master.all());
	for (const worker of workers) assert.equal(await worker.ended(), 0, worker.all());

	const table = master.table("stats");
	assert.equal(new Set(dials).size, 3, "each worker has an API of its own");
	assert.equal(requestsOf(table, "KICK kicked"), dials.length);
	assert.equal(failuresOf(table, "KICK kicked"), 0);
	assert.equal(requestsOf(table, "API POST /calls"), dials.length);
	assert.equal(requestsOf(table, "EVENT answer"), receiver.of("answer").length);
	assert.equal(requestsOf(table, "CALL kicked"), receiver.of("hangup").length);
});

test("worker: one that is killed in mid-run is missed, and nothing is counted twice", async () => {
	const port = await freePort();
	const receiver = await startShared();
	const master = startHeadless(port, 6, { RINGBACK_USERS: "Ringback" });
	const survivors = [1, 2].map((n) => startWorker(port, receiver, [short()], "-e", `worker=w${n}`));
	const victim = startWorker(port, receiver, [scenario("victim call")]);

	// It has reported, and may be about to report again.
	const shown = await master.seen((lines) =>
		lines.map((text) => /^\s*CALL +victim call +([1-9]\d*)\b/.exec(text)).find(Boolean));
	victim.child.kill("SIGKILL");
	await victim.ended();
	await master.line((text) => /failed to send heartbeat, setting state to missing/.test(text));
	const before = receiver.of("hangup").length;
	await receiver.come("hangup", before + 20);
	master.end();
	assert.equal(await master.ended(), 0, master.all());
	for (const worker of survivors) assert.equal(await worker.ended(), 0, worker.all());
	// Told to quit, nobody says so: the first would be taken for the last, and the other one not be heard any more.
	assert.doesNotMatch(master.all(), /last worker quit/);

	const table = master.table("stats");
	const of = (type, name) => receiver.of(type).filter(({ tag }) => tag.startsWith(name)).length;
	assert.equal(requestsOf(table, "CALL short call"), of("answer", "short"));
	assert.equal(of("hangup", "short"), of("answer", "short"));
	const counted = requestsOf(table, "CALL victim call");
	assert.ok(counted >= Number(shown[1]) && counted <= of("hangup", "victim"), `${counted} of ${of("hangup", "victim")}`);
	for (const type of ["answer", "hangup"]) {
		const ofVictim = requestsOf(table, `EVENT ${type}`) - of(type, "short");
		assert.ok(ofVictim >= counted && ofVictim <= of(type, "victim"), `${type}: ${ofVictim}`);
	}
});

test("worker: a master that dies and is started again; calls that are left are hung up; stop, interrupt and quit", async () => {
	const port = await freePort();
	const receiver = await startShared();
	const env = { RINGBACK_USERS: "LongCall" };
	const first = await startWebMaster(port, [], env);
	const long = () => scenario("long call", { talk: "50s" });
	const workers = [1, 2].map(() => startWorker(port, receiver, [long()]));
	await Promise.all(workers.map((worker) => joined(worker)));
	await first.swarm(4);
	await receiver.come("answer", 4);

	first.child.kill("SIGKILL");
	await first.ended();
	await receiver.come("hangup", 4);  // nobody is in command
	const second = await startWebMaster(port, [], env);
	await Promise.all(workers.map((worker) => joined(worker, 2)));
	const told = receiver.events.length;
	assert.equal(told, 8);
	await second.swarm(6);
	await until(async () => (await second.csv()).some((row) => row.Name === "answer" && Number(row["Request Count"]) === 6),
		() => second.all());

	// Without --stop-timeout calls do not come to their end: they are hung up, told to the receiver, and not judged.
	await second.ask("/stop");
	const status = await until(async () => {
		const now = await (await second.ask("/stats/requests")).json();
		return now.state === "stopped" && now;
	}, () => second.all());
	assert.equal(status.user_count, 0);
	await Promise.all(workers.map((worker) => joined(worker, 3)));
	const table = await second.csv();
	assert.equal(receiver.events.length, told + 12);
	assert.deepEqual(["EVENT answer", "EVENT hangup", "CALL long call"].map((row) => requestsOf(table, row)), [6, 6, 0]);

	workers[0].child.kill("SIGINT");
	assert.equal(await workers[0].ended(), 130, workers[0].all());
	await second.line((text) => /quit\. \d workers ready/.test(text));
	second.child.kill("SIGTERM");
	assert.equal(await workers[1].ended(), 0, workers[1].all());
	assert.match(workers[1].all(), /says quit/);
});

test("worker: interrupted while it waits for its receiver, it ends at once", async () => {
	const port = await freePort();
	const nobody = await freePort();
	const ends = ["SIGINT", "SIGTERM"].map(async (signal) => {
		const began = startLines(process.env.RINGBACK_BIN,
			["worker", "--locust-master", `127.0.0.1:${port}`, "-f", `http://127.0.0.1:${nobody}`, "--wait-timeout", "10m", short()]);
		await began.line((text) => /the API is at/.test(text));
		await interrupt(began, signal);
		assert.equal(await began.ended(), 130, began.all());  // the deadline of every wait is far below ten minutes
	});
	await Promise.all(ends);
});

test("worker: interrupted while it finds no master, it ends at once", async () => {
	const receiver = await startReceiver();
	const port = await freePort();
	for (const master of [`127.0.0.1:${port}`, "no-such-host.invalid:5557"]) {
		for (const signal of ["SIGINT", "SIGTERM"]) {
			const began = startLines(process.env.RINGBACK_BIN,
				["worker", "--locust-master", master, "-f", receiver.url, short()]);
			await began.line((text) => /the API is at/.test(text));
			await interrupt(began, signal);
			assert.equal(await began.ended(), 130, began.all());
		}
	}
	assert.equal(receiver.events.length, 0);
	await receiver.stop();
});

test("worker: what cannot be done is said before anything is sent, with status 2", async () => {
	const receiver = await startReceiver();
	const master = ["--locust-master", "127.0.0.1:1"];
	const refused = async (args, words) => {
		const { code, stderr } = await run(["worker", ...args]);
		assert.equal(code, 2, stderr);
		assert.match(stderr, words);
	};
	await refused([short(), "-f", receiver.url], /--locust-master: expected where the master listens/);
	await refused([short(), "-f", receiver.url, "--locust-master", "here:0"], /--locust-master: expected HOST:PORT .*found "here:0"/);
	await refused([...master, "-f", receiver.url], /FILE: expected at least one scenario/);
	await refused([...master, "nobody", "-f", receiver.url], /nobody/);
	await refused([...master, short()], /--callback-url: expected/);
	await refused([...master, short(), scenario("ShortCall"), "-f", receiver.url],
		/user class is not there yet, found ShortCall again/);
	await refused([...master, scenario("ringback"), "-f", receiver.url], /found Ringback again/);
	await refused([...master, short(), "-f", receiver.url, "-e", "no=1"], /-e no: expected a variable/);
	for (const place of ["192.0.2.1:9", "10.255.255.1:9"]) {
		const there = [...master, short(), "-f", `http://${place}/cb`];
		await refused(there, /start ringback with --allow-target/);
		await refused([...there, "--allow-target", place], /--i-own-this-target: expected, as nobody knows before/);
	}
	await refused([...master, short(), "-f", receiver.url, "--bind-address", "0.0.0.0"],
		/--bind-address: 0\.0\.0\.0 can be reached from outside/);
	await refused([...master, scenario("kick", { start: { kick: { url: "http://192.0.2.1:9/dial" } } }), "-f", receiver.url],
		/start\.kick\.url: .*--allow-target/);
	assert.equal(receiver.events.length, 0);
});

test("worker: a master or a receiver that is not there is status 4, a receiver's process that ends status 1", async () => {
	const receiver = await startReceiver();
	const port = await freePort();
	const master = ["--locust-master", `127.0.0.1:${port}`];
	const [alone, unanswered, left] = await Promise.all([
		run(["worker", ...master, "--master-timeout", "1s", short(), "-f", receiver.url]),
		run(["worker", ...master, short(), "--wait-timeout", "300ms", "--", "node", "-e", "setInterval(() => {}, 1000)"]),
		run(["worker", ...master, short(), "--", "node", "-e",
			"require('net').createServer((s) => s.resume().on('close', () => process.exit(0))).listen(process.env.PORT)"]),
	]);
	assert.deepEqual([alone.code, unanswered.code, left.code], [4, 4, 1],
		[alone, unanswered, left].map(({ stderr }) => stderr).join("\n"));
	assert.match(alone.stderr,
		new RegExp(`127\\.0\\.0\\.1:${port}: no Locust master has answered for 1 s: nobody accepts a connection there`));
	assert.match(left.stderr, /the receiver's process has ended/);
});

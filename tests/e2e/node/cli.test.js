"use strict";
// The command line as a process: results, exit statuses, the ready line, how it ends, what it leaves.

const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");
const {
	admin, conversation, foundingEvents, isHangup, journalLines, makeCertificate, neverReplies, occupiedPort, run,
	scratchFolder, send, short, startFake, startReceiver, startServing, test, until, voice, within,
} = require("./harness.js");

const root = path.join(__dirname, "..", "..", "..");

/** Asserts that the texts stand in `text`, in this order. */
function assertInOrder(text, wanted) {
	let at = 0;
	for (const each of wanted) {
		const found = text.indexOf(each, at);
		assert.notEqual(found, -1, `"${each}" is not (or too early) in:\n${text}`);
		at = found + each.length;
	}
}

const attemptsOf = (entries) => entries.filter((entry) => entry.kind === "attempt");

/** Resolves once a fake that drains says so. */
const draining = (fake) =>
	until(async () => (await send("GET", fake.admin + "/ready")).status === 503, () => "not draining");

/** A fake with a call whose answer event is at a receiver that does not reply before `release()`. */
async function callInFlight(flags) {
	let release;
	const released = new Promise((resolve) => (release = resolve));
	const receiver = await startReceiver(() => released);
	const fake = await startFake(flags);
	const call = await voice(fake).create({ to: "+19195559900", callbackUrl: receiver.url });
	await receiver.event((event) => event.eventType === "answer");
	return { fake, receiver, release, call };
}

// --- call

test("call: a whole call in one command, as a ladder with its four callbacks", async () => {
	const { code, stdout, stderr } = await run(["call", "--timeout", "10s"]);
	assert.equal(code, 0, stderr);
	assertInOrder(stdout, [
		"POST /calls to +19195550187", "201", "answer active", "/audio", "speak PLAYBACK_START",
		"speak PLAYBACK_STOP", "state=completed", "hangup NORMAL_CLEARING",
		"The call ended with NORMAL_CLEARING. Callbacks: 4 delivered, 0 failed.\n",
	]);
	assert.ok(!stdout.includes("\x1b"), "no colours where there is no terminal");
	assert.match(stderr, /What next/);
});

test("call --format json: standard output is the journal's entries, one a line, and nothing else", async () => {
	const { code, stdout, stderr } = await run(["call", "--format", "json"]);
	assert.equal(code, 0, stderr);
	const entries = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
	assert.deepEqual(
		entries.filter((entry) => entry.kind === "event").map((entry) => short(entry.payload)), foundingEvents);
	assert.deepEqual(attemptsOf(entries).map((entry) => entry.outcome), Array(4).fill("delivered"));
	const numbers = entries.map((entry) => entry.seq);
	assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
	assert.equal(stderr, "");
});

test("call: a busy line is a call that went well", async () => {
	const { code, stdout, stderr } = await run(["call", "--to", "+15559901"]);
	assert.equal(code, 0, stderr);
	assertInOrder(stdout, ["busy", "hangup USER_BUSY", "ended with USER_BUSY. Callbacks: 1 delivered, 0 failed."]);
	assert.ok(!stdout.includes("answer"));
});

test("call: a receiver that refuses connections is status 4, with the ladder and the reason", async () => {
	const closed = await occupiedPort();
	await closed.release();
	const { code, stdout, stderr } = await run(["call", "--callback-url", `http://127.0.0.1:${closed.port}/`]);
	assert.equal(code, 4, stderr);
	assertInOrder(stdout, ["POST /calls", "picks up", "answer active"]);
	assert.match(stderr, new RegExp(`callback failed: .*127\\.0\\.0\\.1:${closed.port}`));
});

test("call: a receiver that answers 500 is status 1", async () => {
	const receiver = await startReceiver(() => 500);
	const { code, stdout, stderr } = await run(["call", "--to", "+19195559901", "--callback-url", receiver.url]);
	assert.equal(code, 1, stderr);
	assert.match(stdout, /Callbacks: 0 delivered, 1 failed/);
	assert.match(stderr, /callback failed: .*500/);
});

test("call: a refused call is status 1, in the API's own words", async () => {
	const { code, stderr } = await run(["call", "--to", "+19195559913"]);
	assert.equal(code, 1);
	assert.match(stderr, /403/);
	assert.match(stderr, /Cannot make a call to number \+19195559913/);
});

test("call --timeout: a receiver that never hangs up is status 5, with the ladder so far", async () => {
	const receiver = await startReceiver();
	const { code, stdout, stderr } = await run(["call", "--callback-url", receiver.url, "--timeout", "2s"]);
	assert.equal(code, 5, stderr);
	assertInOrder(stdout, ["POST /calls", "picks up", "answer active"]);
	assert.ok(!stdout.includes("hangup"));
	assert.match(stderr, /after 2000 ms the call has not ended/);
});

test("call --api: a fake that is not there is status 4; one that runs is used", async () => {
	const closed = await occupiedPort();
	await closed.release();
	const nobody = await run(["call", "--api", `http://127.0.0.1:${closed.port}`]);
	assert.equal(nobody.code, 4, nobody.stderr);
	assert.match(nobody.stderr, new RegExp(`^ringback: no answer from http://127\\.0\\.0\\.1:${closed.port}: Connection refused$`, "m"));

	const fake = await startFake();
	const there = await run(["call", "--tag", "mine"], { RINGBACK_URL: fake.api });
	assert.equal(there.code, 0, there.stderr);
	const calls = await admin(fake, "GET", "/calls");
	assert.deepEqual(calls.map((call) => [call.tag, call.state]), [["mine", "completed"]]);
	assert.equal(await fake.stop(), 0);
});

test("call: a callback URL that callbacks could not be sent to is refused by its flag", async () => {
	for (const command of ["call", "serve"]) {
		const { code, stdout, stderr } = await run([command, "--callback-url", "http://localhost./x"]);
		assert.equal(code, 2, stderr);
		assert.equal(
			stderr,
			'ringback: --callback-url: expected a host that does not end in a dot, found "http://localhost./x"\n');
		assert.equal(stdout, "");
	}
});

// --- serve: start

test("serve: its memory comes in small pages, because filling a huge one with zeros holds up callbacks", async (t) => {
	const given = (pid) => /^THP_enabled:\s*(\d)$/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
	if (given("self") !== "1") return t.skip("no process is given huge pages here");
	const fake = await startFake();
	assert.equal(given(JSON.parse(fake.readyLine).pid), "0");
});

test("serve: the first line says where it listens, who it is and its seed", async () => {
	const fake = await startFake(["--seed", "7"]);
	const { event, api, admin: plane, pid, seed, ...rest } = JSON.parse(fake.readyLine);
	assert.equal(event, "ready");
	assert.match(api, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
	assert.equal(plane, api + "/__admin");
	assert.equal(seed, 7);
	assert.deepEqual(rest, {});
	assert.equal((await send("GET", plane + "/live")).status, 200);
	assert.doesNotThrow(() => process.kill(pid, 0));
	assert.equal(await fake.stop(), 0);
	assert.throws(() => process.kill(pid, 0));
	assert.equal(fake.stdout(), fake.readyLine + "\n", "nothing but the ready line on standard output");
	assert.equal(fake.stderr(), "");
});

test("serve: TLS and an admin port of its own stand in the ready line", async () => {
	const folder = scratchFolder();
	const { certFile, keyFile } = makeCertificate(folder);
	const fake = await startFake([
		"--https-port", "0", "--certificate", certFile, "--key", keyFile, "--admin-port", "0",
	]);
	assert.match(fake.apiTls, /^https:\/\/127\.0\.0\.1:[1-9]\d*$/);
	assert.equal(new Set([fake.api, fake.apiTls, fake.admin].map((url) => new URL(url).port)).size, 3);
	assert.equal((await send("GET", fake.admin + "/ready")).status, 200);
	assert.equal((await send("GET", fake.api + "/__admin/ready")).status, 401);  // there it is an API path
	assert.equal(await fake.stop(), 0);
});

test("serve --ready-file: whoever sees the file sees all of it, the ready line", async () => {
	const folder = scratchFolder();
	const file = path.join(folder, "ready.json");
	const seen = [];
	const watcher = fs.watch(folder, () => {
		if (fs.existsSync(file)) seen.push(fs.readFileSync(file, "utf8"));
	});
	const fake = await startFake(["--ready-file", file]).finally(() => watcher.close());
	assert.equal(fs.readFileSync(file, "utf8"), fake.readyLine + "\n");
	for (const text of seen) assert.equal(text, fake.readyLine + "\n");
	assert.deepEqual(fs.readdirSync(folder), ["ready.json"]);
	assert.equal(await fake.stop(), 0);
});

test("serve --ready-file: in a folder that does not exist is status 3, with the reason", async () => {
	const { code, stderr } = await run(["serve", "--port", "0", "--ready-file", "/nonexistent/folder/ready.json"]);
	assert.equal(code, 3, stderr);
	assert.equal(
		stderr,
		"ringback: --ready-file: /nonexistent/folder/ready.json: expected a file that can be written: " +
			"No such file or directory\n");
});

test("serve: an occupied port is status 3 and named", async () => {
	const taken = await occupiedPort();
	const stranger = await run(["serve", "--port", String(taken.port)]);
	assert.equal(stranger.code, 3);
	assert.match(stranger.stderr, new RegExp(`\\b${taken.port}\\b`));
	assert.equal(stranger.stdout, "");

	const fake = await startFake();
	const port = new URL(fake.api).port;
	const second = await run(["serve", "--port", port]);
	assert.equal(second.code, 3);
	assert.match(second.stderr, new RegExp(`\\b${port}\\b`));
	assert.equal(await fake.stop(), 0);
});

// --- bad usage

test("bad usage: every wrong flag is told, as flag: expected, found, and is status 2", async () => {
	const { code, stdout, stderr } = await run([
		"serve", "--answer-delay", "soon", "--port=99999", "--clock", "wall", "--prot", "3",
		"--bind-address", "nonsense",
	]);
	assert.equal(code, 2);
	assert.equal(stdout, "");
	for (const [flag, found] of [["--answer-delay", "soon"], ["--port", "99999"], ["--clock", "wall"],
		["--bind-address", "nonsense"]]) {
		assert.match(stderr, new RegExp(`^ringback: ${flag}: expected .*found "${found}"$`, "m"));
	}
	assert.match(stderr, /^ringback: --prot: .*did you mean --port\?$/m);
});

test("bad usage: an unknown command and none at all are status 2", async () => {
	const unknown = await run(["serv"]);
	assert.equal(unknown.code, 2);
	assert.match(unknown.stderr, /no such command "serv", did you mean ringback serve\?/);
	const none = await run([]);
	assert.equal(none.code, 2);
	assert.match(none.stderr, /Usage: ringback/);
	assert.equal(unknown.stdout + none.stdout, "");
});

test("bad usage: a journal in a folder that does not exist is status 2 and one line", async () => {
	const { code, stderr } = await run(["serve", "--port", "0", "--journal", "/nonexistent/folder/journal.ndjson"]);
	assert.equal(code, 2, stderr);
	assert.match(stderr, /^ringback: --journal: .*\/nonexistent\/folder\/journal\.ndjson.*\n$/);
});

// --- environment

test("environment: RINGBACK_<FLAG> is the flag; the command line wins", async () => {
	const fake = await startServing(
		["--port", "0"], { RINGBACK_SEED: "7", RINGBACK_QUIET: "1", RINGBACK_CLOCK: "virtual" });
	assert.equal(fake.seed, 7);
	assert.equal((await admin(fake, "GET", "/clock")).mode, "virtual");
	assert.equal(await fake.stop(), 0);
	const told = await startServing(["--port", "0", "--seed", "8"], { RINGBACK_SEED: "7" });
	assert.equal(told.seed, 8);
	assert.equal(await told.stop(), 0);
	const wrong = await run(["serve", "--port", "0"], { RINGBACK_ANSWER_DELAY: "soon" });
	assert.equal(wrong.code, 2);
	assert.match(wrong.stderr, /--answer-delay: expected .*found "soon"/);
});

test("environment: PORT is the port, unless RINGBACK_PORT is", async () => {
	const taken = await occupiedPort();
	const { code, stderr } = await run(["serve"], { PORT: String(taken.port) });
	assert.equal(code, 3, stderr);
	assert.match(stderr, new RegExp(`\\b${taken.port}\\b`));
	const fake = await startServing([], { PORT: String(taken.port), RINGBACK_PORT: "0" });
	assert.notEqual(new URL(fake.api).port, String(taken.port));
	assert.equal(await fake.stop(), 0);
});

// --- serve: end

for (const signal of ["SIGTERM", "SIGINT"]) {
	test(`${signal}: what is in flight is finished, calls are refused, the journal is complete`, async () => {
		const file = path.join(scratchFolder(), "journal.ndjson");
		const { fake, receiver, release } = await callInFlight(["--journal", file]);
		fake.signal(signal);
		await draining(fake);
		const refused = await voice(fake).ask("POST", "/calls", { from: "+19195550123", to: "+19195550187" });
		assert.equal(refused.status, 503);
		release(200);
		assert.equal(await fake.ended(), 0);
		assert.equal(fake.stderr(), "");

		const entries = journalLines(file);
		assert.deepEqual(entries.map((entry) => entry.seq), entries.map((_, n) => n + 1));
		assert.deepEqual(attemptsOf(entries).map((entry) => [entry.event, entry.outcome]), [["answer", "delivered"]]);
		assert.deepEqual(receiver.events.map(short), ["answer"]);
	});
}

test("SIGTERM: a stuck receiver holds it up for --drain-timeout and is in the journal", async () => {
	const file = path.join(scratchFolder(), "journal.ndjson");
	const { fake } = await callInFlight(["--journal", file, "--drain-timeout", "200ms"]);
	fake.signal("SIGTERM");
	assert.equal(await fake.ended(), 0);
	assert.match(fake.stderr(), /the time to drain was over/);
	// abandoned, not timed_out: it did not wait for the callback's own ten seconds
	assert.deepEqual(
		attemptsOf(journalLines(file)).map((entry) => [entry.event, entry.end, entry.outcome]),
		[["answer", "abandoned", "failed"]]);
});

test("SIGTERM: a second signal ends it at once, with status 130", async () => {
	const { fake } = await callInFlight(["--drain-timeout", "10m"]);
	fake.signal("SIGTERM");
	await draining(fake);
	fake.signal("SIGINT");
	assert.equal(await fake.ended(), 130);
});

test("POST /__admin/shutdown ends it like SIGTERM", async () => {
	const { fake, release } = await callInFlight([]);
	await admin(fake, "POST", "/shutdown", {});
	release(200);
	assert.equal(await fake.ended(), 0);
});

// --- wait

test("wait: 0 when it is ready, idle or the call has ended; 5 when it is too late; 4 when nobody is there", async () => {
	const fake = await startFake();
	const receiver = await startReceiver();
	const status = async (...words) => (await run(["wait", fake.api, ...words])).code;
	assert.equal(await status("--for", "ready"), 0);
	assert.equal(await status(), 0);
	const call = await voice(fake).create({ callbackUrl: receiver.url });
	assert.equal(await status("--for", "idle"), 0);
	assert.deepEqual(receiver.events.map(short), ["answer"], "idle: all that comes by itself has come");
	assert.equal(await status("--for", "call-ended", "--call", call, "--timeout", "50ms"), 5);
	const ended = run(["wait", "--for", "call-ended", "--call", call], { RINGBACK_URL: fake.api });
	await voice(fake).hangUp(call);
	assert.equal((await ended).code, 0);

	assert.equal(await status("--for", "call-ended"), 2);
	assert.equal(await status("--for", "ready", "--call", call), 2);
	assert.equal(await status("--for", "call-ended", "--call", "c-nosuchcall"), 2);
	assert.equal(await status("--for", "breakfast"), 2);
	assert.equal(await fake.stop(), 0);
	assert.equal(await status("--for", "ready", "--timeout", "100ms"), 4);
	assert.equal(await status("--for", "idle"), 4);
});

test("wait, call, journal: whatever listens at an address, it is told in a line, and in time", async () => {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: ";
	const answers = {
		"a status line of 30 kB": [`HTTP/1.1 200 ${"x".repeat(30000)}\r\nContent-Length: 2\r\n\r\n{}`, "header limit exceeded"],
		"a status line of 1 MB": [`HTTP/1.1 200 ${"x".repeat(1 << 20)}\r\n\r\n`, "header limit exceeded"],
		"fields without end": [`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(100000)}\r\n`, "header limit exceeded"],
		"a body of 1 GB": [`${ok}1073741824\r\n\r\n${"[1,".repeat(100)}`, "body limit exceeded"],
		"half a body": [`${ok}99\r\n\r\n{}`, "partial message"],
		"no HTTP": ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "bad version"],
		"interim answers": [`${"HTTP/1.1 103 Early\r\n\r\n".repeat(50)}`, "more than 8 interim (1xx) answers"],
		"nothing": ["", "end of stream"],
		"a page": [`${ok}4\r\n\r\n<p/>`, null],
		"deep JSON": [`${ok}600000\r\n\r\n${"[".repeat(300000)}${"]".repeat(300000)}`, null],
		"an array of numbers": [`${ok}3\r\n\r\n[1]`, null],
		"entries without numbers": [`${ok}4\r\n\r\n[{}]`, null],
		"an entry again and again": [`${ok}11\r\n\r\n[{"seq":0}]`, null],
	};
	for (const [what, [answer, why]] of Object.entries(answers)) {
		const server = net.createServer((socket) => {
			socket.on("error", () => {}).once("data", () => socket.end(answer, "latin1"));
		});
		await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
		const url = `http://127.0.0.1:${server.address().port}`;
		for (const words of [["wait", url, "--for", "idle", "--timeout", "5s"], ["call", "--api", url], ["journal", "list", "--api", url],
			["journal", "show", "1", "--api", url], ["journal", "export", "--api", url], ["journal", "count", "--api", url]]) {
			const { code, stdout, stderr } = await run(words);
			assert.ok([2, 4].includes(code), `${what}: ${words[0]} ${code} ${stderr}`);
			assert.equal(stdout, "", what);
			const first = words[0] === "call" ? `^ringback: ${url}: not ready: ` : "^ringback: ";
			assert.match(stderr, new RegExp(why === null ? `${first}${url} answered 200, but no admin plane is there`
				: `^ringback: no answer from ${url}: ${why.replace(/[()]/g, "\\$&")}\n$`), `${what}: ${words[0]}`);
		}
		await new Promise((resolve) => { server.close(resolve); });
	}
});

test("wait: an address without an admin plane is told as such, with where to look", async () => {
	const fake = await startFake(["--admin-port", "0"]);
	for (const what of ["ready", "idle"]) {
		const { code, stderr } = await run(["wait", fake.api, "--for", what]);
		assert.equal(code, 2, stderr);
		assert.equal(
			stderr,
			`ringback: ${fake.api} answered 401, but no admin plane is there; with --admin-port that has an ` +
				'address of its own: "admin" in the first line of ringback serve\n');
	}
	const call = await run(["call", "--api", fake.api]);
	assert.equal(call.code, 4, call.stderr);
	assert.match(call.stderr, /answered 401, but no admin plane is there/);
	assert.equal((await run(["wait", fake.admin])).code, 0, "as it stands in the ready line");
	assert.equal((await run(["call", "--api", fake.api, "--admin", fake.admin])).code, 0);
	assert.equal(await fake.stop(), 0);
});

// --- words

test("version: the one of CMakeLists.txt", async () => {
	const project = fs.readFileSync(path.join(root, "CMakeLists.txt"), "utf8");
	const [, version] = /project\(ringback VERSION (\S+)/.exec(project);
	for (const words of [["version"], ["--version"]]) {
		assert.deepEqual(await run(words), { code: 0, stdout: `ringback ${version}\n`, stderr: "" });
	}
});

test("help: every page is on standard output and within 80 columns", async () => {
	const overview = (await run(["help"])).stdout;
	const [, list] = /\nCommands:\n([^]*?)\n\n/.exec(overview);
	const commands = list.split("\n").map((row) => row.trim().split(" ")[0]).filter((name) => name !== "help");
	assert.deepEqual(commands, ["serve", "call", "run", "trigger", "sign", "scenarios", "record", "replay", "load", "worker", "report", "compare", "journal", "wait", "version"]);
	const pages = [["help"], ["--help"], ["-h"], ["help", "numbers"]];
	for (const command of commands) pages.push(["help", command], [command, "--help"]);
	for (const words of pages) {
		const { code, stdout, stderr } = await run(words);
		assert.equal(code, 0, words.join(" "));
		assert.equal(stderr, "");
		assert.ok(stdout.length > 20, words.join(" "));
		for (const line of stdout.split("\n")) {
			assert.ok([...line].length <= 80, `${words.join(" ")}: ${line}`);
		}
	}
	assert.equal((await run(["help", "breakfast"])).code, 2);
});

test("standard output that cannot be written is said, and is status 1", async () => {
	const full = fs.openSync("/dev/full", "w");
	const reason = "ringback: standard output: cannot be written: No space left on device\n";
	for (const words of [["version"], ["help"], ["help", "numbers"], ["wait", "--help"], ["call"],
		["call", "--format", "json"]]) {
		const { code, stderr } = await run(words, {}, full);
		assert.equal(code, 1, words.join(" "));
		assert.equal(stderr, reason, words.join(" "));
	}
	const worse = await run(["call", "--to", "+19195559902", "--callback-url", "http://127.0.0.1:9"], {}, full);
	assert.equal(worse.code, 4, "what is worse counts");
	assert.ok(worse.stderr.startsWith(reason));
	fs.closeSync(full);
});

// --- journal

/** Asks for a call; the answer whatever it is. */
const askForCall = (fake, more) =>
	voice(fake).ask("POST", "/calls", { from: "+19195550123", to: "+19195559900", ...more });

test("journal: on a full device no call is accepted, not even the first, and the 503 says why", async () => {
	const fake = await startServing(["--port", "0", "--clock", "virtual", "--quiet", "--journal", "/dev/full"]);
	const receiver = await startReceiver();
	for (let n = 0; n < 3; ++n) {
		const { status, json, headers } = await askForCall(fake, { callbackUrl: receiver.url });
		assert.equal(status, 503);
		assert.equal(json.code, "journal-unavailable");
		assert.equal(json.message, "the journal file cannot be written: No space left on device");
		assert.equal(headers.get("retry-after"), "1");
	}
	assert.deepEqual((await voice(fake).ask("GET", "/calls")).json, [], "reading goes on");
	const entries = await admin(fake, "GET", "/journal?kind=api&status=503");
	assert.deepEqual(entries.map((entry) => entry.response.code), Array(3).fill("journal-unavailable"));
	const inbound = await send("POST", fake.admin + "/calls", { from: "+19195550100", to: "+19195550123" });
	assert.equal(inbound.status, 503);
	assert.match(inbound.text, /No space left on device/);
	assert.deepEqual(receiver.events, []);
	assert.equal(await fake.stop(), 0);
	assert.equal(fake.stderr().match(/cannot be written/g).length, 1, "said once");
});

test("journal: a call that the disk then did not take never was, and is answered 503; later ones are fine", async () => {
	// A pipe that nobody empties: unlike a disk it gives no warning.
	const file = path.join(scratchFolder(), "pipe");
	execFileSync("mkfifo", [file]);
	const pipe = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
	const fake = await startServing(["--port", "0", "--clock", "virtual", "--quiet", "--journal", file]);
	const fill = Buffer.alloc(4096, "\n");
	assert.throws(() => { for (;;) fs.writeSync(pipe, fill); }, { code: "EAGAIN" });

	const receiver = await startReceiver();
	const refused = await askForCall(fake, { callbackUrl: receiver.url });
	assert.equal(refused.status, 503);
	assert.equal(refused.headers.get("location"), null);
	assert.equal(refused.json.message, "the journal file cannot be written: Resource temporarily unavailable");
	assert.deepEqual(await admin(fake, "GET", "/calls"), []);
	const api = voice(fake);
	for (const path of ["/c%61lls", "/calls/", "/calls/c-any", "/calls/c-any/gather", "/recordings/r-any/transcriptions"]) {
		const { status, json } = await api.ask("POST", path, { from: "+19195550123", to: "+19195559900" });
		assert.equal(status, 503, path);
		assert.equal(json.code, "journal-unavailable", path);
	}

	const emptied = Buffer.alloc(1 << 20);
	assert.throws(() => { for (;;) fs.readSync(pipe, emptied); }, { code: "EAGAIN" });
	assert.equal((await askForCall(fake, { callbackUrl: receiver.url })).status, 201);
	await receiver.event((event) => event.eventType === "answer");
	assert.equal(new Set(receiver.events.map((event) => event.callId)).size, 1, "nobody heard of the refused call");
	assert.equal(await fake.stop(), 0);
	fs.closeSync(pipe);
	assert.match(fake.stderr(), /can be written again; 0 lines were lost/);
});

test("journal: the file holds what GET /__admin/journal shows, line for line, and a checksum of each", async () => {
	const file = path.join(scratchFolder(), "journal.ndjson");
	const fake = await startFake(["--journal", file]);
	const api = voice(fake);
	const receiver = await startReceiver(conversation(api));
	await api.create({ callbackUrl: receiver.url, tag: "na\u00efve \u260e \"quoted\"" });
	await api.create({ to: "+19195559901", callbackUrl: receiver.url, callbackHttpMethod: "GET" });
	await api.ask("POST", "/calls", { from: "+19195550123" });
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");
	const { text } = await send("GET", fake.admin + "/journal", undefined, { Accept: "application/x-ndjson" });
	const array = await admin(fake, "GET", "/journal");
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
	assert.equal(fs.readFileSync(file, "utf8").replace(/,"crc":"[0-9a-f]{8}"\}\}$/gm, "}}"), text);
	const lines = journalLines(file);
	for (const line of lines) delete line.wall.crc;
	assert.deepEqual(lines, array);
	assert.deepEqual(
		new Set(array.map((entry) => entry.kind)), new Set(["api", "event", "attempt", "state", "phone"]));
});

test("seed: two processes with the same seed and inputs keep the same journal, but for wall times", async () => {
	const journals = [];
	const receivers = { api: null };
	const receiver = await startReceiver((event) => conversation(receivers.api)(event));
	for (const seed of ["7", "7", "8"]) {
		const file = path.join(scratchFolder(), "journal.ndjson");
		const fake = await startFake(["--journal", file, "--seed", seed, "--answer-delay", "2s..6s"]);
		receivers.api = voice(fake);
		await receivers.api.create({ callbackUrl: receiver.url, tag: "same" });
		await admin(fake, "GET", "/wait?for=idle&timeout=50s");
		assert.equal(await fake.stop(), 0);
		const port = new RegExp(`:${new URL(fake.api).port}/`, "g");
		const lines = fs.readFileSync(file, "utf8").trimEnd().split("\n");
		journals.push(lines.map((line) => line.replace(/,"wall":\{[^{}]*\}\}$/, "}").replace(port, ":API/")));
		assert.ok(!journals.at(-1).some((line) => line.includes("\"wall\"")));
	}
	await receiver.stop();
	assert.ok(journals[0].length >= 12);
	assert.deepEqual(journals[0], journals[1]);
	assert.notDeepEqual(journals[0], journals[2]);
});

// --- receivers of every kind

test("https receivers: --cacert and --insecure hold the founding conversation; neither is a TLS failure", async () => {
	const certificate = makeCertificate(scratchFolder());
	for (const flags of [["--cacert", certificate.certFile], ["--insecure"], []]) {
		const fake = await startFake(flags);
		const api = voice(fake);
		const receiver = await startReceiver(conversation(api), certificate);
		const call = await api.create({ callbackUrl: receiver.url });
		if (flags.length > 0) {
			await receiver.event(isHangup);
			assert.deepEqual(receiver.events.map(short), foundingEvents);
		} else {
			await admin(fake, "GET", "/wait?for=idle&timeout=50s");
			assert.deepEqual(receiver.events, []);
			const [attempt] = attemptsOf(await admin(fake, "GET", `/journal?call=${call}`));
			assert.equal(attempt.end, "tls_failed");
			assert.match(attempt.error, /certificate/);
			assert.deepEqual((await api.errors()).map((error) => error.code), ["callback-io-error"]);
		}
		await receiver.stop();
		assert.equal(await fake.stop(), 0);
	}
});

test("IPv6: a receiver on [::1] holds the founding conversation, and so does an API there", async (t) => {
	const fake = await startFake(["--bind-address", "::1"]).catch((error) => error);
	if (fake instanceof Error) {
		assert.match(fake.message, /ended with 3/);
		t.skip("this machine has no ::1");
		return;
	}
	assert.match(fake.api, /^http:\/\/\[::1\]:\d+$/);
	const api = voice(fake);
	const receiver = await startReceiver(conversation(api), { host: "::1" });
	await api.create({ callbackUrl: receiver.url });
	await receiver.event(isHangup);
	assert.deepEqual(receiver.events.map(short), foundingEvents);
	assert.equal(receiver.requests[0].headers.host, `[::1]:${receiver.port}`);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("user information in a URL becomes Authorization and is shown nowhere", async () => {
	const secret = "s3cr%2Ft";
	const spoken = Buffer.from("alice:s3cr/t").toString("base64");
	const file = path.join(scratchFolder(), "journal.ndjson");
	const fake = await startFake(["--journal", file, "--verbose"]);
	const api = voice(fake);
	const receiver = await startReceiver((event) => (event.eventType === "answer" ? 500 : 200));
	const fallback = await startReceiver(() => 500);
	const withUser = (url) => url.replace("//", `//alice:${secret}@`);
	const call = await api.create({
		to: "+19195559907", callbackUrl: withUser(receiver.url), fallbackUrl: withUser(fallback.url),
	});
	await receiver.event(isHangup);
	for (const { headers, url } of [...receiver.requests, ...fallback.requests]) {
		assert.equal(headers.authorization, "Basic " + spoken);
		assert.match(headers.host, /^127\.0\.0\.1:\d+$/);
		assert.equal(url, "/cb");
	}
	const refused = await api.ask("POST", "/calls", {
		from: "+19195550123", to: "+19195550187", callbackUrl: withUser("http://192.0.2.1/cb"),
	});
	assert.equal(refused.status, 400);
	const shown = {
		"GET journal": (await send("GET", fake.admin + "/journal")).text,
		"GET calls": (await send("GET", fake.admin + "/calls")).text,
		"GET errors": JSON.stringify(await api.errors()),
		"400": refused.text,
		"call resource": JSON.stringify(await api.call(call)),
		"call events": (await api.ask("GET", `/calls/${call}/events`)).text,
	};
	assert.equal((await api.errors()).length, 2);
	await receiver.stop();
	await fallback.stop();
	assert.equal(await fake.stop(), 0);
	Object.assign(shown, { file: fs.readFileSync(file, "utf8"), stdout: fake.stdout(), stderr: fake.stderr() });
	assert.match(shown.stderr, /answer to http:\/\/\*\*\*@127/);
	const leaks = Object.entries(shown).filter(([, text]) => /alice|s3cr/.test(text) || text.includes(spoken));
	assert.deepEqual(leaks.map(([where]) => where), []);
});

test("a password with a raw / ? or # makes a URL invalid and is shown nowhere either", async () => {
	const fake = await startFake(["--verbose"]);
	for (const between of ["/", "?", "#"]) {
		const { status, text } = await voice(fake).ask("POST", "/calls", {
			from: "+19195550123", to: "+19195550187", callbackUrl: `http://alice:s3cr${between}t@127.0.0.1/cb`,
		});
		assert.equal(status, 400);
		assert.doesNotMatch(text, /alice|s3cr/);
	}
	assert.doesNotMatch((await send("GET", fake.admin + "/journal")).text, /alice|s3cr/);
	assert.equal(await fake.stop(), 0);
	assert.doesNotMatch(fake.stderr(), /alice|s3cr/);
});

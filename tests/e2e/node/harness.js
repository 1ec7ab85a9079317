"use strict";
// What the tests of this folder share: a real `ringback serve` process, a receiver, waiting with a deadline.

const { spawn } = require("node:child_process");
const http = require("node:http");
const readline = require("node:readline");

const binary = process.env.RINGBACK_BIN;
const deadlineMs = 20000;

/** Rejects with `what` when the promise has not settled by the deadline. */
function within(promise, what) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`deadline passed: ${what()}`)), deadlineMs);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Starts a fake on a free port; resolves with its ready line and a stop() that resolves with the exit code. */
async function startFake(flags = []) {
	if (!binary) {
		throw new Error("RINGBACK_BIN must name the ringback binary");
	}
	const child = spawn(binary, ["serve", "--port", "0", "--clock", "virtual", "--quiet", ...flags], {
		stdio: ["ignore", "pipe", "pipe"],
	});
	let stderr = "";
	child.stderr.on("data", (bytes) => (stderr += bytes));
	const exited = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
	const lines = readline.createInterface({ input: child.stdout });
	const first = new Promise((resolve, reject) => {
		lines.once("line", resolve);
		exited.then((code) => reject(new Error(`ringback serve ended with ${code}: ${stderr}`)));
	});
	const ready = JSON.parse(await within(first, () => "no ready line"));
	return {
		...ready,
		async stop() {
			child.kill("SIGTERM");
			return within(exited, () => "ringback serve did not stop");
		},
	};
}

/** A receiver on a free port. `handle(event, request)` may return a status or a promise of one. */
async function startReceiver(handle = () => 200) {
	const events = [];
	const waiters = [];
	const failures = [];
	const server = http.createServer((request, response) => {
		let body = "";
		request.on("data", (bytes) => (body += bytes));
		request.on("end", async () => {
			const query = Object.fromEntries(new URL(request.url, "http://h").searchParams);
			const event = request.method === "POST" ? JSON.parse(body) : query;
			events.push(event);
			for (const wake of waiters.splice(0)) wake();
			try {
				response.statusCode = (await handle(event, request)) || 200;
			} catch (error) {
				failures.push(error);
				response.statusCode = 500;
			}
			response.end();
		});
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${server.address().port}/cb`,
		events,
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
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			if (failures.length > 0) throw failures[0];
		},
	};
}

/** A JSON request to the admin plane. */
async function admin(fake, method, path, body) {
	const response = await fetch(fake.admin + path, {
		method,
		headers: body ? { "Content-Type": "application/json" } : {},
		body: body ? JSON.stringify(body) : undefined,
		signal: AbortSignal.timeout(deadlineMs),
	});
	const text = await response.text();
	if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
	return text === "" ? null : JSON.parse(text);
}

module.exports = { startFake, startReceiver, admin };

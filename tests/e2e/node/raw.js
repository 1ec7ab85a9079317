"use strict";
// A client that sends exactly the bytes it is given, and what a process occupies.

const fs = require("node:fs");
const net = require("node:net");
const { endings, within } = require("./harness");

/** The end of the head, or -1. */
const headEnd = (bytes) => bytes.indexOf("\r\n\r\n");

/**
 * The answers in `bytes`, in order: { status, head, body }, a status of 0 for what is none or not whole. Bodies have a
 * Content-Length or are chunked; to `headOnly` requests there are none.
 */
function answersIn(bytes, headOnly = false) {
	const answers = [];
	let rest = bytes;
	while (rest.length > 0) {
		const end = headEnd(rest);
		const head = rest.subarray(0, end + 4).toString("latin1");
		const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0);
		if (end < 0 || status === 0) return [...answers, { status: 0, head: rest.toString("latin1"), body: "" }];
		const field = (name) => new RegExp(`^${name}: *(.*)\r$`, "mi").exec(head)?.[1];
		let body = rest.subarray(end + 4);
		const length = headOnly || status < 200 ? 0 : Number(field("Content-Length") ?? (field("Transfer-Encoding") ? body.length : 0));
		if (body.length < length) return [...answers, { status: 0, head, body: body.toString("latin1") }];
		rest = body.subarray(length);
		body = body.subarray(0, length);
		answers.push({ status, head, body: body.toString("utf8"), field });
	}
	return answers;
}

/**
 * A connection: { send(bytes), end(), reset(), ended, received(), answers(n) }. `ended` resolves with every byte once the
 * other side has closed, cleanly or not; answers(n) with the first n whole ones.
 */
function connect(port, host = "127.0.0.1") {
	const socket = net.connect({ port, host, allowHalfOpen: true });
	const chunks = [];
	const waiters = new Set();
	const received = () => Buffer.concat(chunks);
	const wake = () => waiters.forEach((look) => look());
	socket.setNoDelay(true);
	socket.on("data", (bytes) => {
		chunks.push(bytes);
		wake();
	});
	socket.on("error", () => {});
	const destroy = () => socket.destroy();
	endings.add(destroy);
	const ended = new Promise((resolve) => {
		const done = () => {
			endings.delete(destroy);
			socket.destroy();
			resolve(received());
			wake();
		};
		socket.once("end", done).once("close", done);
	});
	return {
		socket,
		received,
		send: (bytes) => new Promise((sent) => { socket.write(bytes, () => sent(!socket.destroyed)); }),
		end: () => socket.end(),
		reset: () => socket.resetAndDestroy(),
		ended: within(ended, () => `a connection is not closed; it got ${JSON.stringify(received().subarray(0, 200).toString("latin1"))}`),
		answers: (count, headOnly = false) => within(new Promise((resolve) => {
			const look = () => {
				const answers = answersIn(received(), headOnly).filter(({ status }) => status > 0);
				if (answers.length < count && !socket.destroyed) return;
				waiters.delete(look);
				resolve(answers);
			};
			waiters.add(look);
			look();
		}), () => `${count} answers did not come`),
	};
}

/** Sends all of it, closes its half, and resolves with the answers and how long it took in milliseconds. */
async function exchange(port, bytes, headOnly = false) {
	const start = performance.now();
	const client = connect(port);
	client.socket.end(bytes);
	const answers = answersIn(await client.ended, headOnly);
	return { answers, took: performance.now() - start };
}

/** A client that says this and then nothing; connected when it resolves. */
async function halfWay(fake, text) {
	const { port, hostname } = new URL(fake.api);
	const socket = net.connect(Number(port), hostname);
	endings.add(() => socket.destroy());
	socket.on("error", () => {});  // it may be cut
	await within(new Promise((resolve) => socket.once("connect", resolve)), () => "not connected");
	await new Promise((resolve) => socket.write(text, resolve));
	return socket;
}

/** What a process occupies: open descriptors, threads, resident kB now and at most since clearPeak(). */
function occupied(pid) {
	const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
	const figure = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)[1]);
	return {
		descriptors: fs.readdirSync(`/proc/${pid}/fd`).length,
		threads: figure("Threads"), kB: figure("VmRSS"), mostKB: figure("VmHWM"),
	};
}

/** From now on occupied().mostKB counts anew. */
const clearPeak = (pid) => fs.writeFileSync(`/proc/${pid}/clear_refs`, "5");

module.exports = { answersIn, clearPeak, connect, exchange, halfWay, occupied };

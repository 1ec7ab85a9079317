"use strict";
// Good calls alone, and beside hostile receivers of every kind: what tests and bench/isolation measure.

const { spawn } = require("node:child_process");
const path = require("node:path");
const readline = require("node:readline");
const { admin, conversation, endings, isHangup, startFake, startReceiver, voice, within } = require("./harness");
const { kinds } = require("./hostile_kinds");

const hostileNumber = "+19195550199";
const keys = 3;
const callbackTimeout = 3000;

/** A fake on the real clock whose calls are short, and whose hostile number presses keys all the time. */
const startShortCalls = (flags = []) => startFake([
	"--clock", "real", "--reply-patience", "250ms", "--answer-delay", "300ms", "--audio-start-delay", "100ms",
	"--speech-minimum", "1s", "--hangup-delay", "100ms", "--key-gap", "400ms", "--max-journal-entries", "200000",
	"--far-end", `${hostileNumber}=answer:100ms,press:${"1".repeat(keys)}`, ...flags,
]);

/** The hostile receivers, in a process of their own: one URL for each kind. */
async function startHostile() {
	const child = spawn(process.execPath, [path.join(__dirname, "hostile_kinds.js")], { stdio: ["pipe", "pipe", "inherit"] });
	endings.add(() => child.kill("SIGKILL"));
	const line = new Promise((resolve, reject) => {
		readline.createInterface({ input: child.stdout }).once("line", resolve);
		child.once("error", reject);
	});
	const ports = JSON.parse(await within(line, () => "the hostile receivers do not listen"));
	return kinds.map((kind, n) => ({ ...kind, url: `${kind.scheme}://127.0.0.1:${ports[n]}/cb` }));
}

/** So many calls at each hostile receiver, a few at a time; resolves with { id of the call: kind }. */
async function engage(fake, receivers, each) {
	const api = voice(fake, "u-hostile");
	const calls = {};
	const wanted = receivers.flatMap((kind) => Array(each).fill(kind));
	const create = async () => {
		for (let kind = wanted.pop(); kind; kind = wanted.pop()) {
			calls[await api.create({ to: hostileNumber, callbackUrl: kind.url, callbackTimeout })] = kind;
		}
	};
	await Promise.all(Array.from({ length: 8 }, create));
	return calls;
}

/** Good conversations, `gapMs` apart: the milliseconds each creation and each call took, and the ids. */
async function converse(fake, count, gapMs = 0) {
	const api = voice(fake, "u-good");
	const receiver = await startReceiver(conversation(api));
	const creations = [];
	const begun = Date.now();
	const call = async (n) => {
		await new Promise((later) => { setTimeout(later, n * gapMs); });
		const start = performance.now();
		const id = await api.create({ callbackUrl: receiver.url });
		creations.push(performance.now() - start);
		await receiver.event((event) => isHangup(event) && event.callId === id);
		return [id, performance.now() - start];
	};
	const ended = await Promise.all(Array.from({ length: count }, (_, n) => call(n)));
	const events = receiver.events;
	await receiver.stop();
	return { calls: Object.fromEntries(ended), creations, events, took: Date.now() - begun };
}

/** Ascending; the value that `part` of them do not exceed. */
function quantile(values, part) {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}

/** How late the callbacks of these calls were sent, each in milliseconds. */
async function lags(fake, calls) {
	const attempts = await admin(fake, "GET", "/journal?kind=attempt&user=u-good");
	return attempts.filter(({ call }) => call in calls).map(({ wall }) => (wall.sent_us - wall.due_us) / 1000);
}

const idle = (fake) => admin(fake, "GET", "/wait?for=idle&timeout=50s");

module.exports = { converse, engage, idle, keys, callbackTimeout, lags, quantile, startHostile, startShortCalls };

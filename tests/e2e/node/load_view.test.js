"use strict";
// `ringback load` as a person sees it: on a terminal a view with keys, else a line a second.

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { run, scratchFolder, startReceiver, test, within } = require("./harness");

const invalid = 98;

function scenario() {
	const file = path.join(scratchFolder(), "scenario.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "short", vars: { to: "+19195559907" },
		model: { "answer-delay": "10ms", "talk-delay": "30ms", "hangup-delay": "10ms" },
		steps: [{ send: "answer", id: "answer" }, { send: "hangup", id: "bye" }],
	}));
	return file;
}

/** Ringback on a terminal of its own: { type(keys), shown(), shows(pattern), exited, kill(signal) }. */
function onTerminal(args, env = {}) {
	const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RINGBACK_") && name !== "NO_COLOR"));
	const child = spawn("python3", [path.join(__dirname, "terminal.py"), process.env.RINGBACK_BIN, ...args],
		{ env: { ...own, TERM: "xterm", ...env } });
	let shown = "";
	let wake = () => {};
	child.stdout.resume();
	child.stderr.setEncoding("utf8").on("data", (text) => {
		shown += text;
		wake();
	});
	const exited = new Promise((resolve) => { child.on("close", (code, signal) => resolve(code ?? signal)); });
	return {
		type: (keys) => child.stdin.write(keys),
		shown: () => shown,
		/** Resolves once the terminal has shown that, after what was shown when this was asked. */
		shows(pattern) {
			const from = shown.length;
			return within(new Promise((resolve) => {
				wake = () => pattern.test(shown.slice(from)) && resolve();
				wake();
			}), () => `no ${pattern} in ${JSON.stringify(shown.slice(from))}`);
		},
		exited: within(exited, () => `it did not end: ${JSON.stringify(shown)}`),
	};
}

const withoutColours = (text) => text.replace(/\x1b\[\d*m/g, "");

for (const workers of ["1", "3"]) test(`load view: keys change the rate, pause and end the run of ${workers} workers, and the report says so`, async () => {
	const receiver = await startReceiver();
	const report = path.join(scratchFolder(), "result.json");
	const view = onTerminal(["load", scenario(), "--workers", workers, "--rate", "20/1s", "--duration", "100s", "--report",
		`json=${report}`, "-f", receiver.url]);

	await view.shows(/started +20\/s/);
	view.type("+");
	await view.shows(/planned +22\/s/);
	view.type("p");
	await view.shows(/PAUSED/);
	await view.shows(/planned +0\/s +started +0\/s/);
	view.type("p");
	await view.shows(/started +2\d\/s/);
	view.type("q");
	assert.ok([130, invalid].includes(await view.exited), view.shown());

	const result = JSON.parse(fs.readFileSync(report));
	assert.equal(result.schema, "ringback-load/2");
	assert.deepEqual(result.changes.map(({ what }) => what), ["rate x 1.1, 22/s", "paused", "resumed"]);
	assert.deepEqual(result.plan.stages.map((stage) => stage.rate_to_per_s), [20, 22, 0, 22]);
	assert.equal(result.interrupted, true);
	assert.equal(result.counts.failed, 0);
	assert.equal(result.counts.started, result.counts.finished);
	assert.equal(result.stages.reduce((sum, { counts }) => sum + counts.started, 0), result.counts.started);
	// Who is told of a change may have started the next call by the plan before.
	const lag = Number(workers) - 1;
	const [first, second] = result.plan.stages.map((stage) => stage.duration_ns / 1e9 * stage.rate_to_per_s);
	assert.ok(Math.abs(result.stages[0].counts.started - first) <= 1 + lag && Math.abs(result.stages[1].counts.started - second) <= 1 + lag);
});

test("load view: it fits 80 columns, stands in its own place, and is gone at the end", async () => {
	const receiver = await startReceiver();
	const view = onTerminal(["load", scenario(), "--rate", "20/1s", "--duration", "2s", "-f", receiver.url]);
	assert.ok([0, invalid].includes(await view.exited), view.shown());

	const text = view.shown();
	assert.match(text, /\x1b\[1m/);
	for (const line of withoutColours(text).split(/\r?\n|\x1b\[\d+A/)) assert.ok(line.replace(/\r|\x1b\[[JK]/g, "").length <= 80, line);
	const [lines] = /\x1b\[(\d+)A/.exec(text).slice(1).map(Number);
	assert.equal(lines, 8);
	assert.ok(text.endsWith(`\x1b[${lines}A\x1b[J`), JSON.stringify(text.slice(-80)));
	const plain = onTerminal(["load", scenario(), "--rate", "20/1s", "--duration", "1s", "-f", receiver.url], { NO_COLOR: "1" });
	assert.ok([0, invalid].includes(await plain.exited), plain.shown());
	assert.doesNotMatch(plain.shown(), /\x1b\[\d*m/);
});

test("load view: in a search only q is taken", async () => {
	const receiver = await startReceiver();
	const report = path.join(scratchFolder(), "result.json");
	const view = onTerminal(["load", scenario(), "--find-max", "response:p(99)<10s", "--rate", "20/1s", "--duration", "100s", "--report",
		`json=${report}`, "-f", receiver.url]);
	await view.shows(/keys +(\x1b\[2m)?q end it/);
	view.type("+p");
	await view.shows(/planned +20\/s/);
	view.type("q");

	assert.equal(await view.exited, 130, view.shown());
	const result = JSON.parse(fs.readFileSync(report));
	assert.equal(result.changes, undefined);
	assert.equal(result.search.end, "ended early");
});

test("load view: without a terminal there is a plain line a second", async () => {
	const receiver = await startReceiver();
	const { stderr } = await run(["load", scenario(), "--rate", "20/1s", "--duration", "2s", "-f", receiver.url]);

	assert.doesNotMatch(stderr, /\x1b/);
	assert.match(stderr, /^ +1 s of 2 .*calls\/s.*in flight.*p99/m);
});

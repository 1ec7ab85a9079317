"use strict";
// What `ringback run` is given besides scenarios: rows of data, and whom it may call. What is wrong with it is told
// before anything is started or sent.

const assert = require("node:assert/strict");
const { spawn, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { makeCertificate, occupiedPort, run, scratchFolder, startReceiver, test, unbroken } = require("./harness");

/** A folder with these files; a scenario is an object. */
function folder(files) {
	const at = scratchFolder();
	for (const [name, content] of Object.entries(files)) {
		const text = typeof content === "string" ? content : JSON.stringify({ version: 1, name: "test", ...content });
		fs.writeFileSync(path.join(at, name), text);
	}
	return (name) => path.join(at, name);
}

/** A call to whoever the row says. */
const byRow = {
	start: { call: { to: "${data.to}", tag: "${data.tag}" } },
	data: [{ to: "+19195559901", tag: "own" }],
	steps: [{ send: "hangup", match: { to: { equalTo: "${data.to}" }, tag: { equalTo: "${data.tag}" } } }],
	order: "ordered",
};
const numbers = { busy: "+19195559901", declined: "+19195559903" };

/** `ringback run` with this; its receiver runs already. */
async function against(receiver, ...words) {
	const { code, stdout, stderr } = await run(["run", ...words, "--callback-url", receiver.url]);
	return { code, stdout: unbroken(stdout), stderr };
}

test("run --data: one run for each row of a file, over the scenario's own", async () => {
	const receiver = await startReceiver();
	for (const [name, rows] of Object.entries({
		"rows.csv": `to,tag\n${numbers.busy},"one, two"\n${numbers.declined},three\n`,
		"rows.jsonl": `{"to": "${numbers.busy}", "tag": "one, two"}\n{"to": "${numbers.declined}", "tag": "three"}\n`,
	})) {
		const at = folder({ "calls.json": byRow, [name]: rows });
		receiver.events.length = 0;

		const { code, stdout, stderr } = await against(receiver, at("calls.json"), "--data", at(name));

		assert.equal(code, 0, stdout + stderr);
		assert.deepEqual(receiver.events.map(({ to, tag }) => [to, tag]), [[numbers.busy, "one, two"], [numbers.declined, "three"]]);
		assert.match(stderr, /2 of 2 runs: 2 passed/);
	}
	await receiver.stop();
});

test("run --data: a pipe is read to its end", async () => {
	const receiver = await startReceiver();
	const at = folder({ "calls.json": byRow, "made.csv": `to,tag\n${numbers.busy},piped\n` });
	assert.equal(spawnSync("mkfifo", [at("rows.csv")]).status, 0);
	const writer = spawn("sh", ["-c", 'cat "$0" > "$1"', at("made.csv"), at("rows.csv")]);

	const { code, stdout, stderr } = await against(receiver, at("calls.json"), "--data", at("rows.csv"));

	writer.kill();
	assert.equal(code, 0, stdout + stderr);
	assert.deepEqual(receiver.events.map(({ tag }) => tag), ["piped"]);
	await receiver.stop();
});

test("run --data: a failure names the row, and the command that plays it again has the file", async () => {
	const receiver = await startReceiver();
	const wrong = { ...byRow, steps: [{ send: "hangup", match: { tag: { equalTo: "good" } } }] };
	const at = folder({ "calls.json": wrong, "rows.csv": `to,tag\n${numbers.busy},good\n${numbers.busy},bad\n` });

	const { code, stdout, stderr } = await against(receiver, at("calls.json"), "--data", at("rows.csv"));

	assert.equal(code, 1, stdout + stderr);
	assert.match(stdout, /FAIL test.*row 2/);
	assert.match(stdout, /again: ringback run \S+calls\.json --seed 42 --data \S+rows\.csv/);
	await receiver.stop();
});

test("run --data: what is no table is told with its place, and nothing is sent", async () => {
	const receiver = await startReceiver();
	const at = folder({
		"calls.json": byRow,
		"rows.txt": "to,tag\n",
		"short.csv": `to,tag\n${numbers.busy},a\n${numbers.busy}\n`,
		"open.csv": `to,tag\n${numbers.busy},"a\n`,
		"empty.csv": "",
		"odd.jsonl": `{"to": "1", "tag": "a"}\n{"to": \n`,
		"other.csv": "too,tag\n1,2\n",
		"long.csv": "to,tag\n" + "1,2\n".repeat(10_001),
		"big.csv": "to,tag\n" + "x".repeat(17 * 1024 * 1024),
	});
	fs.mkdirSync(at("folder.csv"));
	for (const [name, words] of Object.entries({
		"rows.txt": /rows\.txt: expected a file that ends in "\.csv" or "\.jsonl"/,
		"missing.csv": /missing\.csv: .*[Nn]o such file/,
		"short.csv": /short\.csv:3:\d+: expected 2 /,
		"open.csv": /open\.csv:2:\d+: .*quote/,
		"empty.csv": /empty\.csv(:1:1)?: expected/,
		"odd.jsonl": /odd\.jsonl:2:\d+: /,
		"other.csv": /calls\.json:1:\d+: the data has no column "to", did you mean "too"\?/,
		"long.csv": /expected at most 10000 rows, found 10001/,
		"big.csv": /big\.csv: expected at most \d+ bytes, found more/,
		"folder.csv": /folder\.csv: expected/,
	})) {
		const { code, stdout, stderr } = await against(receiver, at("calls.json"), "--data", at(name));

		assert.equal(code, 2, name + ": " + stdout + stderr);
		assert.match(stderr, words, name);
	}
	assert.equal(receiver.events.length, 0);
	await receiver.stop();
});

test("run: a pipe, a folder or a way out of the folder is no file to use", async () => {
	const using = (name) => ({ steps: [{ use: name }] });
	const at = folder({ "pipe.json": using("fifo.json"), "folder.json": using("inside.json"), "out.json": using("../../../etc/passwd") });
	fs.mkdirSync(at("inside.json"));
	assert.equal(spawnSync("mkfifo", [at("fifo.json")]).status, 0);
	for (const [name, words] of Object.entries({
		"pipe.json": /pipe\.json:1:\d+: .*fifo\.json/,
		"folder.json": /folder\.json:1:\d+: .*inside\.json/,
		"out.json": /out\.json:1:\d+: .*beside/,
	})) {
		const { code, stderr } = await run(["run", at(name), "--callback-url", "http://127.0.0.1:9"]);

		assert.equal(code, 2, name + ": " + stderr);
		assert.match(stderr, words, name);
	}
});

test("run: a bad scenario is status 2 with file and line before the port is opened, and nothing is sent", async () => {
	const taken = await occupiedPort();
	const receiver = await startReceiver();
	const at = folder({
		"unknown.json": '{"version": 1,\n "steps": [{"send": "hangup"}],\n "step": []}',
		"circle.json": { steps: [{ use: "circle.json" }] },
		"climbs.json": { steps: [{ use: "../busy.json" }] },
		"good.json": { steps: [{ send: "hangup" }] },
	});
	const ask = (name) => run(["run", at(name), "--port", String(taken.port), "--callback-url", receiver.url]);
	for (const [name, words] of [
		["unknown.json", /unknown\.json:3:2: unknown member "step".*"steps"/],
		["circle.json", /circle\.json:1:\d+: "use" goes in a circle: .*circle\.json -> .*circle\.json/],
		["climbs.json", /climbs\.json:1:\d+: expected a file beside the scenario or below it, found "\.\.\/busy\.json"/],
	]) {
		const { code, stderr } = await ask(name);
		assert.equal(code, 2, stderr);
		assert.match(unbroken(stderr), words);
	}
	const { code, stderr } = await ask("good.json");
	assert.equal(code, 3, stderr);  // so that is where the port would have been opened
	assert.deepEqual(receiver.events, []);
	await taken.release();
	await receiver.stop();
});

test("run: what a scenario may not call is told with its place, and nothing is started", async () => {
	const marker = path.join(scratchFolder(), "started");
	const elsewhere = "http://192.0.2.1:3000/";
	for (const [members, field] of [
		[{ start: { kick: { url: elsewhere } } }, "start.kick.url"],
		[{ start: { kick: { url: "${where}" } }, vars: { where: elsewhere } }, "start.kick.url"],
		[{ start: { inbound: { url: elsewhere } } }, "start.inbound.url"],
		[{ start: { inbound: { fallbackUrl: elsewhere } } }, "start.inbound.fallbackUrl"],
		[{ start: { call: { callbackUrl: elsewhere } } }, "start.call.callbackUrl"],
		[{ start: { call: { fallbackUrl: elsewhere } } }, "start.call.fallbackUrl"],
		[{ waitFor: elsewhere }, "waitFor"],
		[{ waitFor: "192.0.2.1:3000" }, "waitFor"],
	]) {
		const at = folder({ "test.json": members });

		const { code, stderr } = await run(["run", at("test.json"), "--", "touch", marker]);

		assert.equal(code, 2, field + ": " + stderr);
		assert.match(stderr, new RegExp(`test\\.json:1:\\d+: ${field.replaceAll(".", "\\.")}: .*--allow-target`));
	}
	assert.equal(fs.existsSync(marker), false);
});

test("run: waitFor is a URL with variables, HOST:PORT or a port", async () => {
	const receiver = await startReceiver();
	const port = new URL(receiver.url).port;
	const answer = { start: { call: {} }, steps: [{ send: "answer" }, { caller: { hangup: true } }, { send: "hangup" }] };
	for (const waitFor of ["${receiver}/health", port, Number(port), `localhost:${port}`, `LocalHost:${port}`]) {
		const at = folder({ "test.json": { ...answer, waitFor } });

		const { code, stdout, stderr } = await against(receiver, at("test.json"), "--allow-target", "LocalHost");

		assert.equal(code, 0, waitFor + ": " + stdout + stderr);
	}
	await receiver.stop();
});

test("run: a rule of --allow-target that is none is bad usage", async () => {
	const at = folder({ "test.json": {} });

	const { code, stderr } = await run(["run", at("test.json"), "--allow-target", "10.0.0.0/99", "-f", "http://127.0.0.1:9"]);

	assert.equal(code, 2, stderr);
	assert.match(stderr, /--allow-target: .*10\.0\.0\.0\/99/);
});

test("run: an https receiver is trusted with --cacert or --insecure, gets the headers, and is shown none of what they say", async () => {
	const certificate = makeCertificate(scratchFolder());
	const receiver = await startReceiver(undefined, certificate);
	const at = folder({ "test.json": { steps: [{ send: "answer" }, { caller: { hangup: true } }, { send: "hangup" }] } });
	for (const flags of [["--cacert", certificate.certFile], ["-k"]]) {
		receiver.requests.length = 0;

		const { code, stdout, stderr } = await against(receiver, at("test.json"), ...flags, "-H", "X-Key: s3cret");

		assert.equal(code, 0, stdout + stderr);
		assert.deepEqual(receiver.requests.map(({ headers }) => headers["x-key"]), ["s3cret", "s3cret"]);
	}

	const { code, stdout } = await against(receiver, at("test.json"), "-H", "X-Key: s3cret");

	assert.equal(code, 1, stdout);
	assert.match(stdout, /certificate/);
	assert.match(stdout, /again: .* -H 'X-Key: \*\*\*' /);
	assert.doesNotMatch(stdout, /s3cret/);
	await receiver.stop();
});

test("run: what plays a failure again names every flag that counts, and nothing secret", async () => {
	const receiver = await startReceiver(() => 500);
	const at = folder({ "my test.json": { vars: { word: "x" }, steps: [{ send: "answer" }] } });
	const url = receiver.url.replace("http://", "http://me:pa55word@");

	const { code, stdout } = await run(["run", at("my test.json"), "--seed", "7", "-e", "word=two words", "--token", "t0k3n",
		"--secret", "s3cret", "--wait-timeout", "7s", "--settle", "15ms", "-f", url]);

	assert.equal(code, 1, stdout);
	const again = stdout.match(/again: (.*)/)[1];
	assert.equal(again, `ringback run '${at("my test.json")}' --seed 7 -e 'word=two words' --settle 15ms --token '***' --secret '***' ` +
		`--wait-timeout 7s -f '${receiver.url.replace("http://", "http://***@")}'`);
	assert.doesNotMatch(stdout, /pa55word|t0k3n|s3cret/);
	await receiver.stop();
});

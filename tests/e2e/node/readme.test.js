"use strict";
// README.md's first five minutes, done as it says: its commands, with ports replaced by free ones.

const assert = require("node:assert/strict");
const { execFile, fork } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { promisify } = require("node:util");
const {
	foundingEvents, run, scratchFolder, send, short, startServing, test, within,
} = require("./harness.js");

const readme = fs.readFileSync(path.join(__dirname, "..", "..", "..", "README.md"), "utf8");

/** The section with this heading. */
function section(heading) {
	const begin = readme.indexOf(`\n## ${heading}\n`);
	assert.notEqual(begin, -1, `README.md has no section "${heading}"`);
	const end = readme.indexOf("\n## ", begin + 1);
	return readme.slice(begin, end === -1 ? undefined : end);
}

/** The indented block after `words`, as the commands it consists of; a heredoc belongs to its command. */
function commandsAfter(words) {
	const text = section("The first five minutes");
	const begin = text.indexOf(words);
	assert.notEqual(begin, -1, `"${words}" is not in the section`);
	const block = /(?:^ {4}.*\n|^\n(?= {4}))+/m.exec(text.slice(begin))[0].replace(/^ {4}/gm, "");
	return block.match(/^.*<<'END'\n[^]*?^END\n|^(?:.*\\\n)*.*\n/gm).map((command) => command.trim()).filter(Boolean);
}

/** Starts the receiver's file on a free port: its port. */
async function startSample(file) {
	const source = fs.readFileSync(file, "utf8");
	const [listens] = /\.listen\(3000\)/.exec(source) || assert.fail("the receiver listens at another port");
	fs.writeFileSync(file, source.replace(listens, ".listen(0, '127.0.0.1', function () { process.send(this.address().port); })"));
	const child = fork(file, { stdio: "inherit", execArgv: [] });
	const ended = new Promise((_, reject) => child.once("exit", (code) => reject(new Error(`it ended with ${code}`))));
	ended.catch(() => {});
	const port = await within(
		Promise.race([new Promise((resolve) => child.once("message", resolve)), ended]), () => "it does not listen");
	return { port, kill: () => child.kill("SIGKILL") };
}

const shell = (command, folder) =>
	promisify(execFile)("/bin/sh", ["-ec", command], { cwd: folder, timeout: 20000 }).then(({ stdout }) => stdout);

test("README: the receiver, the fake and curl hold the founding conversation; so does ringback call", async (t) => {
	const [write, startReceiver, serve, create, journal, ...rest] = commandsAfter("Then your own receiver");
	assert.deepEqual(rest, []);
	assert.match(write, /^cat > receiver\.mjs <<'END'\n/);
	assert.equal(startReceiver, "node receiver.mjs &");
	const [, words] = /^build\/release\/bin\/ringback serve (.*) &$/.exec(serve);
	assert.match(create, /^curl .*http:\/\/127\.0\.0\.1:12180\/v1\/users\/u-me\/calls/);
	assert.equal(journal, "curl http://127.0.0.1:12180/__admin/journal");

	// patience in real time is only so that "idle" means the same on a slow machine
	const fake = await startServing([...words.split(" "), "--port", "0"], { RINGBACK_REPLY_PATIENCE: "10s" });
	const folder = scratchFolder();
	const api = (text) => text.replaceAll("http://127.0.0.1:12180", fake.api);
	await shell(api(write), folder);
	const sample = await startSample(path.join(folder, "receiver.mjs"));
	t.after(sample.kill);
	const here = (text) => api(text).replaceAll("http://127.0.0.1:3000", `http://127.0.0.1:${sample.port}`);

	const seen = async () => {
		assert.equal((await run(["wait", fake.api, "--for", "idle"])).code, 0);
		return JSON.parse(await shell(here(journal), folder).catch(async (error) => {
			if (error.code !== 127) throw error;
			t.diagnostic("no curl here: fetch in its place");
			return (await send("GET", fake.admin + "/journal")).text;
		}));
	};
	await shell(here(create), folder).catch(async (error) => {
		if (error.code !== 127) throw error;
		const [, body] = /-d '(.*)'/.exec(here(create));
		const made = await send("POST", fake.api + "/v1/users/u-me/calls", JSON.parse(body), {
			Authorization: "Basic " + Buffer.from("t-me:s-me").toString("base64"),
		});
		assert.equal(made.status, 201, made.text);
	});
	const entries = await seen();
	assert.deepEqual(
		entries.filter((entry) => entry.kind === "event").map((entry) => short(entry.payload)), foundingEvents);
	assert.deepEqual(
		entries.filter((entry) => entry.kind === "attempt").map((entry) => entry.outcome), Array(4).fill("delivered"));

	const [, placed] = /`ringback (call --callback-url [^`]*)`/.exec(section("The first five minutes"));
	const { code, stdout, stderr } = await run([...here(placed).split(/\s+/), "--timeout", "10s"]);
	assert.equal(code, 0, stderr);
	assert.match(stdout, /Hello from my own server/);
	assert.match(stdout, /ended with NORMAL_CLEARING\. Callbacks: 4 delivered, 0 failed\./);
	assert.equal(await fake.stop(), 0);
});

test("README: the ladder at its top is the one that ringback call prints", async () => {
	const shown = /\n```\n( seconds[^]*?)```/.exec(readme)[1];
	const { stdout } = await run(["call"], { LANG: "C.UTF-8" });
	// how long a reply took is measured, and so is how much room is left for the line
	const modelled = (ladder) => ladder.replace(/─+ 200 +(<1|\d+) ms ─/g, "─ 200 ─").trimEnd();
	const printed = /^ seconds[^]*?\n\n/m.exec(stdout);
	assert.ok(printed, stdout);
	assert.equal(modelled(printed[0]), modelled(shown));
});

test("README: what the first five minutes name is there", () => {
	const [build, tests] = commandsAfter("On Debian 12");
	for (const script of [build, tests]) {
		const file = path.join(__dirname, "..", "..", "..", script);
		fs.accessSync(file, fs.constants.X_OK);
	}
	assert.deepEqual([build, tests], ["harness/try", "tests/run"]);
});

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
	assert.match(source, /\.listen\(3000\)/);
	fs.writeFileSync(file, source.replace(
		".listen(3000)", ".listen(0, '127.0.0.1', function () { process.send(this.address().port); })"));
	const child = fork(file, { stdio: "inherit", execArgv: [] });
	const ended = new Promise((_, reject) => child.once("exit", (code) => reject(new Error(`it ended with ${code}`))));
	ended.catch(() => {});
	const port = await within(
		Promise.race([new Promise((resolve) => child.once("message", resolve)), ended]), () => "it does not listen");
	return { port, kill: () => child.kill("SIGKILL") };
}

const shell = (command, folder) =>
	promisify(execFile)("/bin/sh", ["-ec", command], { cwd: folder, timeout: 50000 }).then(({ stdout }) => stdout);

/** The block's fake and receiver, running on free ports; `here` puts these ports into a command. */
async function startExample(t) {
	const [write, startReceiver, serve, ready, listening, create, idle, journal, ...rest] = commandsAfter("Then your own receiver");
	assert.deepEqual(rest, []);
	const waitFor = "build/release/bin/ringback wait http://127.0.0.1:12180 --for ";
	assert.equal(ready, waitFor + "ready");
	assert.equal(idle, waitFor + "idle");
	assert.match(write, /^cat > receiver\.mjs <<'END'\n/);
	assert.equal(startReceiver, "node receiver.mjs &");
	assert.equal(listening, "curl --silent --retry 9 --retry-connrefused -d '{}' http://127.0.0.1:3000/");
	const [, words] = /^build\/release\/bin\/ringback serve (.*) &$/.exec(serve);

	// patience in real time is only so that "idle" means the same on a slow machine
	const fake = await startServing([...words.split(" "), "--port", "0"], { RINGBACK_REPLY_PATIENCE: "10s" });
	const folder = scratchFolder();
	const withApi = (text) => text.replaceAll("http://127.0.0.1:12180", fake.api);
	await shell(withApi(write), folder);
	const sample = await startSample(path.join(folder, "receiver.mjs"));
	t.after(sample.kill);
	const here = (text) => withApi(text).replaceAll("http://127.0.0.1:3000", `http://127.0.0.1:${sample.port}`);
	return { fake, here, create, journal };
}

test("README: the receiver, the fake and curl hold the founding conversation", async (t) => {
	const { fake, here, create, journal } = await startExample(t);
	assert.match(create, /^curl .*http:\/\/127\.0\.0\.1:12180\/v1\/users\/u-me\/calls/);
	assert.equal(journal, "curl http://127.0.0.1:12180/__admin/journal");
	/** What the command prints; where there is no curl, what `instead` gets. */
	const curl = (command, instead) => shell(here(command)).catch(async (error) => {
		if (error.code !== 127) throw error;
		t.diagnostic("no curl here: fetch in its place");
		return (await instead()).text;
	});

	await curl(create, () => {
		const [, body] = /-d '(.*)'/.exec(here(create));
		const authorization = "Basic " + Buffer.from("t-me:s-me").toString("base64");
		return send("POST", `${fake.api}/v1/users/u-me/calls`, JSON.parse(body), { authorization });
	});
	assert.equal((await run(["wait", fake.api, "--for", "idle", "--timeout", "50s"])).code, 0);
	const entries = JSON.parse(await curl(journal, () => send("GET", fake.admin + "/journal")));
	assert.deepEqual(
		entries.filter((entry) => entry.kind === "event").map((entry) => short(entry.payload)), foundingEvents);
	assert.deepEqual(
		entries.filter((entry) => entry.kind === "attempt").map((entry) => entry.outcome), Array(4).fill("delivered"));
	assert.equal(await fake.stop(), 0);
});

test("README: ringback call between that receiver and that fake shows the conversation", async (t) => {
	const { fake, here } = await startExample(t);
	const [, words] = /`ringback (call --callback-url [^`]*)`/.exec(section("The first five minutes"));
	const { code, stdout, stderr } = await run([...here(words).split(/\s+/), "--timeout", "20s"]);
	assert.equal(code, 0, stderr);
	assert.match(stdout, /audio "Hello from/);  // as much of it as the ladder has room for
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

"use strict";
// `ringback run --probe restart --restart-cmd CMD`: a receiver that somebody else has started, and a command that
// starts it anew. What the command of these tests does: tests/receivers/restart.js.

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { endings, occupiedPort, run, scratchFolder, test, unbroken } = require("./harness");

const receivers = path.join(__dirname, "..", "..", "receivers");
const scenario = path.join(receivers, "probed.json");
const receiver = path.join(receivers, "probed.js");

/** Two ports that were free just now: one for the API, one for the receiver. */
async function freePorts() {
	const both = [await occupiedPort(), await occupiedPort()];
	for (const each of both) await each.release();
	return both.map(({ port }) => port);
}

/**
 * A receiver that runs already, and `ringback run --probe restart` with the command that `restartCmd` makes of the
 * file with its process's number: what ringback came to, with its report, and the numbers of both processes.
 */
async function probed(variant, restartCmd, flags = []) {
	const folder = scratchFolder();
	const pidFile = path.join(folder, "pid");
	const report = path.join(folder, "report.json");
	const [apiPort, port] = await freePorts();
	const settings = { VARIANT: variant, STORE: path.join(folder, "store.json") };
	const first = spawn("node", [receiver], { stdio: "ignore", env: {
		...process.env, ...settings, PORT: String(port), RINGBACK_URL: `http://127.0.0.1:${apiPort}`,
		RINGBACK_USER_ID: "u-ringback", RINGBACK_TOKEN: "t-ringback", RINGBACK_SECRET: "s-ringback" } });
	endings.add(() => first.kill("SIGKILL"));
	fs.writeFileSync(pidFile, String(first.pid));
	const ended = await run(["run", scenario, "--probe", "restart", "--port", String(apiPort), "-f", `http://127.0.0.1:${port}`,
		"--restart-cmd", restartCmd(pidFile), "--report", `json=${report}`, ...flags], settings);
	return { ...ended, stdout: unbroken(ended.stdout), report: JSON.parse(fs.readFileSync(report, "utf8")),
		before: first.pid, after: Number(fs.readFileSync(pidFile, "utf8")) };
}

const startsAnew = (pidFile, script = receiver) => `node '${path.join(receivers, "restart.js")}' '${pidFile}' '${script}'`;

/** Whether a process of that number runs. */
function runs(pid) {
	try {
		return !fs.readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
	} catch (error) {
		if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
		return false;
	}
}

test("--restart-cmd: a receiver that keeps what it has done survives a command that starts it anew", async () => {
	const { code, stdout, stderr, report, before, after } = await probed("correct", (pidFile) => startsAnew(pidFile));

	assert.equal(code, 0, stdout + stderr);
	assert.match(stdout, /^ok {3}probed {2}survives restart: 6 of 6 disturbed runs$/m);
	const [result] = report.probes;
	assert.deepEqual(result.tries.map(({ what, result: came }) => [what, came]), [
		["it is restarted between its own POST /calls and answer", "survived"],
		["it is restarted between answer and speak.started", "survived"],
		["it is restarted between speak.started and speak.done", "survived"],
		["it is restarted between speak.done and dtmf", "survived"],
		["it is restarted between dtmf and gather", "survived"],
		["it is restarted between gather and hangup", "survived"],
	]);
	assert.notEqual(after, before);
	assert.ok(!runs(before) && !runs(after), "what the command has started ends with ringback");
});

test("--restart-cmd: a receiver that has its calls in memory only is caught, and the command is told to try it again, without its password", async () => {
	const restart = (pidFile) => `${startsAnew(pidFile)} # http://me:secret@127.0.0.1/`;
	const { code, stdout, report } = await probed("in-memory", restart, ["--budget", "2"]);

	assert.equal(code, 1, stdout);
	assert.match(stdout, /FAIL probed {2}probe restart\n {2}wrong {5}it is restarted between answer and speak\.started\n {2}expected {2}it goes on as if nothing had been\n/);
	assert.match(stdout, /callback not taken +speak\.started was answered 404\n? +taken in the clean run {2}#\d+\n/);
	assert.match(stdout, /stuck call +\{call\} never ends, it is still active/);
	assert.match(stdout, /again: ringback run \S+probed\.json --seed 42 --probe restart --budget 2 --restart-cmd \S/);
	assert.match(stdout, /http:\/\/\*\*\*@127\.0\.0\.1/);
	assert.doesNotMatch(stdout + JSON.stringify(report), /me:secret/);
	assert.equal(report.probes[0].result, "failed");
});

test("--restart-cmd: a command that fails, hangs or leaves nobody is an error that says so, and status 4", async () => {
	for (const [restartCmd, problem] of [
		[() => "exit 3", /--restart-cmd: the restart command ended with exit code 3; expected one that starts the receiver anew/],
		[() => "/nowhere/to/be/found", /--restart-cmd: the restart command ended with exit code 127; expected/],
		[() => "kill -9 $$", /--restart-cmd: the restart command was ended by SIGKILL; expected/],
		[() => "exec sleep 1000", /--restart-cmd: the restart command did not end in time; expected/],
		[() => "true", /--restart-cmd: the receiver was not restarted: the same process \d+ still listens at 127\.0\.0\.1:\d+/],
		[(pidFile) => startsAnew(pidFile, "/dev/null"), /http:\/\/127|127\.0\.0\.1:\d+/],
	]) {
		const { code, stdout, stderr, report } = await probed("correct", restartCmd, ["--wait-timeout", "1s"]);

		assert.equal(code, 4, restartCmd("PID") + stdout + stderr);
		assert.match(stderr, problem);
		assert.equal(report.exit_status, 4);
		assert.doesNotMatch(stdout, /survive/);
		assert.match(stdout, /^\?\? {3}probed {2}restart: not played: /m);
		const [result] = report.probes;
		assert.equal(result.result, "not played");
		assert.match(result.why, problem);
		assert.equal(report.runs.length, 1, "what was played before is told as ever");
	}
});

"use strict";
// A running `ringback record`.

const path = require("node:path");
const { scratchFolder, start, within } = require("./harness");

const account = { RINGBACK_USER_ID: "u-taped", RINGBACK_TOKEN: "t-very-private", RINGBACK_SECRET: "s-very-private" };

/** A `ringback record` that is ready: { url, receiver, out, ended() }; ended() resolves with code, stdout, stderr. */
async function startRecording(flags, command = [], env = account, how = {}) {
	const out = path.join(scratchFolder(), "taped.json");
	const words = ["record", "--out", out, ...flags, ...(command.length > 0 ? ["--", ...command] : [])];
	const process = start(words, env, "pipe", how);
	const failed = process.exited.then((code) => {
		throw new Error(`ringback record ended with ${code}: ${process.stderr()}`);
	});
	const line = await within(Promise.race([process.firstLine, failed]), () => `no ready line: ${process.stderr()}`);
	failed.catch(() => {});
	return {
		...JSON.parse(line),
		out,
		stderr: process.stderr,
		signal: (name) => process.child.kill(name),
		async ended() {
			const code = await within(process.exited, () => `ringback record did not end: ${process.stderr()}`);
			return { code, stdout: process.stdout(), stderr: process.stderr() };
		},
	};
}

module.exports = { startRecording };

"use strict";
// Faults as `serve --faults` takes them.

const fs = require("node:fs");
const path = require("node:path");
const { scratchFolder } = require("./harness");

/** A file of faults for `--faults`. */
function faultFile(...faults) {
	const file = path.join(scratchFolder(), "faults.json");
	fs.writeFileSync(file, JSON.stringify({ version: 1, faults }));
	return file;
}

/** Where somebody answers, presses five keys and hangs up, whatever the receiver does: a number, the flags of `serve`. */
const presser = "+19195550100";
const pressing = ["--far-end", `${presser}=answer:1s,press:12345,hangup:5s`];
const pressed = ["answer", "dtmf 1", "dtmf 2", "dtmf 3", "dtmf 4", "dtmf 5", "hangup NORMAL_CLEARING"];

module.exports = { faultFile, pressed, presser, pressing };

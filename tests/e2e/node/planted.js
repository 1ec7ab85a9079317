"use strict";
// Secrets to plant wherever one may stand, and a search for them, in every form, in all that is shown.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { isHangup, scratchFolder, send, startReceiver } = require("./harness");

/** A secret that needs encoding in a URL, and whose marker no encoding but base64 changes. */
const plant = (name) => `pl4nt3d${name}/+&@:%`;
const token = plant("Token").replace(":", "");  // it ends at the first colon
const escaped = (name) => encodeURIComponent(plant(name));

/** The base64 digits that `marker` comes to in a longer text, wherever it begins there. */
function base64Cores(marker) {
	return [0, 1, 2].map((shift) => {
		const coded = Buffer.from("\0".repeat(shift) + marker).toString("base64").replace(/=/g, "");
		const whole = Math.floor((shift + marker.length) / 3) * 4;
		return coded.slice(shift === 0 ? 0 : 4, whole);
	});
}
const forms = ["pl4nt3d", Buffer.from("pl4nt3d").toString("hex"), ...base64Cores("pl4nt3d")];

/** Asserts that none of { where: text } has any form of a planted secret. */
function assertNowhere(shown) {
	const leaks = [];
	for (const [where, text] of Object.entries(shown)) {
		assert.equal(typeof text, "string", where);
		for (const form of forms) {
			const at = text.toLowerCase().indexOf(form.toLowerCase());
			if (at >= 0) leaks.push(`${where}: ${JSON.stringify(text.slice(Math.max(0, at - 80), at + 60))}`);
		}
	}
	assert.deepEqual(leaks, []);
	console.log(`secrets: nothing planted is in ${Object.keys(shown).length} outputs, ` +
		`${Object.values(shown).reduce((sum, text) => sum + text.length, 0)} bytes`);
}

const textsIn = (folder) => Object.fromEntries(fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name), "utf8")]));
const wordsOf = (pid) => fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");

/** The URL with a user and a planted password, as a client has to write it. */
const withUser = (url, name) => url.replace("//", `//me:${escaped(name)}@`);

/** What run, load and worker are told by flags. */
const secretWords = [
	"--token", token, "--secret", plant("Secret"), "-H", `Authorization-Copy: ${plant("Header")}`, "-H", `Cookie: s=${plant("Cookie")}`,
];

/** A scenario that fails at its second event, whose call has secrets in its URLs. */
function scenarioFile(receiver, members = {}) {
	const file = path.join(scratchFolder(), "secretive.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "secretive", vars: { to: "+19195559907" },
		start: { call: { callbackTimeout: 1000, ...(receiver ? { fallbackUrl: withUser(receiver.url, "Fallback") } : {}) } },
		model: { "answer-delay": "10ms", "talk-delay": "30ms", "hangup-delay": "10ms" },
		steps: [{ send: "answer", id: "begin" }, { send: "hangup", id: "end" }], ...members,
	}));
	return file;
}

const failsAtTheEnd = (event) => (isHangup(event) ? 500 : 200);

/**
 * A receiver with a page /dial that answers so and, if that is 202, places a call. Besides what startReceiver() gives: { start, kickUrl }
 * of scenarios that kick it, { kicks }, what each was authorized by, and { api }, which resolves with the API's address.
 */
async function startApplication(answer, handle) {
	let told;
	const api = new Promise((resolve) => (told = resolve));
	const kicks = [];
	const dial = async (request, response, { api: base, to }) => {
		kicks.push(request.headers.authorization);
		told(base);
		response.writeHead(answer).end("{}");
		if (answer !== 202) return;
		await send("POST", `${base}/v1/users/u-ringback/calls`, { from: "+19195550123", to, callbackUrl: withUser(receiver.url, "Placed") },
			{ Authorization: "Basic " + Buffer.from(`${token}:${plant("Secret")}`).toString("base64") });
	};
	const receiver = await startReceiver(handle, { observe(request, response) {
		if (!request.url.endsWith("/dial")) return false;
		let body = "";
		request.on("data", (bytes) => (body += bytes)).on("end", () => dial(request, response, JSON.parse(body)));
		return true;
	} });
	const url = withUser(receiver.url.replace("/cb", "/dial"), "Kick");
	return { ...receiver, api, kicks, kickUrl: url, start: { kick: { url, body: { api: "${api}", to: "${to}" }, expect: { status: 202 } } } };
}

const kickedBy = "Basic " + Buffer.from(`me:${plant("Kick")}`).toString("base64");
const reportsTo = (outputs, kinds) => kinds.flatMap((kind) => ["--report", `${kind}=${path.join(outputs, kind)}`]);

module.exports = {
	assertNowhere, escaped, failsAtTheEnd, kickedBy, plant, reportsTo, scenarioFile, secretWords, startApplication, textsIn, token, withUser, wordsOf,
};

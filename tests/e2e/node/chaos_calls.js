"use strict";
// What the tests under the built-in `chaos` share: a client that lives with such an API, and what became of deliveries.

const assert = require("node:assert/strict");
const { send, voice } = require("./harness");

/** The API as a user sees it, a connection for each request: what a fault leaves of one must strike nobody else. */
function chaoticVoice(fake, user) {
	const { base, headers } = voice(fake, user);
	return { ask: (method, path, body) => send(method, base + path, body, { ...headers, Connection: "close" }) };
}

/** What the API does not let through, or answers badly, is asked for again, as everybody has to who lives with such an API. */
async function insist(ask) {
	for (let tries = 0; tries < 20; tries += 1) {
		const answer = await ask().catch(() => null);  // the answer broke off, or never came
		if (answer !== null && answer.status < 500 && answer.status !== 429) return;
	}
	assert.fail("the API has refused the same request twenty times");
}

/** Of each delivery what became of it: its outcome, or the fault that has dropped it. */
function fates(journal) {
	const fate = new Map();
	for (const { kind, delivery, extra, lost, fault, outcome } of journal) {
		if (kind === "event" || (kind === "fault" && extra)) fate.set(delivery, "owed");
		if (kind === "fault" && lost) fate.set(delivery, `dropped by ${fault}`);
		if (kind === "attempt" && outcome !== "owed") fate.set(delivery, outcome);
	}
	return [...fate.values()];
}

module.exports = { chaoticVoice, fates, insist };

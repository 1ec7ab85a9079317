"use strict";
// For the tests of failing calls: a request that may fail in any way.

const http = require("node:http");
const https = require("node:https");

const mostMs = 20000;

/** By a connection of its own, which ends with it. */
const askAlone = (method, url, { body, headers, ca }) => new Promise((resolve, reject) => {
	const { request } = url.startsWith("https:") ? https : http;
	const asked = request(url, { method, headers, ca, agent: false, signal: AbortSignal.timeout(mostMs) }, (response) => {
		let text = "";
		response.on("data", (bytes) => (text += bytes)).on("error", reject)
			.on("end", () => resolve({ status: response.statusCode, location: response.headers.location, text }));
	});
	asked.on("error", reject).end(body);
});

/** Its answer, or null. `alone`: by a connection of its own, as over TLS always. */
async function attempt(method, url, content, { ca, alone = ca !== undefined } = {}) {
	const headers = { Authorization: "Basic dC10b2tlbjpzLXNlY3JldA==", "Content-Type": "application/json" };
	const body = content && JSON.stringify(content);
	try {
		if (alone) return await askAlone(method, url, { body, headers, ca });
		const response = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(mostMs) });
		return { status: response.status, location: response.headers.get("location"), text: await response.text() };
	} catch {
		return null;
	}
}

module.exports = { attempt };

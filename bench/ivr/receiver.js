"use strict";
// The quickest application with menus, MENUS of them (12): node's own HTTP, one connection to the API.

const http = require("node:http");

const { RINGBACK_URL, RINGBACK_USER_ID, RINGBACK_TOKEN, RINGBACK_SECRET, PORT } = process.env;
const agent = new http.Agent({ keepAlive: true });
const calls = `${RINGBACK_URL}/v1/users/${RINGBACK_USER_ID}/calls/`;
const sentence = "You have reached the office. For sales press one, for support press two, for everything else please " +
	"stay on the line, and somebody will be with you as soon as one of us is free. Our office is open from nine to " +
	"five on working days, and on Saturdays until noon. This call may be recorded to train those who answer it. " +
	"Thank you for your patience.";
const menus = Number(process.env.MENUS ?? 12);
let heard = 0;

function command(path, body) {
	http.request(calls + path, {
		agent, method: "POST", auth: `${RINGBACK_TOKEN}:${RINGBACK_SECRET}`, headers: { "Content-Type": "application/json" },
	}, (answer) => answer.resume()).end(JSON.stringify(body));
}

http.createServer((request, response) => {
	let text = "";
	request.on("data", (part) => (text += part)).on("end", () => {
		const { eventType, callId, status } = JSON.parse(text);
		response.end();
		if (eventType === "answer" || (eventType === "gather" && heard < menus)) {
			heard += 1;
			command(`${callId}/audio`, { sentence });
		} else if (eventType === "speak" && status === "done") {
			command(`${callId}/gather`, { maxDigits: "1", interDigitTimeout: "30", suppressDtmf: true });
		} else if (eventType === "gather") {
			command(callId, { state: "completed" });
		}
	});
}).listen(Number(PORT), "127.0.0.1");

"use strict";
// A receiver that its test kills: node killed_receiver.js LOG PORT. It writes every callback down before it
// answers it, so that LOG has all that anybody can claim to have been told of, however it ends. Says "ready"
// on standard output. A line of LOG: call, or recording where the event does not
// name its call; event; microseconds of the monotonic clock when it had come in full.

const fs = require("node:fs");
const http = require("node:http");

const [log, port] = process.argv.slice(2);
const descriptor = fs.openSync(log, "a");

function word(event) {
	return event.eventType + (event.status && event.eventType !== "answer" ? ` ${event.status}` : "");
}

const server = http.createServer((request, response) => {
	let body = "";
	request.setEncoding("utf8").on("data", (text) => (body += text));
	request.on("end", () => {
		const event = JSON.parse(body);
		const at = process.hrtime.bigint() / 1000n;
		fs.writeSync(descriptor, `${event.callId ?? event.recordingId}\t${word(event)}\t${at}\n`);
		response.writeHead(200, { "Content-Length": 0 }).end();
	});
});
server.keepAliveTimeout = 60000;
server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 }, () => process.stdout.write("ready\n"));

"use strict";
// The same receiver by http and by https, for what TLS costs its client: answers every request with an
// empty 200 after a fixed time, so that a known number of connections is in use.
//
//     node receiver.js KEY CERT DELAY_MS
//
// Prints {"http":PORT,"https":PORT}. Ends on SIGTERM.

const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");

const [keyFile, certFile, delayMs] = process.argv.slice(2);

function answer(request, response) {
	request.resume();
	setTimeout(() => {
		response.writeHead(200, { "Content-Length": 0 });
		response.end();
	}, Number(delayMs));
}

const servers = {
	http: http.createServer(answer),
	https: https.createServer({ key: fs.readFileSync(keyFile), cert: fs.readFileSync(certFile) }, answer),
};
const ports = {};
for (const [name, server] of Object.entries(servers)) {
	server.listen(0, "127.0.0.1", 4096, () => {
		ports[name] = server.address().port;
		if (Object.keys(ports).length === 2) console.log(JSON.stringify(ports));
	});
}

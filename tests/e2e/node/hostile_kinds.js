"use strict";
// Kinds of hostile receivers as data: [what it does, when it acts, what it does then, what its attempt comes to, and
// the scheme of its URL where that is not http].
// Run as a program it listens once for each and prints their ports, so that what they flood is another
// process's work than the test's.

const net = require("node:net");
const { isMainThread, parentPort, Worker } = require("node:worker_threads");
const zlib = require("node:zlib");

// What a script is made of.
const send = (...bytes) => ({ do: "send", bytes: Buffer.concat(bytes.map((each) => Buffer.from(each, "latin1"))) });
const flood = (start, more) => ({ do: "flood", start: Buffer.from(start, "latin1"), more: Buffer.from(more, "latin1") });
/** One of the pieces every `ms`, the last for ever. */
const dribble = (pieces, ms = 1000) => ({ do: "dribble", pieces, ms });
const reset = { do: "reset" };
const close = { do: "close" };
const halfClose = { do: "halfClose" };
const silence = { do: "silence" };

const ok = "HTTP/1.1 200 OK\r\n";
const empty = ok + "Content-Length: 0\r\n\r\n";
const chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
const serverHello = "\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + "r".repeat(20);  // of 127 bytes the first
const redirect = (status, location) => send(`HTTP/1.1 ${status} Moved\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
const bomb = zlib.gzipSync(Buffer.alloc(32 << 20));

/**
 * When it acts: never, as it takes no connection; once somebody has connected; once the first bytes are there; or once the
 * head of the request is.
 */
const full = "full";
const connected = "connected";
const greeted = "greeted";
const asked = "asked";

// What an attempt may come to. `answered` names the status, because that is what is recorded.
const late = /^timed_out$/;
const unreachable = /^(could_not_connect|timed_out)$/;  // the dial's two seconds are over, or the try's three, on a busy machine
const noTls = /^tls_failed$/;
const broken = /^broken$/;
const malformed = /^malformed$/;
const wrong = /^(broken|malformed)$/;  // whichever is seen first of a bad byte and of the end
const short = /^(malformed|timed_out)$/;  // too few bytes to be sure, or enough of them
const answered = (status) => new RegExp(`^answered ${status}$`);

const kinds = [
	// takes nothing, or says nothing
	["never accepts a connection", full, [], unreachable],
	["never reads and never answers", connected, [{ do: "deaf" }], late],
	["reads and never answers", connected, [silence], late],
	["closes its half at once and is silent", connected, [halfClose], broken],
	["closes at once", connected, [close], broken],
	["resets at once", connected, [reset], /^(broken|could_not_connect)$/],
	["closes when asked", asked, [close], broken],
	["closes its half when asked", asked, [halfClose], broken],
	["resets when asked", asked, [reset], broken],
	// goes away in the middle
	["resets behind a byte", asked, [send("H"), reset], broken],
	["resets behind the status line", asked, [send(ok), reset], broken],
	["resets inside a field", asked, [send(ok + "X-A: b"), reset], broken],
	["closes inside the status line", asked, [send("HTTP/1.1 2"), close], broken],
	["closes behind the status line", asked, [send(ok), close], broken],
	["closes inside a field", asked, [send(ok + "Content-Len"), close], broken],
	["closes its half inside the head", asked, [send(ok + "X: y\r\n"), halfClose], broken],
	["closes inside the body", asked, [send(ok + "Content-Length: 99\r\n\r\nabc"), close], answered(200)],
	["closes its half inside the body", asked, [send(ok + "Content-Length: 99\r\n\r\nabc"), halfClose], answered(200)],
	["closes inside a chunk", asked, [send(chunked + "9\r\nabc"), close], answered(200)],
	["closes behind an interim answer", asked, [send("HTTP/1.1 100 Continue\r\n\r\n"), close], broken],
	// slow
	["sends a byte of its head a second", asked, [dribble([..."HTTP/1.1 200 OK\r\n", "X"])], late],
	["sends a byte of a field every 100 ms, for ever", asked, [send(ok + "X: "), dribble(["x"], 100)], late],
	["sends a field every 200 ms, for ever", asked, [send(ok), dribble(["A: b\r\n"], 200)], late],
	["sends an interim answer a second, for ever", asked, [dribble(["HTTP/1.1 103 Early\r\n\r\n"])], late],
	["stops inside the head", asked, [send(ok + "X: "), silence], late],
	["is silent behind an interim answer", asked, [send("HTTP/1.1 100 Continue\r\n\r\n"), silence], late],
	["sends a byte of its body a second", asked, [send(ok + "Content-Length: 9000\r\n\r\n"), dribble(["b"])], answered(200)],
	["sends a chunk a second, for ever", asked, [send(chunked), dribble(["1\r\nc\r\n"])], answered(200)],
	["stops inside its body", asked, [send(ok + "Content-Length: 10\r\n\r\nabc"), silence], answered(200)],
	["stops inside a chunk", asked, [send(chunked + "3\r\nab"), silence], answered(200)],
	["says that it closes and does not", asked, [send(ok + "Connection: close\r\n\r\nabc"), silence], answered(200)],
	// no TLS where there should be
	["reads the ClientHello and never answers", greeted, [silence], late, "https"],
	["says nothing and reads no ClientHello", connected, [{ do: "deaf" }], late, "https"],
	["stops inside its ServerHello", greeted, [send(serverHello), silence], late, "https"],
	["sends a byte of its ServerHello a second", greeted, [dribble([...serverHello.slice(0, 7), "\0"])], late, "https"],
	["answers the ClientHello with zeros", greeted, [send("\0".repeat(64)), silence], noTls, "https"],
	["answers the ClientHello with an alert", greeted, [send("\x15\x03\x03\x00\x02\x02\x28"), silence], noTls, "https"],
	["answers the ClientHello with HTTP", greeted, [send(empty), silence], noTls, "https"],
	["resets inside its ServerHello", greeted, [send(serverHello), reset], noTls, "https"],
	["closes inside its ServerHello", greeted, [send(serverHello), close], noTls, "https"],
	// no HTTP
	["speaks SSH", connected, [send("SSH-2.0-OpenSSH_9.2\r\n"), silence], malformed],
	["speaks SMTP", connected, [send("220 mail ready\r\n"), silence], malformed],
	["speaks TLS", asked, [send("\x15\x03\x01\x00\x02\x02\x28"), silence], short],
	["speaks telnet", connected, [send("\xff\xfd\x01\xff\xfd\x1f"), silence], short],
	["sends zeros", asked, [send("\0".repeat(64)), silence], malformed],
	["sends HTML and no head", asked, [send("<html>no</html>\r\n\r\n"), silence], malformed],
	["speaks HTTP/2", asked, [send("\0\0\x12\x04\0\0\0\0\0"), silence], malformed],
	["says HTTP/2.0", asked, [send("HTTP/2.0 200 OK\r\n\r\n"), silence], malformed],
	["says HTTP/0.9", asked, [send("HTTP/0.9 200 OK\r\n\r\n"), silence], malformed],
	["writes http in small letters", asked, [send("http/1.1 200 OK\r\n\r\n"), silence], malformed],
	["begins with an empty line", asked, [send("\r\n" + empty), silence], malformed],
	["answers with the request", asked, [send("POST /cb HTTP/1.1\r\nHost: h\r\n\r\n"), silence], malformed],
	["has a status of two digits", asked, [send("HTTP/1.1 20 OK\r\n\r\n"), silence], malformed],
	["has a status of four digits", asked, [send("HTTP/1.1 2000 OK\r\n\r\n"), silence], malformed],
	["has a status of letters", asked, [send("HTTP/1.1 abc OK\r\n\r\n"), silence], malformed],
	["has a negative status", asked, [send("HTTP/1.1 -20 OK\r\n\r\n"), silence], malformed],
	["has a field without a colon", asked, [send(ok + "no colon\r\n\r\n"), silence], malformed],
	["has a field without a name", asked, [send(ok + ": x\r\n\r\n"), silence], malformed],
	["has a zero byte in a field", asked, [send(ok + "A: b\0c\r\n\r\n"), close], wrong],
	// lengths
	["gives two lengths", asked, [send(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), silence], malformed],
	["gives a list of lengths", asked, [send(ok + "Content-Length: 5, 6\r\n\r\nabcde"), silence], malformed],
	["gives a negative length", asked, [send(ok + "Content-Length: -1\r\n\r\n"), silence], malformed],
	["gives a length of twenty digits", asked, [send(ok + "Content-Length: 99999999999999999999\r\n\r\n"), silence], malformed],
	["gives a length in hexadecimal", asked, [send(ok + "Content-Length: 0x5\r\n\r\nabcde"), silence], malformed],
	["gives a length and chunks", asked, [send(ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na"), silence], malformed],
	["announces 1 GB and closes", asked, [send(ok + "Content-Length: 1073741824\r\n\r\nabc"), close], answered(200)],
	["has a chunk of sixteen digits", asked, [send(chunked + "ffffffffffffffff\r\nabc"), silence], answered(200)],
	["has a chunk of negative size", asked, [send(chunked + "-1\r\nabc"), silence], answered(200)],
	["has a chunk longer than its size", asked, [send(chunked + "1\r\nabcdef\r\n0\r\n\r\n"), silence], answered(200)],
	// too much
	["sends 1 GB", asked, [flood(ok + "Content-Length: 1073741824\r\n\r\n", "b".repeat(65536))], answered(200)],
	["sends a body without end", asked, [flood(ok + "\r\n", "b".repeat(65536))], answered(200)],
	["sends chunks without end", asked, [flood(chunked, "4000\r\n" + "c".repeat(16384) + "\r\n")], answered(200)],
	["sends chunks of a byte without end", asked, [flood(chunked, "1\r\nc\r\n".repeat(2000))], answered(200)],
	["sends a chunk extension without end", asked, [flood(chunked + "5;", "x".repeat(16384))], answered(200)],
	["sends trailers without end", asked, [flood(chunked + "0\r\n", "T: u\r\n".repeat(2000))], answered(200)],
	["sends a status line without end", asked, [flood("HTTP/1.1 200 ", "OK ".repeat(2000))], malformed],
	["sends a status line of 30 kB", asked, [send("HTTP/1.1 200 " + "x".repeat(30000) + "\r\n\r\n"), silence], malformed],
	["sends a status line of 200 kB", asked, [send("HTTP/1.1 200 " + "x".repeat(200000) + "\r\n\r\n"), silence], malformed],
	["sends a field without end", asked, [flood(ok + "X: ", "y".repeat(16384))], malformed],
	["sends fields without end", asked, [flood(ok, "X-Y: zzzzzzzzzzzz\r\n".repeat(500))], malformed],
	["sends 100,000 fields", asked, [send(ok + "X: y\r\n".repeat(100000) + "\r\n"), silence], malformed],
	["sets 2,000 cookies", asked, [send(ok + "Set-Cookie: a=b\r\n".repeat(2000) + "\r\n"), silence], malformed],
	["says 100 Continue without end", asked, [flood("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(500))], malformed],
	["says nine times 103", asked, [send("HTTP/1.1 103 Early\r\n\r\n".repeat(9) + empty), silence], malformed],
	["sends 32 MB of zeros as gzip", asked,
		[send(ok + `Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`, bomb), silence], answered(200)],
	// redirects
	["redirects to itself", asked, [redirect(302, "/cb"), silence], answered(302)],
	["redirects for good, to itself", asked, [redirect(308, "/cb"), silence], answered(308)],
	["redirects to a file", asked, [redirect(301, "file:///etc/passwd"), silence], answered(301)],
	["redirects to a port of twenty digits", asked, [redirect(307, "http://127.0.0.1:99999999999999999999/"), silence], answered(307)],
	["redirects to link-local metadata", asked, [redirect(303, "http://169.254.169.254/latest"), silence], answered(303)],
	["redirects to a megabyte", asked, [redirect(302, "http://127.0.0.1/" + "l".repeat(1 << 20)), silence], malformed],
	// odd, and an answer all the same
	["says 204 and a body", asked, [send("HTTP/1.1 204 No Content\r\n\r\nabc"), silence], answered(204)],
	["says 304 and a length", asked, [send("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), silence], answered(304)],
	["says 101", asked, [send("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), silence], answered(101)],
	["says 999", asked, [send("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"), silence], answered(999)],
	["says no reason", asked, [send("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"), silence], answered(200)],
	["has trailers", asked, [send(chunked + "3\r\nabc\r\n0\r\nT: u\r\n\r\n"), silence], answered(200)],
	["speaks HTTP/1.0 until it closes", asked, [send("HTTP/1.0 200 OK\r\n\r\nabc"), close], answered(200)],
	["answers twice", asked, [send(empty + "HTTP/1.1 500 Again\r\nContent-Length: 0\r\n\r\n"), silence], answered(200)],
	["answers before it was asked", connected, [send("HTTP/1.1 413 Much\r\nContent-Length: 0\r\n\r\n"), silence],
		/^(answered 413|malformed|broken|timed_out)$/],
	["drops its connection silently", asked, [send(empty), reset], answered(200)],
];

/** Plays a script to one connection. */
function play(socket, script) {
	const [step, ...rest] = script;
	if (!step || socket.destroyed) return;
	const next = () => play(socket, rest);
	switch (step.do) {
		case "send":
			socket.write(step.bytes, next);
			return;
		case "flood": {
			const more = () => {
				let room = true;
				for (let n = 0; room && n < 16 && !socket.destroyed; n += 1) room = socket.write(step.more);
				if (room) setImmediate(more);
			};
			socket.on("drain", more);
			socket.write(step.start);
			more();
			return;
		}
		case "dribble": {
			let n = 0;
			const timer = setInterval(() => {
				socket.write(step.pieces[Math.min(n, step.pieces.length - 1)]);
				n += 1;
			}, step.ms);
			socket.on("close", () => clearInterval(timer));
			return;
		}
		case "reset":
			socket.resetAndDestroy();
			return;
		case "close":
			socket.end(() => socket.destroy());
			return;
		case "halfClose":
			socket.end();
			next();
			return;
		case "deaf":
			socket.pause();
			return;
		default:
			return;  // silence
	}
}

const listening = (server, backlog) => new Promise((resolve, reject) => {
	server.once("error", reject).listen({ port: 0, host: "127.0.0.1", backlog }, () => resolve(server.address().port));
});

/** Listens in a thread that never looks; resolves with the port once no more connections fit the queue. */
async function listenFull() {
	const thread = new Worker(__filename);
	const port = await new Promise((resolve, reject) => { thread.once("error", reject).once("message", resolve); });
	const waiting = Array.from({ length: 2 }, () => net.connect(port, "127.0.0.1").on("error", () => {}));  // one more than the backlog
	await Promise.all(waiting.map((socket) => new Promise((resolve) => { socket.once("connect", resolve); })));
	return port;
}

/** Listens for a kind; resolves with the port. */
function listen([, when, script]) {
	if (when === full) return listenFull();
	return listening(net.createServer({ allowHalfOpen: true }, (socket) => {
		socket.on("error", () => {});
		socket.on("end", () => socket.end());
		socket.setNoDelay(true);
		if (when === connected) {
			if (script[0].do !== "deaf") socket.resume();
			play(socket, script);
			return;
		}
		if (when === greeted) {
			socket.once("data", () => play(socket, script)).resume();
			return;
		}
		let head = "";
		socket.on("data", (bytes) => {
			head += bytes.toString("latin1");
			if (!head.includes("\r\n\r\n")) return;
			head = "";  // a connection that is kept may bring another
			play(socket, script);
		});
	}));
}

module.exports = { kinds: kinds.map(([name, , , outcome, scheme = "http"]) => ({ name, outcome, scheme })) };

if (!isMainThread) {
	listening(net.createServer(), 1).then((port) => {
		parentPort.postMessage(port);
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
	});
} else if (require.main === module) {
	Promise.all(kinds.map(listen)).then((ports) => process.stdout.write(JSON.stringify(ports) + "\n"));
	process.stdin.resume().on("end", () => process.exit());  // nobody is left who needs them
}

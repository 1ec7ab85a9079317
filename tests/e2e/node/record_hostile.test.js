"use strict";
// `ringback record` among clients that send what they like: its front is the fake's own, and what is no request reaches
// neither receiver nor provider.

const assert = require("node:assert/strict");
const http = require("node:http");
const { endings, send, test, until } = require("./harness");
const { cases } = require("./malformed");
const { connect, exchange, occupied } = require("./raw");
const { startRecording } = require("./recording");

const portOf = (recording) => Number(new URL(recording.url).port);
const isUp = "GET /up HTTP/1.1\r\nHost: h\r\n\r\n";

/** A receiver: { url, seen, close() }; `answer(request, body, response)` says what, 207 with the target if it is not there. */
async function startEcho(answer = (request, body, response) => response.writeHead(207).end(request.url)) {
	const seen = [];
	const server = http.createServer({ maxHeaderSize: 65536 }, (request, response) => {
		const chunks = [];
		request.on("data", (bytes) => chunks.push(bytes)).on("end", () => {
			const body = Buffer.concat(chunks);
			seen.push({ method: request.method, url: request.url, headers: request.headers, body });
			answer(request, body, response);
		});
	});
	await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
	const close = () => {
		server.close();
		server.closeAllConnections();
	};
	endings.add(close);
	return { url: `http://127.0.0.1:${server.address().port}`, seen, close };
}

/** The answers to what a client says that stays until it has them. */
async function answersTo(recording, text, count = 1) {
	const client = connect(portOf(recording));
	await client.send(Buffer.from(text, "latin1"));
	const answers = await client.answers(count);
	client.end();
	await client.ended;
	return answers;
}

test("record: what is no request is refused once, and nothing of it is passed on", async () => {
	const echo = await startEcho();
	const recording = await startRecording(["--callback-url", echo.url, "--upstream", echo.url]);
	await answersTo(recording, isUp);  // whom it asks about names has its thread from now on
	const before = occupied(recording.pid);
	// Whose business it is what these say: the provider's.
	const passed = [/^GET http:\/\/other\/a/, /^field Authorization: /];
	const late = new Map([["field Content-Length: 1048577 -> 400", 413], ["field Content-Length: 999999999999999999 -> 400", 413],
		["chunks of 1 MiB and one -> 400", 413]]);
	const all = cases();
	const lines = all.slice(0, all.findIndex(({ what }) => /^path /.test(what))).filter(({ what }) => !passed.some((form) => form.test(what)));
	assert.ok(lines.length > 120, `${lines.length}`);
	const wrong = [];
	for (const { what, bytes, status } of lines) {
		const { answers } = await exchange(portOf(recording), Buffer.concat([bytes, Buffer.from("GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")]));
		const expected = late.get(what) ?? status;
		if (answers.length !== 1 || answers[0].status !== expected) wrong.push(`${what}: ${answers.map((answer) => answer.status)}`);
		else assert.deepEqual(Object.keys(JSON.parse(answers[0].body)).sort(), ["category", "code", "details", "message"], what);
	}
	assert.deepEqual(wrong, []);
	assert.deepEqual(echo.seen.map(({ url }) => url), ["/up"]);
	const [good] = await answersTo(recording, isUp);
	assert.deepEqual([good.status, good.body], [207, "/up"]);
	await until(async () => occupied(recording.pid).descriptors <= before.descriptors + 2, () => "descriptors are left open");
	assert.equal(occupied(recording.pid).threads, before.threads);
	recording.signal("SIGTERM");
	assert.equal((await recording.ended()).code, 1);
});

test("record: one connection carries many requests, split anyhow, and each is answered in its order", async () => {
	const echo = await startEcho((request, body, response) => response.writeHead(200).end(`${request.url} ${body}`));
	const recording = await startRecording(["--callback-url", echo.url]);
	const one = (n) => [`POST /${n} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nb${n}`,
		`POST /${n} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n1\r\n${n}\r\n0\r\n\r\n`,
		`GET /${n} HTTP/1.1\r\nHost: h\r\n\r\n`][n % 3];
	const text = Array.from({ length: 9 }, (_, n) => one(n)).join("");
	const wanted = Array.from({ length: 9 }, (_, n) => (n % 3 === 2 ? `/${n} ` : `/${n} b${n}`));
	for (const step of [text.length, 7, 1]) {
		const client = connect(portOf(recording));
		for (let at = 0; at < text.length; at += step) await client.send(text.slice(at, at + step));
		assert.deepEqual((await client.answers(9)).map(({ body }) => body), wanted);
		client.end();
	}
	recording.signal("SIGTERM");
	await recording.ended();
});

test("record: what the receiver is asked and what it answers pass as they are", async () => {
	const echo = await startEcho((request, body, response) => {
		if (request.url === "/zipped") response.writeHead(200, { "Content-Encoding": "gzip", "X-A": ["1", "2"] }).end(Buffer.from([31, 139, 8, 255]));
		else response.writeHead(200, { "Content-Type": "text/plain" }).end("0123456789");
	});
	const recording = await startRecording(["--callback-url", echo.url, "-H", "X-Own: mine"]);
	for (const range of ["bytes=0-1", "bytes=5-", "bytes=-2", "bytes=20-30", "nonsense"]) {
		const [answer] = await answersTo(recording, `GET /r HTTP/1.1\r\nHost: h\r\nRange: ${range}\r\n\r\n`);
		assert.deepEqual([answer.status, answer.body, answer.field("Content-Range")], [200, "0123456789", undefined], range);
		assert.equal(echo.seen.at(-1).headers.range, range);
	}
	const form = '--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n\0\xff%0d%0a\r\n--b--\r\n';
	await answersTo(recording, `POST /f?a=%FF%0D%0A&b=%2B HTTP/1.1\r\nHost: h\r\nX-Value: a%0d%0ab\r\nx-own: theirs\r\nConnection: X-Hop, keep-alive\r\n` +
		`X-Hop: 1\r\nKeep-Alive: 5\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${form.length}\r\n\r\n${form}`);
	const { url, headers, body } = echo.seen.at(-1);
	assert.equal(url, "/f?a=%FF%0D%0A&b=%2B");
	assert.equal(body.toString("latin1"), form);
	assert.deepEqual([headers["x-value"], headers["x-own"], headers["x-hop"], headers["keep-alive"], headers["content-type"]],
		["a%0d%0ab", "mine", undefined, undefined, "multipart/form-data; boundary=b"]);
	const [zipped] = await answersTo(recording, "GET /zipped HTTP/1.1\r\nHost: h\r\n\r\n");
	assert.deepEqual([zipped.status, zipped.field("Content-Encoding"), zipped.head.match(/X-A: \d/g)], [200, "gzip", ["X-A: 1", "X-A: 2"]]);
	const long = `/${"a".repeat(8000)}`;  // what a regular expression would need a stack for
	await answersTo(recording, `GET ${long} HTTP/1.1\r\nHost: h\r\n\r\n`);
	assert.equal(echo.seen.at(-1).url, long);
	for (const method of ["HEAD", "TRACE", "PROPFIND"]) {  // no API has them, and an answer to HEAD cannot be given back as it came
		const { answers: [refused] } = await exchange(portOf(recording), Buffer.from(`${method} /r HTTP/1.1\r\nHost: h\r\n\r\n`), method === "HEAD");
		assert.equal(refused.status, 501, method);
	}
	recording.signal("SIGTERM");
	await recording.ended();
});

test("record: two hundred at once, of a receiver that keeps all waiting, wait their turn, and the API is not held up by them", async () => {
	const held = [];
	const echo = await startEcho((request, body, response) => {
		if (request.url === "/slow") held.push(response);
		else response.writeHead(207).end(request.url);
	});
	const recording = await startRecording(["--callback-url", echo.url, "--upstream", echo.url]);
	await answersTo(recording, isUp);
	const { threads } = occupied(recording.pid);
	const slow = Array.from({ length: 200 }, () => send("POST", `${recording.url}/slow`, { eventType: "answer" }));
	await until(async () => held.length === 64 || void await send("GET", `${recording.url}/v1/users/u/account`), () => `${held.length} are held`);
	assert.equal((await send("GET", `${recording.url}/v1/users/u/account`)).status, 207);
	assert.equal(held.length, 64);
	assert.equal(occupied(recording.pid).threads, threads);
	let answered = 0;
	await until(async () => {
		for (const response of held.splice(0)) {
			response.writeHead(200).end();
			++answered;
		}
		await send("GET", `${recording.url}/v1/users/u/account`);
		return answered === 200;
	}, () => `${answered} of 200 were passed on`);
	assert.deepEqual([...new Set((await Promise.all(slow)).map(({ status }) => status))], [200]);
	recording.signal("SIGTERM");
	await recording.ended();
});

test("record: a signal ends it when what is under way has been answered, and clients half way are cut", async () => {
	let release;
	const echo = await startEcho((request, body, response) => {
		if (request.url === "/slow") release = () => response.writeHead(200).end("late");
		else response.writeHead(207).end();
	});
	const recording = await startRecording(["--callback-url", echo.url]);
	const half = connect(portOf(recording));
	await half.send("POST /half HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
	const idle = connect(portOf(recording));
	const underWay = send("POST", `${recording.url}/slow`, { eventType: "answer" });
	await until(async () => release !== undefined || void await send("GET", `${echo.url}/look`), () => "it was not passed on");
	recording.signal("SIGTERM");
	// No more clients are taken: that is the sign that it has begun to end.
	await until(() => send("GET", `${recording.url}/late`).then(() => false, () => true), () => "it still takes clients");
	release();
	const { status, text } = await underWay;
	assert.deepEqual([status, text], [200, "late"]);
	assert.equal((await half.ended).length, 0);
	assert.equal((await idle.ended).length, 0);
	assert.equal((await recording.ended()).code, 1);
});

test("record: what waits at the end is told so at once, and a second signal ends what is under way", async () => {
	const held = [];
	const echo = await startEcho((request, body, response) => { held.push(response); });
	const recording = await startRecording(["--callback-url", echo.url]);
	const asked = Array.from({ length: 70 }, () => send("POST", `${recording.url}/slow`, { eventType: "answer" })
		.then(({ status, json }) => `${status} ${json.code}`, () => "cut"));
	await until(async () => held.length === 64 || void await send("OPTIONS", `${recording.url}/v1/none`), () => `${held.length} are held`);
	recording.signal("SIGINT");
	const waited = await Promise.race([...asked]);
	assert.equal(waited, "503 ending");
	recording.signal("SIGINT");
	const { code, stderr } = await recording.ended();
	assert.equal(code, 1);
	const answers = await Promise.all(asked);
	assert.deepEqual([answers.filter((one) => one === "cut").length, answers.filter((one) => one === "503 ending").length], [64, 6]);
	assert.match(stderr, /^ringback: what still waited at the end was not passed on: 503 was answered$/m);
	assert.match(stderr, /^ringback: a second signal: what was under way is not waited for$/m);
});

test("record: of what waits 64 MB are kept, the rest is told so, and so is a person, once", async () => {
	const held = [];
	const echo = await startEcho((request, body, response) => request.url === "/look" ? response.end() : held.push(response));
	// The provider's leg, as it has half a minute, and those under way are small: all is to have come before one is given up.
	const recording = await startRecording(["--callback-url", echo.url, "--upstream", echo.url]);
	const post = (size) => Buffer.concat([
		Buffer.from(`POST /v1/slow HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`), Buffer.alloc(size, "x")]);
	const look = () => send("GET", `${recording.url}/look`);
	for (let n = 0; n < 64; n += 1) await connect(portOf(recording)).send(post(1));
	await until(async () => held.length === 64 || void await look(), () => `${held.length} are held`);
	const clients = Array.from({ length: 72 }, () => connect(portOf(recording)));
	const megabyte = post(1 << 20);
	for (const client of clients) await client.send(megabyte);  // together they might not arrive within the deadline of a body
	const refused = () => clients.filter((client) => client.received().includes('"too-busy"')).length;
	await until(async () => refused() === 72 - 64 || void await look(), () => `${refused()} are refused, ${held.length} are held`);
	assert.ok(occupied(recording.pid).mostKB < (process.env.RINGBACK_SANITIZED ? 2000000 : 300000), `${occupied(recording.pid).mostKB} kB`);
	recording.signal("SIGTERM");
	await until(async () => recording.stderr().includes("what still waited") || void await send("GET", `${echo.url}/look`), () => recording.stderr());
	recording.signal("SIGTERM");
	const { stderr } = await recording.ended();
	assert.equal(stderr.match(/more requests wait than are kept waiting: 503 was answered/g).length, 1);
});

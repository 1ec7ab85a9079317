"use strict";
// `ringback record` between a provider and a receiver, and `ringback replay` of what it has written. The
// provider is a `ringback serve`.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");
const path = require("node:path");
const { admin, makeCertificate, run, scratchFolder, send, startFake, startReceiver, test } = require("./harness");
const { startRecording } = require("./recording");

const menu = ["node", path.join(__dirname, "..", "..", "receivers", "menu_express.js")];
const authorization = "Basic " + Buffer.from("t-very-private:s-very-private").toString("base64");

/** Places a call as somebody else than the receiver does; its answer. */
const placeCall = (recording, more = {}) =>
	send("POST", `${recording.url}/v1/users/u-taped/calls`,
		{ from: "+19195550123", to: "+19195550187", callbackUrl: `${recording.receiver}/`, tag: "taped", ...more },
		{ Authorization: authorization });

/** Presses `digit` on a call as soon as it is asked for one. */
async function pressWhenAsked(fake, location, digit) {
	const call = location.split("/").pop();
	const asked = `${fake.admin}/journal?call=${call}`;
	for (let tries = 0; tries < 2000; tries += 1) {
		const { text } = await send("GET", asked);
		if (/\/gather"/.test(text)) break;
	}
	return admin(fake, "POST", `/calls/${call}/caller`, { action: "press", digits: digit });
}

/** One call of the menu receiver that is right, recorded: its file, and what record said. */
async function tapedMenu() {
	const fake = await startFake(["--clock", "real", "--time-scale", "20"]);
	const recording = await startRecording(["--upstream", fake.api, "--calls", "1"], menu);
	const made = await placeCall(recording);
	assert.equal(made.status, 201, made.text);
	const location = made.headers.get("location");
	await pressWhenAsked(fake, location, "1");
	const said = await recording.ended();
	await fake.stop();
	return { ...recording, ...said, location, text: fs.readFileSync(recording.out, "utf8") };
}

test("record: a call becomes a scenario that is valid and identical when played again; another receiver differs", async () => {
	const taped = await tapedMenu();
	assert.equal(taped.code, 0, taped.stderr);
	assert.match(taped.location, new RegExp(`^${taped.url}/v1/users/u-taped/calls/c-`));
	assert.deepEqual(JSON.parse(taped.stdout.split("\n")[1]), { event: "written", file: taped.out, steps: 11 });

	const valid = await run(["scenarios", "validate", taped.out]);
	assert.equal(valid.code, 0, valid.stdout + valid.stderr);

	const same = await run(["replay", taped.out, "--check", "--", ...menu]);
	assert.equal(same.stdout, "identical\n", same.stderr + taped.text);
	assert.equal(same.code, 0);

	const other = await run(["replay", taped.out, "--check", "--", ...menu], { VARIANT: "forgets-tag" });
	assert.match(other.stdout, /^\S+taped\.json:\d+:\d+ step say: body\.tag: recorded "menu", now nothing\n$/);
	assert.equal(other.code, 1);

	const shown = await run(["replay", taped.out, "--", ...menu]);
	assert.match(shown.stdout, /^ok {3}taped /);
	assert.equal(shown.code, 0, shown.stdout);
});

test("record: a call under BXML becomes a scenario by GET, with its gathers and redirects", async () => {
	const fake = await startFake(["--clock", "real", "--time-scale", "20"]);
	const bxml = ["node", path.join(__dirname, "..", "..", "receivers", "reference.js")];
	const recording = await startRecording(["--upstream", fake.api, "--calls", "1"], bxml);
	const made = await placeCall(recording, { to: "+19195559909", tag: "menu-by-bxml", callbackHttpMethod: "GET" });
	assert.equal(made.status, 201, made.text);
	const { code, stderr } = await recording.ended();
	await fake.stop();

	assert.equal(code, 0, stderr);
	const taped = JSON.parse(fs.readFileSync(recording.out, "utf8"));
	assert.equal(taped.start.call.callbackHttpMethod, "GET");
	assert.deepEqual(taped.steps.map((step) => step.send).filter(Boolean), ["answer", "gather", "redirect", "hangup"]);
	const again = await run(["replay", recording.out, "--check", "--", ...bxml]);
	assert.equal(again.stdout, "identical\n", again.stderr);
	const other = await run(["replay", recording.out, "--check", "--", ...bxml], { VARIANT: "menu-by-bxml:has-no-such-page" });
	assert.equal(other.code, 1, other.stdout);
	assert.match(other.stdout, /step redirect: .*404/);
});

test("record: neither secrets nor ids of the recorded call are written", async () => {
	const { text, location, url, receiver } = await tapedMenu();

	for (const secret of ["very-private", authorization, authorization.slice(6), location.split("/").pop(), url, receiver, "gtr-"]) {
		assert.ok(!text.includes(secret), `${secret} in ${text}`);
	}
	const { vars } = JSON.parse(text);
	assert.deepEqual(vars, { from: "+19195550123", to: "+19195550187", userId: "u-taped" });
});

test("record: an application that is asked for a call is asked again", async () => {
	const application = ["node", "-e", `
		const http = require("node:http");
		const api = (path, body) => fetch(process.env.RINGBACK_URL + "/v1/users/" + process.env.RINGBACK_USER_ID + path, {
			method: "POST",
			headers: { "Content-Type": "application/json", Authorization: "Basic " +
				Buffer.from(process.env.RINGBACK_TOKEN + ":" + process.env.RINGBACK_SECRET).toString("base64") },
			body: JSON.stringify(body),
		});
		http.createServer((request, response) => {
			let body = "";
			request.on("data", (bytes) => (body += bytes)).on("end", async () => {
				if (request.url === "/dial") {
					await api("/calls", { from: "+19195550123", to: JSON.parse(body).number, callbackUrl: process.env.RINGBACK_CALLBACK_URL + "/cb?token=k-private" });
					response.writeHead(202).end();
					return;
				}
				response.writeHead(200).end();
				const event = JSON.parse(body);
				if (event.eventType === "answer") await api("/calls/" + event.callId, { state: "completed" });
			});
		}).listen(Number(process.env.PORT), "127.0.0.1");`];
	const fake = await startFake();
	const recording = await startRecording(["--upstream", fake.api, "--calls", "1"], application);

	const asked = await send("POST", `${recording.url}/dial`, { number: "+19195550187", password: "p-private" });
	const { code, stderr } = await recording.ended();

	assert.equal(asked.status, 202);
	assert.equal(code, 0, stderr);
	const text = fs.readFileSync(recording.out, "utf8");
	assert.deepEqual(JSON.parse(text).start.kick,
		{ method: "POST", url: "${receiver}/dial", body: { number: "${to}" }, expect: { status: 202 } });
	assert.ok(!text.includes("private"), text);
	const again = await run(["replay", recording.out, "--check", "--", ...application]);
	assert.equal(again.stdout, "identical\n", again.stderr + text);
	await fake.stop();
});

test("record: every call is a file of its own, a caller who hangs up hangs up again", async () => {
	const fake = await startFake(["--clock", "real", "--time-scale", "20"]);
	const receiver = await startReceiver();
	const recording = await startRecording(["--upstream", fake.api, "--calls", "2", "--callback-url", receiver.url]);

	for (let call = 0; call < 2; call += 1) {
		const made = await placeCall(recording, { callbackUrl: receiver.url, tag: `call-${call}` });
		const id = made.headers.get("location").split("/").pop();
		await receiver.event((event) => event.callId === id && event.eventType === "answer");
		await admin(fake, "POST", `/calls/${id}/caller`, { action: "hangup" });
	}
	const { code, stdout, stderr } = await recording.ended();

	assert.equal(code, 0, stderr);
	const files = stdout.trim().split("\n").slice(1).map((line) => JSON.parse(line).file);
	assert.deepEqual(files, [recording.out, recording.out.replace(".json", "-2.json")]);
	const steps = JSON.parse(fs.readFileSync(files[1], "utf8")).steps;
	assert.deepEqual(steps.map((step) => Object.keys(step)[0]), ["send", "caller", "send", "quiet"]);
	const again = await run(["replay", ...files, "--check", "--callback-url", receiver.url]);
	assert.equal(again.stdout, "identical\n", again.stderr);
	await receiver.stop();
	await fake.stop();
});

test("record: an incoming call comes in again", async () => {
	const fake = await startFake();
	const receiver = await startReceiver();
	const recording = await startRecording(["--upstream", fake.api, "--calls", "1", "--callback-url", new URL(receiver.url).origin]);

	await admin(fake, "POST", "/calls",
		{ from: "+19195550101", to: "+19195550102", callbackUrl: `${recording.url}/cb`, autoAnswer: true });
	const { callId } = await receiver.event((event) => event.eventType === "answer");
	await admin(fake, "POST", `/calls/${callId}/caller`, { action: "hangup" });
	const { code, stderr } = await recording.ended();

	assert.equal(code, 0, stderr);
	const { start: begun } = JSON.parse(fs.readFileSync(recording.out, "utf8"));
	assert.deepEqual(begun, { inbound: { from: "${from}", to: "${to}", url: "${receiver}/cb", autoAnswer: true } });
	const again = await run(["replay", recording.out, "--check", "--callback-url", new URL(receiver.url).origin]);
	assert.equal(again.stdout, "identical\n", again.stderr);
	await receiver.stop();
	await fake.stop();
});

test("record: whatever a receiver answers, record stands it, and passes on what comes after", async () => {
	const answers = {
		"/line30": "HTTP/1.1 200 " + "x".repeat(30000) + "\r\n\r\n",
		"/line200": "HTTP/1.1 200 " + "x".repeat(200000) + "\r\n\r\n",
		"/fields": "HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(100000) + "\r\n",
		"/garbage": "SSH-2.0-OpenSSH_9.2\r\n\r\n",
		"/half": "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc",
		"/lengths": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"/interim": "HTTP/1.1 103 Early\r\n\r\n".repeat(50) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"/much": "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n" + "b".repeat(1 << 20),
		"/nothing": "",
		"/good": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 207 Fine\r\nTransfer-Encoding: chunked\r\nX-Own: kept\r\n\r\n2\r\nok\r\n0\r\nT: u\r\n\r\n",
		"/until-the-end": "HTTP/1.0 207 Fine\r\n\r\nok",
	};
	const server = net.createServer((socket) => {
		socket.on("error", () => {}).once("data", (bytes) => socket.end(answers[bytes.toString("latin1").split(" ")[1]], "latin1"));
	});
	await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
	const recording = await startRecording(["--callback-url", `http://127.0.0.1:${server.address().port}`]);
	for (const path of Object.keys(answers)) {
		const answer = await send("POST", recording.url + path, { eventType: "answer" });
		if (["/good", "/until-the-end"].includes(path)) {
			assert.deepEqual([answer.status, answer.text], [207, "ok"], path);
			continue;
		}
		assert.equal(answer.status, 502, path);
		assert.equal(answer.json.code, "receiver-silent", path);
	}
	assert.equal((await send("GET", recording.url + "/good")).headers.get("x-own"), "kept");
	recording.signal("SIGINT");
	assert.equal((await recording.ended()).code, 1);
	server.close();
});

test("record: without --upstream requests are 502 and that is said; garbage passes and is left out", async () => {
	const echo = await new Promise((resolve) => {
		const server = http.createServer((request, response) => {
			request.resume().on("end", () => response.writeHead(207).end(request.url));
		});
		server.listen(0, "127.0.0.1", () => resolve(server));
	});
	const recording = await startRecording(["--callback-url", `http://127.0.0.1:${echo.address().port}`]);

	const refused = await send("POST", `${recording.url}/v1/users/u-1/calls`, { to: "+1" });
	const garbage = await fetch(`${recording.url}/a%20b?x=%2B1`, { method: "POST", body: Buffer.from([0, 255, 123, 0]) });
	const deep = await fetch(`${recording.url}/deep`, { method: "POST", body: "[".repeat(500000) });
	const huge = await fetch(`${recording.url}/huge`, { method: "POST", body: "x".repeat(2 << 20) }).catch(() => ({ status: 413 }));
	const unending = await new Promise((resolve) => {  // its length is told by nobody
		const request = http.request(`${recording.url}/huge`, { method: "POST" }, (response) => resolve(response.resume().statusCode));
		request.on("error", () => resolve(413));
		request.write("x".repeat(3 << 20));
		request.end();
	});
	recording.signal("SIGINT");
	const { code, stderr } = await recording.ended();

	assert.equal(refused.status, 502);
	assert.equal(refused.json.code, "no-upstream");
	assert.equal(garbage.status, 207);
	assert.equal(await garbage.text(), "/a%20b?x=%2B1");
	assert.equal(deep.status, 207);
	assert.equal(huge.status, 413);
	assert.equal(unending, 413);
	assert.match(stderr, /the receiver asked the API for something, but there is no --upstream/);
	assert.match(stderr, /no call has passed, so nothing is written/);
	assert.equal(code, 1);
	assert.ok(!fs.existsSync(recording.out));
	echo.close();
	echo.closeAllConnections();
});

test("record: a busy number is busy again, and one that presses keys by itself does not press them twice", async () => {
	const fake = await startFake(["--far-end", "+15557654321=busy"]);
	const busy = await startRecording(["--upstream", fake.api, "--calls", "1"], menu);
	await placeCall(busy, { to: "+15557654321" });
	const pressing = await startRecording(["--upstream", fake.api, "--calls", "1"], menu);
	await placeCall(pressing, { to: "+19195559909" });

	for (const recording of [busy, pressing]) {
		const { code, stderr } = await recording.ended();
		assert.equal(code, 0, stderr);
		assert.match(stderr, /vars\.to: \+\d+ stands for \+/);
		const again = await run(["replay", recording.out, "--check", "--", ...menu]);
		assert.equal(again.stdout, "identical\n", again.stderr + fs.readFileSync(recording.out, "utf8"));
	}
	await fake.stop();
});

test("replay: --speed 1x takes the recorded time, max does not wait", async () => {
	const receiver = await startReceiver();
	const file = path.join(scratchFolder(), "slow.json");
	fs.writeFileSync(file, JSON.stringify({ version: 1, steps: [
		{ send: "answer", after: "700ms" }, { caller: { hangup: true, after: "800ms" } }, { send: "hangup" }] }));
	const timesOf = async (speed) => {
		const { code, stdout } = await run(["replay", file, "--speed", speed, "--format", "json", "-f", receiver.url]);
		assert.equal(code, 0, stdout);
		return JSON.parse(stdout);
	};

	const slow = await timesOf("1x");
	const quick = await timesOf("max");

	assert.ok(slow.wall_ms >= 1500, `${slow.wall_ms} ms`);
	assert.ok(quick.wall_ms < slow.wall_ms, `${quick.wall_ms} ms`);
	assert.ok(quick.modelled_ms >= 1500, `${quick.modelled_ms} ms`);
	await receiver.stop();
});

test("record: a provider and a receiver behind https are trusted with --cacert or --insecure, else told", async () => {
	const certificate = makeCertificate(scratchFolder());
	const fake = await startFake(["--https-port", "0", "--certificate", certificate.certFile, "--key", certificate.keyFile]);
	const receiver = await startReceiver(undefined, certificate);
	for (const trust of [["--cacert", certificate.certFile], ["--insecure"], []]) {
		const recording = await startRecording(["--upstream", fake.apiTls, "--callback-url", new URL(receiver.url).origin,
			"-H", "X-Key: s3cret", "--calls", "1", ...trust]);
		receiver.requests.length = 0;

		const made = await placeCall(recording, { to: "+19195559901" });

		if (trust.length === 0) {
			assert.equal(made.status, 502);
			assert.match(made.json.message, /certificate|SSL/i);
			recording.signal("SIGINT");
		} else {
			assert.equal(made.status, 201, made.text);
		}
		const { code, stderr } = await recording.ended();
		assert.equal(code, trust.length === 0 ? 1 : 0, stderr);
		assert.deepEqual(receiver.requests.map(({ headers }) => headers["x-key"]), trust.length === 0 ? [] : ["s3cret"]);
		assert.ok(trust.length === 0 || !fs.readFileSync(recording.out, "utf8").includes("s3cret"));
	}
	await receiver.stop();
	await fake.stop();
});

test("record, replay: bad usage names the flag", async () => {
	const record = await run(["record", "--upstream", "ftp://x"]);
	assert.equal(record.code, 2);
	assert.match(record.stderr, /--upstream: expected/);
	const missing = await run(["record"]);
	assert.match(missing.stderr, /--out: expected[^]*--callback-url: expected/);
	const replay = await run(["replay", "x.json", "--speed", "2x"]);
	assert.equal(replay.code, 2);
	assert.match(replay.stderr, /--speed: expected 1x or max, found "2x"/);
});

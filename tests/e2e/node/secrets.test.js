"use strict";
// Secrets planted wherever one may stand, and everything that ringback shows, searched for them in every form.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const harness = require("./harness");
const { isHangup, scratchFolder, send, startReceiver, test, until, within } = harness;
const { failuresOf, freePort, startHeadless, startLines } = require("./locust");
const {
	assertNowhere, escaped, failsAtTheEnd, kickedBy, plant, reportsTo, scenarioFile, secretWords, startApplication, textsIn, token, withUser, wordsOf,
} = require("./planted");

/** The key that signs callbacks, for every command below that sends some. */
const signing = { RINGBACK_SIGNING_SECRET: "whsec_" + Buffer.from(plant("Signing").padEnd(32, "x")).toString("base64") };
const [run, start, startFake] = ["run", "start", "startFake"].map((name) =>
	(words, env, ...rest) => harness[name](words, { ...signing, ...env }, ...rest));

/** What a stream of events says up to where it says `last`. */
function streamed(url, headers, last) {
	let text = "";
	return within(new Promise((resolve, reject) => {
		const request = http.get(url, { headers, agent: false }, (response) => {
			response.setEncoding("utf8").on("error", reject).on("end", () => reject(new Error(`it ended: ${text}`))).on("data", (more) => {
				text += more;
				if (!text.includes(last)) return;
				resolve(text);
				response.removeAllListeners("error").on("error", () => {});
				request.destroy();
			});
		}).on("error", reject);
	}), () => `no ${last} in ${text}`);
}

test("secrets: the forms that are searched for are those in which they would show", () => {
	for (const shown of [
		plant("X"), escaped("X"), JSON.stringify(plant("X")), Buffer.from(`me:${plant("X")}`).toString("base64"),
		Buffer.from(`m:${plant("X")}`).toString("base64"), Buffer.from(plant("X")).toString("base64"), Buffer.from(plant("X")).toString("hex"),
	]) {
		assert.throws(() => assertNowhere({ shown }), /pl4nt3d|shown/);
	}
});

/** What the commands say of a running fake's journal: { words: text }; `exported`: a file for all of it. */
async function shownByJournal(fake, exported) {
	const shown = {};
	const journal = async (status, ...words) => {
		const { code, stdout, stderr } = await run(["journal", ...words, "--api", fake.api]);
		assert.equal(code, status, `${words[0]}: ${stderr}`);
		shown[`journal ${words[0]} ${Object.keys(shown).length}`] = stdout + stderr;
		return stdout;
	};
	const ask = (...words) => journal(0, ...words, "--admin-token", plant("Admin"));
	const entries = (await ask("list")).trim().split("\n").map((line) => JSON.parse(line));
	assert.ok(entries.some(({ kind, url }) => kind === "attempt" && url.startsWith("http://***@")));
	for (const seq of new Map(entries.map((entry) => [entry.kind, entry.seq])).values()) await ask("show", String(seq));
	// A call is still under way.
	assert.ok(Number(await ask("count", "--kind", "attempt")) >= entries.filter(({ kind }) => kind === "attempt").length);
	assert.notEqual(await ask("export"), "");
	await ask("export", "--out", exported);
	await journal(4, "list", "--admin-token", plant("Wrong"));
	await journal(2, "count", "--kind", withUser("http://h/", "Kind"));
	await journal(2, "show", withUser("http://h/", "Seq"));
	return shown;
}

for (const how of ["--quiet", "--verbose", "--no-color"]) {
	test(`secrets: serve ${how} shows none, in answers, journal, admin plane, words or process list`, async () => {
		const folder = scratchFolder();
		const accounts = path.join(folder, "accounts");
		fs.writeFileSync(accounts, JSON.stringify([{ userId: "u-file", token: "pl4nt3dFileToken", secret: plant("FileSecret") }]));
		const outputs = scratchFolder();
		const fake = await startFake([
			how, "--journal", path.join(outputs, "journal"), "--ready-file", path.join(outputs, "ready"), "--accounts", accounts,
			"--user-id", "u-node", "--token", token, "--secret", plant("Secret"), "--admin-token", plant("Admin"),
			"-H", `X-Api-Key: ${plant("Key")}`, "--header", `Authorization-Copy: Bearer ${plant("Bearer")}`, `--header=Cookie: session=${plant("Cookie")}`,
		].filter((word) => word !== "--quiet" || how === "--quiet"), {});
		const shown = { words: wordsOf(fake.pid) };
		assert.match(shown.words, /--secret\0\*+\0/);
		const receiver = await startReceiver((event) => (event.eventType === "answer" ? 500 : 200));
		const fallback = await startReceiver(() => 503);
		const authorization = { Authorization: "Basic " + Buffer.from(`${token}:${plant("Secret")}`).toString("base64") };
		const bearer = { Authorization: `Bearer ${plant("Admin")}` };
		const ask = async (method, below, body, headers = authorization) => {
			const answer = await send(method, `${fake.api}/v1/users/u-node${below}`, body, headers);
			shown[`${method} ${below} ${Object.keys(shown).length}`] = answer.text + JSON.stringify([...answer.headers]);
			return answer;
		};
		const callbackUrl = withUser(receiver.url, "Callback");
		const fallbackUrl = withUser(fallback.url, "Fallback");
		const made = await ask("POST", "/calls", { from: "+19195550123", to: "+19195559907", callbackUrl, fallbackUrl });
		assert.equal(made.status, 201, made.text);
		const id = made.headers.get("location").split("/").pop();
		await receiver.event(isHangup);
		assert.equal(receiver.requests[0].headers["x-api-key"], plant("Key"), "and it was sent");
		assert.equal(receiver.requests[0].headers.authorization, "Basic " + Buffer.from(`me:${plant("Callback")}`).toString("base64"));
		// Where secrets stand in what is refused, and in what is not a call.
		await ask("POST", "/calls", { from: "+1", to: "+19195550187", callbackUrl: withUser("http://192.0.2.1/cb", "Refused") });
		await ask("POST", "/calls", { from: "+1", to: "+19195550187", callbackUrl: `http://me:${plant("Raw")}@127.0.0.1/` });
		await ask("POST", "/calls", { from: "+1", to: "+1", callbackUrl: `ftp://me:${escaped("Ftp")}@h/` });
		await ask("GET", "/calls", undefined, { Authorization: "Basic " + Buffer.from(`t:${plant("Stranger")}`).toString("base64") });
		await ask("GET", "/calls", undefined, { Authorization: `Bearer ${plant("Scheme")}` });
		await ask("POST", "/applications", { name: "a", incomingCallUrl: callbackUrl, incomingCallFallbackUrl: fallbackUrl });
		await ask("POST", "/messages", [{ from: "+19195550123", to: "+19195550187", text: "x", callbackUrl, fallbackUrl }]);
		await ask("POST", "/conferences", { from: "+19195550123", callbackUrl, fallbackUrl });
		const domain = (await ask("POST", "/domains", { name: "d" })).headers.get("location")?.split("/").pop();
		await ask("POST", `/domains/${domain}/endpoints`, { name: "e", credentials: { username: "u", password: plant("Endpoint") } });
		await ask("POST", `/domains/${domain}/endpoint`, { name: "e", credentials: { username: "u", password: plant("Lost") } });
		await ask("POST", `/calls/${id}/audio`, { fileUrl: `http://me:${escaped("File")}@h/x.wav` });
		for (const below of [`/calls/${id}`, "/calls", `/calls/${id}/events`, "/errors", "/applications", "/messages", "/conferences", `/domains/${domain}/endpoints`, "/account"]) {
			await ask("GET", below);
		}
		for (const plane of ["journal", "calls", `calls/${id}`, "stats", "clock", "ready", "openapi.json", `journal?call=${id}`]) {
			shown[`admin ${plane}`] = (await send("GET", `${fake.admin}/${plane}`, undefined, bearer)).text;
		}
		shown["admin events"] = await streamed(`${fake.admin}/events?since=0`, bearer, '"hangup"');
		for (const [name, status, rule] of [
			["time", 400, { delay: withUser("http://h/", "Time"), on: "answer" }], ["event", 400, { drop: true, on: { event: withUser("http://h/", "Event") } }],
			["request", 400, { drop: true, on: withUser("ftp://h/", "Request") }], ["right", 200, { delay: "1ms", on: "hangup" }],
		]) {
			const answer = await send("POST", `${fake.admin}/faults`, { version: 1, about: withUser("http://h/", "About"), faults: [rule] }, bearer);
			assert.equal(answer.status, status, answer.text);
			shown[`admin faults: ${name}`] = answer.text;
		}
		shown["admin faults"] = (await send("GET", `${fake.admin}/faults`, undefined, bearer)).text;
		assert.match(shown["admin faults"], /"1ms"/);
		shown["admin refused"] = (await send("GET", `${fake.admin}/journal`, undefined, { Authorization: `Bearer ${plant("Wrong")}` })).text;
		shown["admin inbound"] = (await send("POST", `${fake.admin}/calls`, { from: "+1", to: "+19195550123", userId: "u-node", callbackUrl }, bearer)).text;
		shown["admin mistake"] = (await send("POST", `${fake.admin}/clock`, { advance: plant("Mistake").slice(0, 0), pause: true }, bearer)).text;
		Object.assign(shown, await shownByJournal(fake, path.join(outputs, "exported")));
		await fake.stop();
		await receiver.stop();
		await fallback.stop();
		const damaged = path.join(scratchFolder(), "damaged");
		fs.writeFileSync(damaged, `${fs.readFileSync(path.join(outputs, "journal"), "utf8")}{"url":"${callbackUrl}\n{${plant("Torn")}`);
		for (const format of ["text", "json"]) {
			const checked = await run(["journal", "check", damaged, "--format", format]);
			assert.notEqual(checked.stdout, "", checked.stderr);
			shown[`journal check ${format}`] = checked.stdout + checked.stderr;
		}
		assertNowhere({ ...shown, ...textsIn(outputs), stdout: fake.stdout(), stderr: fake.stderr() });
	});
}

test("secrets: run shows none in any report, nor in what it says, nor in the process list", async () => {
	let playing;
	let words;
	// With an event it has been started for long: what it was told on its command line is overwritten by then.
	const receiver = await startReceiver((event) => {
		words ??= wordsOf(playing.child.pid);
		return failsAtTheEnd(event);
	}, { observe(request, response) {
		response.statusMessage = `see ${withUser("http://h/", "Reason")}`;
		response.setHeader("Location", withUser("http://h/", "Location"));
		return false;
	} });
	const fallback = await startReceiver(() => 503);
	const outputs = scratchFolder();
	for (const more of [["--verbose"], ["--format", "json"], []]) {
		const kinds = ["junit", "json", "html", "markdown"].flatMap((kind) => ["--report", `${kind}=${path.join(outputs, `${kind}${more.length}`)}`]);
		words = undefined;
		playing = start(["run", scenarioFile(fallback), "-f", withUser(receiver.url, "Callback"), ...secretWords, ...kinds, ...more],
			{ GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: path.join(outputs, `summary${more.length}`) });
		const code = await within(playing.exited, () => "run did not end");
		assert.equal(code, 1, playing.stderr());
		assertNowhere({ ...textsIn(outputs), stdout: playing.stdout(), stderr: playing.stderr(), words });
		assert.match(words, /--secret\0\*+\0/);
	}
	assert.equal(receiver.requests[0].headers["authorization-copy"], plant("Header"), "and it was sent");
	await receiver.stop();
	await fallback.stop();
});

for (const [how, status, handle, code] of [["as it should", 202, () => 200, 0], ["and fails later", 202, failsAtTheEnd, 1], ["with an error", 500, () => 200, 1]]) {
	test(`secrets: run shows none of a kick's URL that the application answers ${how}`, async () => {
		const application = await startApplication(status, handle);
		const shown = {};
		for (const [name, begin, more] of [
			["url", application.start, ["--verbose"]], ["json", application.start, ["--format", "json"]],
			["variable", { kick: { ...application.start.kick, url: "${where}" } }, ["--verbose", "-e", `where=${application.kickUrl}`]],
		]) {
			const outputs = scratchFolder();
			const ended = await run(["run", scenarioFile(null, { start: begin, vars: { to: "+19195559907", where: "" } }), "-f", withUser(application.url, "Callback"),
				...secretWords, ...reportsTo(outputs, ["junit", "json", "html", "markdown"]), ...more]);
			assert.equal(ended.code, code, ended.stdout + ended.stderr);
			Object.entries({ ...textsIn(outputs), stdout: ended.stdout, stderr: ended.stderr }).forEach(([where, text]) => (shown[`${name} ${where}`] = text));
		}
		assert.deepEqual(application.kicks, [kickedBy, kickedBy, kickedBy], "and it was sent");
		assert.match(shown["json html"], /POST http:\/\/\*\*\*@127\.0\.0\.1:\d+\/dial/);
		assertNowhere(shown);
		await application.stop();
	});
}

test("secrets: of headers that a scenario asks about run does not show the values of credentials", async () => {
	const outputs = scratchFolder();
	const file = path.join(scratchFolder(), "asks.json");
	fs.writeFileSync(file, JSON.stringify({ version: 1, name: "asks", steps: [{ send: "answer" }, { await: {
		id: "say", command: "audio", within: "20s",
		match: { headers: { "x-run": "7", authorization: { matches: "^Bearer" }, cookie: { absent: true }, "x-api-key": { contains: "z" } } },
	} }] }));
	const receiver = `
		require("node:http").createServer((request, response) => {
			let text = "";
			request.on("data", (bytes) => (text += bytes)).on("end", async () => {
				const event = JSON.parse(text);
				if (event.eventType === "answer") {
					await fetch(process.env.RINGBACK_URL + "/v1/users/" + process.env.RINGBACK_USER_ID + "/calls/" + event.callId + "/audio", {
						method: "POST", body: '{"sentence":"x"}', headers: JSON.parse(process.env.HEADERS),
					});
				}
				response.end();
			});
		}).listen(Number(process.env.PORT), "127.0.0.1");`;
	const headers = JSON.stringify({
		"Content-Type": "application/json", Cookie: `s=${plant("Cookie")}`, "X-Api-Key": plant("Key"),
		Authorization: "Basic " + Buffer.from(`t:${plant("Basic")}`).toString("base64"),
	});
	const kinds = ["junit", "json", "html", "markdown"].flatMap((kind) => ["--report", `${kind}=${path.join(outputs, kind)}`]);
	const { code, stdout, stderr } = await run(["run", file, ...kinds, "--", process.execPath, "-e", receiver], { HEADERS: headers });
	assert.equal(code, 1, stdout + stderr);
	assert.match(stdout, /headers\.cookie +\S+ expected another value, got one that is not shown/);
	assertNowhere({ ...textsIn(outputs), stdout, stderr });
});

const loadReports = ["json", "html", "csv", "junit", "md", "prometheus", "hlog"];

test("secrets: load shows none in any report, nor do report and compare of them", async () => {
	const receiver = await startReceiver(failsAtTheEnd);
	const outputs = scratchFolder();
	const { code, stdout, stderr } = await run([
		"load", scenarioFile(receiver), "--calls", "20", "--rate", "100/1s", "-f", withUser(receiver.url, "Callback"),
		"--threshold", "calls.failed:rate<1%", ...secretWords, ...reportsTo(outputs, loadReports),
	]);
	assert.ok([1, 98, 99].includes(code), `${code} ${stderr}`);
	const shown = { ...textsIn(outputs), stdout, stderr };
	const result = path.join(outputs, "json");
	for (const words of [["report", result], ["compare", result, result]]) {
		for (const format of ["text", "json"]) {
			const again = await run([...words, "--format", format]);
			assert.notEqual(again.stdout, "", again.stderr);
			shown[`${words[0]} ${format}`] = again.stdout + again.stderr;
		}
	}
	assertNowhere(shown);
	await receiver.stop();
});

for (const [how, status] of [["as it should", 202], ["with an error", 500]]) {
	test(`secrets: load of kicks that are answered ${how} shows none, nor what Prometheus scrapes while it runs`, async () => {
		const application = await startApplication(status, failsAtTheEnd);
		const outputs = scratchFolder();
		const trace = path.join(scratchFolder(), "trace");
		fs.writeFileSync(trace, "0\n0.01\n0.02\n600\n");
		const loading = start(["load", scenarioFile(application, { start: application.start }), "--arrivals", `trace=${trace}`, "-f", withUser(application.url, "Callback"),
			...secretWords, ...reportsTo(outputs, loadReports)]);
		const api = await within(application.api, loading.stderr);
		const shown = {};
		await until(async () => {
			shown.metrics = (await send("GET", `${api}/metrics`)).text;
			return /^ringback_load_calls_failed_total 3$/m.test(shown.metrics);
		}, () => shown.metrics);
		const again = await send("GET", `${api}/__admin/metrics`);
		assert.equal(again.status, 200);
		shown["admin metrics"] = again.text;
		loading.child.kill("SIGINT");
		await within(loading.exited, loading.stderr);
		assert.ok(application.kicks.length >= 3 && application.kicks.every((one) => one === kickedBy), "and it was sent");
		Object.assign(shown, textsIn(outputs), { stdout: loading.stdout(), stderr: loading.stderr() });
		assert.match(shown.html, status === 202 ? /hangup/ : /POST http:\/\/\*\*\*@127\.0\.0\.1:\d+\/dial/);
		assertNowhere(shown);
		await application.stop();
	});
}

test("secrets: a worker shows none, nor does its master of what it is told, nor the process list", async () => {
	const port = await freePort();
	const application = await startApplication(500, failsAtTheEnd);
	const vars = { to: "+19195559907", where: "" };
	const files = [scenarioFile(application, { vars }), scenarioFile(null, { name: "kicked", vars, start: { kick: { ...application.start.kick, url: "${where}" } } })];
	const master = startHeadless(port, 2, {}, 1);
	const worker = startLines(process.env.RINGBACK_BIN, ["worker", "--locust-master", `127.0.0.1:${port}`, ...files, "--var", `where=${application.kickUrl}`,
		"-f", withUser(application.url, "Callback"), ...secretWords], signing);
	await worker.seen((lines) => /FAIL secretive/.test(lines.join("\n")) && /FAIL kicked/.test(lines.join("\n")));
	const words = wordsOf(worker.child.pid);
	master.end();
	assert.equal(await master.ended(), 1, master.all());  // Locust's own status for a run with failures
	assert.equal(await worker.ended(), 0, worker.all());
	assert.ok(application.kicks.length > 0 && application.kicks.every((one) => one === kickedBy), "and it was sent");
	assert.match(words, /--var\0\*+\0/);
	assert.deepEqual(["CALL secretive", "CALL kicked"].filter((name) => failuresOf(master.table("stats"), name) === 0), []);
	assertNowhere({ ...textsIn(master.folder), master: master.lines.join("\n"), worker: worker.lines.join("\n"), words });
	await application.stop();
});

test("secrets: a probe shows none, nor is one in the order that it keeps", async () => {
	const authorization = { Authorization: "Basic " + Buffer.from(`${token}:${plant("Secret")}`).toString("base64") };
	const begun = new Set();
	let api;
	// Of a sentence that ends before it begins it never hangs up.
	const receiver = await startReceiver(async ({ eventType, status, callId, tag }) => {
		const ask = (below, body) => send("POST", `${api}/v1/users/u-ringback/calls/${callId}${below}`, body, authorization);
		if (eventType === "answer") api = tag;
		if (eventType === "answer") await ask("/audio", { sentence: "x" });
		if (status === "started") begun.add(callId);
		if (status === "done" && begun.has(callId)) await ask("", { state: "completed" });
		return 200;
	});
	const file = scenarioFile(null, { start: { call: { tag: "${api}" } }, model: {}, steps: [
		{ send: "answer" }, { await: { command: "audio" } }, { send: "speak.started" }, { send: "speak.done" }, { await: { command: "update" } }, { send: "hangup" },
	] });
	const outputs = scratchFolder();
	const { code, stdout, stderr } = await run(["run", file, "--probe", "reorder", "--budget", "4", "-f", withUser(receiver.url, "Callback"),
		...secretWords, ...reportsTo(outputs, ["junit", "json", "html", "markdown"])]);
	assert.equal(code, 1, stdout + stderr);
	const order = fs.readFileSync(file.replace(".json", ".reorder.json"), "utf8");
	assert.match(order, /"reorder"/);
	assertNowhere({ ...textsIn(outputs), stdout, stderr, order });
	await receiver.stop();
});

test("secrets: record writes none into its scenarios, and says none, nor does replay of them", async () => {
	const receiver = await startReceiver();
	const account = { RINGBACK_USER_ID: "u-node", RINGBACK_TOKEN: token, RINGBACK_SECRET: plant("Secret") };
	const fake = await startFake(["--journal", path.join(scratchFolder(), "j")], account);
	const outputs = scratchFolder();
	const recording = start(["record", "--out", path.join(outputs, "taped.json"), "--calls", "1", "--upstream", fake.api, "--callback-url", new URL(receiver.url).origin], account);
	const ready = JSON.parse(await within(recording.firstLine, () => `no ready line: ${recording.stderr()}`));
	const authorization = { Authorization: "Basic " + Buffer.from(`${token}:${plant("Secret")}`).toString("base64") };
	const made = await send("POST", `${ready.url}/v1/users/u-node/calls`, {
		from: "+19195550123", to: "+19195559907", callbackUrl: withUser(`${ready.receiver}/`, "Callback"), fallbackUrl: withUser(receiver.url, "Fallback"), tag: "taped",
	}, authorization);
	assert.equal(made.status, 201, made.text);
	const code = await within(recording.exited, () => `record did not end: ${recording.stderr()}`);
	assert.equal(code, 0, recording.stderr());
	const shown = { ...textsIn(outputs), stdout: recording.stdout(), stderr: recording.stderr(), answer: made.text };
	for (const more of [["--check"], ["--verbose", "--report", `html=${path.join(outputs, "html")}`]]) {
		const again = await run(["replay", path.join(outputs, "taped.json"), "-f", withUser(receiver.url, "Again"), ...secretWords, ...more]);
		assert.ok([0, 1].includes(again.code), again.stderr);
		shown[`replay ${more[0]}`] = again.stdout + again.stderr;
	}
	assertNowhere({ ...shown, ...textsIn(outputs) });
	await fake.stop();
	await receiver.stop();
});

test("secrets: of an address that may not stand where it does none is shown", async () => {
	const receiver = await startReceiver();
	const foreign = withUser("http://h:1/x", "Foreign");
	const bare = `me:${plant("Bare")}@h`;
	const kicking = (url) => scenarioFile(null, { start: { kick: { url } } });
	const waiting = (waitFor) => scenarioFile(null, { waitFor, start: { call: {} } });
	const shown = {};
	for (const words of [
		...["run", "load"].flatMap((command) => [
			[command, kicking(withUser("ftp://h/", "Scheme"))], [command, kicking(bare)], [command, kicking(`http://me:${plant("Raw")}@127.0.0.1/`)],
			[command, waiting(withUser("http://127.0.0.1:1/", "Wait"))], [command, waiting(withUser("ftp://h/", "Scheme"))], [command, waiting(`${bare}:1`)], [command, waiting(bare)],
			[command, waiting([foreign])],
			...[foreign, bare].flatMap((address) => [[command, "busy", "--wait-for", address], [command, "busy", "--allow-target", address]]),
		]).map((words) => [...words, "-f", receiver.url, ...(words[0] === "load" ? ["--rate", "1/1s", "--calls", "1"] : [])]),
		["run", kicking("${where}"), "-e", `where=${withUser("ftp://h/", "Var")}`, "-f", receiver.url],
		["run", waiting("${where}"), "-e", `where=${foreign}`, "-f", receiver.url],
		["run", kicking(foreign), "--override", "start.kick.url.x=1", "-f", receiver.url], ["run", "busy", "--override", foreign, "-f", receiver.url],
		["scenarios", "validate", kicking(withUser("ftp://h/", "Scheme"))],
		...[foreign, bare].flatMap((address) => [
			["serve", "--allow-target", address], ["record", "--out", "/nonexistent/x", "--upstream", address, "-f", receiver.url],
			["wait", address],
		]),
		...[foreign, bare].map((address) => ["worker", "busy", "--locust-master", address, "-f", receiver.url]),
		["run", "busy", "-f", bare], ["serve", "--bind-address", foreign],
		["serve", foreign], ["serve", "--port", foreign], ["serve", "--port", bare], ["serve", "--port", `http://me:with a ${plant("Space")}@h/`],
		...[254, 255, 256, 257, 258].map((at) => ["run", `${"http://me:".padStart(at - 60, "x")}${plant("Cut").padEnd(60, "x")}@h/`, "-f", receiver.url]),
		["serve", "--cacert", foreign], ["report", foreign], [foreign],
	]) {
		const { stdout, stderr } = await run(words);
		assert.notEqual(stdout + stderr, "", words.join(" "));
		shown[words.slice(0, 3).join(" ") + Object.keys(shown).length] = stdout + stderr;
	}
	assertNowhere(shown);
	await receiver.stop();
});

test("secrets: call, trigger and wait show none, nor do their refusals", async () => {
	const receiver = await startReceiver(() => 500);
	const url = withUser(receiver.url, "Callback");
	const shown = {};
	for (const words of [
		["call", "-f", url, "--to", "+19195559907", "--timeout", "20s"], ["call", "-f", url, "--to", "+19195559907", "--format", "json"],
		["call", "-f", withUser("ftp://h/", "Ftp")], ["call", "-f", `http://me:${plant("Raw")}@127.0.0.1/`],
		["trigger", "answer", "-f", url, ...secretWords.slice(4)], ["trigger", "answer", "-f", withUser("http://192.0.2.1/", "Foreign")],
		["trigger", "answer", "-f", url, "-H", `Authorization ${plant("Colon")}`], ["serve", "-H", `Bad Name: ${plant("Name")}`],
		["serve", "--user-id", "u", "--token", plant("Lonely")], ["serve", `--secrett=${plant("Typo")}`], ["serve", "--tokken", plant("Typo")],
		["serve", "--port", "0", "--bind-address", "0.0.0.0", "--admin-token", plant("Admin")],
		["run", "busy", "-f", `http://me:${escaped("NoHost")}@`], ["load", "busy", "--rate", "1/1s", "--calls", "1", "-f", withUser("http://192.0.2.1/", "Foreign")],
		["record", "--out", "/nonexistent/x", "--upstream", withUser("http://127.0.0.1:1", "Upstream"), "-f", url],
		["wait", withUser("http://127.0.0.1:1", "Wait")], ["wait", "http://127.0.0.1:1", "--admin-token", plant("Admin")],
	]) {
		const { stdout, stderr } = await run(words);
		shown[words.slice(0, 2).join(" ") + Object.keys(shown).length] = stdout + stderr;
	}
	assertNowhere(shown);
	await receiver.stop();
});

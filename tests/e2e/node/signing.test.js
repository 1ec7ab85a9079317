"use strict";
// Signed callbacks (Standard Webhooks), verified by node's own crypto; faults of signing; `ringback sign`.

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { faultFile, pressed, presser, pressing } = require("./fault_file");
const { admin, conversation, foundingEvents, isHangup, run, scratchFolder, send, short, startFake, startReceiver, test,
	voice } = require("./harness");

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";  // the specification's
const other = "whsec_" + Buffer.alloc(32, 7).toString("base64");
const keyOf = (text) => Buffer.from(text.slice("whsec_".length), "base64");

/** A file with these secrets. */
function secretFile(...secrets) {
	const file = path.join(scratchFolder(), "secrets");
	fs.writeFileSync(file, secrets.join("\n") + "\n", { mode: 0o600 });
	return file;
}

/** What is signed of a request as it came: the body, or the query of a GET. */
const payloadOf = ({ method, url, body }) => (method === "GET" ? url.slice(url.indexOf("?") + 1) : body);

const signature = (text, key) => "v1," + crypto.createHmac("sha256", key).update(text).digest("base64");

/** Why a receiver that does as the specification says refuses it; undefined: it takes it. */
function refusal(request, key = keyOf(secret)) {
	const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = request.headers;
	if (!id || !timestamp || !signatures) return "unsigned";
	if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return "stale";
	const expected = signature(`${id}.${timestamp}.${payloadOf(request)}`, key);
	return signatures.split(" ").includes(expected) ? undefined : "wrong";
}

for (const method of ["POST", "GET"]) {
	test(`serve: with a secret every callback by ${method} is signed, each event with an id of its own`, async () => {
		const fake = await startFake([], { RINGBACK_SIGNING_SECRET: secret });
		const api = voice(fake);
		const receiver = await startReceiver(conversation(api));

		await api.create({ callbackUrl: `${receiver.url}?mine=%201`, callbackHttpMethod: method });
		await receiver.event(isHangup);

		assert.deepEqual(receiver.events.map(short), foundingEvents);
		assert.deepEqual(receiver.requests.map((request) => refusal(request)), Array(4).fill(undefined));
		assert.equal(new Set(receiver.requests.map(({ headers }) => headers["webhook-id"])).size, 4);
		await receiver.stop();
		assert.equal(await fake.stop(), 0);
	});
}

test("serve: retries and the fallback carry the event's id, and a signature that holds", async () => {
	const fake = await startFake(["--retries", "2", "--signing-secret-file", secretFile(secret)]);
	const api = voice(fake);
	const receiver = await startReceiver((event) => (event.eventType === "answer" ? 500 : 200));
	const fallback = await startReceiver();

	await api.create({ callbackUrl: receiver.url, fallbackUrl: fallback.url });
	await fallback.event((event) => event.eventType === "answer");

	const tries = [...receiver.requests, ...fallback.requests].filter(({ body }) => JSON.parse(body).eventType === "answer");
	assert.equal(tries.length, 4);
	assert.equal(new Set(tries.map(({ headers }) => headers["webhook-id"])).size, 1);
	assert.deepEqual(tries.map((request) => refusal(request)), Array(4).fill(undefined));
	await receiver.stop();
	await fallback.stop();
	assert.equal(await fake.stop(), 0);
});

test("serve: of two secrets each signs, so that a receiver may change from one to the other", async () => {
	const fake = await startFake(["--signing-secret-file", secretFile("# the new one", other, secret)]);
	const api = voice(fake);
	const receiver = await startReceiver();

	const call = await api.create({ callbackUrl: receiver.url });
	await receiver.event((event) => event.eventType === "answer");
	await api.hangUp(call);
	await receiver.event(isHangup);

	for (const request of receiver.requests) {
		assert.equal(request.headers["webhook-signature"].split(" ").length, 2);
		assert.deepEqual([refusal(request), refusal(request, keyOf(other))], [undefined, undefined]);
	}
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("serve: without a secret nothing says webhook-", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const receiver = await startReceiver(conversation(api));

	await api.create({ callbackUrl: receiver.url });
	await receiver.event(isHangup);

	assert.deepEqual(receiver.requests.flatMap(({ headers }) => Object.keys(headers)).filter((name) => name.startsWith("webhook-")), []);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("trigger: --sign-fault is what a receiver has to refuse, by POST and by GET", async () => {
	const seen = [];
	const receiver = await startReceiver((event, request) => {
		const why = refusal({ ...receiver.requests.at(-1), headers: request.headers });
		seen.push(why);
		return why ? 401 : 204;
	});
	for (const method of ["POST", "GET"]) {
		const faults = { "": undefined, "wrong-key": "wrong", "changed-body": "wrong", "stale-timestamp": "stale", missing: "unsigned" };
		for (const [fault, why] of Object.entries(faults)) {
			const flags = fault ? ["--sign-fault", fault] : [];

			const { code, stdout, stderr } = await run(["trigger", "answer", "-f", receiver.url, "--method", method, ...flags],
				{ RINGBACK_SIGNING_SECRET: secret });

			assert.equal(seen.pop(), why, `${method} ${fault}`);
			assert.equal(code, why ? 1 : 0, stdout + stderr);
		}
	}
	const stale = receiver.requests.find(({ headers }) => headers["webhook-timestamp"] < Date.now() / 1000 - 300);
	const { "webhook-id": id, "webhook-timestamp": timestamp } = stale.headers;
	assert.equal(stale.headers["webhook-signature"], signature(`${id}.${timestamp}.${payloadOf(stale)}`, keyOf(secret)));
	await receiver.stop();
});

for (const method of ["POST", "GET"]) {
	test(`serve: a receiver that verifies refuses by ${method} what the faults of signing have struck, and nothing else of the call`, async () => {
		const faults = ["wrong-key", "stale-timestamp", "changed-body", "missing"];
		const rules = faults.map((signature_, at) => ({ signature: signature_, on: "dtmf", nth: at + 1 }));
		const fake = await startFake([...pressing, "--faults", faultFile(...rules)], { RINGBACK_SIGNING_SECRET: secret });
		const refused = [];
		const receiver = await startReceiver((event, request) => {
			const why = refusal({ ...receiver.requests.at(-1), headers: request.headers });
			refused.push(why);
			return why ? 401 : 204;
		});

		await voice(fake).create({ to: presser, callbackUrl: receiver.url, callbackHttpMethod: method });
		await admin(fake, "GET", "/wait?for=idle&timeout=50s");

		assert.deepEqual(receiver.events.map(short), pressed);
		assert.deepEqual(refused, [undefined, "wrong", "stale", "wrong", "unsigned", undefined, undefined]);
		const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": given } = receiver.requests[2].headers;
		assert.equal(given, signature(`${id}.${timestamp}.${payloadOf(receiver.requests[2])}`, keyOf(secret)));
		assert.ok(Number(timestamp) < Date.now() / 1000 - 300);
		assert.deepEqual(Object.keys(receiver.requests[4].headers).filter((name) => name.startsWith("webhook-")), []);
		const journal = await admin(fake, "GET", "/journal");
		const texts = journal.filter(({ kind }) => kind === "fault").map(({ fault, rule, text }) => [fault, rule, text]);
		assert.deepEqual(texts, ["signed with another key", "signed long ago", "changed after it was signed", "not signed"]
			.map((text, at) => ["signature", at + 1, text]));
		assert.deepEqual(journal.filter(({ kind }) => kind === "attempt").map(({ status }) => status), [204, 401, 401, 401, 401, 204, 204]);
		await receiver.stop();
		assert.equal(await fake.stop(), 0);
	});
}

test("trigger: a fault without a secret, or one that is none, is bad usage", async () => {
	const bare = await run(["trigger", "answer", "-f", "http://127.0.0.1:9/", "--sign-fault", "wrong-key"]);
	const unknown = await run(["trigger", "answer", "-f", "http://127.0.0.1:9/", "--sign-fault", "wrong_key"], { RINGBACK_SIGNING_SECRET: secret });

	assert.deepEqual([bare.code, unknown.code], [2, 2]);
	assert.match(bare.stderr, /--sign-fault: expected together with --signing-secret-file, or with RINGBACK_SIGNING_SECRET/);
	assert.match(unknown.stderr, /--sign-fault: expected wrong-key, stale-timestamp, changed-body or missing, found "wrong_key"/);
});

test("run: the receiver is told the secret in its environment, and verifies every callback with it", async () => {
	const program = path.join(scratchFolder(), "receiver.js");
	fs.writeFileSync(program, `
		const crypto = require("node:crypto");
		require("node:http").createServer(async (request, response) => {
			const body = (await request.toArray()).join("");
			const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": given } = request.headers;
			const key = Buffer.from(process.env.RINGBACK_SIGNING_SECRET.slice(6), "base64");
			const right = "v1," + crypto.createHmac("sha256", key).update([id, at, body].join(".")).digest("base64");
			response.writeHead(given === right ? 200 : 401).end();
		}).listen(process.env.PORT, "127.0.0.1");`);
	const from = [[["--signing-secret-file", secretFile(secret)], {}], [[], { RINGBACK_SIGNING_SECRET: secret }]];
	for (const [flags, env] of from) {
		const { code, stdout, stderr } = await run(["run", "busy", ...flags, "--", process.execPath, program], env);

		assert.equal(code, 0, stdout + stderr);
	}
});

test("call: its callbacks are signed, by a secret in a file or in the environment", async () => {
	const from = [[["--signing-secret-file", secretFile(secret)], {}], [[], { RINGBACK_SIGNING_SECRET: secret }]];
	for (const [flags, env] of from) {
		const receiver = await startReceiver();

		const { code, stdout, stderr } = await run(["call", "--to", "+19195559901", "--callback-url", receiver.url, ...flags], env);

		assert.equal(code, 0, stdout + stderr);
		assert.deepEqual(receiver.requests.map((request) => refusal(request)), [undefined]);
		assert.equal((stdout + stderr).includes(secret.slice(6)), false);
		await receiver.stop();
	}
});

test("call --api: a secret file is refused, because whoever serves there signs; one in the environment is let be", async () => {
	const fake = await startFake([], { RINGBACK_SIGNING_SECRET: other });
	const receiver = await startReceiver();
	const words = ["call", "--to", "+19195559901", "--api", fake.api, "--callback-url", receiver.url];

	const refused = await run([...words, "--signing-secret-file", secretFile(secret)]);
	const placed = await run(words, { RINGBACK_SIGNING_SECRET: secret });

	assert.equal(refused.code, 2);
	assert.match(refused.stderr, /--signing-secret-file: expected without --api/);
	assert.equal(placed.code, 0, placed.stdout + placed.stderr);
	assert.deepEqual(receiver.requests.map((request) => refusal(request, keyOf(other))), [undefined]);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("load: every callback is signed, over all loops", async () => {
	const receiver = await startReceiver();

	const { code, stdout, stderr } = await run(["load", "busy", "--rate", "20/1s", "--calls", "10", "--workers", "2",
		"-f", receiver.url.replace("/cb", "")], { RINGBACK_SIGNING_SECRET: secret });

	assert.ok(code === 0 || code === 98, stdout + stderr);
	assert.equal(receiver.requests.length, 10);
	assert.deepEqual(receiver.requests.map((request) => refusal(request)), Array(10).fill(undefined));
	assert.equal(new Set(receiver.requests.map(({ headers }) => headers["webhook-id"])).size, 10);
	await receiver.stop();
});

test("secrets are nowhere to be seen: outputs, journal, reports, admin plane, process list", async () => {
	const words = [secret, secret.slice(6), other, other.slice(6), keyOf(secret).toString("hex"), keyOf(other).toString("latin1")];
	const clean = (text, where) => {
		for (const word of words) assert.equal(text.includes(word), false, `a secret in ${where}`);
	};
	const folder = scratchFolder();
	const at = (name) => path.join(folder, name);
	const file = secretFile(other, secret);
	const fake = await startFake(["--verbose", "--journal", at("journal"), "--signing-secret-file", file]);
	const api = voice(fake);
	const receiver = await startReceiver((event) => (event.eventType === "answer" ? 500 : 200));
	await api.create({ callbackUrl: receiver.url });
	await receiver.event((event) => event.eventType === "answer");
	clean(fs.readFileSync(`/proc/${fake.pid}/cmdline`, "latin1"), "its command line");
	for (const route of ["journal", "calls", "ready", "openapi.json"]) {
		clean((await send("GET", `${fake.admin}/${route}`)).text, route);
	}
	assert.equal(await fake.stop(), 0);
	clean(fake.stdout() + fake.stderr(), "what serve says");
	clean(fs.readFileSync(at("journal"), "latin1"), "the journal");

	const reports = ["junit", "json", "html", "markdown"].flatMap((kind) => ["--report", `${kind}=${at(kind)}`]);
	const played = await run(["run", "busy", "-f", receiver.url, "--verbose", ...reports, "--signing-secret-file", file]);
	const json = await run(["run", "dial-refused", "-f", receiver.url, "--format", "json"], { RINGBACK_SIGNING_SECRET: `${secret} ${other}` });
	const triggered = await run(["trigger", "answer", "-f", receiver.url, "--format", "json", "--signing-secret-file", file]);
	const wrong = await run(["serve"], { RINGBACK_SIGNING_SECRET: `${secret}x` });
	const asFlag = await run(["serve", "--signing-secret-file", secret]);
	for (const { stdout, stderr } of [played, json, triggered, wrong, asFlag]) clean(stdout + stderr, stdout + stderr);
	for (const kind of ["junit", "json", "html", "markdown"]) clean(fs.readFileSync(at(kind), "latin1"), kind);
	assert.deepEqual([wrong.code, asFlag.code], [2, 2]);
	await receiver.stop();
});

test("run: what plays a failure again names the file of the secrets", async () => {
	const receiver = await startReceiver(() => 500);
	const file = secretFile(secret);

	const { code, stdout } = await run(["run", "busy", "-f", receiver.url.replace("/cb", ""), "--signing-secret-file", file]);

	assert.equal(code, 1);
	assert.match(stdout, new RegExp(`again: ringback run \\S*busy .*--signing-secret-file ${file} `));
	await receiver.stop();
});

// --- ringback sign

const vector = {
	body: '{"test": 2432232314}',
	words: ["--id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "--timestamp", "1614265330"],
	signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};

/** `ringback sign` with the body on its standard input. */
function sign(body, words, env = { RINGBACK_SIGNING_SECRET: secret }) {
	const { status, stdout, stderr } = spawnSync(process.env.RINGBACK_BIN, ["sign", ...words],
		{ input: body, encoding: "utf8", env: { PATH: process.env.PATH, ...env } });
	return { status, stdout, stderr };
}

test("sign: prints the headers of the specification's example, from a file and from standard input", () => {
	const file = path.join(scratchFolder(), "body.json");
	fs.writeFileSync(file, vector.body);
	const expected = `webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\nwebhook-timestamp: 1614265330\nwebhook-signature: ${vector.signature}\n`;

	assert.deepEqual(sign(vector.body, vector.words), { status: 0, stdout: expected, stderr: "" });
	assert.equal(sign(vector.body, ["-", ...vector.words]).stdout, expected);
	assert.equal(sign("", [file, ...vector.words]).stdout, expected);
	assert.equal(sign("", [file, ...vector.words, "--signing-secret-file", secretFile(secret)], {}).stdout, expected);
	assert.equal(sign("", [file, ...vector.words], { RINGBACK_SIGNING_SECRET: `${other} ${secret}` }).stdout.split(" ").length, 5);
});

test("sign: what it prints for now is verified, and refused for anything else", () => {
	const { stdout } = sign("a body", []);
	const [, id, timestamp, given] = stdout.match(/^webhook-id: (msg_\w+)\nwebhook-timestamp: (\d+)\nwebhook-signature: (v1,\S+)\n$/);
	const verify = (body, changes = {}, env = undefined) => {
		const all = { "--id": id, "--timestamp": timestamp, "--signature": given, ...changes };
		return sign(body, ["--verify", ...Object.entries(all).flat()], env);
	};

	assert.deepEqual(verify("a body"), { status: 0, stdout: "verified\n", stderr: "" });
	assert.equal(verify("a body", { "--signature": `v1,AAAA ${given}` }).status, 0);
	assert.equal(verify("a body", {}, { RINGBACK_SIGNING_SECRET: `${other} ${secret}` }).status, 0);
	for (const [body, changes, env, words] of [
		["another", {}, undefined, /the signature is not that of this body, id and timestamp with this secret/],
		["a body", { "--id": "msg_x" }, undefined, /the signature is not that/],
		["a body", {}, { RINGBACK_SIGNING_SECRET: other }, /the signature is not that/],
		["a body\n", {}, undefined, /the signature is that of the body without the newline at its end/],
		["a body", { "--signature": given.slice(3) }, undefined, /there is no v1 signature in what came/],
	]) {
		const refused = verify(body, changes, env);
		assert.equal(refused.status, 1);
		assert.equal(refused.stdout, "");
		assert.match(refused.stderr, words);
	}
});

test("sign: a right signature that is too old is refused, unless as much is allowed", () => {
	const words = [...vector.words, "--verify", "--signature", vector.signature];

	const old = sign(vector.body, words);

	assert.equal(old.status, 1);
	assert.match(old.stderr, /the signature is right, but the timestamp is \d+h\S* old, and 5m is allowed/);
	const now = sign("x", ["--timestamp", String(Math.floor(Date.now() / 1000) - 3600), "--id", "msg_1"]);
	const given = now.stdout.match(/v1,\S+/)[0];
	const hourOld = ["--timestamp", now.stdout.match(/timestamp: (\d+)/)[1], "--id", "msg_1", "--verify", "--signature", given];
	assert.equal(sign("x", hourOld).status, 1);
	assert.equal(sign("x", [...hourOld, "--tolerance", "2h"]).status, 0);
});

test("sign: bad usage ends with 2", () => {
	const cases = [
		[sign("x", [], {}), /--signing-secret-file: expected a file with the secret, or RINGBACK_SIGNING_SECRET/],
		[sign("x", ["--verify"]), /--verify: expected together with --id, --timestamp and --signature/],
		[sign("x", ["--signature", "v1,x"]), /--signature: expected together with --verify/],
		[sign("x", ["/nowhere/body"]), /\/nowhere\/body: cannot be read: No such file or directory/],
		[sign("x", ["/"]), /\/: cannot be read: Is a directory/],
		[sign("x", ["--timestamp", "soon"]), /--timestamp: expected a whole number/],
	];
	for (const [{ status, stderr }, words] of cases) {
		assert.match(stderr, words);
		assert.equal(status, 2);
	}
});

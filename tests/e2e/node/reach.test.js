"use strict";
// Who can reach a fake: where it listens, what it takes to listen elsewhere, who may ask its admin plane.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { run, scratchFolder, startReceiver, startServing, test, voice } = require("./harness");
const { get, user } = require("./malformed");
const { exchange } = require("./raw");

/** The addresses, as the kernel writes them, on which a process listens for TCP: of IPv4 and of IPv6. */
function listening(pid) {
	const own = new Set(fs.readdirSync(`/proc/${pid}/fd`).map((fd) => {
		try {
			return /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
		} catch {
			return undefined;  // closed meanwhile
		}
	}));
	const rows = ["tcp", "tcp6"].flatMap((table) => fs.readFileSync(`/proc/${pid}/net/${table}`, "utf8").trim().split("\n").slice(1));
	return rows.map((row) => row.trim().split(/\s+/)).filter(([, , , state, , , , , , inode]) => state === "0A" && own.has(inode))
		.map(([, local]) => local.split(":")[0]);
}

const loopback = "0100007F";

test("reach: without being told otherwise it listens on 127.0.0.1 and nowhere else", async () => {
	const fake = await startServing(["--port", "0", "--admin-port", "0", "--quiet"]);
	assert.deepEqual(listening(fake.pid), [loopback, loopback]);
	assert.equal(await fake.stop(), 0);
});

test("reach: an address that others can reach needs accounts, is warned of, and closes the admin plane to who has no token", async () => {
	const bare = await run(["serve", "--port", "0", "--bind-address", "0.0.0.0"]);
	assert.equal(bare.code, 2);
	assert.match(bare.stderr, /^ringback: --bind-address: 0\.0\.0\.0 can be reached from outside, which needs accounts/);

	const file = path.join(scratchFolder(), "ready.json");
	const account = { RINGBACK_USER_ID: "u-corpus", RINGBACK_TOKEN: "t-corpus", RINGBACK_SECRET: "s-corpus" };
	const fake = await startServing(["--port", "0", "--bind-address", "0.0.0.0", "--ready-file", file], account);
	assert.deepEqual(listening(fake.pid), ["00000000"]);
	assert.match(fake.stderr(), /listening on 0\.0\.0\.0: other machines can reach this/);
	const { adminToken } = JSON.parse(fake.readyLine);
	assert.match(adminToken, /^[0-9a-f]{32}$/);
	assert.equal(fs.statSync(file).mode & 0o077, 0, "nobody else can read the token in the ready file");

	const port = Number(new URL(fake.api).port);
	const admin = async (what, fields = [], host = "127.0.0.1") => {
		const { answers } = await exchange(port, Buffer.from([`GET /__admin/${what} HTTP/1.1`, `Host: ${host}`, ...fields, "", ""].join("\r\n")));
		return answers[0].status;
	};
	const bearer = (token) => [`Authorization: Bearer ${token}`];
	assert.equal(await admin("live"), 200);
	for (const what of ["journal", "calls", "stats", "openapi.json", "events", "nothing"]) {
		assert.equal(await admin(what), 401, what);
		assert.equal(await admin(what, bearer(adminToken.slice(1))), 401, what);
		assert.equal(await admin(what, [...bearer(adminToken), ...bearer(adminToken)]), 401, what);
		assert.equal(await admin(what, bearer(adminToken), "rebound.example"), 421, what);
		assert.equal(await admin(what, [...bearer(adminToken), "Origin: http://rebound.example"]), 403, what);
	}
	assert.equal(await admin("journal", bearer(adminToken)), 200);
	const { answers: [own] } = await exchange(port, get(`${user}/account`));
	assert.equal(own.status, 200, "accounts ask by their own credentials");
	assert.equal(await fake.stop(), 0);
});

test("reach: a port of ringback's own is not called at any address of this machine, whatever is allowed", async (t) => {
	const addresses = Object.values(os.networkInterfaces()).flat().filter(({ address, internal }) => !internal && !/^fe80:/i.test(address))
		.map(({ address }) => address.includes(":") ? `[${address}]` : address);
	if (addresses.length === 0) return t.skip("this machine has loopback addresses only");
	const account = { RINGBACK_USER_ID: "u-node", RINGBACK_TOKEN: "t-token", RINGBACK_SECRET: "s-secret" };
	const fake = await startServing(["--port", "0", "--bind-address", "0.0.0.0", "--quiet", "--allow-target", "0.0.0.0/0", "--allow-target", "::/0"], account);
	const port = Number(new URL(fake.api).port);
	const create = async (callbackUrl) => {
		const { status, json } = await voice(fake).ask("POST", "/calls", { from: "+19195550123", to: "+19195559907", callbackUrl });
		return [status, json?.code, json?.message];
	};
	for (const address of addresses) {
		const [status, code, message] = await create(`http://${address}:${port}/cb`);
		assert.deepEqual([address, status, code], [address, 400, "callback-invalid-url"]);
		assert.match(message, /ringback itself listens there/);
		assert.equal((await create(`http://${address}:${port ^ 1}/cb`))[0], 201, `${address}, another port`);
	}
	assert.equal(await fake.stop(), 0);
});

test("reach: another name for the admin plane is one that was given", async () => {
	const fake = await startServing(["--port", "0", "--host-name", "fake.test", "--quiet"]);
	const port = Number(new URL(fake.api).port);
	for (const [host, status] of [["fake.test", 200], ["FAKE.test:80", 200], ["other.test", 421], ["fake.test.evil.example", 421], ["fake.test@evil.example", 400], ["", 421]]) {
		const { answers } = await exchange(port, Buffer.from(`GET /__admin/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
		assert.ok([status, 400].includes(answers[0].status), `${host}: ${answers[0].status}`);
		assert.equal(answers[0].status === 200, status === 200, host);
	}
	assert.equal(await fake.stop(), 0);
});

test("reach: nobody beyond this machine is loaded without leave, and a witness there counts who was", async (t) => {
	// An address of this machine that is not a loopback one: ringback cannot know that it is no other machine's.
	const isPrivate = ({ address, internal }) => !internal && /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd])/.test(address);
	const own = Object.values(os.networkInterfaces()).flat().find(isPrivate)?.address;
	if (!own) return t.skip("this machine has no private address");
	const [host, bits] = own.includes(":") ? [`[${own}]`, 128] : [own, 32];
	const seen = [];
	const witness = await startReceiver(() => 200, { host: own, observe: (request, response) => {
		seen.push(request.method);
		if (request.method !== "OPTIONS") return false;
		response.writeHead(405).end();
		return true;
	} });
	const url = `http://${host}:${witness.port}/cb`;
	const file = path.join(scratchFolder(), "short.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "short", vars: { to: "+19195559907" },
		model: { "answer-delay": "10ms", "talk-delay": "30ms", "hangup-delay": "10ms" }, steps: [{ send: "answer" }, { send: "hangup" }],
	}));
	const load = (rate) => ["load", file, "--rate", `${rate}/1s`, "--calls", "2", "-f", url];
	const matrix = [
		[load(20), 2, 0], [[...load(20), "--i-own-this-target"], 2, 0],
		[[...load(20), "--allow-target", "192.0.2.1"], 2, 0], [[...load(20), "--allow-target", `${host}:${witness.port ^ 1}`], 2, 0],
		[[...load(20), "--allow-target", "receiver.example"], 2, 0],
		[[...load(20), "--allow-target", own], null, 4], [[...load(20), "--allow-target", `${host}:${witness.port}`], null, 4],
		[[...load(100), "--allow-target", `${own}/${bits}`], 2, "OPTIONS"], [[...load(100), "--allow-target", own, "--i-own-this-target"], null, 4],
		[[...load(1001), "--allow-target", own, "--i-own-this-target"], 2, 0, /--max-rate: expected at least 1001\/1s for this load to .*, found none, which with other machines is 1000\/1s/],
		[[...load(1001), "--allow-target", own, "--i-own-this-target", "--max-rate", "1000/1s"], 2, 0, /--max-rate: expected at least 1001\/1s .*, found 1000\/1s/],
		[[...load(1001), "--allow-target", own, "--i-own-this-target", "--max-rate", "1001/1s"], null, 4],
		[["load", file, "--find-max", "response:p(99)<1s", "--rate", "1001/1s", "-f", url, "--allow-target", own, "--i-own-this-target"], 2, 0, /--max-rate/],
		[["load", file, "--find-max", "response:p(99)<1s", "-f", url], 2, 0],
		[["worker", "--locust-master", "127.0.0.1:1", file, "--callback-url", url], 2, 0],
	];
	for (const [words, status, requests, why = /--allow-target|--i-own-this-target/] of matrix) {
		seen.length = 0;
		const { code, stderr } = await run(words);
		const what = words.slice(3).join(" ");
		if (status !== null) assert.equal(code, status, `${what}: ${stderr}`);
		if (status === 2) assert.match(stderr, why, what);
		assert.deepEqual(requests === "OPTIONS" ? seen : seen.filter((method) => method !== "HEAD").length, requests === "OPTIONS" ? ["OPTIONS"] : requests, what);
	}
	// Nor is it called by way of a URL in a request.
	seen.length = 0;
	const fake = await startServing(["--port", "0", "--clock", "virtual", "--quiet"]);
	for (const member of ["callbackUrl", "fallbackUrl"]) {
		const { status, json } = await voice(fake).ask("POST", "/calls", { from: "+19195550123", to: "+19195559907", callbackUrl: "http://127.0.0.1:9/", [member]: url });
		assert.deepEqual([status, json.code], [400, "callback-invalid-url"]);
	}
	assert.equal(await fake.stop(), 0);
	assert.deepEqual(seen, []);
	console.log(`reach: ${matrix.length} combinations of targets and flags at ${host}, each with the requests it may make`);
	await witness.stop();
});

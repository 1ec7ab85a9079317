"use strict";
// TLS both ways: the certificate that `ringback serve` makes, certificates that clients and callbacks have to show,
// and what is said when one does not do.

const assert = require("node:assert/strict");
const { execFileSync, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const https = require("node:https");
const path = require("node:path");
const tls = require("node:tls");
const { encrypted, makeAuthority } = require("./certificates");
const { admin, conversation, foundingEvents, isHangup, run, scratchFolder, send, short, start, startFake, startReceiver, test, until,
	voice, within } = require("./harness");

/** GET /v1 of the API over TLS: the status, or the code of the error. */
function ask(fake, options) {
	const asked = new Promise((resolve) => {
		const request = https.get(`${fake.apiTls}/v1/users/u-node/account`, { agent: false, auth: "t:s", ...options },
			(response) => response.resume().on("end", () => resolve(response.statusCode)));
		// Of a handshake that failed Node gives the code EPROTO, and the alert in its text.
		request.on("error", (error) => resolve(error.code === "EPROTO" ? /alert [a-z ]+(?=:)/.exec(error.message)[0] : error.code));
	});
	return within(asked, () => "no answer over TLS");
}

// --- the certificate that is made

test("serve: --https-port alone makes a certificate; who trusts the file is served, and it goes with the process", async () => {
	const fake = await startFake(["--https-port", "0"]);
	const ca = fs.readFileSync(fake.certificate);
	const folder = path.dirname(fake.certificate);

	assert.equal(await ask(fake, { ca }), 200);
	assert.equal(await ask(fake, { ca, servername: "localhost" }), 200);
	assert.match(await ask(fake, {}), /SELF_SIGNED_CERT/);
	const plain = spawnSync("curl", ["-sS", "--cacert", fake.certificate, "-u", "t:s", `${fake.apiTls}/v1/users/u-node/account`], { encoding: "utf8" });
	assert.equal(plain.status, 0, plain.stderr);
	assert.match(plain.stdout, /balance/);
	const byEnvironment = execFileSync(process.execPath, ["-e",
		`fetch("${fake.apiTls}/v1/users/u-node/account", {headers: {authorization: "Basic " + btoa("t:s")}}).then((r) => console.log(r.status))`],
	{ env: { ...process.env, NODE_EXTRA_CA_CERTS: fake.certificate }, encoding: "utf8" });
	assert.equal(byEnvironment.trim(), "200");
	assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
	assert.equal(fs.statSync(path.join(folder, "key.pem")).mode & 0o777, 0o600);
	assert.equal(await fake.stop(), 0);
	assert.equal(fs.existsSync(folder), false);
});

test("serve: --tls-dir keeps the certificate for the next start, and --host-name widens it", async () => {
	const folder = path.join(scratchFolder(), "kept");
	const certificates = [];
	for (const flags of [[], [], ["--host-name", "api.example.test"]]) {
		const fake = await startFake(["--https-port", "0", "--tls-dir", folder, ...flags]);
		assert.equal(fake.certificate, path.join(folder, "certificate.pem"));
		certificates.push(fs.readFileSync(fake.certificate, "utf8"));
		assert.equal(await ask(fake, { ca: certificates.at(-1), servername: flags[1] ?? "localhost" }), 200);
		assert.equal(await fake.stop(), 0);
	}

	assert.equal(certificates[1], certificates[0]);
	assert.notEqual(certificates[2], certificates[0]);
});

test("serve: with --cert nothing is made, and the ready line names no file", async () => {
	const authority = makeAuthority("an authority");
	const own = authority.issue("ringback", "IP:127.0.0.1");
	const fake = await startFake(["--https-port", "0", "--cert", own.certFile, "--key", own.keyFile]);

	assert.equal(fake.certificate, undefined);
	assert.equal(await ask(fake, { ca: authority.cert }), 200);
	assert.equal(await fake.stop(), 0);
});

test("serve: the key may stand in the file of the certificate", async () => {
	const authority = makeAuthority("an authority");
	const own = authority.issue("ringback", "IP:127.0.0.1");
	const both = path.join(scratchFolder(), "both.pem");
	fs.writeFileSync(both, own.cert + own.key);
	const fake = await startFake(["--https-port", "0", "--cert", both]);

	assert.equal(await ask(fake, { ca: authority.cert }), 200);
	assert.equal(await fake.stop(), 0);
});

// --- clients that have to show who they are

test("serve: with --client-ca only clients with a certificate from there are served, and it goes on", async () => {
	const authority = makeAuthority("clients");
	const known = authority.issue("a client");
	const stranger = makeAuthority("others").issue("a stranger");
	const fake = await startFake(["--https-port", "0", "--client-ca", authority.certFile]);
	const ca = fs.readFileSync(fake.certificate);
	const withIt = { ca, key: known.key, cert: known.cert };

	assert.equal(await ask(fake, { ca }), "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
	assert.equal(await ask(fake, { ca, key: stranger.key, cert: stranger.cert }), "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA");
	assert.equal(await ask(fake, { ca, maxVersion: "TLSv1.2" }), "alert handshake failure");
	assert.equal(await ask(fake, withIt), 200);
	assert.equal(await ask(fake, { ...withIt, maxVersion: "TLSv1.2" }), 200);
	const curl = (...words) => spawnSync("curl", ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", fake.certificate, "-u", "t:s",
		...words, `${fake.apiTls}/v1/users/u-node/account`], { encoding: "utf8" });
	assert.equal(curl("--cert", known.certFile, "--key", known.keyFile).stdout, "200");
	const refused = curl();
	assert.notEqual(refused.status, 0);
	assert.match(refused.stderr, /certificate required/);
	assert.equal((await send("GET", `${fake.admin}/live`)).status, 200);
	assert.equal(fake.stderr(), "");
	assert.equal(await fake.stop(), 0);
});

test("serve: a client's session is taken up again, with its certificate", async () => {
	const authority = makeAuthority("clients");
	const known = authority.issue("a client");
	const fake = await startFake(["--https-port", "0", "--client-ca", authority.certFile]);
	const { port } = new URL(fake.apiTls);
	const options = { port, host: "127.0.0.1", ca: fs.readFileSync(fake.certificate), key: known.key, cert: known.cert };
	const connect = (session) => within(new Promise((resolve, reject) => {
		const socket = tls.connect({ ...options, session }).on("error", reject);
		let ticket;
		socket.on("session", (fresh) => (ticket = fresh));
		socket.on("data", () => {});
		socket.on("end", () => resolve({ ticket, reused: socket.isSessionReused() }));
		socket.write("GET /v1/users/u/account HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	}), () => "no end of the connection");

	const first = await connect();
	const second = await connect(first.ticket);

	assert.deepEqual([first.reused, second.reused], [false, true]);
	assert.equal(await fake.stop(), 0);
});

// --- receivers that ask who calls

test("callbacks: a receiver that asks for a certificate is shown that of --callback-cert, by POST and by GET", async () => {
	const authority = makeAuthority("both sides");
	const server = authority.issue("a receiver", "IP:127.0.0.1");
	const client = authority.issue("ringback itself");
	const fake = await startFake(["--cacert", authority.certFile, "--callback-cert", client.certFile, "--callback-key", client.keyFile]);
	const api = voice(fake);
	for (const method of ["POST", "GET"]) {
		const receiver = await startReceiver(conversation(api),
			{ ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true });
		await api.create({ callbackUrl: receiver.url, callbackHttpMethod: method });
		await receiver.event(isHangup);

		assert.deepEqual(receiver.events.map(short), foundingEvents);
		assert.deepEqual(receiver.requests.map((request) => [request.method, request.peer]),
			Array(4).fill([method, "ringback itself"]));
		await receiver.stop();
	}
	assert.equal(await fake.stop(), 0);
});

test("callbacks: while the system's certificates are read others are sent, and https ones once they are there", async () => {
	const authority = makeAuthority("the system");
	// A store that is not there until somebody writes it.
	const store = path.join(scratchFolder(), "store.pem");
	assert.equal(spawnSync("mkfifo", [store]).status, 0);
	const fake = await startFake([], { SSL_CERT_FILE: store, SSL_CERT_DIR: scratchFolder() });
	const api = voice(fake);
	const plain = await startReceiver();
	const safe = await startReceiver(undefined, authority.issue("a receiver", "IP:127.0.0.1"));
	const busy = { to: "+19195559901" };

	await api.create({ ...busy, callbackUrl: safe.url, callbackTimeout: 100, tag: "too early" });
	await api.create({ ...busy, callbackUrl: safe.url, callbackTimeout: 10000, tag: "in time" });
	await api.create({ ...busy, callbackUrl: plain.url, tag: "plain" });
	await plain.event(isHangup);
	const attempts = async () => await admin(fake, "GET", "/journal?kind=attempt");
	await until(async () => (await attempts()).length === 2, () => "the first https callback does not time out");
	assert.match((await attempts()).find(({ end }) => end === "timed_out").error, /the system's certificates were not read within 100 ms/);
	assert.deepEqual(safe.events, []);

	fs.writeFileSync(store, authority.cert);
	await safe.event(isHangup);
	assert.deepEqual(safe.events.map(({ tag }) => tag), ["in time"]);
	await api.create({ ...busy, callbackUrl: safe.url, tag: "later" });
	await safe.event(({ tag }) => tag === "later");
	assert.equal(await fake.stop(), 0);
	await plain.stop();
	await safe.stop();
});

test("callbacks: a process ends though the system's certificates cannot be read", async () => {
	const store = path.join(scratchFolder(), "store.pem");
	assert.equal(spawnSync("mkfifo", [store]).status, 0);
	const fake = await startFake(["--drain-timeout", "100ms"], { SSL_CERT_FILE: store, SSL_CERT_DIR: scratchFolder() });
	await voice(fake).create({ to: "+19195559901", callbackUrl: "https://127.0.0.1:9/", tag: "never" });
	await until(async () => (await admin(fake, "GET", "/stats")).deliveries.pending === 1, () => "nothing is owed");
	assert.equal(await fake.stop(), 0);
});

test("callbacks: what goes wrong with certificates is told of each try", async () => {
	const authority = makeAuthority("both sides");
	const other = makeAuthority("others");
	const server = authority.issue("a receiver", "IP:127.0.0.1");
	const misnamed = authority.issue("a receiver", "DNS:elsewhere.example");
	const asking = await startReceiver(undefined, { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true });
	const elsewhere = await startReceiver(undefined, misnamed);
	const trigger = async (receiver, ...flags) => {
		const { code, stdout } = await run(["trigger", "answer", "-f", receiver.url, ...flags]);
		assert.equal(code, 1, stdout);
		return stdout.replace(/^answer +/, "").trim();
	};

	assert.equal(await trigger(asking, "--cacert", authority.certFile),
		"TLS refused by the receiver: it asks for a certificate of the sender (--callback-cert)");
	assert.match(await trigger(asking, "--cacert", other.certFile), /^TLS certificate refused: self-signed certificate in certificate chain$/);
	assert.match(await trigger(elsewhere, "--cacert", authority.certFile), /^TLS certificate refused: IP address mismatch/);
	assert.deepEqual([...asking.events, ...elsewhere.events], []);
	await asking.stop();
	await elsewhere.stop();
});

// --- files that do not do

test("serve, trigger, run: files that cannot be used end with 3, and say which and why", async () => {
	const authority = makeAuthority("an authority");
	const one = authority.issue("one", "IP:127.0.0.1");
	const two = authority.issue("two", "IP:127.0.0.1");
	const locked = encrypted(one.keyFile);
	const receiver = await startReceiver();
	const serve = (...flags) => ["serve", "--port", "0", "--https-port", "0", ...flags];
	const callbacks = (...flags) => [["serve", "--port", "0", ...flags], ["trigger", "answer", "-f", receiver.url, ...flags],
		["run", "busy", "-f", receiver.url.replace("/cb", ""), ...flags]];
	const cases = [
		[[serve("--cert", "/nowhere/cert.pem", "--key", one.keyFile)], /\/nowhere\/cert\.pem: expected a certificate in PEM form, found that it cannot be read: No such file/],
		[[serve("--cert", one.certFile, "--key", two.keyFile)],
			new RegExp(`${two.keyFile}: expected the private key of the certificate in ${one.certFile}, found that of another`)],
		[[serve("--cert", one.certFile, "--key", locked)], /key\.pem\.encrypted: expected .* without a passphrase, found an encrypted one/],
		[[serve("--cert", one.keyFile, "--key", one.keyFile)], /expected a certificate in PEM form, found none in it/],
		[[serve("--cert", one.certFile, "--key", one.certFile)], /cert\.pem: expected the certificate's private key in PEM form, found none in it/],
		[[serve("--cert", path.dirname(one.certFile))], /expected a certificate in PEM form, found that it cannot be read: Is a directory/],
		[[serve("--client-ca", one.keyFile)], /key\.pem: expected a readable PEM file of certificates \(--client-ca\), found none in it/],
		[[serve("--tls-dir", "/dev/null/tls")], /\/dev\/null\/tls: no such folder can be made/],
		[callbacks("--callback-cert", one.certFile, "--callback-key", two.keyFile), /found that of another/],
		[callbacks("--callback-cert", "/nowhere/cert.pem"), /\/nowhere\/cert\.pem: expected a certificate/],
		[callbacks("--cacert", "/nowhere/ca.pem"), /\/nowhere\/ca\.pem: expected a readable PEM file of certificates \(--cacert\)/],
	];

	for (const [commands, words] of cases) {
		for (const args of commands) {
			const { code, stderr } = await run(args);
			assert.match(stderr, words);
			assert.equal(code, 3, args.join(" "));
		}
	}
	assert.deepEqual(receiver.events, []);
	await receiver.stop();
});

test("serve: two starts that share a --tls-dir make one certificate", async () => {
	const folder = scratchFolder();
	const fakes = await Promise.all([1, 2, 3].map(() => startFake(["--https-port", "0", "--tls-dir", folder])));

	const ca = fs.readFileSync(path.join(folder, "certificate.pem"));
	assert.deepEqual(await Promise.all(fakes.map((fake) => ask(fake, { ca }))), [200, 200, 200]);
	assert.deepEqual(fs.readdirSync(folder).sort(), ["certificate.pem", "key.pem"]);
	for (const fake of fakes) assert.equal(await fake.stop(), 0);
});

test("serve: a certificate that was made is gone as well when a second signal cuts the process off", async () => {
	const { child, exited, firstLine } = start(["serve", "--port", "0", "--https-port", "0", "--quiet"]);
	const { certificate } = JSON.parse(await within(firstLine, () => "no ready line"));
	child.kill("SIGINT");
	child.kill("SIGINT");
	await within(exited, () => "it did not end");

	assert.equal(fs.existsSync(path.dirname(certificate)), false);
});

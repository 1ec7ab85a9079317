"use strict";
// Applications, phone numbers and media by the unmodified npm package node-bandwidth, what comes in to them, and fixtures.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const Bandwidth = require("node-bandwidth");
const { test, startFake, startReceiver, admin, run } = require("./harness.js");

const client = (fake, userId = "u-node") =>
	new Bandwidth({ userId, apiToken: "t-token", apiSecret: "s-secret", baseUrl: fake.api });
const byPath = (request) => [request.method, new URL(request.url, "http://h").pathname];
const fixture = path.join(__dirname, "../../../fixtures/accounts/menu.json");

/** What the API answers to a request of a client's own: { status, headers, text }. */
async function ask(fake, method, below, options = {}) {
	const response = await fetch(`${fake.api}/v1/users/u-node${below}`, {
		method,
		...options,
		headers: { Authorization: `Basic ${btoa("t-token:s-secret")}`, ...options.headers },
	});
	return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

test("applications: create, get, list in pages, update, delete", async () => {
	const fake = await startFake();
	const api = client(fake);
	const created = await api.Application.create({
		name: "Menu",
		incomingCallUrl: "http://127.0.0.1:9/calls",
		incomingMessageUrl: "http://127.0.0.1:9/messages",
		callbackHttpMethod: "get",
		autoAnswer: false,
	});
	assert.match(created.id, /^a-[a-z2-7]{22}[aiqy]$/);
	const shown = await api.Application.get(created.id);
	assert.equal(shown.name, "Menu");
	assert.equal(shown.callbackHttpMethod, "GET");
	assert.equal(shown.incomingSmsUrl, shown.incomingMessageUrl);
	assert.equal(shown.autoAnswer, false);

	await api.Application.create({ name: "Other", incomingCallUrl: "http://127.0.0.1:9/calls" });
	const page = await api.Application.list({ size: 1 });
	assert.deepEqual(page.applications.map(({ name }) => name), ["Other"]);
	assert.equal(page.hasNextPage, true);
	const next = await page.getNextPage();
	assert.deepEqual(next.applications.map(({ id }) => id), [created.id]);
	assert.equal(next.hasNextPage, false);

	await api.Application.update(created.id, { name: "Menu 2" });
	assert.equal((await api.Application.get(created.id)).name, "Menu 2");
	await api.Application.delete(created.id);
	await assert.rejects(api.Application.get(created.id), /could not be found/);
	await assert.rejects(
		api.Application.create({ name: "x" }), /Your application must have a least one callback URL/);
	assert.equal(await fake.stop(), 0);
});

test("phone numbers: create, get by id and by number, list in pages, update, delete", async () => {
	const fake = await startFake();
	const api = client(fake);
	const { id: applicationId } = await api.Application.create({
		name: "Menu", incomingCallUrl: "http://127.0.0.1:9/calls",
	});
	const created = await api.PhoneNumber.create({ number: "+19195550123", name: "desk", applicationId });
	assert.match(created.id, /^n-/);
	const shown = await api.PhoneNumber.get(created.id);
	assert.deepEqual(await api.PhoneNumber.get("+19195550123"), shown);
	assert.equal(shown.nationalNumber, "(919) 555-0123");
	assert.equal(shown.numberState, "enabled");
	assert.equal(shown.applicationId, applicationId);
	assert.match(shown.application, new RegExp(`^http://.*/applications/${applicationId}$`));

	await api.PhoneNumber.create({ number: "+19195550124" });
	const page = await api.PhoneNumber.list({ size: 1 });
	assert.deepEqual(page.phoneNumbers.map(({ number }) => number), ["+19195550124"]);
	assert.deepEqual((await page.getNextPage()).phoneNumbers.map(({ number }) => number), ["+19195550123"]);
	assert.deepEqual((await api.PhoneNumber.list({ applicationId })).phoneNumbers.map(({ id }) => id), [created.id]);

	await api.PhoneNumber.update(created.id, { applicationId: "", fallbackNumber: "+19195550144" });
	const changed = await api.PhoneNumber.get(created.id);
	assert.equal(changed.applicationId, undefined);
	assert.equal(changed.fallbackNumber, "+19195550144");
	await assert.rejects(api.PhoneNumber.create({ number: "+19195550123" }), /in the account already/);
	await api.PhoneNumber.delete(created.id);
	await assert.rejects(api.PhoneNumber.get("+19195550123"), /could not be found/);
	assert.equal(await fake.stop(), 0);
});

// Its upload from a stream needs a Readable without _read(), which node no longer has.
test("media: upload from a buffer and a file, list, download, delete", async () => {
	const fake = await startFake();
	const api = client(fake);
	const bytes = Buffer.from([0, 255, 1, 254, 10, 13, 0]);
	await api.Media.upload("some bytes.bin", bytes, "audio/wav");
	await api.Media.upload("this test.js", __filename, "text/javascript");
	assert.deepEqual((await api.Media.list()).map(({ mediaName, contentLength }) => [mediaName, contentLength]), [
		["this test.js", fs.statSync(__filename).size],
		["some bytes.bin", bytes.length],
	]);
	const got = await api.Media.download("some bytes.bin", null);
	assert.equal(got.contentType, "audio/wav");
	assert.deepEqual(Buffer.from(got.content), bytes);
	await api.Media.upload("untyped", bytes);
	assert.equal((await api.Media.download("untyped")).contentType, "application/octet-stream");
	const file = await api.Media.download("this test.js", "utf8");
	assert.equal(file.content, fs.readFileSync(__filename, "utf8"));
	await api.Media.delete("untyped");
	await assert.rejects(api.Media.download("untyped"), /could not be found/);
	assert.equal((await api.Media.list()).length, 2);
	assert.equal(await fake.stop(), 0);
});

test("media: 65 MB pass through, chunked too, and one byte more does not", async () => {
	const fake = await startFake(["--journal", "/dev/null"]);
	const megabyte = Buffer.alloc(1 << 20, "m");
	const body = (bytes) => Buffer.concat([...Array(65).fill(megabyte), Buffer.alloc(bytes)]);
	const headers = { "Content-Type": "audio/mpeg", "Cache-Control": "max-age=60" };
	assert.equal((await ask(fake, "PUT", "/media/large", { body: body(0), headers })).status, 200);
	const got = await ask(fake, "GET", "/media/large");
	assert.equal(got.bytes.length, 65 << 20);
	assert.equal(got.headers.get("content-type"), "audio/mpeg");
	assert.equal(got.headers.get("cache-control"), "max-age=60");
	const head = await ask(fake, "HEAD", "/media/large");
	assert.equal(head.headers.get("content-length"), String(65 << 20));
	assert.equal(head.bytes.length, 0);

	const chunked = (bytes) => ({ body: new Blob([body(bytes)]).stream(), duplex: "half" });
	assert.equal((await ask(fake, "PUT", "/media/chunked", chunked(0))).status, 200);
	const refused = await ask(fake, "PUT", "/media/larger", { body: body(1) }).catch((error) => error);
	// A client that is still sending may see the connection close instead of the answer.
	if (!(refused instanceof Error)) {
		assert.equal(refused.status, 403);
		assert.equal(JSON.parse(refused.bytes).code, "media-size-overflow");
	}
	assert.equal((await ask(fake, "GET", "/media/larger")).status, 404);
	const other = await ask(fake, "POST", "/calls", { body: Buffer.alloc((1 << 20) + 1, " ") }).catch((error) => error);
	assert.ok(other instanceof Error || other.status === 400);
	assert.equal(await fake.stop(), 0);
});

test("an inbound call finds its receiver by the number's application, and its fallback", async () => {
	const fake = await startFake();
	const api = client(fake);
	let broken = false;
	const receiver = await startReceiver(async (event, request) => {
		if (broken && request.url.startsWith("/calls")) return 500;
		if (event.eventType === "answer") await api.Call.hangup(event.callId);
	});
	const base = `http://127.0.0.1:${receiver.port}`;
	const { id: applicationId } = await api.Application.create({
		name: "Menu",
		incomingCallUrl: `${base}/calls`,
		incomingCallFallbackUrl: `${base}/fallback`,
		incomingMessageUrl: `${base}/messages`,
		callbackHttpMethod: "GET",
	});
	await api.PhoneNumber.create({ number: "+19195550123", applicationId });

	// Whose number it is need not be said.
	const call = await admin(fake, "POST", "/calls", { from: "+19195550187", to: "+19195550123" });
	assert.equal(call.user, "u-node");
	await receiver.event((event) => event.eventType === "hangup" && event.callId === call.id);
	assert.deepEqual(receiver.requests.map(byPath), Array(3).fill(["GET", "/calls"]));
	assert.equal(receiver.events[0].applicationId, applicationId);
	const shown = await api.Call.get(call.id);
	assert.equal(shown.callbackUrl, `${base}/calls`);
	assert.equal(shown.callbackHttpMethod, "GET");

	receiver.requests.length = 0;
	const message = await admin(fake, "POST", "/messages", { from: "+19195550187", to: "+19195550123", text: "Hi" });
	await receiver.event((event) => event.eventType === "sms" && event.messageId === message.id);
	assert.deepEqual(receiver.requests.map(byPath), [["GET", "/messages"]]);

	broken = true;
	receiver.requests.length = 0;
	const second = await admin(fake, "POST", "/calls", { from: "+19195550187", to: "+19195550123" });
	await receiver.event((event) => event.eventType === "hangup" && event.callId === second.id);
	const paths = receiver.requests.map(byPath).map(([, where]) => where);
	assert.deepEqual(paths.slice(0, 4), ["/calls", "/fallback", "/calls", "/fallback"]);

	await api.Application.update(applicationId, { autoAnswer: false });
	const ringing = await admin(fake, "POST", "/calls", { from: "+19195550187", to: "+19195550123" });
	assert.equal((await api.Call.get(ringing.id)).state, "started");
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("a forwarded call from a SIP address shows its diversion, by POST and by GET", async () => {
	const fake = await startFake();
	const api = client(fake);
	const receiver = await startReceiver(async (event) => {
		if (event.eventType === "answer") await api.Call.hangup(event.callId);
	});
	const { id: applicationId } = await api.Application.create({ name: "Menu", incomingCallUrl: receiver.url });
	await api.PhoneNumber.create({ number: "+19195550123", applicationId });
	const diversion = { origTo: "+19195550144", reason: "unavailable" };
	for (const method of ["POST", "GET"]) {
		await api.Application.update(applicationId, { callbackHttpMethod: method });
		const { id } = await admin(fake, "POST", "/calls", {
			from: "sip:bob@example.com", to: "+19195550123", displayName: "Bob", withholdCallerNumber: true, diversion,
		});
		await receiver.event((event) => event.eventType === "hangup" && event.callId === id);
		const told = receiver.events.filter((event) => event.callId === id && event.diversion);
		assert.deepEqual(told.map(({ eventType }) => eventType), ["incomingcall", "answer"]);
		for (const event of told) {
			assert.equal(event.from, "sip:bob@example.com");
			assert.equal(event.displayName, "Bob");
			assert.equal(event.withholdCallerNumber, "true");
			const count = method === "POST" ? 1 : "1";
			assert.deepEqual(method === "POST" ? event.diversion : JSON.parse(event.diversion), {
				privacy: "off", screen: "no", reason: "unavailable", counter: count, limit: count, origTo: "+19195550144",
			});
		}
		const call = await api.Call.get(id);
		assert.equal(call.displayName, "Bob");
		assert.equal(call.withholdCallerNumber, true);
	}
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("when both URLs fail a call goes to the number's fallbackNumber", async () => {
	const fake = await startFake();
	const api = client(fake);
	const receiver = await startReceiver((event) => (event.eventType === "incomingcall" ? 500 : 200));
	const { id: applicationId } = await api.Application.create({
		name: "Menu", incomingCallUrl: receiver.url, incomingCallFallbackUrl: `${receiver.url}/fallback`,
	});
	await api.PhoneNumber.create({ number: "+19195550123", applicationId, fallbackNumber: "+19195550144" });
	const { id } = await admin(fake, "POST", "/calls", {
		from: "+19195550187", to: "+19195550123", hangUpAfter: "30s",
	});
	const forwarded = await receiver.event((event) => event.eventType === "answer" && event.to === "+19195550144");
	assert.notEqual(forwarded.callId, id);
	assert.equal((await api.Call.get(id)).transferTo, "+19195550144");
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("--fixture: what it says is there from the start, and again after a reset", async () => {
	const fake = await startFake(["--fixture", fixture]);
	const api = client(fake, "u-menu");
	const look = async () => ({
		applications: (await api.Application.list({})).applications,
		numbers: (await api.PhoneNumber.list({})).phoneNumbers,
		media: await api.Media.list(),
	});
	const first = await look();
	assert.deepEqual(first.applications.map(({ name }) => name), ["Desk", "Menu"]);
	assert.deepEqual(first.numbers.map(({ number }) => number), ["+19195550125", "+19195550124", "+19195550123"]);
	assert.equal(first.numbers[2].applicationId, first.applications[1].id);
	assert.equal((await api.Media.download("greeting.txt", "utf8")).content, "Welcome. Press 1 for the desk.\n");
	await api.PhoneNumber.delete(first.numbers[0].id);
	await api.Media.delete("greeting.wav");
	await admin(fake, "POST", "/reset");
	const seeded = await admin(fake, "GET", "/journal?kind=application,number");
	assert.equal(seeded.length, 5, "the journal knows what the reset has put back");
	const again = await look();
	const timeless = ({ numbers, ...rest }) => ({ ...rest, numbers: numbers.map(({ createdTime, ...number }) => number) });
	assert.deepEqual(timeless(again), timeless(first));
	assert.equal(await fake.stop(), 0);
});

test("--fixture: everything wrong with it is told with its place, and nothing is started", async (t) => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ringback-"));
	t.after(() => fs.rmSync(folder, { recursive: true }));
	const file = path.join(folder, "wrong.json");
	fs.writeFileSync(file, '{\n  "accounts": [\n    { "userId": 7,\n      "numbers": [{ "number": "12" }] }\n  ]\n}\n');
	const { code, stdout, stderr } = await run(["serve", "--port", "0", "--fixture", file]);
	assert.equal(code, 2);
	assert.equal(stdout, "");
	assert.match(stderr, /wrong\.json:3:17: accounts\/0\/userId: expected a text, found 7/);
	assert.match(stderr, /wrong\.json:4:31: accounts\/0\/numbers\/0\/number: expected a number like "\+19195550123", found "12"/);
});

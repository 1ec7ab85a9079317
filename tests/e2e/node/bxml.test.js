"use strict";
// Receivers that answer with XML: what the call does, what they are told by GET, and what becomes of bad documents.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const {
	admin, isHangup, journalLines, neverReplies, run, scratchFolder, startFake, startReceiver, startServing, test, until,
	voice,
} = require("./harness.js");

const pressesOne = "+19195559909";
const hangsUp = "+19195559907";

const idle = (fake) => admin(fake, "GET", "/wait?for=idle&timeout=50s");
const bxml = async (fake) => (await admin(fake, "GET", "/journal?kind=bxml"));
const detail = (error, name) => error.details.find((each) => each.name === name)?.value;
const document = (verbs) => ({
	status: 200, headers: { "Content-Type": "application/xml" },
	body: `<?xml version="1.0" encoding="UTF-8"?>\n<Response>${verbs}</Response>`,
});
const pathOf = (request) => request.url.split("?")[0];

/** A receiver whose pages are given by path; each a document's verbs, or what startReceiver's handlers return. */
const startPages = (pages) => startReceiver((event, request) => {
	const page = pages[pathOf(request)];
	return typeof page === "string" ? document(page) : page ?? 200;
});

const create = (api, receiver, call = {}) =>
	api.create({ callbackUrl: receiver.url, callbackHttpMethod: "GET", ...call });

test("menu: a Gather's digits ask for the next document, a Redirect for the one behind it", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const receiver = await startPages({
		"/cb": '<Gather requestUrl="menu?from=answer" maxDigits="1" tag="top"><SpeakSentence>Press one</SpeakSentence></Gather>',
		"/menu": '<SpeakSentence voice="paul" gender="male">One moment</SpeakSentence><Redirect requestUrl="/bye"/>',
		"/bye": '<SpeakSentence>Good bye</SpeakSentence><Hangup/>',
	});
	const call = await create(api, receiver, { to: pressesOne, tag: "mine" });
	await receiver.event(isHangup);
	await idle(fake);

	assert.deepEqual(receiver.requests.map((request) => [request.method, pathOf(request)]),
		[["GET", "/cb"], ["GET", "/menu"], ["GET", "/bye"], ["GET", "/cb"]]);
	assert.deepEqual(receiver.requests.map((request) => request.headers.accept),
		["application/xml, text/xml, */*", "application/xml, text/xml, */*", "application/xml, text/xml, */*", "*/*"]);
	const [answer, gather, redirect, hangup] = receiver.events;
	assert.equal(answer.eventType, "answer");
	const { time, callUri, gatherId, ...told } = gather;
	assert.deepEqual(told, {
		eventType: "gather", state: "completed", reason: "max-digits", digits: "1", callId: call, tag: "top", from: "answer",
	});
	assert.match(gatherId, /^gtr-[a-z2-7]{23}$/);
	assert.ok(callUri.endsWith(`/calls/${call}`) && Date.parse(time) >= Date.parse(answer.time));
	assert.deepEqual(redirect, {
		eventType: "redirect", callId: call, callState: "active", from: "+19195550123", to: pressesOne, tag: "mine",
	});
	assert.equal(hangup.cause, "NORMAL_CLEARING");
	assert.deepEqual((await bxml(fake)).filter((entry) => entry.what === "verb").map((entry) => entry.text),
		["Gather", "SpeakSentence", "Redirect", "SpeakSentence", "Hangup"]);
	assert.deepEqual(await api.errors(), []);
	assert.equal((await api.call(call)).state, "completed");
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("inbound: a number's application by GET is asked for the document, also by its fallback and not without autoAnswer", async () => {
	const fake = await startFake();
	const api = voice(fake);
	let broken = false;
	const receiver = await startReceiver((event, request) => {
		if (pathOf(request) === "/calls" && broken) return 500;
		if (event.eventType === "incomingcall") return document("<Hangup/>");  // is asked for no document
		if (event.eventType === "gather") return document("<SpeakSentence>Thank you</SpeakSentence><Hangup/>");
		if (event.eventType !== "answer") return 200;
		return document('<Gather requestUrl="menu" maxDigits="1"><SpeakSentence>Press one</SpeakSentence></Gather>');
	});
	const at = (path) => receiver.url.replace("/cb", path);
	const made = await api.ask("POST", "/applications", {
		name: "Menu", incomingCallUrl: at("/calls"), incomingCallFallbackUrl: at("/spare/calls"), callbackHttpMethod: "GET",
	});
	const applicationId = made.headers.get("location").split("/").pop();
	await api.ask("POST", "/phoneNumbers", { number: "+19195550123", applicationId });
	await admin(fake, "POST", "/clock", { pause: true });
	const rings = () => admin(fake, "POST", "/calls", { from: "+19195550187", to: "+19195550123" });
	const heardBy = async (call) =>
		(await admin(fake, "GET", `/journal?kind=phone&call=${call}`)).map((entry) => entry.text);

	for (const [first, second] of [["/calls", "/menu"], ["/spare/calls", "/spare/menu"]]) {
		receiver.requests.length = 0;
		const { id } = await rings();
		await until(async () => (await bxml(fake)).some((entry) => entry.call === id && entry.text === "Gather"),
			() => "no Gather");
		await admin(fake, "POST", "/clock", { advance: "1s" });
		await admin(fake, "POST", `/calls/${id}/caller`, { action: "press", digits: "1" });
		const menu = await receiver.event((event) => event.eventType === "gather" && event.callId === id);
		assert.deepEqual([menu.digits, menu.reason], ["1", "max-digits"]);
		await until(async () => (await bxml(fake)).some((entry) => entry.call === id && entry.text === "SpeakSentence"),
			() => "no second document");
		await admin(fake, "POST", "/clock", { advance: "5s" });
		await receiver.event((event) => isHangup(event) && event.callId === id);

		const delivered = receiver.requests.filter((request) => !broken || pathOf(request) !== "/calls");
		assert.deepEqual(delivered.map((request) => [request.method, pathOf(request)]),
			[["GET", first], ["GET", first], ["GET", second], ["GET", first]]);
		assert.deepEqual((await heardBy(id)).filter((text) => text), ["Press one", "1", "Thank you"]);
		assert.equal((await api.call(id)).state, "completed");
		broken = true;
	}

	broken = false;
	await api.ask("POST", `/applications/${applicationId}`, { autoAnswer: false });
	const { id } = await rings();
	assert.equal((await api.ask("POST", `/calls/${id}`, { state: "active" })).status, 200);
	await admin(fake, "POST", "/clock", { advance: "1s" });
	await receiver.event((event) => event.eventType === "answer" && event.callId === id);
	assert.equal((await api.ask("POST", `/calls/${id}/audio`, { sentence: "by REST" })).status, 200);
	await admin(fake, "POST", "/clock", { advance: "1s" });
	assert.deepEqual(await heardBy(id), ["by REST"], "its answer is no document");
	await api.hangUp(id);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("voicemail: the recording is told by GET, its text by POST, and can be fetched", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const receiver = await startPages({
		"/cb": '<SpeakSentence>After the tone</SpeakSentence>' +
			'<Record requestUrl="/recorded" transcribe="true" transcribeCallbackUrl="/text" terminatingDigits="#"/><Hangup/>',
	});
	await admin(fake, "POST", "/clock", { pause: true });
	const call = await create(api, receiver);
	await admin(fake, "POST", "/clock", { advance: "6s" });  // answered after 4 s, recording 1.6 s later
	await admin(fake, "POST", `/calls/${call}/caller`, { action: "say", text: "Please call me back" });
	await admin(fake, "POST", "/clock", { advance: "2s" });
	await admin(fake, "POST", `/calls/${call}/caller`, { action: "press", digits: "#" });
	await admin(fake, "POST", "/clock", { resume: true });
	const recorded = await receiver.event((event) => event.eventType === "recording");
	const text = await receiver.event((event) => event.eventType === "transcription");
	await idle(fake);

	const by = (type) => receiver.requests[receiver.events.findIndex((event) => event.eventType === type)];
	assert.deepEqual([by("recording").method, pathOf(by("recording"))], ["GET", "/recorded"]);
	assert.deepEqual(Object.keys(recorded).sort(),
		["callId", "endTime", "eventType", "recordingId", "recordingUri", "startTime", "status"]);
	assert.equal(recorded.status, "complete");
	assert.deepEqual([by("transcription").method, by("transcription").url], ["POST", "/text"]);
	assert.equal(text.text, "Please call me back");
	assert.equal(text.status, "completed");
	assert.ok(!("state" in text) && !("recordingId" in text));
	const recordings = (await api.ask("GET", `/calls/${call}/recordings`)).json;
	assert.deepEqual(recordings.map((each) => [each.id, each.state]), [[recorded.recordingId, "complete"]]);
	assert.equal((await api.ask("GET", `/media/${call}-1.wav`)).status, 200);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("malformed XML: the call ends, and errors, journal and terminal name line and column", async () => {
	const journal = path.join(scratchFolder(), "journal.ndjson");
	const fake = await startServing(["--port", "0", "--clock", "virtual", "--reply-patience", "10s", "--journal", journal]);
	const api = voice(fake);
	const receiver = await startReceiver((event) => event.eventType !== "answer" ? 200
		: { status: 200, body: "<Response>\n  <SpeakSentence>Hello</SpeekSentence>\n</Response>\n" });
	const call = await create(api, receiver);
	await receiver.event(isHangup);
	await idle(fake);

	const [error] = await api.errors();
	assert.deepEqual([error.category, error.code], ["bad-request", "bxml-invalid-document"]);
	assert.match(error.message, /\(line 2, column 23\): expected/);
	assert.deepEqual([detail(error, "callId"), detail(error, "callbackUrl")], [call, receiver.url]);
	assert.equal((await api.call(call)).state, "completed");
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
	const [refused] = journalLines(journal).filter((entry) => entry.kind === "bxml");
	assert.deepEqual([refused.what, refused.line, refused.column, refused.call], ["refused", 2, 23, call]);
	const told = fake.stderr().split("\n").filter((line) => line.includes("bxml"));
	assert.equal(told.length, 1);
	assert.match(told[0], /bxml refused at line 2, column 23: expected/);
});

test("a rule of a verb that is broken, and an unknown verb", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const receiver = await startPages({
		"/cb": '<Sing/><Redirect requestUrl="/bad"/>',
		"/bad": '<Pause length="4000"/>',
	});
	await create(api, receiver);
	await receiver.event(isHangup);
	await idle(fake);
	assert.deepEqual((await api.errors()).map((error) => [error.code, detail(error, "callbackUrl")]), [
		["bxml-invalid-verb", receiver.url.replace("/cb", "/bad")], ["bxml-unknown-verb", receiver.url],
	]);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

for (const [what, page, code] of [
	["does not reply in time", neverReplies, "callback-server-timeout"],
	["answers 500", 500, "callback-http-failure-status"],
]) {
	test(`a receiver that ${what} when it is asked for a document: the call ends`, async () => {
		const fake = await startFake();
		const api = voice(fake);
		const receiver = await startPages({
			"/cb": '<Redirect requestUrl="/slow" requestUrlTimeout="700"/><Pause/>', "/slow": page,
		});
		const call = await create(api, receiver);
		await receiver.event(isHangup);
		await idle(fake);
		const [error] = await api.errors();
		assert.equal(error.code, code);
		assert.equal(detail(error, "callbackEvent"), "redirect");
		assert.equal(detail(error, "callbackMethod"), "GET");
		if (code === "callback-server-timeout") assert.equal(detail(error, "callbackTimeout"), "700");
		assert.equal((await api.call(call)).state, "completed");
		assert.deepEqual((await bxml(fake)).map((entry) => entry.what), ["document", "verb", "not_delivered"]);
		await receiver.stop();
		assert.equal(await fake.stop(), 0);
	});
}

test("fallback: the document may come from the fallbackUrl, and relative URLs are put on that", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const receiver = await startPages({ "/cb": 500 });
	const fallback = await startPages({ "/deep/cb": '<Redirect requestUrl="next"/>', "/deep/next": "<Hangup/>" });
	await create(api, receiver, { fallbackUrl: fallback.url.replace("/cb", "/deep/cb") });
	await receiver.event(isHangup);
	await idle(fake);
	assert.deepEqual(fallback.requests.map(pathOf), ["/deep/cb", "/deep/next", "/deep/cb"]);  // hangup too
	await receiver.stop();
	await fallback.stop();
	assert.equal(await fake.stop(), 0);
});

test("transfer: the receiver is told when leg B is over, and nothing else of it", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const receiver = await startPages({
		"/cb": `<Transfer transferTo="${hangsUp}" tag="desk"><SpeakSentence>A call for you</SpeakSentence></Transfer>`,
	});
	const call = await create(api, receiver);
	await receiver.event(isHangup);
	await idle(fake);
	assert.deepEqual(receiver.events.map((event) => event.eventType), ["answer", "transferComplete", "hangup"]);
	const { time, callUri, ...complete } = receiver.events[1];
	assert.deepEqual(complete, {
		eventType: "transferComplete", callId: call, callState: "active", from: "+19195550123", to: hangsUp, tag: "desk",
	});
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("commands: a call under control of BXML takes the hang-up only", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const receiver = await startPages({ "/cb": '<Pause length="3600"/>' });
	await admin(fake, "POST", "/clock", { pause: true });
	const call = await create(api, receiver);
	await admin(fake, "POST", "/clock", { advance: "5s" });
	await until(async () => (await bxml(fake)).length > 1, () => "no document");
	const refused = await api.ask("POST", `/calls/${call}/audio`, { sentence: "hello" });
	assert.deepEqual([refused.status, refused.json.code], [403, "call-invalid-state"]);
	await api.hangUp(call);
	await admin(fake, "POST", "/clock", { resume: true });
	await receiver.event(isHangup);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("an answer without a document leaves the call to REST", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const receiver = await startReceiver(async (event) => {
		if (event.eventType === "answer") await api.audio(event.callId, { sentence: "hello" });
		if (event.status === "done") await api.hangUp(event.callId);
		return { status: 200, body: "thank you" };
	});
	await create(api, receiver);
	await receiver.event(isHangup);
	await idle(fake);
	assert.deepEqual(receiver.events.map((event) => event.eventType), ["answer", "speak", "speak", "hangup"]);
	assert.deepEqual(await bxml(fake), []);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("a hostile receiver: 1 MB of XML and documents in circles end the call and nothing else", async () => {
	const fake = await startFake();
	const api = voice(fake);
	const receiver = await startPages({ "/cb": " ".repeat(1 << 20), "/round": '<Redirect requestUrl="/round"/>' });
	await create(api, receiver);
	await receiver.event(isHangup);
	await create(api, { url: receiver.url.replace("/cb", "/round") });
	await idle(fake);
	assert.deepEqual((await api.errors()).map((error) => error.code), ["bxml-invalid-verb", "bxml-invalid-document"]);
	assert.equal(receiver.requests.filter((request) => pathOf(request) === "/round").length, 22);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("a document of more than 4 kB is judged whole, and the journal shows its beginning", async () => {
	const verbs = `${'<Pause duration="1"/>'.repeat(300)}<SpeakSentence>the end</SpeakSentence><Hangup/>`;
	const receiver = await startPages({ "/cb": verbs });
	const folder = scratchFolder();
	const file = path.join(folder, "large.json");
	fs.writeFileSync(file, JSON.stringify({
		version: 1, name: "large", start: { call: { callbackUrl: "${receiver}", callbackHttpMethod: "GET" } },
		steps: [
			{ send: "answer", expect: { body: { xpath: { expression: "/Response/SpeakSentence", equalTo: "the end" } } } },
			{ send: "hangup" },
		],
	}));
	const report = path.join(folder, "report.json");
	const ended = await run(["run", file, "--callback-url", receiver.url, "--report", `json=${report}`]);
	assert.equal(ended.code, 0, ended.stdout + ended.stderr);
	const replies = fs.readFileSync(report, "utf8").match(/"reply": ?"(?:[^"\\]|\\.)*"/g).map((text) => JSON.parse(`{${text}}`).reply);
	assert.ok(replies.some((reply) => reply.startsWith("<?xml") && reply.length > 4000 && reply.length <= 4096), `${replies.map(({ length }) => length)}`);
	await receiver.stop();
});

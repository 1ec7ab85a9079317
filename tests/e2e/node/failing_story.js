"use strict";
// For the tests of failing calls: what a user's application does in a minute, with all that ringback does at its edge. A
// document by GET, a sentence, a conference with a member, a message, media, a fallback, a receiver that may not be dialled,
// and faults that are injected meanwhile.

const { attempt } = require("./failing_request.js");
const { short } = require("./harness.js");

const answers = "+15550009901";  // and hangs up after five seconds
const farEnd = ["--far-end", `${answers}=answer:1s,press:1,hangup:5s`, "--settle", "4ms"];
const faults = [
	{ duplicate: true, on: "answer" },
	{ delay: "200ms", on: "dtmf" },
	{ half_body: true, on: { event: "speak.started" } },
	{ reset_peer: true, on: { event: "sms" } },
	{ close_kept: true, on: "conference-member" },
	{ early: "during", on: "POST /v1/users/*/calls", nth: 2 },
	{ slicer: { size: 2500, pause: "1ms" }, on: { request: "GET /v1/users/*/media/*" } },
];
const document = {
	status: 200, headers: { "Content-Type": "application/xml" },
	body: '<Response><Gather requestUrl="/menu" maxDigits="1"><SpeakSentence>Press one</SpeakSentence></Gather></Response>',
};
const goodBye = { ...document, body: "<Response><SpeakSentence>Good bye</SpeakSentence><Hangup/></Response>" };
const file = "a line of what is played\n".repeat(800);  // more than leaves at once

const act = (method, url, body) => attempt(method, url, body, { alone: true });

/** The application: told by its address which fake has called, and in which conference the caller is to be. */
async function application(event, request) {
	const { pathname, searchParams } = new URL(request.url, "http://h");
	if (pathname === "/document") return event.eventType === "answer" ? document : 200;
	if (pathname === "/menu") return goodBye;
	if (pathname === "/fails") return 500;
	const users = `${searchParams.get("api")}/v1/users/u-node`;
	if (pathname === "/speaks" && short(event) === "answer") {
		await act("POST", `${users}/calls/${event.callId}/audio`, { sentence: "Hello" });
	} else if (pathname === "/speaks" && short(event) === "speak done") {
		await act("POST", `${users}/calls/${event.callId}`, { state: "completed" });
	} else if (pathname === "/joins" && short(event) === "answer") {
		await act("POST", `${users}/conferences/${searchParams.get("conference")}/members`, { callId: event.callId });
	}
	return 200;
}

const idOf = (answer) => answer?.status === 201 && answer.location?.split("/").pop();
const owedOfAll = 8;  // five calls, a message, a conference from its beginning to its end
const mostLost = 2;  // a conference that is refused has neither

/** While the API says that it cannot now, it is asked again. */
async function askPatiently(ask, ...question) {
	let answer = await ask(...question);
	for (let more = 500; answer?.status === 503 && more > 0; more -= 1) answer = await ask(...question);
	return answer;
}

/**
 * Plays it: { accepted, objection }, what is owed of each thing accepted; a sentence if the API has said what is not so.
 * `ask(method, path, body)` is the API; `mark` is of this run only.
 */
async function play({ ask: askOnce, idle, api, receiver, mark }) {
	const ask = (...question) => askPatiently(askOnce, ...question);
	const accepted = [];
	// Every process draws the same ids: whose event it is, its address says.
	const owe = (id, name, told) => accepted.push({
		id, name, told: (event, place) => told(event) && new URL(receiver.requests[place].url, "http://h").searchParams.get("mark") === mark });
	const at = (path, more = {}) => {
		const url = new URL(path, receiver.url);
		url.search = new URLSearchParams({ mark, api, ...more });
		return String(url);
	};
	const conference = idOf(await ask("POST", "/conferences", { from: "+19195550123", callbackUrl: at("/cb"), tag: `${mark}:room` }));
	if (conference) {
		owe(conference, "conference", (event) => event.conferenceId === conference && event.status === "created");
	}
	const own = `http://receiver.test:${new URL(api).port}/`;
	for (const [what, call] of Object.entries({
		document: { callbackUrl: at("/document"), callbackHttpMethod: "GET" },
		speaks: { callbackUrl: at("/speaks") },
		joins: { callbackUrl: at("/joins", { conference }), ...(conference ? { conferenceId: conference } : {}) },
		falls: { callbackUrl: at("/fails"), fallbackUrl: at("/cb") },
		refused: { callbackUrl: own },
	})) {
		const tag = `${mark}:${what}`;
		const id = idOf(await ask("POST", "/calls", { from: "+19195550123", to: answers, tag, ...call }));
		if (id) owe(id, "hangup", (event) => event.tag === tag && event.eventType === "hangup" && what !== "refused");
	}
	const message = idOf(await ask("POST", "/messages", {
		from: "+19195550123", to: "+19195550187", text: "hello", callbackUrl: at("/cb"), receiptRequested: "all", tag: mark }));
	if (message) {
		owe(message, "sms", (event) => event.messageId === message && event.deliveryState === "delivered");
	}
	const kept = await ask("PUT", "/media/words.txt", file);
	const got = await ask("GET", "/media/words.txt");
	if (kept?.status === 200 && got?.status === 200 && got.text !== JSON.stringify(file)) {
		return { accepted, objection: "what was kept as media is not what is given back" };
	}
	await idle();
	// It is over (403) when its last member has left, if it had one.
	if (conference && [200, 403].includes((await ask("POST", `/conferences/${conference}`, { state: "completed" }))?.status)) {
		owe(conference, "conference", (event) => event.conferenceId === conference && event.status === "completed");
	}
	const objection = accepted.length < owedOfAll - mostLost ? `only ${accepted.length} of ${owedOfAll} were accepted` : null;
	return { accepted, objection };
}

module.exports = { application, farEnd, faults, owedOfAll, play };

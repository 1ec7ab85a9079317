// What the reference receiver does in the built-in scenarios by BXML: a handler that returns a text answers with that
// document. And ways of getting them wrong. Used by reference_tasks.js and reference_defects.js.
"use strict";

const hello = "Hello from ringback.";
const music = "https://example.com/music.wav";

const escaped = (text) => String(text).replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
/** An element: its attributes, then what stands in it. */
const element = (name) => (attributes = {}, ...within) => {
    const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
    return `<${name}${written.join("")}>${within.join("")}</${name}>`;
};
const [gather, record, redirect, transfer] = ["Gather", "Record", "Redirect", "Transfer"].map(element);
const speak = (text) => element("SpeakSentence")({}, escaped(text));
const play = (url) => element("PlayAudio")({}, escaped(url));
const hangup = "<Hangup/>";
const response = (...verbs) => `<?xml version="1.0" encoding="UTF-8"?>\n<Response>${verbs.join("")}</Response>\n`;
const says = (...verbs) => () => response(...verbs);

const ask = (attributes = {}) => gather({ requestUrl: "/chosen", maxDigits: 1, ...attributes }, speak("Press a key."));
const goodBye = says(speak("Good-bye."), hangup);
const agains = ask() + redirect({ requestUrl: "/again" });
const askForPin = ask({ maxDigits: 4 });
const put = (agent, ...behind) => says(transfer({ transferTo: agent }, speak("A call for you.")), ...behind);
const voicemail = (attributes) => (call) => response(speak("Leave a message."), record({
    requestUrl: "/recorded", transcribe: true, transcribeCallbackUrl: `/text?call=${call.id}`, ...attributes,
}));
const dictation = record({ requestUrl: "/recorded", terminatingDigits: "#" });

const numbers = {
    "+15550101021": "menu-by-bxml",
    "+15550101022": "voicemail-by-bxml",
    "+15550101023": "record-until-key-by-bxml",
    "+15550101024": "transfer-by-bxml",
    "+15550101025": "transfer-no-answer-by-bxml",
    "+15550101026": "gather-no-key-by-bxml",
    "+15550101027": "gather-hung-up-by-bxml",
    "+15550101028": "pin-by-bxml",
    "+15550101029": "waiting-line-by-bxml",
    "+15550101030": "caller-name-by-bxml",
};

const tasks = {
    "caller-name-by-bxml": { answer: (call, event) => response(speak(`Hello ${event.displayName}.`), hangup) },
    "fallback-by-bxml": { answer: says(speak(hello), hangup) },
    "gather-hung-up-by-bxml": {
        answer: says(ask({ maxDigits: 4 })),
        gather: (call, event) => event.reason !== "hung-up" && goodBye(),
    },
    "gather-no-key-by-bxml": {
        answer: says(agains),
        gather: (call, event) => void (call.keys = event.digits),
        redirect: (call) => (call.keys ? goodBye() : response(agains)),
    },
    "greeting-by-bxml": { answer: says(speak(hello), hangup) },
    "menu-by-bxml": {
        answer: says(ask()),
        gather: says(speak("One moment."), redirect({ requestUrl: "/opening-hours" })),
        redirect: says(speak("We are open from 9 to 5."), hangup),
    },
    "pin-by-bxml": {
        answer: says(askForPin),
        gather: (call, event) => (event.digits === "1234" ? goodBye() : response(speak("That was wrong."), askForPin)),
    },
    "record-until-key-by-bxml": {
        answer: says(speak("What does the meter show?"), dictation, speak("Thank you."), hangup),
    },
    "reminder-by-bxml": { wanted: { callbackHttpMethod: "GET" }, answer: says(ask()), gather: goodBye },
    "transfer-by-bxml": { answer: put("+15550009907") },
    "transfer-no-answer-by-bxml": { answer: put("+15550009902", speak("Nobody is there."), hangup) },
    "voicemail-by-bxml": {
        answer: voicemail(),
        async "recording.complete"(call, event) {
            const { body } = await call.get(`/recordings/${event.recordingId}`);
            await call.fetch(body.media);
        },
    },
    "waiting-line-by-bxml": {
        answer: says(play(music), redirect({ requestUrl: "/waiting" })),
        redirect: says(play(music), redirect({ requestUrl: "/waiting" })),
    },
};

const greetByRest = (call) => call.speak(hello);
const refuses = (code) => () => code;

const defects = {
    "caller-name-by-bxml": {
        "forgets-to-escape": { answer: (call, event) => response(`<SpeakSentence>Hello ${event.displayName}.</SpeakSentence>`, hangup) },
    },
    "fallback-by-bxml": { "has-no-document": { fallback: 200 }, "is-not-down": { failing: 200 } },
    "gather-hung-up-by-bxml": { "goes-on": { gather: greetByRest } },
    "gather-no-key-by-bxml": {
        "ends-with-the-gather": { answer: says(ask()) },
        "answers-the-digits": { gather: goodBye, redirect: says(agains) },
    },
    "greeting-by-bxml": {
        "hangs-up-by-rest": { answer: (call) => call.speak(hello), "speak.done": (call) => call.hangUp() },
        "forgets-to-hang-up": { answer: says(speak(hello)) },
    },
    "menu-by-bxml": {
        "forgets-where-to": { answer: says(gather({ maxDigits: 1 }, speak("Press a key."))) },
        "has-no-such-page": { redirect: refuses(404) },
    },
    "pin-by-bxml": { "lets-anybody-in": { gather: goodBye } },
    "record-until-key-by-bxml": {
        "asks-for-no-key": { answer: says(speak("What does the meter show?"), record({ requestUrl: "/recorded" }), speak("Thank you."), hangup) },
        "looks-for-a-state": { "recording.complete": (call, event) => (event.state ? 200 : 500) },
    },
    "reminder-by-bxml": { "forgets-the-method": { wanted: {} } },
    "transfer-by-bxml": {
        "knows-no-end-of-it": { transferComplete: refuses(404) },
        "turns-back": { transferComplete: greetByRest },
    },
    "transfer-no-answer-by-bxml": { "says-nothing": { answer: put("+15550009902") } },
    "voicemail-by-bxml": {
        "wants-no-text": { answer: voicemail({ transcribe: false }) },
        "knows-get-only": { "transcription.complete": refuses(405) },
    },
    "waiting-line-by-bxml": {
        "goes-in-circles": { redirect: says(redirect({ requestUrl: "/waiting" })) },
        "knows-no-redirect": { redirect: refuses(404) },
    },
};

module.exports = { numbers, tasks, defects };

// Ways of getting the built-in scenarios wrong, as people do: by the scenario and a name, handlers that take
// the place of those in reference_tasks.js. Members that are no event are looked at by reference.js.
"use strict";
const bxml = require("./reference_bxml.js");
const { tasks } = require("./reference_tasks.js");

const hello = "Hello from ringback.";
const nothing = () => {};
const greet = (call) => call.speak(hello);
const hangUp = (call) => call.hangUp();
const status = (code) => () => code;
const closes = status(0);
let first;  // text that ever came
const neverAnswers = () => new Promise(nothing);

const defects = {
    "answer-hangup": { "speaks-first": { answer: greet, "speak.done": hangUp } },
    "answer-speak-gather-hangup": { "gathers-at-started": { "speak.started": (call) => call.gather({ maxDigits: 1 }) } },
    "answer-speak-hangup": { "hangs-up-at-started": { "speak.started": hangUp } },
    "bridge-agent-busy": { "forgets-the-caller": { "other.hangup": nothing } },
    busy: { "hangs-up-again": { hangup: hangUp } },
    "callback-timeout": { "never-answers": { answer: neverAnswers } },
    "callback-url-changed": {
        "moves-to-nowhere": { answer: (call) => call.update({ callbackUrl: `${call.here}/nowhere` }) },
    },
    "callbacks-by-get": {
        "reads-plus-as-space": {
            query: (query) => Object.fromEntries(new URLSearchParams(decodeURIComponent(query))),
        },
    },
    "caller-hangs-up": { "speaks-to-nobody": { hangup: greet } },
    "caller-hangs-up-while-speaking": {
        insists: {
            async "speak.done"(call) {
                for (let i = 0; i < 3; i += 1) await call.hangUp();
            },
        },
    },
    "cancel-while-ringing": { "lets-it-ring": { dialed: nothing } },
    "conference-hold-music": {
        "plays-on": {
            async "conference-member"(host, event) {
                if (event.activeMembers !== 2) await tasks["conference-hold-music"]["conference-member"](host, event);
            },
        },
    },
    "conference-of-three": { "thinks-they-hang-up": { "conference.completed": nothing } },
    declined: {
        "calls-again": {
            hangup: (call, event) => call.request("POST", "/calls", { from: event.from, to: event.to }),
        },
    },
    "dial-refused": { "says-all-is-well": { refused: 200 } },
    "dial-speak-hangup": { "forgets-callback-url": { wanted: { callbackUrl: undefined } } },
    "fallback-after-timeout": { "acts-twice": { forgetful: true } },
    "fallback-url": { "has-no-fallback-page": { fallback: 404 }, "takes-it-at-once": { failing: 200 } },
    "file-stopped": { "stops-a-sentence": { dtmf: (call) => call.speak("") } },
    "gather-by-get": {
        "cuts-at-hash": {
            query: (query) => Object.fromEntries(new URLSearchParams(query.replace(/%23.*?(&|$)/, "$1"))),
        },
    },
    "gather-hung-up": { "goes-on": { gather: hangUp } },
    "gather-incomplete": { "takes-it-for-the-whole": { gather: hangUp } },
    "gather-max-digits": { "acts-on-keys": { dtmf: (call, event) => call.speak(event.dtmfDigit) } },
    "gather-no-key": { "hangs-up": { gather: hangUp } },
    "gather-refused": { "gives-up": { answer: (call) => call.gather({ maxDigits: 40 }) } },
    "gather-stopped": { "hangs-up-at-once": { dtmf: hangUp } },
    "gather-terminating-digit": {
        "says-the-hash": {
            dtmf: (call, event) => void (call.keys += event.dtmfDigit),
            gather: (call) => call.speak(`You have typed ${call.keys}.`),
        },
    },
    "gather-without-key-events": { "forgets-to-ask": { answer: (call) => call.gather({ maxDigits: 2 }) } },
    "inbound-auto-answer": { "speaks-before-the-answer": { incomingcall: greet } },
    "inbound-caller-gives-up": { "answers-too-late": { hangup: (call) => call.update({ state: "active" }) } },
    "inbound-caller-name": {
        "reads-latin-1": {
            answer: (call, event) => call.speak(`Hello ${Buffer.from(event.displayName).toString("latin1")}.`),
        },
    },
    "inbound-fallback-number": { "takes-the-call": { incomingcall: nothing } },
    "inbound-manual-answer": {
        "answers-twice": {
            async incomingcall(call) {
                await call.update({ state: "active" });
                await call.update({ state: "active" });
            },
        },
    },
    "inbound-nobody-answers": { answers: { incomingcall: (call) => call.update({ state: "active" }) } },
    "inbound-reject": { "hangs-up-instead": { incomingcall: hangUp } },
    "keys-without-gather": {
        "turns-them-around": {
            dtmf(call, event) {
                if (event.dtmfDigit === "#") return call.speak(`You have typed ${call.keys}.`);
                call.keys = event.dtmfDigit + call.keys;
            },
        },
    },
    "long-text": { "says-all-at-once": { answer: (call) => call.speak("Once upon a time. ".repeat(100)) } },
    "loop-stopped": { "plays-it-once": { answer: (call) => call.play("https://example.com/music.wav") } },
    "mms-error": { "gives-up": { "mms.error": nothing } },
    "mms-received": { "sees-one": { "mms.received": (texting) => texting.reply("Thank you for your picture.") } },
    "mms-sent": {
        "asks-for-receipts": {
            asked: (texting, to) => texting.send(to, "", { media: ["https://example.com/a.png"], receiptRequested: "all" }),
        },
    },
    "network-failure": { "closes-the-connection": { hangup: closes } },
    "no-answer": { "knows-no-timeout": { timeout: status(500) } },
    "platform-error": { "knows-no-error": { error: status(404) } },
    "play-file": { "hangs-up-at-started": { "playback.started": hangUp } },
    "recording-failed": {
        "fetches-it-all-the-same": { "recording.error": (call) => call.get(`/media/${call.id}-1.wav`) },
    },
    "recording-max-duration": {
        "records-again": { "recording.complete": (call) => call.update({ recordingEnabled: true }) },
    },
    "recording-on-off": {
        "never-says-off": { dtmf: (call, event) => call.update(event.dtmfDigit === "1" ? { recordingEnabled: true } : {}) },
    },
    "recording-whole-call": { "never-fetches": { "recording.complete": nothing } },
    "screening-by-bridge": {
        "joins-unasked": { "other.answer": (call) => call.bridge(call, call.other) },
        "joins-the-agent-alone": { "other.gather": (call) => call.bridge(call.other) },
        "forgets-the-agent": { hangup: nothing },
    },
    "second-gather-refused": {
        "gives-up": {
            async dtmf(call) {
                const { status: answered } = await call.gather({ maxDigits: 2 });
                if (answered === 409) await call.hangUp();
            },
        },
    },
    "sentence-replaced": { "takes-any-end": { "speak.done": hangUp } },
    "sentence-tags": {
        "one-tag-for-both": {
            "speak.done": (call) => (call.said === 1 ? call.speak("Good-bye.", "first") : call.hangUp()),
        },
    },
    "sip-refused": { "wants-digits": { hangup: (call, event) => (/^\+\d+$/.test(event.to) ? 200 : 400) } },
    "sms-autoresponder": {
        "answers-itself": { "sms.received": (texting, event) => texting.send(event.to, "We are open.") },
    },
    "sms-by-get": {
        "decodes-the-text-again": {
            "sms.received": (texting, event) =>
                texting.reply(`You have sent: ${new URLSearchParams(`text=${event.text}`).get("text")}`),
        },
    },
    "sms-conversation": {
        "answers-the-first": {
            "sms.received": (texting, event) => texting.reply(`You have sent: ${(first ??= event.text)}`),
        },
    },
    "sms-delivered": { "asks-for-no-receipt": { asked: (texting, to) => texting.send(to, hello) } },
    "sms-error": { "knows-no-error": { "sms.error": status(500) } },
    "sms-not-delivered": {
        "sends-it-again": { "sms.not-delivered": (texting, event) => texting.send(event.to, event.text) },
    },
    "sms-refused": { "says-all-is-well": { refused: 200 } },
    "sms-stop": { "says-good-bye": { "sms.received": (texting) => texting.reply("Good-bye.") } },
    "speech-stopped": { "lets-it-speak": { dtmf: nothing } },
    "stop-too-late": { "gives-up": { dtmf: (call) => void call.speak("") } },
    "tag-changed": {
        "knows-the-old-one": { hangup: (call, event) => (event.tag === call.task ? 200 : 404) },
    },
    "tones-to-caller": {
        "sends-one-by-one": {
            async answer(call) {
                for (const tone of "1w23#") await call.post("/dtmf", { dtmfOut: tone });
                await call.hangUp();
            },
        },
    },
    transcription: {
        "looks-for-a-call-id": { "transcription.complete": (call, event) => (event.callId === call.id ? 200 : 404) },
    },
    "transcription-failed": {
        "looks-for-the-text": { "transcription.error": tasks["transcription-failed"]["transcription.complete"] },
    },
    "transcription-on-request": {
        "asks-too-early": {
            async hangup(call) {
                const { body } = await call.get(`/calls/${call.id}/recordings`);
                await call.request("POST", `/recordings/${body[0].id}/transcriptions`, {});
            },
        },
    },
    transfer: { "greets-the-agent": { "other.answer": (call) => call.other.speak(hello) } },
    "transfer-busy": { "speaks-to-the-wrong-one": { "other.hangup": (call) => call.other.speak(hello) } },
    "transfer-caller-gives-up": { "turns-back": { "other.hangup": greet } },
    "transfer-caller-hangs-up": { "hangs-up-the-agent": { hangup: (call) => call.other.hangUp() } },
    "transfer-no-answer": { "forgets-the-caller": { "other.hangup": nothing } },
    "transfer-whisper": { "forgets-the-whisper": { answer: (call) => call.transfer("+15550000187") } },
    "two-sentences": {
        "both-at-once": {
            async answer(call) {
                await call.speak(hello);
                await call.speak("Good-bye.");
            },
        },
    },
    "unallocated-number": {
        "tells-somebody-by-phone": {
            hangup: (call, event) => call.request("POST", "/calls", { from: event.from, to: "+15550000187" }),
        },
    },
    "unknown-members": {
        "validates-strictly": {
            answer: (call, event) => (Object.keys(event).length > 8 ? 400 : call.speak(hello)),
        },
    },
    ...bxml.defects,
};
module.exports = { defects };

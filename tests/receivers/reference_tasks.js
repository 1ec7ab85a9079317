// What the reference receiver does in each built-in scenario: by the event, and "other.…" for events of
// the call that it is transferred to. A handler may return a status, or a document; else the answer is 200.
"use strict";
const bxml = require("./reference_bxml.js");

const hello = "Hello from ringback.";
const music = "https://example.com/music.wav";
const parts = ["Once upon a time. ".repeat(50), "And they lived happily ever after. ".repeat(20)];

const hangUp = (call) => call.hangUp();
const greet = (call) => call.speak(hello);
const sayDigits = (call, event) => call.speak(`You have typed ${event.digits}.`);
const greeting = { answer: greet, "speak.done": hangUp };
const sayAndEnd = { gather: sayDigits, "speak.done": hangUp };
const putThrough = (agent, more) => (call) => call.transfer(agent, more);
const repeatIt = (texting, event) => texting.reply(`You have sent: ${event.text}`);
const sendWithReceipts = (texting, to) => texting.send(to, hello, { receiptRequested: "all" });
const picture = ["https://example.com/picture.png"];
const sorry = { "other.hangup": (call) => call.speak("Nobody is there."), "speak.done": hangUp };

/** The number that is called or written to, of scenarios in which somebody does. */
const numbers = {
    "+15550101001": "inbound-auto-answer",
    "+15550101002": "inbound-manual-answer",
    "+15550101003": "inbound-reject",
    "+15550101004": "inbound-caller-gives-up",
    "+15550101005": "inbound-nobody-answers",
    "+15550101006": "inbound-caller-name",
    "+15550101007": "inbound-fallback-number",
    "+15550101008": "screening-by-bridge",
    "+15550101011": "sms-autoresponder",
    "+15550101012": "sms-conversation",
    "+15550101013": "sms-stop",
    "+15550101014": "sms-by-get",
    "+15550101015": "mms-received",
    ...bxml.numbers,
};

/** Who are called to a conference, one after the other. */
const guests = ["+15550000011", "+15550000012"];
/** The first call opens the conference and is in it, the others join it. */
async function openOrJoin(call, event) {
    if (guests.includes(event.to)) {
        call.host.guests.push(call);
        await call.host.join(call);
    } else {
        call.from = event.from;
        await call.openRoom({ from: event.from });
        await call.join(call);
    }
}

const tasks = {
    "answer-hangup": { answer: hangUp },
    "answer-speak-gather-hangup": {
        answer: greet,
        "speak.done": (call) => call.gather({ maxDigits: 1 }),
        gather: hangUp,
    },
    "answer-speak-hangup": greeting,
    "bridge-agent-busy": {
        answer: async (call) => call.dial("+15550009901", { bridgeId: await call.bridge(call) }),
        ...sorry,
    },
    busy: {},
    "callback-timeout": greeting,
    "callback-url-changed": { answer: (call) => call.update({ callbackUrl: `${call.here}/moved` }) },
    "callbacks-by-get": {
        answer: (call, event) => call.speak(`This is a call to ${event.to}.`),
        "speak.done": hangUp,
    },
    "caller-hangs-up": { answer: greet },
    "caller-hangs-up-while-speaking": greeting,  // the hang-up is refused, which it takes
    "cancel-while-ringing": { dialed: hangUp },
    "conference-hold-music": {
        answer: openOrJoin,
        async "conference-member"(host, event) {
            if (event.state === "completed") {
                if (event.callId === host.id) await host.guests[0].hangUp();
            } else if (event.activeMembers === 1) {
                await host.request("POST", `${host.room}/audio`, { fileUrl: music, loopEnabled: true });
                await host.invite(host.from, guests[0]);
            } else {
                await host.request("POST", `${host.room}/audio`, { fileUrl: "" });
            }
        },
    },
    "conference-of-three": {
        answer: openOrJoin,
        async "conference-member"(host, event) {
            if (event.state === "completed") {
                if (event.callId === host.id) await host.request("POST", host.room, { state: "completed" });
            } else if (event.activeMembers <= guests.length) {
                await host.invite(host.from, guests[event.activeMembers - 1]);
            } else {
                await host.request("POST", `${host.room}/audio`, { sentence: "You are all here." });
            }
        },
        async "conference.completed"(host) {
            for (const guest of host.guests) await guest.hangUp();
        },
    },
    declined: {},
    "dial-refused": {},
    "dial-speak-hangup": greeting,
    "fallback-after-timeout": { answer: hangUp },
    "fallback-url": greeting,
    "file-stopped": {
        answer: (call) => call.play(music),
        dtmf: (call) => call.play(""),
        "playback.done": hangUp,
    },
    "gather-by-get": { answer: (call) => call.gather({ maxDigits: 3, terminatingDigits: "" }), ...sayAndEnd },
    "gather-hung-up": {
        answer: (call) => call.gather({ maxDigits: 4 }),
        gather: (call, event) => event.reason !== "hung-up" && call.hangUp(),
    },
    "gather-incomplete": {
        answer: (call) => call.gather({ maxDigits: 4 }),
        gather: (call, event) => (event.digits.length < 4 ? call.gather({ maxDigits: 4 }) : call.hangUp()),
    },
    "gather-max-digits": { answer: (call) => call.gather({ maxDigits: 2 }), ...sayAndEnd },
    "gather-no-key": {
        answer: (call) => call.gather({ maxDigits: 1, prompt: { sentence: "Please press a key." } }),
        gather: (call, event) =>
            event.digits ? call.hangUp() : call.gather({ maxDigits: 1, prompt: { sentence: "Please do press a key." } }),
    },
    "gather-refused": {
        async answer(call) {
            const { status } = await call.gather({ maxDigits: 40 });
            if (status === 400) await call.gather({ maxDigits: 30 });
        },
        gather: hangUp,
    },
    "gather-stopped": {
        answer: (call) => call.gather({ maxDigits: 4 }),
        dtmf: (call, event) => event.dtmfDigit === "0" && call.post(`/gather/${call.gatherId}`, { state: "completed" }),
        gather: hangUp,
    },
    "gather-terminating-digit": { answer: (call) => call.gather({}), ...sayAndEnd },
    "gather-without-key-events": {
        answer: (call) => call.gather({ maxDigits: 2, suppressDtmf: true }),
        ...sayAndEnd,
    },
    "inbound-auto-answer": greeting,
    "inbound-caller-gives-up": {},
    "inbound-caller-name": {
        answer: (call, event) => call.speak(`Hello ${event.displayName}.`),
        "speak.done": hangUp,
    },
    "inbound-fallback-number": { incomingcall: () => 503 },
    "inbound-manual-answer": { incomingcall: (call) => call.update({ state: "active" }), answer: hangUp },
    "inbound-nobody-answers": {},
    "inbound-reject": { incomingcall: (call) => call.update({ state: "rejected" }) },
    "keys-without-gather": {
        dtmf(call, event) {
            if (event.dtmfDigit === "#") return call.speak(`You have typed ${call.keys}.`);
            call.keys += event.dtmfDigit;
        },
        "speak.done": hangUp,
    },
    "long-text": {
        answer: (call) => call.speak(parts[0]),
        "speak.done": (call) => (call.said < parts.length ? call.speak(parts[call.said]) : call.hangUp()),
    },
    "loop-stopped": {
        answer: (call) => call.play(music, { loopEnabled: true }),
        dtmf: (call) => call.play(""),
        "playback.done": hangUp,
    },
    "mms-error": {
        asked: (texting, to) => texting.send(to, "Our catalogue.", { media: picture }),
        "mms.error": (texting, event) => texting.send(event.to, `Our catalogue: ${picture[0]}`),
    },
    "mms-received": { "mms.received": (texting, event) => texting.reply(`Thank you for ${event.media.length} files.`) },
    "mms-sent": { asked: (texting, to) => texting.send(to, "Our catalogue.", { media: picture }) },
    "network-failure": {},
    "no-answer": {},
    "platform-error": {},
    "play-file": { answer: (call) => call.play(music), "playback.done": hangUp },
    "recording-failed": {},
    "recording-max-duration": { "recording.complete": greet, "speak.done": hangUp },
    "recording-on-off": { dtmf: (call, event) => call.update({ recordingEnabled: event.dtmfDigit === "1" }) },
    "recording-whole-call": {
        async "recording.complete"(call, event) {
            const { body } = await call.get(`/recordings/${event.recordingId}`);
            await call.fetch(body.media);
        },
    },
    "screening-by-bridge": {
        answer: (call) => call.dial("+15550009909"),
        "other.answer": (call) =>
            call.other.gather({ maxDigits: 1, prompt: { sentence: "Press 1 to take the call." } }),
        "other.gather": (call, event) => (event.digits === "1" ? call.bridge(call, call.other) : call.other.hangUp()),
        hangup: (call) => call.other.hangUp(),
    },
    "second-gather-refused": {
        answer: (call) => call.gather({ maxDigits: 2 }),
        async dtmf(call, event) {
            if (event.dtmfDigit === "1") await call.gather({ maxDigits: 2 });
        },
        gather: hangUp,
    },
    "sentence-replaced": {
        answer: (call) => call.speak(hello, "first"),
        dtmf: (call) => call.speak("As you like.", "second"),
        "speak.done": (call, event) => event.tag === "second" && call.hangUp(),
    },
    "sentence-tags": {
        answer: (call) => call.speak(hello, "first"),
        "speak.done": (call, event) => (event.tag === "first" ? call.speak("Good-bye.", "second") : call.hangUp()),
    },
    "sip-refused": {},
    "sms-autoresponder": { "sms.received": (texting) => texting.reply("We are open from 9 to 5.") },
    "sms-by-get": { "sms.received": repeatIt },
    "sms-conversation": { "sms.received": repeatIt },
    "sms-delivered": { asked: sendWithReceipts },
    "sms-error": { asked: sendWithReceipts },
    "sms-not-delivered": { asked: sendWithReceipts },
    "sms-refused": { asked: sendWithReceipts },
    "sms-stop": {},
    "speech-stopped": { answer: greet, dtmf: (call) => call.speak(""), "speak.done": hangUp },
    "stop-too-late": {
        answer: greet,
        async dtmf(call) {
            const { status } = await call.speak("");
            if (status === 403) await call.hangUp();
        },
    },
    "tag-changed": { answer: (call) => call.update({ tag: "another tag" }) },
    "tones-to-caller": {
        async answer(call) {
            await call.post("/dtmf", { dtmfOut: "1w23#" });
            await call.hangUp();
        },
    },
    transcription: { "transcription.complete": (call, event) => call.fetch(event.textUrl) },
    "transcription-failed": { "transcription.complete": (call, event) => call.fetch(event.textUrl) },
    "transcription-on-request": {
        "recording.complete": async (call, event) => {
            await call.request("POST", `/recordings/${event.recordingId}/transcriptions`, {});
        },
    },
    transfer: { answer: putThrough("+15550009907") },
    "transfer-busy": { answer: putThrough("+15550009901"), ...sorry },
    "transfer-caller-gives-up": { answer: putThrough("+15550009906") },
    "transfer-caller-hangs-up": { answer: putThrough("+15550000187") },
    "transfer-no-answer": { answer: putThrough("+15550009902"), ...sorry },
    "transfer-whisper": {
        answer: putThrough("+15550000187", { whisperAudio: { sentence: "A customer for you." } }),
    },
    "two-sentences": {
        answer: greet,
        "speak.done": (call) => (call.said === 1 ? call.speak("Good-bye.") : call.hangUp()),
    },
    "unallocated-number": {},
    "unknown-members": greeting,
    ...bxml.tasks,
};

module.exports = { numbers, tasks };

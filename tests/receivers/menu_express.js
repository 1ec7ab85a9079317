// A receiver as people write it, on Express with node-bandwidth: asks the caller for one digit, and
// hangs up when it has come. VARIANT makes it subtly wrong.
"use strict";
const express = require("express");
const Bandwidth = require("node-bandwidth");

const variant = process.env.VARIANT || "correct";
const client = new Bandwidth({
    userId: process.env.RINGBACK_USER_ID,
    apiToken: process.env.RINGBACK_TOKEN,
    apiSecret: process.env.RINGBACK_SECRET,
    baseUrl: process.env.RINGBACK_URL,
});
const calls = new Map();  // what we know of each call
let failedOnce = false;

async function greet(id) {
    const tag = variant === "forgets-tag" ? undefined : "menu";
    await client.Call.playAudioAdvanced(id, { sentence: "Please press one.", tag });
    if (variant === "speaks-twice") {
        await client.Call.playAudioAdvanced(id, { sentence: "Please press one.", tag });
    }
}

async function handle(event) {
    const id = event.callId;
    switch (event.eventType) {
        case "answer":
            if (variant === "stores-late") {
                setTimeout(() => calls.set(id, {}), 60_000);
            } else {
                calls.set(id, {});
            }
            return greet(id);
        case "speak": {
            const last = variant === "reacts-to-started" ? "started" : "done";
            if (event.status === last && calls.has(id)) {
                await client.Call.createGather(id, { maxDigits: 1, interDigitTimeout: 10 });
            }
            return undefined;
        }
        case "gather":
            return client.Call.hangup(id);
        default:
            return undefined;
    }
}

const app = express();
app.use(express.json());
app.post("/", async (request, response) => {
    if (variant === "answers-500-once" && request.body.eventType === "speak" && !failedOnce) {
        failedOnce = true;
        response.sendStatus(500);
        return;
    }
    if (variant === "blocks-handler") {
        const end = Date.now() + 3000;
        while (Date.now() < end) {
            // as somebody does who computes in a handler
        }
    }
    response.sendStatus(200);
    handle(request.body).catch((error) => console.error(`${request.body.eventType}: ${error.message}`));
});
app.listen(Number(process.env.PORT), "127.0.0.1");

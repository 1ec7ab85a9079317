// The receiver of probed.json, on nothing but node:http: right as it stands, and with VARIANT wrong in one of the
// ways in which receivers pass every test and fail in production. It places the call when somebody asks for /dial,
// and acts on each event once. What it has done it keeps in the file that STORE names, so that it can be started
// again in the middle of a call; a call of which it has heard nothing for WATCHDOG milliseconds it hangs up. It lets
// who calls in ring, but turns away a second call from a number that is ringing already.
"use strict";
const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");

const variant = process.env.VARIANT || "correct";
const api = process.env.RINGBACK_URL;
const base = `/v1/users/${process.env.RINGBACK_USER_ID}`;
const here = `http://127.0.0.1:${process.env.PORT}`;
const credentials = Buffer.from(`${process.env.RINGBACK_TOKEN}:${process.env.RINGBACK_SECRET}`).toString("base64");
const watchdogMs = Number(process.env.WATCHDOG || 0);

/** What was done for each call, by its id; in memory only it is gone when the process is. */
const store = variant === "in-memory" ? undefined : process.env.STORE;
const calls = store && fs.existsSync(store) ? JSON.parse(fs.readFileSync(store, "utf8")) : {};
function keep() {
    if (!store) return;
    fs.writeFileSync(`${store}.new`, JSON.stringify(calls));
    fs.renameSync(`${store}.new`, store);
}

/** What the API could not do just now is asked for again, three times at most. */
async function post(path, body) {
    let answer;
    for (let tries = variant === "gives-up" ? 1 : 3; tries > 0; tries -= 1) {
        answer = await postOnce(path, body);
        if (answer.status < 500 && answer.status !== 429) break;
    }
    return answer;
}

async function postOnce(path, body) {
    const request = (signal) => fetch(api + base + path, {
        method: "POST",
        headers: { Authorization: `Basic ${credentials}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal,
    });
    try {
        return await request(variant === "impatient" ? AbortSignal.timeout(1000) : undefined);
    } catch (error) {
        if (error.name !== "TimeoutError") throw error;
        return request();  // it has surely got lost
    }
}

const actions = {
    say: (id) => post(`/calls/${id}/audio`, { sentence: "Hello. Press one." }),
    ask: (id) => post(`/calls/${id}/gather`, { maxDigits: 1 }),
    bye: (id) => post(`/calls/${id}`, { state: "completed" }),
};

/** Some work in another thread: unlike a timer one sees from outside that it is not over. */
const sealed = (id) => new Promise((resolve, reject) => {
    crypto.pbkdf2(id, "salt", 1_000_000, 64, "sha512", (error, key) => (error ? reject(error) : resolve(key)));
});

const aWhile = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Each but once for a call, however often its event comes. */
async function once(id, action) {
    const call = (calls[id] ??= { done: [] });
    if (action === "say" && call.done.includes(action) && variant === "crashes") process.exit(3);
    if (call.done.includes(action) && variant !== "not-idempotent") return;
    if (variant === "marks-late") await aWhile(100);  // as a database takes to write
    call.done.push(action);
    keep();
    await actions[action](id);
    watch(id);
}

const watchdogs = new Map();
function watch(id) {
    clearTimeout(watchdogs.get(id));
    if (watchdogMs > 0 && variant !== "waits-forever" && !calls[id].done.includes("bye") && !calls[id].over) {
        watchdogs.set(id, setTimeout(() => once(id, "bye"), watchdogMs));
    }
}

/** Calls whose rows others can see: that of an event when all is done for it, as when a transaction ends. */
const committed = new Set();

/** The call by which each number rings here. */
const ringing = {};
function isSecondLine({ from, callId }) {
    const isBusy = from in ringing && (ringing[from] !== callId || variant === "counts-events");
    ringing[from] = callId;
    return isBusy;
}

/** The status to be answered. */
async function handle(event) {
    const id = event.callId;
    if (!calls[id] && ["in-memory", "knows-by-answer", "keeps-late"].includes(variant)) return 404;
    const call = (calls[id] ??= { done: [] });
    watch(id);
    switch (`${event.eventType} ${event.status || ""}`.trim()) {
        case "incomingcall":
            if (isSecondLine(event)) await post(`/calls/${id}`, { state: "rejected" });
            break;
        case "answer":
            await once(id, "say");
            break;
        case "speak started":
            call.speaks = true;
            break;
        case "speak done":
            if (variant === "expects-order" && !call.speaks) break;
            call.askedAt = Date.parse(event.time);
            await once(id, "ask");
            break;
        case "gather":
            if (variant === "counts-lateness" && Date.parse(event.time) - call.askedAt > 3000) {
                await post(`/calls/${id}/audio`, { sentence: "That took you too long." });  // it took the network
            }
            await once(id, "bye");
            break;
        case "hangup":
            call.over = true;
            delete ringing[event.from];
            clearTimeout(watchdogs.get(id));
            keep();
            break;
    }
    committed.add(id);
    return 200;
}

async function dial({ to }) {
    const made = await post("/calls", { from: "+19195550123", to, callbackUrl: `${here}/` });
    if (made.status !== 201) return 502;
    const id = made.headers.get("location").split("/").pop();
    if (calls[id] && variant === "inserts") return 500;  // its event was faster, and the key is taken
    if (variant === "checks-first" && !committed.has(id)) {
        await sealed(id);
        if (committed.has(id)) return 500;  // its event was faster after all
    }
    calls[id] ??= { done: [] };
    if (variant !== "keeps-late") keep();  // else with the first event
    watch(id);
    return 202;
}

/** What whoever asked for the call is told. */
async function answerToDial(wanted) {
    if (variant !== "hurries") return dial(wanted);
    return Promise.race([dial(wanted), aWhile(1000).then(() => 504)]);  // and yet it goes on
}

http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text) => (body += text));
    request.on("end", async () => {
        try {
            response.writeHead(await (request.url === "/dial" ? answerToDial : handle)(JSON.parse(body))).end();
        } catch (error) {
            console.error(error);
            response.writeHead(500).end();
        }
    });
}).listen(Number(process.env.PORT), "127.0.0.1");

for (const id of Object.keys(calls)) watch(id);

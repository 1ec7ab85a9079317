// A receiver that gets every built-in scenario right, on nothing but node:http. What it does in a
// call is in reference_tasks.js, by the call's tag or by the number that was called;
// VARIANT=SCENARIO:DEFECT,... makes it wrong in ways of reference_defects.js.
//
// It acts first and answers then: a command is on its way before the API hears that its event has
// been taken, so that runs do not depend on how fast the machine is.
"use strict";
const http = require("node:http");
const { numbers, tasks } = require("./reference_tasks.js");
const { defects } = require("./reference_defects.js");

const api = process.env.RINGBACK_URL;
const user = process.env.RINGBACK_USER_ID;
const port = Number(process.env.PORT);
const here = `http://127.0.0.1:${port}`;
const credentials = Buffer.from(`${process.env.RINGBACK_TOKEN}:${process.env.RINGBACK_SECRET}`).toString("base64");

/** What is wrong, by the scenario. */
const wrong = {};
for (const variant of (process.env.VARIANT || "").split(",").filter(Boolean)) {
    const [task, defect] = variant.split(":");
    wrong[task] = defects[task]?.[defect];
    if (!wrong[task]) throw new Error(`no defect ${variant}`);
}

/** A request to the API: { status, location, body }. Any status is an answer. */
async function ask(method, path, body) {
    const response = await fetch(api + path, {
        method,
        headers: { Authorization: `Basic ${credentials}`, "Content-Type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = (response.headers.get("content-type") || "").startsWith("application/json");
    return { status: response.status, location: response.headers.get("location"), body: isJson ? JSON.parse(text) : text };
}

const calls = new Map();  // by id
const recordings = new Map();  // to their calls, because transcriptions name only the recording
const rooms = new Map();  // the calls that opened them, by the id of a conference
const understood = new Set();  // events that came to the slow page

class Call {
    constructor(id, task, base) {
        Object.assign(this, { id, task, base, here, said: 0, keys: "" });
    }
    post(path, body) {
        return ask("POST", `${this.base}/calls/${this.id}${path}`, body);
    }
    request(method, path, body) {
        return ask(method, this.base + path, body);
    }
    get(path) {
        return this.request("GET", path);
    }
    update(change) {
        return this.post("", change);
    }
    hangUp() {
        return this.update({ state: "completed" });
    }
    speak(sentence, tag) {
        this.said += 1;
        return this.post("/audio", { sentence, tag });
    }
    play(fileUrl, more) {
        return this.post("/audio", { fileUrl, ...more });
    }
    async gather(wanted) {
        const made = await this.post("/gather", wanted);
        if (made.status === 201) this.gatherId = made.location.split("/").pop();
        return made;
    }
    /** Puts the caller through; what comes of the second call is told to this one, as "other.…". */
    async transfer(to, more) {
        const made = await this.update({ state: "transferring", transferTo: to, ...more });
        if (made.status === 201) {
            const other = new Call(made.location.split("/").pop(), this.task, this.base);
            other.caller = this;
            this.other = other;
            calls.set(other.id, other);
        }
        return made;
    }
    /** Calls somebody else; what comes of that call is told to this one, as "other.…". */
    async dial(to, more) {
        const made = await this.request("POST", "/calls", {
            from: "+19195550123", to, tag: this.task, callbackUrl: `${here}/`, ...more,
        });
        if (made.status === 201) {
            const other = new Call(made.location.split("/").pop(), this.task, this.base);
            other.caller = this;
            this.other = other;
            calls.set(other.id, other);
        }
        return made;
    }
    /** A bridge with these calls in it: its id. */
    async bridge(...members) {
        const made = await this.request("POST", "/bridges", { callIds: members.map(({ id }) => id) });
        return made.location?.split("/").pop();
    }
    /** Opens a conference, whose events are told to this call, of whichever member they are. */
    async openRoom(wanted) {
        const made = await this.request("POST", "/conferences", { callbackUrl: `${this.here}/`, ...wanted });
        if (made.status === 201) {
            this.room = `/conferences/${made.location.split("/").pop()}`;
            this.guests = [];
            rooms.set(made.location.split("/").pop(), this);
        }
        return made;
    }
    join(call) {
        return this.request("POST", `${this.room}/members`, { callId: call.id });
    }
    /** Calls somebody who is to join; the tag says whom. */
    invite(from, to) {
        return this.request("POST", "/calls", { from, to, tag: `${this.task} ${this.id}`, callbackUrl: `${this.here}/` });
    }
    /** The file behind a URL of the API, whatever its host is called. */
    fetch(url) {
        return ask("GET", new URL(url).pathname);
    }
}

/** What is written to and by whom an event is about; without one, by whoever asks for a message. */
class Texting {
    constructor(task, base, event) {
        Object.assign(this, { task, base, event });
    }
    send(to, text, more) {
        return ask("POST", `${this.base}/messages`, {
            from: this.event?.direction === "in" ? this.event.to : "+19195550123",
            to, text, tag: this.task, callbackUrl: `${here}/`, ...more,
        });
    }
    reply(text) {
        return this.send(this.event.from, text);
    }
}

const handlersOf = (task) => ({ ...tasks[task], ...wrong[task] });

const isOfMessage = (event) => event.eventType === "sms" || event.eventType === "mms";
const taskOfMessage = (event) => (event.direction === "in" ? numbers[event.to] : event.tag);

/** The call an event is about; known by its tag or number when it is told of first. */
function callOf(event) {
    if (event.conferenceId) return rooms.get(event.conferenceId);
    const id = event.callId || recordings.get(event.recordingId)?.id;
    if (!calls.has(id) && event.callUri) {
        const [task, host] = event.eventType === "incomingcall" ? [numbers[event.to]] : (event.tag || "").split(" ");
        const base = new URL(event.callUri).pathname.replace(/\/calls\/.*/, "");
        calls.set(id, Object.assign(new Call(id, task, base), { host: calls.get(host) }));
    }
    const call = calls.get(id);
    if (event.recordingId) recordings.set(event.recordingId, call);
    return call;
}

function nameOf(event) {
    if (isOfMessage(event)) {
        const receipt = event.state === "sent" && event.deliveryState !== "waiting" && event.deliveryState;
        return `${event.eventType}.${receipt || event.state}`;
    }
    const phases = { started: "started", done: "done", complete: "complete", completed: "complete", error: "error" };
    if (event.eventType === "conference") return `conference.${event.status}`;
    const phased = ["speak", "playback", "recording", "transcription", "conference-speak", "conference-playback"];
    const phase = phased.includes(event.eventType) && phases[event.status];
    return phase ? `${event.eventType}.${phase}` : event.eventType;
}

/** The status to be answered. */
async function handle(event) {
    if (isOfMessage(event)) {
        const task = taskOfMessage(event);
        const base = new URL(event.messageUri).pathname.replace(/\/messages\/.*/, "");
        const outcome = await handlersOf(task)[nameOf(event)]?.(new Texting(task, base, event), event);
        return typeof outcome === "number" ? outcome : 200;
    }
    const call = callOf(event);
    if (!call) return 404;
    const handlers = handlersOf(call.task);
    const handler = handlers[(call.caller ? "other." : "") + nameOf(event)];
    const outcome = handler && (await handler(call.caller || call, event));
    return typeof outcome === "number" ? outcome : 200;
}

/** Somebody asks for a call: { to, tag }. */
async function dial({ to, tag }) {
    const handlers = handlersOf(tag);
    const base = `/v1/users/${user}`;
    const made = await ask("POST", `${base}/calls`, {
        from: "+19195550123", to, tag, callbackUrl: `${here}/`, ...handlers.wanted,
    });
    if (made.status !== 201) return handlers.refused || 502;
    const call = new Call(made.location.split("/").pop(), tag, base);
    calls.set(call.id, call);
    await handlers.dialed?.(call);
    return 202;
}

/** Somebody asks for a message: { to, tag }. */
async function send({ to, tag }) {
    const handlers = handlersOf(tag);
    const made = await handlers.asked(new Texting(tag, `/v1/users/${user}`), to);
    return made.status === 201 ? 202 : handlers.refused || 502;
}

const readWell = (query) => Object.fromEntries(new URLSearchParams(query));
const taskOf = (event) => (isOfMessage(event) ? taskOfMessage(event) : callOf(event)?.task);
const readQuery = (query) => (wrong[taskOf(readWell(query))]?.query || readWell)(query);

/** By path; everything that is no page of its own is the callback URL. */
const pages = {
    "/dial": dial,
    "/send": send,
    "/failing": (event) => wrong[callOf(event).task]?.failing ?? 500,
    "/slow": async (event) => {
        understood.add(JSON.stringify(event));
        await handle(event);
        return new Promise(() => {});
    },
    "/fallback": (event) => {
        const { fallback, forgetful } = handlersOf(callOf(event).task);
        return fallback || (understood.has(JSON.stringify(event)) && !forgetful ? 200 : handle(event));
    },
    "/nowhere": () => 404,
};

http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text) => (body += text));
    request.on("end", async () => {
        const url = new URL(request.url, here);
        try {
            const event = request.method === "GET" ? readQuery(url.search) : JSON.parse(body);
            const status = await (pages[url.pathname] || handle)(event);
            if (status === 0) {
                response.destroy();
            } else {
                response.writeHead(status).end();
            }
        } catch (error) {
            console.error(error);
            response.writeHead(500).end();
        }
    });
}).listen(port, "127.0.0.1");

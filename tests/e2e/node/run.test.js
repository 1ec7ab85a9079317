"use strict";
// `ringback run` against receivers as people write them, right ones and subtly wrong ones.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { neverReplies, run, scratchFolder, start, startReceiver, test, unbroken, until, within, occupiedPort } = require("./harness");

const receivers = path.join(__dirname, "..", "..", "receivers");
const menu = path.join(receivers, "menu.json");
const commands = {
	express: ["node", path.join(receivers, "menu_express.js")],
	python: ["python3", path.join(receivers, "menu_python.py")],
};

const play = (variant, command, flags = []) =>
	run(["run", menu, ...flags, "--", ...command], { VARIANT: variant });

/** A scenario file of these members. */
function scenario(members) {
	const file = path.join(scratchFolder(), "scenario.json");
	fs.writeFileSync(file, typeof members === "string" ? members : JSON.stringify({ version: 1, name: "test", ...members }));
	return file;
}

/** What each variant must be caught by: the step, and words of the message. */
const defects = {
	"answers-500-once": ["started", /got\s+answered 500/],
	"speaks-twice": ["started", /POST \S+\/audio -> 200 came instead/],
	"forgets-tag": ["say", /body\.tag\s+\S+ expected "menu", got nothing/],
	"reacts-to-started": ["done", /POST \S+\/gather -> 201 came instead/],
	"blocks-handler": ["answer", /latency < 2000 ms\n\s+got\s+answered 200 after 3\d\d\d ms/],
	"stores-late": ["ask", /within 5000 ms: POST \S+\/gather\n\s+got\s+nothing came/],
};

for (const [name, command] of Object.entries(commands)) {
	test(`run: the ${name} receiver that is right passes`, async () => {
		const { code, stdout, stderr } = await play("correct", command);

		assert.equal(code, 0, stdout + stderr);
		assert.match(stdout, /^ok {3}menu {2}17 of 17 held, 11\.9 s modelled/);
		assert.match(stderr, /1 of 1 runs: 1 passed, 0 failed, 0 inconclusive/);
	});
	for (const [variant, [step, words]] of Object.entries(defects)) {
		test(`run: the ${name} receiver that ${variant} is caught, with its defect named`, async () => {
			const { code, stdout } = await play(variant, command);

			assert.equal(code, 1, stdout);
			assert.match(stdout, new RegExp(`FAIL menu  ${step}  \\S+menu\\.json:\\d+:\\d+\\n  seed 42, call c-\\w+\\n`));
			assert.match(unbroken(stdout), words);
			assert.match(stdout, /again: ringback run \S+ --seed 42 -- \S+ \S+menu_\w+\.\w+\n/);
		});
	}
}

test("run: the same seed gives the same verdict and the same journal", async () => {
	const lines = [];
	for (let round = 0; round < 2; round += 1) {
		const { stdout } = await play("correct", commands.python, ["--format", "json", "--seed", "7"]);
		const { journal, wall_ms, ...rest } = JSON.parse(stdout);
		assert.equal(typeof wall_ms, "number");
		for (const entry of journal) delete entry.wall;
		const text = JSON.stringify({ ...rest, journal });
		// Ports, and which of an answer and the command it caused is recorded first, are the machine's.
		lines.push(text.replaceAll(/127\.0\.0\.1:\d+/g, "HOST").length);
		assert.equal(rest.result, "passed");
		assert.equal(rest.seed, 7);
	}
	assert.equal(lines[0], lines[1]);
});

test("run: a receiver that runs already is tested without a command", async () => {
	const receiver = await startReceiver();
	const file = scenario({ start: { call: {} }, steps: [{ send: "answer" }, { caller: { hangup: true } }, { send: "hangup" }] });

	const { code, stdout, stderr } = await run(["run", file, "--callback-url", receiver.url]);

	assert.equal(code, 0, stdout + stderr);
	assert.deepEqual(receiver.events.map((event) => event.eventType), ["answer", "hangup"]);
	await receiver.stop();
});

test("run: a kicked application places the call itself", async () => {
	const file = scenario({
		start: {
			kick: { url: "${receiver}/dial", body: { number: "${to}" } },
			await: { id: "create", command: "create", match: { body: { to: { equalTo: "${to}" } } }, within: "20s" },
		},
		steps: [{ send: "answer", match: { callId: { equalTo: "${create:callId}" } } }, { send: "hangup" }],
		vars: { to: "+19195559907" },
	});
	const application = `
		const http = require("node:http");
		http.createServer((request, response) => {
			let body = "";
			request.on("data", (bytes) => (body += bytes)).on("end", () => {
				response.writeHead(200).end();
				if (request.url !== "/dial") return;
				fetch(process.env.RINGBACK_URL + "/v1/users/" + process.env.RINGBACK_USER_ID + "/calls", {
					method: "POST",
					headers: { "Content-Type": "application/json", Authorization: "Basic " + Buffer.from("t:s").toString("base64") },
					body: JSON.stringify({ from: "+19195550123", to: JSON.parse(body).number, callbackUrl: process.env.RINGBACK_CALLBACK_URL }),
				});
			});
		}).listen(Number(process.env.PORT), "127.0.0.1");`;

	const { code, stdout, stderr } = await run(["run", file, "--", "node", "-e", application]);

	assert.equal(code, 0, stdout + stderr);
});

test("run: what a send sets is what the receiver is told", async () => {
	const receiver = await startReceiver();
	const file = scenario({
		start: { inbound: {} },
		steps: [{ send: "incomingcall", set: { from: "+15550100001" } }, { send: "answer" }, { caller: { hangup: true } }, { send: "hangup" }],
	});

	const { code, stdout, stderr } = await run(["run", file, "--callback-url", receiver.url]);

	assert.equal(code, 0, stdout + stderr);
	assert.equal(receiver.events[0].from, "+15550100001");
	assert.equal(receiver.events[1].from, "+19195550187");
	await receiver.stop();
});

test("run: what a failure says would be accepted is accepted", async () => {
	const { stdout } = await play("forgets-tag", commands.express);
	const [, edit] = /accept: --override '(.*)'\n/.exec(stdout);
	assert.equal(edit, 'say:match.body.tag={"absent":true}');

	const again = await play("forgets-tag", commands.express, ["--override", edit]);
	assert.equal(again.code, 0, again.stdout);

	const none = await play("correct", commands.express, ["--override", "nobody:within=1s"]);
	assert.equal(none.code, 2);
	assert.match(none.stderr, /menu\.json: --override: there is no step "nobody"/);
});

test("run: a forwarded call, and a caller who withholds the number, are told as such", async () => {
	const receiver = await startReceiver();
	const file = scenario({
		start: { inbound: {
			displayName: "Somebody", withholdCallerNumber: true, diversion: { origTo: "${to}", reason: "no-answer", limit: 3 },
		} },
		steps: [
			{ send: "incomingcall", match: { displayName: { equalTo: "Somebody" } } }, { send: "answer" },
			{ caller: { hangup: true } }, { send: "hangup" },
		],
	});

	const { code, stdout, stderr } = await run(["run", file, "--callback-url", receiver.url]);

	assert.equal(code, 0, stdout + stderr);
	for (const event of receiver.events.slice(0, 2)) {
		assert.equal(event.withholdCallerNumber, "true", event.eventType);
		assert.deepEqual(event.diversion, {
			privacy: "off", screen: "no", reason: "no-answer", counter: 1, limit: 3, origTo: "+19195550187",
		});
	}
	await receiver.stop();
});

test("run: answers are held against their headers, names in any case", async () => {
	const receiver = await startReceiver(() => ({ status: 200, headers: { "Content-Type": "text/xml", "X-Two": ["a", "b"] } }));
	const steps = (type) => [
		{ send: "answer", id: "up", expect: { headers: { "content-type": { contains: type }, "X-TWO": "a, b", "x-none": { absent: true } } } },
		{ caller: { hangup: true } },
		{ send: "hangup" },
	];
	const right = await run(["run", scenario({ steps: steps("xml") }), "--callback-url", receiver.url]);
	assert.equal(right.code, 0, right.stdout + right.stderr);

	const wrong = await run(["run", scenario({ steps: steps("json") }), "--callback-url", receiver.url]);
	assert.equal(wrong.code, 1);
	assert.match(wrong.stdout, /got\s+its answer says something else/);
	assert.match(wrong.stdout, /headers\.content-type\s+\S+ expected it to contain "json", got "text\/xml"/);
	assert.match(wrong.stdout, /headers\.X-TWO\s+\S+ "a, b"/);
	await receiver.stop();
});

test("run: requests are held against headers, and variables may be made of each other", async () => {
	const application = `
		const http = require("node:http");
		http.createServer((request, response) => {
			let body = "";
			request.on("data", (bytes) => (body += bytes)).on("end", () => {
				response.writeHead(200).end();
				const event = JSON.parse(body);
				if (event.eventType !== "answer") return;
				fetch(process.env.RINGBACK_URL + new URL(event.callUri).pathname, {
					method: "POST",
					headers: { "Content-Type": "application/json", "X-Trace": "t-1", Authorization: "Basic " + Buffer.from("t:s").toString("base64") },
					body: JSON.stringify({ state: "completed" }),
				});
			});
		}).listen(Number(process.env.PORT), "127.0.0.1");`;
	const file = (trace) => scenario({
		vars: { zulu: "1", alpha: "t-${zulu}" },
		steps: [
			{ send: "answer" },
			{ await: { command: "update", within: "20s", match: { headers: { "x-trace": trace } } } },
			{ send: "hangup" },
		],
	});

	const right = await run(["run", file("${alpha}"), "--", "node", "-e", application]);
	assert.equal(right.code, 0, right.stdout + right.stderr);

	const wrong = await run(["run", file("t-2"), "--", "node", "-e", application]);
	assert.equal(wrong.code, 1);
	assert.match(wrong.stdout, /headers\.x-trace\s+\S+ expected "t-2", got "t-1"/);
});

test("run: several at once have a user id each", async () => {
	const receiver = await startReceiver();
	const steps = [{ send: "answer" }, { caller: { hangup: true } }, { send: "hangup" }];
	const files = [1, 2, 3, 4].map(() => scenario({ steps }));

	const { code, stdout, stderr } = await run(["run", ...files, "--jobs", "4", "--callback-url", receiver.url, "--format", "json"]);

	assert.equal(code, 0, stderr);
	const users = stdout.trim().split("\n").map((line) => JSON.parse(line).user);
	assert.deepEqual([...users].sort(), ["u-ringback-1", "u-ringback-2", "u-ringback-3", "u-ringback-4"]);
	assert.equal(receiver.events.length, 8);
	await receiver.stop();
});

test("run: several at once, and the receiver knows only the user id that it was told", async () => {
	const files = [menu, menu, menu, menu];
	const { code, stdout, stderr } = await run(["run", ...files, "--jobs", "4", "--", ...commands.express]);

	assert.equal(code, 0, stdout + stderr);
	assert.match(stderr, /4 of 4 runs: 4 passed/);
});

/** Hangs up when it is told of an answer; places a call when it is kicked. It knows the one user id it was told. */
const knowsOneUser = `
	const calls = process.env.RINGBACK_URL + "/v1/users/" + process.env.RINGBACK_USER_ID + "/calls";
	const post = (path, body) => fetch(calls + path, {
		method: "POST", body: JSON.stringify(body),
		headers: { "Content-Type": "application/json", Authorization: "Basic " + Buffer.from("t:s").toString("base64") },
	});
	require("node:http").createServer((request, response) => {
		let text = "";
		request.on("data", (bytes) => (text += bytes)).on("end", () => {
			response.writeHead(200).end();
			const said = JSON.parse(text);
			if (request.url === "/dial") {
				post("", { from: "+19195550123", to: said.number, tag: said.tag, callbackUrl: process.env.RINGBACK_CALLBACK_URL });
			} else if (said.eventType === "answer") {
				post("/" + said.callId, { state: "completed" });
			}
		});
	}).listen(Number(process.env.PORT), "127.0.0.1");`;

test("run: files of several user ids are played against one receiver, which knows one of them", async () => {
	const steps = [{ send: "answer" }, { await: { command: "update" } }, { send: "hangup" }];
	const kick = { url: "${receiver}/dial", body: { number: "${to}", tag: "${userId}" } };
	const matched = { command: "create", match: { body: { tag: "${userId}" } }, id: "create" };
	const files = ["u-demo", null, "u-other", "${env.OTHER_USER}"].flatMap((userId) => {
		const vars = userId === null ? {} : { userId };
		return [scenario({ vars, steps }), scenario({ vars, steps, start: { kick, await: matched } })];
	});
	for (const jobs of ["1", "8"]) {
		const { code, stdout, stderr } = await run(["run", ...files, "--jobs", jobs, "--", "node", "-e", knowsOneUser], { OTHER_USER: "u-env" });

		assert.equal(code, 0, stdout + stderr);
		assert.match(stderr, /8 of 8 runs: 8 passed/);
		assert.doesNotMatch(stderr, /named no user id/);
	}
});

test("run: the receiver is told where everything is, and may be the phone through the admin plane", async () => {
	const file = scenario({ order: "ordered", steps: [{ send: "answer" }, { send: "dtmf", match: { dtmfDigit: "7" } }, { send: "hangup" }] });
	const presses = `
		const { RINGBACK_URL: api, RINGBACK_ADMIN_URL: admin, BW_API_URL, BW_VOICE_URL, RINGBACK_RUN_ID } = process.env;
		if (BW_API_URL !== api || BW_VOICE_URL !== api || !RINGBACK_RUN_ID) process.exit(1);
		const act = (id, what) => fetch(admin + "/calls/" + id + "/caller", {
			method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(what),
		});
		require("node:http").createServer((request, response) => {
			let text = "";
			request.on("data", (bytes) => (text += bytes)).on("end", async () => {
				const said = JSON.parse(text);
				response.writeHead(200).end();
				if (said.eventType === "answer") await act(said.callId, { action: "press", digits: "7" });
				if (said.eventType === "dtmf") await act(said.callId, { action: "hangup" });
			});
		}).listen(Number(process.env.PORT), "127.0.0.1");`;

	const { code, stdout, stderr } = await run(["run", file, "--", "node", "-e", presses]);

	assert.equal(code, 0, stdout + stderr);
});

test("run: a file without steps plays a call from ring to hangup, on either clock", async () => {
	const receiver = await startReceiver();
	const file = scenario({ model: { "answer-delay": "2500ms" } });
	for (const clock of ["virtual", "real"]) {
		receiver.events.length = 0;

		const { code, stdout, stderr } = await run(["run", file, "--clock", clock, "--callback-url", receiver.url]);

		assert.equal(code, 0, stdout + stderr);
		assert.deepEqual(receiver.events.map(({ eventType, cause }) => [eventType, cause]), [["answer", undefined], ["hangup", "NORMAL_CLEARING"]]);
	}
	await receiver.stop();
});

test("run: a run that is not over in time is exit 5, and says where it was", async () => {
	const receiver = await startReceiver(() => neverReplies);
	const file = scenario({ steps: [{ send: "answer" }, { await: { command: "gather", within: "1h" } }] });

	const { code, stdout } = await run(["run", file, "--timeout", "500ms", "--callback-url", receiver.url]);

	assert.equal(code, 5, stdout);
	assert.match(unbroken(stdout), /got +the time for the run is over/);
	assert.match(stdout, /again: ringback run \S+ --seed 42 --timeout 500ms -f /);
	await receiver.stop();
});

test("run: an event that goes as a query is changed as one that goes as a body", async () => {
	const receiver = await startReceiver();
	const file = scenario({
		start: { call: { callbackHttpMethod: "GET", tag: "a tag" } },
		steps: [{ send: "answer", set: { tag: "other & more" } }, { caller: { hangup: true } }, { send: "hangup" }],
	});

	const { code, stdout, stderr } = await run(["run", file, "--callback-url", receiver.url]);

	assert.equal(code, 0, stdout + stderr);
	assert.deepEqual(receiver.events.map(({ tag }) => tag), ["other & more", "a tag"]);
	await receiver.stop();
});

test("run: what the person on the phone cannot do is inconclusive, at its step", async () => {
	const receiver = await startReceiver();
	const file = scenario({
		steps: [{ send: "answer" }, { caller: { hangup: true } }, { send: "hangup" }, { caller: { press: "1" } }],
	});

	const { code, stdout } = await run(["run", file, "--callback-url", receiver.url]);

	assert.equal(code, 6, stdout);
	assert.match(unbroken(stdout), /INCONCLUSIVE test {2}caller \(line 1\)[^]*cannot do that now: the call is "completed"/);
	await receiver.stop();
});

test("run: a variable that no scenario has is a mistake", async () => {
	const { code, stderr } = await run(["run", menu, "-e", "digti=2", "--callback-url", "http://127.0.0.1:9"]);

	assert.equal(code, 2);
	assert.match(stderr, /-e digti: expected a variable of a scenario/);
});

test("run: an event that cannot come is inconclusive, with an exit status of its own", async () => {
	const receiver = await startReceiver();
	const file = scenario({ start: { call: {} }, order: "ordered", steps: [{ send: "answer" }, { send: "hangup" }] });

	const { code, stdout } = await run(["run", file, "--callback-url", receiver.url]);

	assert.equal(code, 6, stdout);
	assert.match(stdout, /INCONCLUSIVE test/);
	assert.match(stdout, /no such event can come/);
	await receiver.stop();
});

test("run: every mistake of a scenario is told with its place, and nothing is sent", async () => {
	const receiver = await startReceiver();
	const file = scenario('{\n  "version": 1,\n  "name": "x",\n  "stepz": [],\n  "steps": [\n    { "sned": "answer" }\n  ]\n}\n');

	const { code, stdout, stderr } = await run(["run", file, "--callback-url", receiver.url]);

	assert.equal(code, 2);
	assert.equal(stdout, "");
	assert.match(stderr, /scenario\.json:4:3: .*"stepz".*"steps"/);
	assert.match(stderr, /scenario\.json:6:7: .*"sned".*"send"/);
	assert.equal(receiver.events.length, 0);
	await receiver.stop();
});

test("run: a receiver that never listens is exit 4, one that ends early at once, no command at all 3", async () => {
	const never = await run(["run", menu, "--wait-timeout", "300ms", "--", "sleep", "600"]);
	assert.equal(never.code, 4, never.stderr);

	const early = await run(["run", menu, "--", "sh", "-c", "exit 7"]);
	assert.equal(early.code, 4, early.stderr);
	assert.match(early.stderr, /ended with exit code 7/);

	const none = await run(["run", menu, "--", "/no/such/program"]);
	assert.equal(none.code, 3, none.stderr);
	assert.match(none.stderr, /\/no\/such\/program/);
});

test("run: a receiver that crashes in mid-call fails the run", async () => {
	const application = `
		require("node:http").createServer((request, response) => process.exit(3)).listen(Number(process.env.PORT), "127.0.0.1");`;
	const file = scenario({ steps: [{ send: "answer" }, { caller: { hangup: true } }, { send: "hangup" }] });

	const { code, stdout } = await run(["run", file, "--", "node", "-e", application]);

	assert.equal(code, 1, stdout);
	assert.match(stdout, /FAIL test/);
});

test("run: an occupied port is exit 3, bad words are exit 2", async () => {
	const taken = await occupiedPort();
	const occupied = await run(["run", menu, "--port", String(taken.port), "--", "sleep", "600"]);
	assert.equal(occupied.code, 3, occupied.stderr);
	await taken.release();

	const nothing = await run(["run"]);
	assert.equal(nothing.code, 2);
	assert.match(nothing.stderr, /FILE: expected at least one scenario/);
	assert.match(nothing.stderr, /--callback-url/);
});

test("run: killed with SIGKILL, it leaves no process of the receiver behind", async () => {
	const folder = scratchFolder();
	const pidFile = path.join(folder, "pid");
	// A grandchild, as npm start makes one.
	const command = `sh -c 'echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 600' & wait`;
	const ringback = start(["run", menu, "--", "sh", "-c", command]);
	const pid = await until(async () => {
		await new Promise((resolve) => setImmediate(resolve));
		return fs.existsSync(pidFile) && Number(fs.readFileSync(pidFile, "utf8"));
	}, () => `no grandchild; stderr: ${ringback.stderr()}`);

	ringback.child.kill("SIGKILL");

	await until(async () => {
		await new Promise((resolve) => setImmediate(resolve));
		try {
			process.kill(pid, 0);
			return fs.readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
		} catch {
			return true;
		}
	}, () => `process ${pid} still runs`);
});

test("run: interrupted, it stops the receiver and exits 130", async () => {
	const ringback = start(["run", menu, "--", "sleep", "600"]);
	await within(new Promise((resolve) => setTimeout(resolve, 0)), () => "");
	await until(async () => {
		await new Promise((resolve) => setImmediate(resolve));
		return fs.readdirSync("/proc").some((name) => {
			try {
				return fs.readFileSync(`/proc/${name}/cmdline`, "utf8") === "sleep\u0000600\u0000" &&
					fs.readFileSync(`/proc/${name}/environ`, "utf8").includes("RINGBACK_RUN_ID=");
			} catch {
				return false;
			}
		});
	}, () => `the receiver did not start; stderr: ${ringback.stderr()}`);

	ringback.child.kill("SIGINT");

	assert.equal(await within(ringback.exited, () => "ringback did not end"), 130);
});

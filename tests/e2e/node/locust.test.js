"use strict";
// Workers of ours in a cluster of a real Locust master. The workers count calls that they do not place
// (tests/support/locust_worker.cpp), so that every total is known.

const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { endings, scratchFolder, test, until, within } = require("./harness");
const {
	freePort, locustfile, readTable, rowOf, startLines, startMaster, startWebMaster, top,
} = require("./locust");

const python = "/usr/bin/python3";  // the one that Debian's packages are for
const rowNames = ["API POST /calls/{id}/audio", "CALL answer-hangup", "EVENT answer"];

const parsed = (text) => (text.startsWith("{") ? JSON.parse(text) : { stderr: text });

function startWorker(port, ...options) {
	const worker = startLines(process.env.RINGBACK_LOCUST_WORKER, [`127.0.0.1:${port}`, ...options], {}, parsed);
	/** What it has given away up to line `end`: row -> [requests, failures]. */
	worker.reported = (end = worker.lines.length) => {
		const sum = {};
		for (const { report } of worker.lines.slice(0, end)) {
			for (const [row, [requests, failures]] of Object.entries(report ?? {})) {
				sum[row] ??= [0, 0];
				sum[row][0] += requests;
				sum[row][1] += failures;
			}
		}
		return sum;
	};
	return worker;
}

/** Row -> [requests, failures] of a table, and what is aggregated. */
function counts(table) {
	const of = (row) => [Number(row["Request Count"]), Number(row["Failure Count"])];
	return Object.fromEntries([...rowNames.map((name) => [name, of(rowOf(table, name))]),
		["Aggregated", of(table.find((row) => row.Name === "Aggregated"))]]);
}

/** What `users` users come to that made `each` calls each. */
function expected(users, each) {
	const calls = users * each;
	const failures = users * Math.floor(each / 10);
	return {
		"API POST /calls/{id}/audio": [calls, 0], "CALL answer-hangup": [calls, 0], "EVENT answer": [calls, failures],
		Aggregated: [3 * calls, failures],
	};
}

const joined = (worker) => worker.line(({ note }) => /^worker \d+ of the Locust master/.test(note));
const usersOf = ({ lines }) => lines.reduce((last, { users, stop }) =>
	(stop === undefined ? users ?? last : {}), {});
const sum = (users) => Object.values(users).reduce((all, count) => all + count, 0);
/** Resolves once the workers together have so many users. */
const haveUsers = (workers, count) => within((async () => {
	for (;;) {
		if (workers.reduce((all, worker) => all + sum(usersOf(worker)), 0) === count) return;
		await Promise.race(workers.map(({ lines, seen }) => {
			const before = lines.length;
			return seen((now) => now.length > before);
		}));
	}
})(), () => `not ${count} users: ${workers.map((worker) => worker.all()).join("\n")}`);

/** Resolves once the master's console has shown this count, and then once more: by then its CSV files have it too. */
const shown = (master, count) => master.seen((lines) =>
	lines.filter((text) => new RegExp(`^\\s*Aggregated +${count}\\b`).test(text)).length >= 2);

test("locust: what our tests take for Locust's bytes is what Locust packs", () => {
	const packed = execFileSync(python, [path.join(top, "tests/support/locust_golden.py")], { timeout: 60000 });
	assert.equal(packed.toString(), fs.readFileSync(path.join(top, "tests/unit/locust_golden.txt"), "utf8"));
});

test("locust: three workers, and the master's CSV, page, console and status have exactly what they did", async () => {
	const folder = scratchFolder();
	const port = await freePort();
	const master = startMaster(port, ["--headless", "--expect-workers", "3", "-u", "6", "-r", "3", "--host", "http://target",
		"--csv", path.join(folder, "run"), "--html", path.join(folder, "run.html")]);
	const workers = [1, 2, 3].map(() => startWorker(port, "each=50"));

	await shown(master, 6 * 50 * 3);
	master.child.kill("SIGTERM");

	assert.equal(await master.ended(), 1, master.all());  // Locust's own status for a run with failures
	for (const worker of workers) {
		assert.equal(await worker.ended(), 0, worker.all());
		assert.equal(sum(worker.lines.findLast(({ users }) => users).users), 2);
		assert.ok(worker.lines.find(({ begin }) => begin === "http://target"));
	}
	const table = readTable(fs.readFileSync(path.join(folder, "run_stats.csv"), "utf8"));
	assert.deepEqual(counts(table), expected(6, 50));
	assert.equal(table.length, 4);
	const event = rowOf(table, "EVENT answer");
	assert.equal(Number(event["Min Response Time"]), 12);
	assert.equal(Number(event["Max Response Time"]), 3432);
	assert.equal(Number(event["Average Response Time"]), (270 * 12 + 30 * 3432) / 300);
	assert.deepEqual([event["50%"], event["80%"], event["95%"]], ["12", "12", "3400"]);
	assert.equal(Number(event["Average Content Size"]), 5);
	assert.equal(Number(rowOf(table, "API POST /calls/{id}/audio")["Min Response Time"]), 1.5);
	const failures = readTable(fs.readFileSync(path.join(folder, "run_failures.csv"), "utf8"));
	assert.deepEqual(failures, [{ Method: "EVENT", Name: "answer", Error: "'answered 500'", Occurrences: "30" }]);
	const [exception, ...others] = readTable(fs.readFileSync(path.join(folder, "run_exceptions.csv"), "utf8"));
	assert.deepEqual(others, []);
	assert.deepEqual([exception.Count, exception.Message, exception.Traceback, exception.Nodes.split(", ").length],
		["6", "the first call of a line is an exception", "menu.json:8:5", 3]);
	assert.match(fs.readFileSync(path.join(folder, "run.html"), "utf8"), /POST \/calls\/\{id\}\/audio/);
	assert.doesNotMatch(master.all(), /Traceback \(most|Unknown message|different version|old \(pre/);
});

test("locust: a worker killed in mid-run is missed, and nothing is counted twice", async () => {
	const folder = scratchFolder();
	const port = await freePort();
	const master = startMaster(port, ["--headless", "--expect-workers", "3", "-u", "6", "-r", "6",
		"--csv", path.join(folder, "run")]);
	const survivors = [1, 2].map(() => startWorker(port, "each=100"));
	const victim = startWorker(port);

	// Right after it has given its second report with calls away: that one is on its way, or lost.
	await victim.seen((lines) => lines.filter(({ report }) => report?.["CALL answer-hangup"]).length >= 2);
	victim.child.kill("SIGKILL");
	await victim.ended();
	await master.line((text) => /failed to send heartbeat, setting state to missing/.test(text));
	// A console table that was begun after the victim was missed has all that there will be.
	for (const worker of survivors) {
		await worker.seen(() => worker.reported()["CALL answer-hangup"]?.[0] >= 200);
	}
	const before = master.lines.length;
	await master.seen((lines) => lines.slice(before).filter((text) => /^\s*Aggregated/.test(text)).length >= 4);
	master.child.kill("SIGTERM");
	assert.equal(await master.ended(), 1, master.all());

	const table = counts(readTable(fs.readFileSync(path.join(folder, "run_stats.csv"), "utf8")));
	const lastReport = victim.lines.findLastIndex(({ report }) => report?.["CALL answer-hangup"]);
	const [withLast, withoutLast] = [victim.reported(), victim.reported(lastReport)];
	const candidates = [withLast, withoutLast].map((killed) => Object.fromEntries(rowNames.map((row) => [row,
		[0, 1].map((i) => killed[row][i] + survivors.reduce((all, worker) => all + worker.reported()[row][i], 0))])));
	delete table.Aggregated;
	assert.ok(candidates.some((candidate) => JSON.stringify(candidate) === JSON.stringify(table)),
		`${JSON.stringify(table)} is none of ${JSON.stringify(candidates)}`);
	for (const worker of survivors) {
		assert.equal(await worker.ended(), 0, worker.all());
	}
});

test("locust: the web page ramps up and down, stops and starts again; each test is counted by itself", async () => {
	const port = await freePort();
	const master = await startWebMaster(port, ["--stop-timeout", "2"]);
	const workers = [1, 2].map(() => startWorker(port, "each=20"));
	await Promise.all(workers.map(joined));

	await master.swarm(6, { spawn_rate: 4, host: "http://first" });
	await haveUsers(workers, 6);
	await master.counted(6 * 20);
	await master.swarm(1);
	await haveUsers(workers, 1);
	await master.swarm(4);
	await haveUsers(workers, 4);
	assert.deepEqual(counts(await master.counted((6 + 3) * 20)), expected(6 + 3, 20));
	const status = await (await master.ask("/stats/requests")).json();
	assert.equal(status.user_count, 4);
	assert.deepEqual(status.workers.map(({ state }) => state), ["running", "running"]);
	assert.ok(status.workers.every(({ cpu_usage, memory_usage }) => cpu_usage >= 0 && memory_usage > 1e6));

	await master.ask("/stop");
	for (const worker of workers) {
		await worker.line(({ stop }) => stop === 2000);
		await worker.seen((lines) => lines.filter(({ note }) => /^worker \d/.test(note)).length === 2);
	}
	await master.swarm(2, { host: "http://second" });
	for (const worker of workers) await worker.line(({ begin }) => begin === "http://second");
	assert.deepEqual(counts(await master.counted(2 * 20)), expected(2, 20));

	master.child.kill("SIGTERM");
	for (const worker of workers) {
		assert.equal(await worker.ended(), 0, worker.all());
		assert.deepEqual(worker.lines.at(-1), { end: "" });
	}
	await master.ended();
});

test("locust: a master that dies and is started again has its workers back, with nothing of the old test", async () => {
	const port = await freePort();
	const first = await startWebMaster(port);
	const workers = [1, 2].map(() => startWorker(port, "each=20"));
	await Promise.all(workers.map(joined));
	await first.swarm(4);
	await haveUsers(workers, 4);

	first.child.kill("SIGKILL");
	await first.ended();
	await haveUsers(workers, 0);  // nobody is in command
	const second = await startWebMaster(port);
	for (const worker of workers) {
		await worker.line(({ note }) => /^lost the Locust master/.test(note));
		await worker.seen((lines) => lines.filter(({ note }) => /^worker \d/.test(note)).length === 2);
	}
	await second.swarm(2);
	assert.deepEqual(counts(await second.counted(2 * 20)), expected(2, 20));
	assert.doesNotMatch(second.all(), /Traceback \(most/);

	// A worker that is told to end says so: the other one gets its users.
	workers[0].child.kill("SIGTERM");
	assert.equal(await workers[0].ended(), 0, workers[0].all());
	await second.line((text) => /quit\. \d workers ready/.test(text));
	await haveUsers([workers[1]], 2);
	second.child.kill("SIGTERM");
	assert.equal(await workers[1].ended(), 0, workers[1].all());
});

test("locust: a user class that no scenario is for is an exception on the master's page", async () => {
	const port = await freePort();
	const master = await startWebMaster(port, [], { RINGBACK_USERS: "AnswerHangup=3, Busy=1" });
	const worker = startWorker(port, "each=5");
	await joined(worker);
	await master.swarm(4);
	await haveUsers([worker], 3);

	const what = "no scenario here for the user class Busy; there is AnswerHangup, Ringback";
	await worker.line(({ note }) => note === what);
	const exception = await until(async () =>
		(await (await master.ask("/exceptions")).json()).exceptions.find(({ msg }) => msg === what), () => master.all());
	assert.equal(exception.count, 1);
	assert.deepEqual(counts(await master.counted(3 * 5)), expected(3, 5));
});

test("locust: a worker without a master says what is wrong, and ends when its patience does", async () => {
	const port = await freePort();
	const nobody = startWorker(port, "patience=1");
	assert.equal(await nobody.ended(), 1);
	assert.deepEqual(nobody.lines.at(-1), {
		end: `127.0.0.1:${port}: no Locust master has answered for 1 s: nobody accepts a connection there`,
	});

	const server = http.createServer();
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	endings.add(() => server.close());
	const web = startWorker(server.address().port, "patience=2");
	assert.equal(await web.ended(), 1);
	assert.match(web.lines.at(-1).end, /no Locust master has answered for 2 s: (the connection was closed at once|what listens there does not speak ZeroMQ)/);
	server.close();

	const unreadable = startLines(process.env.RINGBACK_LOCUST_WORKER, ["here:0"]);
	assert.equal(await unreadable.ended(), 2);
	assert.match(unreadable.lines[0], /expected HOST:PORT of a Locust master, found "here:0"/);
});

test("locust: our locustfile is for a master only, and says so", async () => {
	const alone = startLines("/usr/bin/locust", ["-f", locustfile, "--headless"]);
	assert.equal(await alone.ended(), 1, alone.all());
	assert.match(alone.all(), /start it with --master, and ringback as the workers/);
});

test("locust: the Kubernetes manifest is whole: its parts find one another", () => {
	const file = path.join(top, "fixtures/locust/kubernetes.yaml");
	const toJson = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
	const parts = JSON.parse(execFileSync(python, ["-c", toJson, file], { timeout: 60000 }));
	const part = (kind, name) => parts.find((it) => it.kind === kind && it.metadata.name === name);
	const files = part("ConfigMap", "ringback-locust").data;
	const service = part("Service", "ringback-locust-master").spec;
	const master = part("Deployment", "ringback-locust-master").spec;
	const workers = part("Deployment", "ringback-locust-worker").spec;
	const secret = part("Secret", "ringback-locust").stringData;
	assert.equal(parts.length, 5);

	assert.deepEqual(service.selector, master.template.metadata.labels);
	for (const { selector, template } of [master, workers]) {
		assert.deepEqual(selector.matchLabels, template.metadata.labels);
		const [{ volumeMounts }] = template.spec.containers;
		assert.deepEqual(template.spec.volumes.map(({ name }) => name), volumeMounts.map(({ name }) => name));
		assert.equal(template.spec.volumes[0].configMap.name, "ringback-locust");
		assert.equal(volumeMounts[0].mountPath, "/ringback");
	}
	const [master0] = master.template.spec.containers;
	const [worker0] = workers.template.spec.containers;
	assert.equal(master.replicas, 1);
	assert.equal(master.strategy.type, "Recreate");
	assert.ok(workers.replicas > 1);
	for (const { name, port, targetPort } of service.ports) {
		assert.equal(targetPort, name);
		assert.equal(master0.ports.find((it) => it.name === name).containerPort, port);
	}
	assert.ok(master0.args.includes("--master"));
	assert.ok(Object.hasOwn(files, path.basename(master0.args[master0.args.indexOf("-f") + 1])));
	assert.equal(worker0.args[0], "worker");
	for (const { valueFrom: { secretKeyRef: wanted } } of worker0.env.filter((it) => it.valueFrom.secretKeyRef)) {
		assert.equal(wanted.name, "ringback-locust");
		assert.ok(Object.hasOwn(secret, wanted.key));
	}
	assert.equal(worker0.args[worker0.args.indexOf("--port") + 1], String(worker0.ports[0].containerPort));
	const address = worker0.args[worker0.args.indexOf("--locust-master") + 1];
	assert.equal(address, `ringback-locust-master:${service.ports.find(({ name }) => name === "workers").port}`);
	const receiver = new URL(worker0.args[worker0.args.indexOf("--callback-url") + 1]);
	assert.equal(worker0.args[worker0.args.indexOf("--allow-target") + 1], receiver.host);
	assert.equal(worker0.args.at(-1), "/ringback/scenario.json");
	assert.equal(JSON.parse(files["scenario.json"]).version, 1);
	assert.match(files["locustfile.py"], /^class Ringback\(User\):$/m);
	assert.deepEqual(worker0.resources.requests.cpu, worker0.resources.limits.cpu);
});

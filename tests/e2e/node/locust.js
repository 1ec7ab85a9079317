"use strict";
// What the tests of Locust share: real masters, processes by their lines, the tables that masters write.

const { spawn } = require("node:child_process");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");
const readline = require("node:readline");
const { endings, scratchFolder, until, within } = require("./harness");

const top = path.join(__dirname, "../../..");
const locustfile = path.join(top, "fixtures/locust/locustfile.py");

/** A process and its lines: { child, exited, lines, line(wanted) }; `wanted` sees each line, past or to come. */
function startLines(command, args, env = {}, parse = (text) => text) {
	const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
	const end = () => child.kill("SIGKILL");
	endings.add(end);
	const lines = [];
	const wakers = new Set();
	const exited = new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code, signal) => {
			endings.delete(end);
			resolve(code ?? signal);
		});
	});
	for (const stream of [child.stdout, child.stderr]) {
		readline.createInterface({ input: stream }).on("line", (text) => {
			lines.push(parse(text));
			for (const wake of wakers) wake();
		});
	}
	const all = () => `${command} ${args.join(" ")}:\n${lines.map((line) => JSON.stringify(line)).join("\n")}`;
	/** Resolves with what `look` finds in the lines, once it finds something. */
	const seen = (look) => {
		let wake;
		const found = new Promise((resolve) => {
			wake = () => {
				const result = look(lines);
				if (result) resolve(result);
			};
			wakers.add(wake);
			wake();
		});
		const over = exited.then((code) => {
			throw new Error(`ended with ${code}; not seen: ${look}; ${all()}`);
		});
		over.catch(() => {});  // its end may be expected
		return within(Promise.race([found, over]), () => `not seen: ${look}; ${all()}`).finally(() => wakers.delete(wake));
	};
	const line = (wanted) => seen((past) => past.find(wanted));
	const ended = () => within(exited, () => `did not end: ${all()}`);
	return { child, exited, ended, lines, line, seen, all };
}

/** Below those that the system gives away by itself: Locust has to be told one, and until it binds it nobody may get it. */
async function freePort() {
	for (;;) {
		const port = 15000 + Math.floor(Math.random() * 15000);
		const server = net.createServer();
		const free = await new Promise((resolve) => {
			server.on("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
		});
		if (free) {
			await new Promise((resolve) => server.close(resolve));
			return port;
		}
	}
}

/** A master with our locustfile. It ends where Locust is not there: python3-locust is one of tests/run's packages. */
function startMaster(port, args = [], env = {}, file = locustfile) {
	return startLines("/usr/bin/locust", ["-f", file, "--master", "--master-bind-host", "127.0.0.1",
		"--master-bind-port", String(port), ...args], { RINGBACK_USERS: "AnswerHangup,Ringback", ...env });
}

/** Resolves once somebody accepts connections at a port. */
function listens(port, story) {
	return until(() => new Promise((resolve) => {
		const socket = net.connect(port, "127.0.0.1");
		socket.on("error", () => setTimeout(resolve, 20, false)).on("connect", () => {
			socket.destroy();
			resolve(true);
		});
	}), () => `nobody listens at port ${port}; ${story()}`);
}

/** A master with its web page: what startMaster gives, and ask(), swarm(), totals(). */
async function startWebMaster(port, args = [], env = {}) {
	const web = await freePort();
	const master = startMaster(port, ["--web-host", "127.0.0.1", "--web-port", String(web), ...args], env);
	await master.line((text) => /Starting Locust/.test(text));
	await listens(web, master.all);  // what is logged by then is that a page is going to be there
	const ask = async (target, form) => {
		const response = await fetch(`http://127.0.0.1:${web}${target}`, {
			...(form && { method: "POST", body: new URLSearchParams(form) }),
			signal: AbortSignal.timeout(60000),
		});
		assert.equal(response.status, 200, await response.clone().text());
		return response;
	};
	const csv = async () => readTable(await (await ask("/stats/requests/csv")).text());
	return {
		...master, ask, csv,
		swarm: (users, more = {}) => ask("/swarm", { user_count: users, spawn_rate: 100, ...more }),
		/** Resolves once the master has counted so many calls of answer-hangup, and then tells the table. */
		counted: (calls) => until(async () => {
			const table = await csv();
			return requestsOf(table, "CALL answer-hangup") >= calls && table;
		}, () => `the master has not counted ${calls} calls; ${master.all()}`),
	};
}

/**
 * A master without a page, whose test lasts until end() is called, and then stops as a page's Stop does: it waits until
 * all users have ended and have been reported. Of itself it would only say quit, and listen for half a second more.
 * Its tables are files of `folder`.
 */
function startHeadless(port, users, env = {}, workers = 3) {
	const folder = scratchFolder();
	const over = path.join(folder, "over");
	const file = path.join(folder, "until_told.py");
	fs.writeFileSync(file, `
import os, sys
sys.path.insert(0, ${JSON.stringify(path.dirname(locustfile))})
from locustfile import *
from locust import LoadTestShape, stats

stats.CSV_STATS_INTERVAL_SEC = 0.1  # the files have it all before the master ends: it takes half a second for that


class UntilTold(LoadTestShape):
    def tick(self):
        if not os.path.exists(${JSON.stringify(over)}):
            return (${users}, ${users})
        self.runner.stop()
        return None
`);
	const master = startMaster(port, ["--headless", "--expect-workers", String(workers), "--stop-timeout", "30",
		"--csv", path.join(folder, "run")], env, file);
	return {
		...master,
		folder,
		end: () => fs.writeFileSync(over, ""),
		table: (name) => readTable(fs.readFileSync(path.join(folder, `run_${name}.csv`), "utf8")),
	};
}

/** CSV with quotes as records by its first line. */
function readTable(text) {
	const rows = text.trim().split(/\r?\n/).map((line) =>
		[...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain));
	return rows.slice(1).map((row) => Object.fromEntries(row.map((value, i) => [rows[0][i], value])));
}

const rowOf = (table, name) => table.find((row) => `${row.Type ?? row.Method} ${row.Name}` === name);
/** How often a row of a table was counted; 0 where there is none. */
const requestsOf = (table, name) => Number(rowOf(table, name)?.["Request Count"] ?? 0);
const failuresOf = (table, name) => Number(rowOf(table, name)?.["Failure Count"] ?? 0);

module.exports = {
	failuresOf, freePort, locustfile, readTable, requestsOf, rowOf, startHeadless, startLines, startMaster, startWebMaster, top,
};

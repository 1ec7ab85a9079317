"use strict";
// What is in the file of --journal after a kill, after damage, while there is no room: ringback serve from outside.

const assert = require("node:assert/strict");
const { execFileSync, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const {
	admin, journalLines, run, scratchFolder, startFake, startReceiver, startServing, test, until, voice,
} = require("./harness.js");

const numbers = { from: "+19195550123", to: "+19195559900" };
const busy = "+19195559901";

/** The CRC-32 of zlib, a bit at a time: none of ringback's own code. */
function crc32(bytes) {
	let sum = 0xffffffff;
	for (const byte of bytes) {
		sum ^= byte;
		for (let bit = 0; bit < 8; ++bit) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
	}
	return (~sum >>> 0).toString(16).padStart(8, "0");
}

const milliseconds = (since) => Number((process.hrtime.bigint() - since) / 1000000n);

/** A server that takes calls on this journal: { fake, readyIn } in milliseconds. */
async function served(journal, flags = [], options = {}) {
	const began = process.hrtime.bigint();
	const fake = await startServing(["--port", "0", "--quiet", "--journal", journal, ...flags], {}, options);
	return { fake, readyIn: milliseconds(began) };
}

const check = async (...words) => {
	const { code, stdout, stderr } = await run(["journal", "check", ...words]);
	return { code, stdout, stderr };
};

// --- killed

test("kill -9 under 8 writers: no accepted call is missing from the journal, and a restart goes on with it", async (t) => {
	const journal = path.join(scratchFolder(), "journal.ndjson");
	const { fake } = await served(journal, ["--answer-delay", "1ms..50ms"]);
	const receiver = await startReceiver();
	const { base, headers } = voice(fake);
	const body = JSON.stringify({ ...numbers, to: "+19195550187", callbackUrl: receiver.url });
	const wanted = 2000;
	const accepted = [];
	const asked = (agent) => new Promise((resolve) => {
		http.request(`${base}/calls`, { agent, method: "POST", headers: { ...headers, "Content-Type": "application/json",
			"Content-Length": body.length } }, (response) => {
			// The head is the promise: what follows it may be cut off by the kill.
			if (response.statusCode === 201) accepted.push(response.headers.location.split("/").pop());
			response.resume().on("end", () => resolve(response.statusCode)).on("error", () => resolve(0));
		}).on("error", () => resolve(0)).end(body);
	});
	await Promise.all(Array.from({ length: 8 }, async () => {
		const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
		for (;;) {
			if (accepted.length >= wanted) fake.signal("SIGKILL");
			if ((await asked(agent)) !== 201) break;
		}
		agent.destroy();
	}));
	assert.equal(await fake.ended(), "SIGKILL");
	assert.ok(accepted.length >= wanted);

	// A kill tears no line: each is written by one call to the system.
	const entries = journalLines(journal);
	const recorded = new Set(entries.filter((entry) => entry.kind === "api" && entry.status === 201)
		.map((entry) => entry.location.split("/").pop()));
	const missing = accepted.filter((id) => !recorded.has(id));
	assert.deepEqual(missing, []);

	// What may be missing: entries of the last 50 ms that were not yet written, of events and their attempts; that is at
	// most what is buffered before it is written without being asked.
	const told = new Map();
	entries.filter((entry) => entry.kind === "event").forEach(({ call }) => told.set(call, (told.get(call) ?? 0) + 1));
	const unrecorded = receiver.events.filter(({ callId }) => {
		const left = told.get(callId) ?? 0;
		told.set(callId, left - 1);
		return left <= 0;
	});
	const shortest = Math.min(...fs.readFileSync(journal, "utf8").split("\n").filter((line) => line.includes('"kind":"event"')).map(Buffer.byteLength));
	assert.ok(unrecorded.length * shortest <= (256 << 10), `${unrecorded.length} events without an entry, of at least ${shortest} bytes each`);

	const again = await served(journal);
	assert.ok(again.readyIn < 3000, `ready after ${again.readyIn} ms`);
	assert.equal(again.fake.stderr(), "");
	const call = await voice(again.fake).create(numbers);
	assert.equal(await again.fake.stop(), 0);
	const all = journalLines(journal);
	assert.deepEqual(all.slice(0, entries.length), entries);
	assert.equal(all[entries.length].seq, 1);
	assert.ok(all.some((entry) => entry.call === call));
	const { code, stdout } = await check(journal);
	assert.equal(code, 0, stdout);
	assert.match(stdout, /runs +2\n/);
	t.diagnostic(`accepted ${accepted.length}, missing ${missing.length}; told to the receiver ${receiver.events.length}, ` +
		`of these without an entry ${unrecorded.length}; ready again after ${again.readyIn} ms`);
	await receiver.stop();
});

// --- damaged

test("a damaged journal: serve starts on it, says how many bytes, keeps every one, and goes on behind them", async () => {
	const folder = scratchFolder();
	const sound = path.join(folder, "sound.ndjson");
	const first = await served(sound);
	await voice(first.fake).create(numbers);
	assert.equal(await first.fake.stop(), 0);
	const bytes = fs.readFileSync(sound);
	const middle = bytes.indexOf("\n") + 1;
	const inserted = (what) => Buffer.concat([bytes.subarray(0, middle), what, bytes.subarray(middle)]);
	for (const [what, file, said] of [
		["empty", Buffer.alloc(0), null],
		["torn tail", bytes.subarray(0, bytes.length - 20), /: \d+ bytes in 1 place are no entries, its last line is not complete;/],
		["garbage tail", Buffer.concat([bytes, Buffer.from("\xff{[\n", "latin1")]), /: 4 bytes in 1 place are no entries;/],
		["zero page", Buffer.concat([bytes, Buffer.alloc(4096)]), /: 4096 bytes in 1 place are no entries, /],
		["garbage in the middle", inserted(Buffer.from("not an entry\n")), /: 13 bytes in 1 place are no entries;/],
	]) {
		const journal = path.join(folder, "damaged.ndjson");
		fs.writeFileSync(journal, file);
		const { fake, readyIn } = await served(journal);
		assert.ok(readyIn < 3000, `${what}: ready after ${readyIn} ms`);
		const call = await voice(fake).create(numbers);
		assert.equal(await fake.stop(), 0);
		assert.match(fake.stderr(), said ?? /^$/, what);
		const after = fs.readFileSync(journal);
		assert.ok(after.subarray(0, file.length).equals(file), `${what}: every byte stays`);
		const lines = after.subarray(file.length).toString().trim().split("\n").map((line) => JSON.parse(line));
		assert.ok(lines.some((entry) => entry.call === call), what);
		assert.equal((await check(journal)).code, what === "empty" ? 0 : 1, what);
	}
});

test("journal check: what serve writes is sound, by a checksum that others can compute", async () => {
	const journal = path.join(scratchFolder(), "journal.ndjson");
	const fake = await startFake(["--journal", journal]);
	const receiver = await startReceiver();
	await voice(fake).create({ ...numbers, to: busy, callbackUrl: receiver.url, tag: "na\u00efve \u260e" });
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");
	assert.equal(await fake.stop(), 0);
	await receiver.stop();
	const text = fs.readFileSync(journal);
	const lines = text.toString("utf8").trimEnd().split("\n");
	for (const line of lines) {
		const [, body, crc] = /^(.*),"crc":"([0-9a-f]{8})"}}$/.exec(line);
		assert.equal(crc, crc32(Buffer.from(body)));
	}
	const { code, stdout, stderr } = await check(journal);
	assert.equal(code, 0, stdout);
	assert.equal(stderr, "");
	assert.ok(stdout.startsWith(`${journal}: sound\n  size       ${text.length} bytes in ${lines.length} lines\n` +
		`  entries    ${lines.length} (api 1, event 1, attempt 1, state 2`), stdout);
	const json = JSON.parse((await check(journal, "--format", "json")).stdout);
	assert.equal(json.sound, true);
	assert.equal(json.entries, lines.length);
	assert.equal(json.byKind.attempt, 1);
});

test("journal check --repair: the damage is told, taken out and kept beside the file; then all is sound", async () => {
	const folder = scratchFolder();
	const journal = path.join(folder, "journal.ndjson");
	const { fake } = await served(journal);
	for (let n = 0; n < 3; ++n) await voice(fake).create(numbers);
	assert.equal((await check(journal)).code, 0, "of a running server too");
	const busyRepair = await check(journal, "--repair");
	assert.equal(busyRepair.code, 2);
	assert.match(busyRepair.stderr, /^ringback: .*: another ringback writes it; it can be repaired when that ends\n$/);
	assert.equal(await fake.stop(), 0);
	const lines = fs.readFileSync(journal, "utf8").trimEnd().split("\n");
	const torn = lines[0].slice(0, 30);
	const twice = lines.map((line) => line + "\n");
	fs.writeFileSync(journal, twice[0] + "garbage\n" + twice.slice(1).join("") + torn);

	const found = await check(journal);
	const offset = twice[0].length;
	assert.equal(found.code, 1);
	assert.ok(found.stdout.startsWith(`${journal}:2: 8 bytes from byte ${offset} on are no entry: no entry\n`), found.stdout);
	assert.ok(found.stdout.includes(`${journal}:${lines.length + 2}: the last line is torn: 30 bytes from byte `), found.stdout);
	assert.match(found.stdout, /: damaged\n/);
	assert.match(found.stdout, / damaged +38 bytes in 2 places\n/);
	const [first, second, summary] = (await check(journal, "--format", "json")).stdout.trimEnd().split("\n").map(JSON.parse);
	assert.deepEqual(first, { found: "damaged", line: 2, offset, bytes: 8, why: "no entry" });
	assert.equal(second.found, "torn");
	assert.equal(summary.sound, false);

	const repaired = await check(journal, "--repair");
	assert.equal(repaired.code, 1);
	assert.ok(repaired.stdout.endsWith(`  repaired   the damaged bytes are in ${journal}.damaged\n`), repaired.stdout);
	assert.equal(fs.readFileSync(journal, "utf8"), twice.join(""));
	assert.equal(fs.readFileSync(`${journal}.damaged`, "utf8"), "garbage\n" + torn);
	assert.equal((await check(journal)).code, 0);
	assert.deepEqual(fs.readdirSync(folder).sort(), ["journal.ndjson", "journal.ndjson.damaged"]);
});

test("journal check: 200 MB take no more memory than 2 MB", async (t) => {
	const folder = scratchFolder();
	const journal = path.join(folder, "journal.ndjson");
	const { fake } = await served(journal);
	for (let n = 0; n < 30; ++n) await voice(fake).create(numbers);
	assert.equal(await fake.stop(), 0);
	const one = fs.readFileSync(journal);
	const many = (size) => {
		const file = fs.openSync(journal, "w");
		const piece = Buffer.concat(Array(Math.ceil((1 << 20) / one.length)).fill(one));
		let written = 0;
		while (written < size) written += fs.writeSync(file, piece);
		fs.closeSync(file);
	};
	const peak = () => {
		const began = process.hrtime.bigint();
		const { stderr, status } = spawnSync("/usr/bin/env", ["python3", "-c",
			"import resource,subprocess,sys; c=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode; " +
			"sys.stderr.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)); sys.exit(c)",
			process.env.RINGBACK_BIN, "journal", "check", journal], { encoding: "utf8" });
		assert.equal(status, 0, stderr);
		return { kilobytes: Number(stderr), ms: milliseconds(began) };
	};
	many(2 << 20);
	const small = peak();
	many(200 << 20);
	const large = peak();
	t.diagnostic(`2 MB: ${small.kilobytes} kB; 200 MB: ${large.kilobytes} kB in ${large.ms} ms`);
	assert.ok(large.kilobytes < small.kilobytes + 4096);
});

test("journal check: what cannot be checked is status 2 and a line that says why", async () => {
	const folder = scratchFolder();
	for (const [words, said] of [
		[[], /^ringback: FILE: expected a journal file, found none\n$/],
		[[path.join(folder, "none")], /^ringback: .*none: cannot be read: No such file or directory\n$/],
		[[folder], /^ringback: .*: expected a journal file, found a folder\n$/],
		[["/dev/zero"], /^ringback: \/dev\/zero: expected a journal file, found a pipe or a device\n$/],
		[[folder, "--format", "xml"], /^ringback: --format: expected text or json, found "xml"\n$/],
	]) {
		const { code, stdout, stderr } = await check(...words);
		assert.equal(code, 2, stderr);
		assert.match(stderr, said);
		assert.equal(stdout, "");
	}
	assert.equal((await run(["journal", "chek"])).code, 2);
});

// --- no room

const idIn = (location) => location.split("/").pop();

/** Creates calls until one is refused: { refused, accepted } with the ids of those before it. */
async function untilRefused(api) {
	const accepted = [];
	for (;;) {
		const answer = await api.ask("POST", "/calls", numbers);
		if (answer.status !== 201) return { refused: answer, accepted };
		accepted.push(idIn(answer.headers.get("location")));
		assert.ok(accepted.length < 20000, "it is never full");
	}
}

/** Creates calls until one is accepted: its id, and how many milliseconds that took. */
async function untilAccepted(api) {
	const began = process.hrtime.bigint();
	const answer = await until(async () => {
		const asked = await api.ask("POST", "/calls", numbers);
		return asked.status === 201 ? asked : null;
	}, () => "no call is accepted");
	return { id: idIn(answer.headers.get("location")), ms: milliseconds(began) };
}

/**
 * Full, 503 with its own code, reading goes on, room again: what holds for every kind of full disk. `copy` gives the
 * journal's path once all is written, while the server still runs.
 */
async function fullAndBack(t, fake, makeRoom, reason, copy) {
	const api = voice(fake);
	const { refused, accepted } = await untilRefused(api);
	assert.equal(refused.status, 503);
	assert.equal(refused.json.code, "journal-unavailable");
	assert.equal(refused.json.message, `the journal file cannot be written: ${reason}`);
	assert.equal(refused.headers.get("retry-after"), "1");
	const known = (await api.ask("GET", "/calls?size=1000")).json.map((call) => call.id);
	assert.deepEqual(known.sort(), accepted.slice().sort(), "those that were accepted are there, and no other");
	makeRoom();
	const back = await untilAccepted(api);
	assert.ok(back.ms < 2000, `after ${back.ms} ms`);
	const journal = copy();
	assert.equal(await fake.stop(), 0);
	assert.match(fake.stderr(), new RegExp(`cannot be written: ${reason}.*\\n.*can be written again; 0 lines were lost`));
	const recorded = journalLines(journal).filter((entry) => entry.kind === "api" && entry.status === 201)
		.map((entry) => idIn(entry.location));
	const others = recorded.filter((id) => id !== back.id && !accepted.includes(id));
	assert.deepEqual(recorded.filter((id) => !others.includes(id)), [...accepted, back.id], "each is recorded, once");
	assert.ok(others.length <= 1, "but for the one at which it showed, which is answered 503 and taken back");
	assert.equal((await check(journal)).code, 0);
	t.diagnostic(`${accepted.length} calls until it was full; accepted again ${back.ms} ms after there was room`);
}

test("a journal at its size limit (EFBIG): 503 until there is room, no SIGXFSZ, nothing torn or lost", async (t) => {
	const journal = path.join(scratchFolder(), "journal.ndjson");
	const { fake } = await served(journal, [], { under: ["prlimit", `--fsize=${256 * 1024}:unlimited`] });
	await fullAndBack(t, fake,
		() => execFileSync("prlimit", ["--pid", String(fake.pid), "--fsize=unlimited"]), "File too large", () => journal);
});

test("a journal on a disk with 256 kB left (ENOSPC): 503 until there is room, nothing torn or lost", async (t) => {
	const folder = scratchFolder();
	// A mount in a namespace of the server's own: it goes when the server does. The file is reached by /proc.
	const mounts = ["unshare", "--mount", "--map-root-user", "sh", "-c",
		`mount -t tmpfs -o size=512k none "${folder}" && truncate -s 0 "${folder}/fill" && exec "$@"`, "sh"];
	if (spawnSync(mounts[0], [...mounts.slice(1), "true"]).status !== 0) {
		t.skip("this machine lets nobody mount");
		return;
	}
	const journal = path.join(folder, "journal.ndjson");
	const { fake } = await served(journal, [], { under: mounts });
	const seen = (name) => path.join(`/proc/${fake.pid}/root`, folder, name);
	fs.writeFileSync(seen("fill"), Buffer.alloc(256 * 1024));
	await fullAndBack(t, fake, () => fs.truncateSync(seen("fill"), 0), "No space left on device", () => {
		const copy = path.join(scratchFolder(), "copy.ndjson");  // the mount goes with the server
		fs.copyFileSync(seen("journal.ndjson"), copy);
		return copy;
	});
});

test("a journal that cannot be one: status 2 and one line with path and reason, before a port is opened", async () => {
	const folder = scratchFolder();
	const locked = path.join(folder, "locked");
	fs.mkdirSync(locked);
	fs.chmodSync(folder, 0o755);
	fs.chmodSync(locked, 0o555);
	const file = path.join(folder, "read-only.ndjson");
	fs.writeFileSync(file, "");
	fs.chmodSync(file, 0o444);
	// As nobody, who may not look into the folder that this was built in, if it is of mktemp's kind: a copy is run.
	const copy = path.join(folder, "ringback");
	fs.copyFileSync(process.env.RINGBACK_BIN, copy);
	const unwatched = { TSAN_OPTIONS: "" };  // which names a file in there
	const nobody = process.getuid() === 0 ? { uid: 65534, gid: 65534, under: ["sh", "-c", `shift; exec ${copy} "$@"`, "sh"] } : {};
	for (const [journal, reason] of [
		[folder, "Is a directory"],
		[path.join(folder, "no", "j.ndjson"), "No such file or directory"],
		[path.join(file, "j.ndjson"), "Not a directory"],
		[path.join(locked, "j.ndjson"), "Permission denied"],
		[file, "Permission denied"],
		[path.join(folder, "n".repeat(300)), "File name too long"],
	]) {
		const { code, stdout, stderr } = await run(["serve", "--port", "0", "--journal", journal], unwatched, "pipe", nobody);
		assert.equal(code, 2, `${journal}: ${stderr}`);
		assert.equal(stderr, `ringback: --journal: ${journal}: expected a journal file that can be written: ${reason}\n`);
		assert.equal(stdout, "");
	}
});

test("a journal has one writer: a second server on it is status 2 and says so", async () => {
	const journal = path.join(scratchFolder(), "journal.ndjson");
	const { fake } = await served(journal);
	const { code, stderr } = await run(["serve", "--port", "0", "--journal", journal]);
	assert.equal(code, 2);
	assert.match(stderr, /^ringback: --journal: .*: another ringback writes it\n$/);
	assert.equal(await fake.stop(), 0);
});

"use strict";
// Every built-in scenario against a receiver that gets it right and against one that gets it wrong: a verdict is
// worth something only when the receiver's defect is what it names.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { run, scratchFolder, test, unbroken } = require("./harness");
const { defects } = require("../../receivers/reference_defects");

const reference = ["--", "node", path.join(__dirname, "..", "..", "receivers", "reference.js")];

/** Texts of a failure: what was expected, and what the receiver did instead. */
const came = (request, status) => new RegExp(`got +POST /v1/users/u-ringback[-0-9]*/${request} -> ${status} came instead`);
const call = "calls/c-\\w+";
const nothingCame = (request) => new RegExp(`within 2000 ms: ${request}\\n +got +nothing came`);
const answered = (event, status) => new RegExp(`expected +${event} answered 200..299\\n +got +answered ${status} `);
/** Of the answer's body, where a document was expected: what is said of it, or that it does not have something. */
const said = (words) => new RegExp(`got +its answer says something else[^]*body +\\S+ +${words.source}`);
const lacks = (xpath) => said(new RegExp(`expected it to have ${xpath}, got "<\\?xml `));
const field = (name, words) => new RegExp(`body\\.${name} +\\S+ +expected ${words}`);

/** For each built-in scenario and each of its defects: the step that fails, and what must be said of it. */
const table = {
	"answer-hangup": { "speaks-first": ["bye", came(`${call}/audio`, 200)] },
	"answer-speak-gather-hangup": { "gathers-at-started": ["done", came(`${call}/gather`, 201)] },
	"answer-speak-hangup": { "hangs-up-at-started": ["done", came(call, 200)] },
	"bridge-agent-busy": { "forgets-the-caller": ["say", nothingCame(`POST \\S+/${call}/audio`)] },
	busy: { "hangs-up-again": ["quiet", came(call, 403)] },
	"callback-timeout": { "never-answers": ["answer", /latency < 1000 ms\n +got +timed_out: no answer within 1000 ms/] },
	"callback-url-changed": {
		"moves-to-nowhere": ["end", /hangup .*taken by the callback URL\n +got +taken by neither URL, at attempt 1: answered 404/],
	},
	"callbacks-by-get": { "reads-plus-as-space": ["say", field("sentence", 'it to contain "\\+19195550187", got .* 19195550187')] },
	"caller-hangs-up": { "speaks-to-nobody": ["quiet", came(`${call}/audio`, 403)] },
	"caller-hangs-up-while-speaking": { insists: ["verify", /at most 2 of POST \S+\/calls\/\*\*\n +got +4/] },
	"caller-name-by-bxml": { "forgets-to-escape": ["answer", said(/expected it to have .*, which is no XML: line 2, column \d+: expected &amp;, another predefined entity/)] },
	"cancel-while-ringing": { "lets-it-ring": ["cancel", nothingCame(`POST \\S+/${call}`)] },
	"conference-hold-music": { "plays-on": ["stop", nothingCame("POST \\S+/conferences/\\*/audio")] },
	"conference-of-three": { "thinks-they-hang-up": ["bye", nothingCame(`POST \\S+/${call}`)] },
	declined: { "calls-again": ["quiet", came("calls", 201)] },
	"dial-refused": {
		"says-all-is-well": ["start", /expected +POST \S+\/dial answered 400..499 or 500..599\n +got +answered 200/],
	},
	"dial-speak-hangup": { "forgets-callback-url": ["create", field("callbackUrl", "it to match .*, got nothing")] },
	"fallback-after-timeout": { "acts-twice": ["end", came(call, 403)] },
	"fallback-by-bxml": {
		"has-no-document": ["answer", said(/expected it to have \/Response\/SpeakSentence.*, got nothing/)],
		"is-not-down": ["answer", /by the fallback URL, at attempt 2\n +got +taken by the callback URL, at attempt 1: answered 200/],
	},
	"fallback-url": {
		"has-no-fallback-page": ["answer", /by the fallback URL, at attempt 2\n +got +taken by neither URL, at attempt 2: answered 404/],
		"takes-it-at-once": ["answer", /by the fallback URL, at attempt 2\n +got +taken by the callback URL, at attempt 1: answered 200/],
	},
	"file-stopped": { "stops-a-sentence": ["stop", field("fileUrl", '"", got nothing')] },
	"gather-by-get": { "cuts-at-hash": ["say", field("sentence", 'it to contain "1#2", got "You have typed 1\\."')] },
	"gather-hung-up": { "goes-on": ["end", came(call, 403)] },
	"gather-hung-up-by-bxml": { "goes-on": ["end", came(`${call}/audio`, 403)] },
	"gather-incomplete": { "takes-it-for-the-whole": ["ask-again", came(call, 200)] },
	"gather-max-digits": { "acts-on-keys": ["say", field("sentence", 'it to match /2\\\\D\\*5/, got "2"')] },
	"gather-no-key": { "hangs-up": ["ask-again", came(call, 200)] },
	"gather-no-key-by-bxml": {
		"ends-with-the-gather": ["answer", lacks("/Response/Gather\\[@requestUrl\\]/following-sibling::Redirect/@requestUrl")],
		"answers-the-digits": ["chosen", lacks("/Response/Hangup")],
	},
	"gather-refused": { "gives-up": ["ask", nothingCame("POST \\S+/gather")] },
	"gather-stopped": { "hangs-up-at-once": ["stop", came(call, 200)] },
	"gather-terminating-digit": { "says-the-hash": ["say", field("sentence", 'it not to contain "#", got "You have typed 25#')] },
	"gather-without-key-events": { "forgets-to-ask": ["ask", field("suppressDtmf", '"true" in any case, got nothing')] },
	"greeting-by-bxml": {
		"hangs-up-by-rest": ["end", came(`${call}/audio`, 200)],
		"forgets-to-hang-up": ["answer", lacks("/Response/\\*\\[last\\(\\)\\]\\[self::Hangup\\]")],
	},
	"inbound-auto-answer": { "speaks-before-the-answer": ["answer", came(`${call}/audio`, 403)] },
	"inbound-caller-gives-up": { "answers-too-late": ["quiet", came(call, 403)] },
	"inbound-caller-name": { "reads-latin-1": ["greet", field("sentence", 'it to contain "Zoë & Jörg Müller", got "Hello ZoÃ«')] },
	"inbound-fallback-number": {
		"takes-the-call": ["in", /answered 500..599, taken by neither URL, at attempt 2\n +got +taken by the callback URL, at attempt 1: answered 200/],
	},
	"inbound-manual-answer": { "answers-twice": ["answer", came(call, 200)] },
	"inbound-nobody-answers": { answers: ["end", came(call, 200)] },
	"inbound-reject": { "hangs-up-instead": ["reject", field("state", '"rejected", got "completed"')] },
	"keys-without-gather": { "turns-them-around": ["say", field("sentence", 'it to match .*, got "You have typed 704\\."')] },
	"long-text": { "says-all-at-once": ["say", /-> 400 came, but says something else[^]*body\.sentence +\S+ expected it to match \/\^\.\{1,1000\}\$\/[^]*validation-error/] },
	"loop-stopped": { "plays-it-once": ["play", field("loopEnabled", '"true", got nothing')] },
	"menu-by-bxml": {
		"forgets-where-to": ["answer", lacks("/Response/Gather\\[last\\(\\)\\]/@requestUrl")],
		"has-no-such-page": ["page", answered("redirect", 404)],
	},
	"mms-error": { "gives-up": ["link", nothingCame("POST \\S+/messages")] },
	"mms-received": { "sees-one": ["reply", field("text", 'it to contain "3", got "Thank you for your picture\\."')] },
	"mms-sent": { "asks-for-receipts": ["create", /got +POST \S+\/messages -> 400: the API refused it/] },
	"network-failure": { "closes-the-connection": ["end", /expected +hangup answered 200..299\n +got +broken: /] },
	"no-answer": { "knows-no-timeout": ["send", answered("timeout", 500)] },
	"pin-by-bxml": { "lets-anybody-in": ["first", lacks("/Response/Gather/@requestUrl")] },
	"platform-error": { "knows-no-error": ["end", answered("error", 404)] },
	"play-file": { "hangs-up-at-started": ["send", came(call, 200)] },
	"record-until-key-by-bxml": {
		"asks-for-no-key": ["answer", said(/at \/Response\/Record\/@terminatingDigits: expected it to contain "#", got nothing/)],
		"looks-for-a-state": ["recorded", answered("recording.complete", 500)],
	},
	"recording-failed": { "fetches-it-all-the-same": ["verify", /no GET \S+\/media\/\*\*\n +got +GET \S+\/media\/c-\w+-1\.wav -> 404 came/] },
	"recording-max-duration": { "records-again": ["say", came(call, 200)] },
	"recording-on-off": { "never-says-off": ["off", field("recordingEnabled", '"false" in any case, got nothing')] },
	"recording-whole-call": { "never-fetches": ["fetch", nothingCame("GET \\S+/media/\\*\\*")] },
	"reminder-by-bxml": { "forgets-the-method": ["create", field("callbackHttpMethod", '"GET" in any case, got nothing')] },
	"screening-by-bridge": {
		"joins-unasked": ["ask", came("bridges", 201)],
		"joins-the-agent-alone": ["join", field("callIds", '"c-\\w+" in the array, got none left that fits')],
		"forgets-the-agent": ["bye", nothingCame(`POST \\S+/${call}`)],
	},
	"second-gather-refused": { "gives-up": ["send", came(call, 200)] },
	"sentence-replaced": { "takes-any-end": ["send", came(call, 200)] },
	"sentence-tags": { "one-tag-for-both": ["say-more", field("tag", 'not \\(equal to "first"\\), got "first"')] },
	"sip-refused": { "wants-digits": ["end", answered("hangup", 400)] },
	"sms-autoresponder": { "answers-itself": ["reply", field("to", '"\\+19195550187", got "\\+15550101011"')] },
	"sms-by-get": { "decodes-the-text-again": ["reply", field("text", 'it to contain "2\\+2=4 .*got "You have sent: 2 2=4 "')] },
	"sms-conversation": { "answers-the-first": ["reply-again", field("text", 'it to contain "pears", got "You have sent: apples"')] },
	"sms-delivered": { "asks-for-no-receipt": ["create", field("receiptRequested", "it to match .*, got nothing")] },
	"sms-error": { "knows-no-error": ["failed", answered("sms.error", 500)] },
	"sms-not-delivered": { "sends-it-again": ["quiet", came("messages", 201)] },
	"sms-refused": {
		"says-all-is-well": ["start", /expected +POST \S+\/send answered 400..499 or 500..599\n +got +answered 200/],
	},
	"sms-stop": { "says-good-bye": ["quiet", came("messages", 201)] },
	"speech-stopped": { "lets-it-speak": ["stop", nothingCame("POST \\S+/audio")] },
	"stop-too-late": { "gives-up": ["bye", nothingCame("POST \\S+/calls/\\*")] },
	"tag-changed": { "knows-the-old-one": ["end", answered("hangup", 404)] },
	"tones-to-caller": { "sends-one-by-one": ["dial", field("dtmfOut", '"1w23#", got "1"')] },
	transcription: { "looks-for-a-call-id": ["send", answered("transcription.complete", 404)] },
	"transcription-failed": { "looks-for-the-text": ["failed", answered("transcription.error", 500)] },
	"transcription-on-request": { "asks-too-early": ["recorded", came("recordings/rec-\\w+/transcriptions", 403)] },
	transfer: { "greets-the-agent": ["end-other", came(`${call}/audio`, 200)] },
	"transfer-busy": { "speaks-to-the-wrong-one": ["say", came(`${call}/audio`, 403)] },
	"transfer-by-bxml": {
		"knows-no-end-of-it": ["over", answered("transferComplete", 404)],
		"turns-back": ["end", came(`${call}/audio`, 403)],
	},
	"transfer-caller-gives-up": { "turns-back": ["quiet", came(`${call}/audio`, 403)] },
	"transfer-caller-hangs-up": { "hangs-up-the-agent": ["quiet", came(call, 403)] },
	"transfer-no-answer": { "forgets-the-caller": ["say", nothingCame(`POST \\S+/${call}/audio`)] },
	"transfer-no-answer-by-bxml": { "says-nothing": ["answer", lacks("/Response/Transfer/following-sibling::\\*.*")] },
	"transfer-whisper": { "forgets-the-whisper": ["transfer", field("whisperAudio\\.sentence", "it to match .*, got nothing")] },
	"two-sentences": { "both-at-once": ["send", came(`${call}/audio`, 200)] },
	"unallocated-number": { "tells-somebody-by-phone": ["quiet", came("calls", 201)] },
	"unknown-members": { "validates-strictly": ["answer", answered("answer", 400)] },
	"voicemail-by-bxml": {
		"wants-no-text": ["answer", said(/at \/Response\/Record\/@transcribe: expected "true" in any case, got "false"/)],
		"knows-get-only": ["text", answered("transcription.complete", 405)],
	},
	"waiting-line-by-bxml": {
		"goes-in-circles": ["again", lacks("/Response/Redirect\\[preceding-sibling::\\*\\]/@requestUrl")],
		"knows-no-redirect": ["again", answered("redirect", 404)],
	},
};

test("scenarios: each built-in one is in the table of this test, with every defect of the reference receiver", async () => {
	const { code, stdout } = await run(["scenarios", "list", "--format", "json"]);

	assert.equal(code, 0);
	assert.deepEqual(JSON.parse(stdout).map(({ name }) => name), Object.keys(table).sort());
	const named = (all) => Object.entries(all).flatMap(([name, own]) => Object.keys(own).map((defect) => `${name}:${defect}`)).sort();
	assert.deepEqual(named(table), named(defects));
});

for (const jobs of ["1", "4"]) {
	test(`scenarios: the reference receiver gets all of them right, ${jobs} at a time`, async () => {
		const names = Object.keys(table);

		const { code, stdout, stderr } = await run(["run", ...names, "--jobs", jobs, ...reference]);

		assert.equal(code, 0, stdout + stderr);
		const right = [...stdout.matchAll(/^ok +(\S+)  (\d+) of \2 held/gm)].map(([, name]) => name);
		assert.deepEqual(right.sort(), names.sort());
		assert.match(stderr, new RegExp(`${names.length} of ${names.length} runs: ${names.length} passed`));
	});
}

test("scenarios: no two runs have a call id in common, and one that is played again has its own", async () => {
	const callsOf = async (names) => {
		const { code, stdout, stderr } = await run(["run", ...names, "--format", "json", ...reference]);
		assert.equal(code, 0, stdout + stderr);
		return stdout.trim().split("\n").map((line) => JSON.parse(line).journal.find(({ call }) => call).call);
	};

	const together = await callsOf(["answer-hangup", "two-sentences", "answer-hangup"]);
	const alone = await callsOf(["two-sentences"]);

	assert.equal(new Set(together).size, 3);
	assert.equal(alone[0], together[1]);
});

test("scenarios: the one that is named for what no run has touched does touch it", async () => {
	const file = path.join(scratchFolder(), "r.json");
	const kinds = ["events", "causes", "reasons", "states", "commands", "methods", "deliveries"];
	const demands = kinds.flatMap((kind) => ["--require-coverage", `${kind}>=100%`]);
	// A call that hardly does anything: nearly everything is missing.
	const little = await run(["run", "busy", "--report", `json=${file}`, ...demands, ...reference]);
	assert.equal(little.code, 99, little.stderr);
	const missing = JSON.parse(fs.readFileSync(file)).required_coverage.flatMap(({ required, found }) => (
		[...found.matchAll(/([\w.-]+) \(([\w-]+)\)/g)].map(([, item, scenario]) => ({ kind: required.split(">")[0], item, scenario }))));
	assert.ok(missing.length > 30, JSON.stringify(missing));

	for (const scenario of new Set(missing.map((one) => one.scenario))) {
		const played = await run(["run", scenario, "--report", `json=${file}`, ...reference]);
		assert.equal(played.code, 0, played.stdout);
		const { coverage } = JSON.parse(fs.readFileSync(file));
		for (const one of missing.filter((other) => other.scenario === scenario)) {
			assert.ok(coverage[one.kind].count[one.item] > 0, `${scenario} does not touch ${one.item}`);
		}
	}
});

/** What was printed of each run, by its scenario. */
function stories(stdout) {
	const parts = unbroken(stdout).split(/^(?=(?:ok|FAIL|INCONCLUSIVE) +\S+ {2}\d+ of \d+ held)/m);
	return new Map(parts.filter(Boolean).map((part) => [part.match(/^\S+ +(\S+)/)[1], part]));
}

// One receiver has a defect for each scenario: a process for each would only take longer.
for (const round of [0, 1]) {
	test(`scenarios: each names the defect of a receiver that gets it wrong, round ${round + 1}`, async (t) => {
		const plays = Object.entries(table)
			.map(([name, own]) => [name, ...(Object.entries(own)[round] ?? [])])
			.filter(([, defect]) => defect);
		const variant = plays.map(([name, defect]) => `${name}:${defect}`).join(",");

		const { code, stdout, stderr } = await run(
			["run", ...plays.map(([name]) => name), "--jobs", "4", ...reference], { VARIANT: variant });

		assert.equal(code, 1, stdout + stderr);
		const told = stories(stdout);
		for (const [name, defect, [step, words]] of plays) {
			await t.test(`${name}, by one that has the defect ${defect}`, () => {
				const story = told.get(name);
				assert.match(story, new RegExp(`^FAIL ${name} {2}${step}\\b.* +builtin:${name}:\\d+:\\d+$`, "m"));
				assert.match(story, words);
			});
		}
	});
}

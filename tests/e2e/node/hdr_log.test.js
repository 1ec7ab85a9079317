"use strict";
// Histograms and their log against the npm package hdr-histogram-js: it reads ours, we read its.

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const path = require("node:path");
const nodeTest = require("node:test");
const hdr = require("hdr-histogram-js");

const peer = path.join(path.dirname(process.env.RINGBACK_BIN), "histogram_peer");
const seeds = process.env.RINGBACK_SEED ? [Number(process.env.RINGBACK_SEED)] : [1, 2, 3, 4, 5];

function ask(args, input) {
	const { status, stdout, stderr } = spawnSync(peer, args, { input, encoding: "utf8", timeout: 60000 });
	assert.equal(status, 0, stderr);
	return stdout;
}

/** What we say of histograms in hdr-histogram-js's encoding, in their order. */
function ourFigures(encoded) {
	const lines = encoded.map((text, at) => `${at} ${text}\n`).join("");
	return ask(["figures"], lines).trim().split("\n").map((line) => JSON.parse(line));
}

/** Compares every figure that both libraries have. */
function assertSame(ours, theirs) {
	assert.equal(ours.count, theirs.totalCount);
	assert.equal(ours.max, theirs.highestEquivalentValue(theirs.maxValue));  // it keeps the last one exact
	assert.ok(Math.abs(ours.mean - theirs.mean) <= theirs.mean * 1e-9, `mean ${ours.mean}, theirs ${theirs.mean}`);
	for (const [percent, value] of ours.percentiles) {
		assert.equal(value, theirs.getValueAtPercentile(percent), `p(${percent})`);
	}
}

/** The tag and the encoded histogram of every interval of a log. */
function intervals(log) {
	return log.split("\n").filter((line) => line.startsWith("Tag="))
		.map((line) => [line.slice(4, line.indexOf(",")), line.slice(line.lastIndexOf(",") + 1)]);
}

nodeTest("hdr log: hdr-histogram-js reads the log, its times, tags and every figure as we do", () => {
	for (const seed of seeds) {
		const log = ask(["log", String(seed)]);
		const mine = intervals(log);
		const ours = ourFigures(mine.map(([, encoded]) => encoded));
		const reader = new hdr.HistogramLogReader(log, 64);

		for (let at = 0; at < mine.length; ++at) {
			const read = reader.nextIntervalHistogram();
			assert.ok(read, `seed ${seed}: interval ${at} was not read`);
			assert.equal(read.tag, mine[at][0]);
			assert.equal(read.startTimeStampMsec, 1767603600000 + Math.floor(at / 2) * 1000);
			assert.equal(read.endTimeStampMsec - read.startTimeStampMsec, 1000);
			assertSame(ours[at], read);
		}
		assert.equal(reader.nextIntervalHistogram(), null);
		assert.deepEqual(hdr.listTags(log), ["response", "reaction.greet__the_2nd"]);
	}
});

nodeTest("hdr log: the sum of our intervals in hdr-histogram-js is the sum of all their counts", () => {
	const log = ask(["log", "7"]);
	const sum = hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 3600000000, numberOfSignificantValueDigits: 3,
		bitBucketSize: 64 });
	let count = 0;
	for (const [, encoded] of intervals(log)) {
		const read = hdr.decodeFromCompressedBase64(encoded, 64);
		sum.add(read);
		count += read.totalCount;
	}
	assert.equal(sum.totalCount, count);
	assertSame(ourFigures([hdr.encodeIntoCompressedBase64(sum)])[0], sum);
});

nodeTest("hdr log: what hdr-histogram-js has encoded is read to the same figures", () => {
	for (const options of [{}, { lowestDiscernibleValue: 1, highestTrackableValue: 3600000000, numberOfSignificantValueDigits: 3 }]) {
		for (const bitBucketSize of ["packed", 32, 64]) {
			const theirs = hdr.build({ ...options, bitBucketSize });
			for (let at = 1; at <= 3000; ++at) theirs.recordValueWithCount((at * at * at) % 3600000000, (at % 7) + 1);
			const [ours] = ourFigures([hdr.encodeIntoCompressedBase64(theirs)]);
			assertSame(ours, theirs);
		}
	}
});

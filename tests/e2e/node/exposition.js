"use strict";
// Prometheus' text format (0.0.4), read as strictly as `promtool check metrics` does.

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/;

/** What a series belongs to: of a histogram's buckets, sum and count the histogram. */
function familyOf(name, families) {
	const stem = name.replace(/_(bucket|sum|count)$/, "");
	return families.get(stem)?.type === "histogram" ? stem : name;
}

function checkHistogram(name, samples) {
	const bounds = samples.filter((one) => one.name === `${name}_bucket`);
	const groups = new Map();
	for (const { labels, value } of bounds) {
		const rest = labels.replace(/,?le="[^"]*"$/, "");
		const bound = /le="([^"]*)"$/.exec(labels)[1];
		groups.set(rest, [...(groups.get(rest) || []), { bound: bound === "+Inf" ? Infinity : Number(bound), value }]);
	}
	for (const [rest, buckets] of groups) {
		const [count] = samples.filter((one) => one.name === `${name}_count` && one.labels === rest);
		assert.ok(samples.some((one) => one.name === `${name}_sum` && one.labels === rest), `${name}_sum`);
		assert.deepEqual(buckets.map((one) => one.bound), buckets.map((one) => one.bound).sort((a, b) => a - b));
		assert.deepEqual(buckets.map((one) => one.value), buckets.map((one) => one.value).sort((a, b) => a - b), "buckets add up");
		assert.deepEqual(buckets.at(-1), { bound: Infinity, value: count.value });
	}
}

/** The families of a text by name: { type, about, samples: [{ name, labels, value }] }; what is no such text throws. */
function readExposition(text) {
	const families = new Map();
	const seen = new Set();
	let open = "";
	assert.ok(text.endsWith("\n"), "the last line ends");
	for (const line of text.slice(0, -1).split("\n")) {
		const [, word, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) || [];
		if (word === "HELP") {
			assert.ok(!families.has(name), `${name} comes twice`);
			families.set(name, { about: rest, type: "", samples: [] });
		} else if (word === "TYPE") {
			assert.ok(families.has(name) && families.get(name).samples.length === 0, line);
			assert.match(rest, /^(counter|gauge|histogram)$/);
			families.get(name).type = rest;
			open = name;
		} else {
			const [, series, labels = "", value] = sampleLine.exec(line) || assert.fail(`no sample: ${line}`);
			const family = familyOf(series, families);
			assert.equal(family, open, `${line} stands with its family`);
			assert.ok(!seen.has(series + labels), `${line} comes twice`);
			assert.ok(Number.isFinite(Number(value)), line);
			seen.add(series + labels);
			families.get(family).samples.push({ name: series, labels, value: Number(value) });
		}
	}
	for (const [name, { type, samples }] of families) {
		assert.notEqual(type, "", name);
		assert.equal(type === "counter", name.endsWith("_total"), name);
		if (type === "histogram") checkHistogram(name, samples);
	}
	const promtool = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
	const fine = [0, 3];  // 3: it would have chosen other names
	if (!promtool.error) assert.ok(fine.includes(promtool.status), promtool.stdout + promtool.stderr);
	return families;
}

/** The one value of a series, such as `calls_started_total` or `step_results_total{step="a",result="passed"}`. */
function valueOf(families, series) {
	const [, name, labels = ""] = /^(\w+)(?:\{(.*)\})?$/.exec(`ringback_load_${series}`);
	const family = families.get(familyOf(name, families));
	return family?.samples.find((one) => one.name === name && one.labels === labels)?.value;
}

module.exports = { readExposition, valueOf };

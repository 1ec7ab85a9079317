"use strict";
// A real browser that is told what to do: Chromium over its debugging pipe, without any package.

const { spawn } = require("node:child_process");
const { pathToFileURL } = require("node:url");
const { endings, scratchFolder, until, within } = require("./harness");

/** Chromium's end of the pipe: messages are JSON, each ended by a zero byte. */
function connect(chromium) {
	const [outgoing, incoming] = [chromium.stdio[3], chromium.stdio[4]];
	const waiting = new Map();
	const listeners = [];
	let last = 0;
	let text = "";
	incoming.setEncoding("utf8").on("data", (chunk) => {
		const messages = (text + chunk).split("\0");
		text = messages.pop();
		for (const message of messages.map((one) => JSON.parse(one))) {
			if (message.id === undefined) {
				listeners.forEach((listener) => listener(message));
				continue;
			}
			const { resolve, reject } = waiting.get(message.id);
			waiting.delete(message.id);
			if (message.error) reject(new Error(message.error.message));
			else resolve(message.result);
		}
	});
	const ask = (method, params = {}, sessionId = undefined) => {
		last += 1;
		const id = last;
		const answered = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
		outgoing.write(JSON.stringify({ id, method, params, sessionId }) + "\0");
		return within(answered, () => `the browser did not answer ${method}`);
	};
	return { ask, listen: (listener) => listeners.push(listener) };
}

/** Opens a file: { text(selector), evaluate(expression), click(selector), resize(width, height), fits(width), close() }. */
async function open(file) {
	// Without a sandbox: CI runs as root, and the page is our own.
	const chromium = spawn("chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
		`--user-data-dir=${scratchFolder()}`, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], detached: true });
	const ended = new Promise((resolve, reject) => chromium.on("error", reject).on("close", resolve));
	// All of its processes: those that are left still write into the folder.
	const kill = () => {
		try {
			process.kill(-chromium.pid, "SIGKILL");
		} catch {
			// none is left
		}
	};
	endings.add(kill);
	const { ask, listen } = connect(chromium);
	const requests = [];
	const complaints = [];
	const loads = new Set();  // of which documents; about:blank has one too
	let loaded = () => {};
	listen(({ method, params }) => {
		if (method === "Network.requestWillBeSent") requests.push(params.request.url);
		if (method === "Log.entryAdded") complaints.push(params.entry.text);
		if (method === "Runtime.exceptionThrown") complaints.push(params.exceptionDetails.text);
		if (method === "Page.lifecycleEvent" && params.name === "load") {
			loads.add(params.loaderId);
			loaded();
		}
	});
	const { targetInfos } = await Promise.race([ask("Target.getTargets"), ended.then(() => { throw new Error("chromium ended"); })]);
	const { targetId } = targetInfos.find(({ type }) => type === "page");
	const { sessionId } = await ask("Target.attachToTarget", { targetId, flatten: true });
	const tell = (method, params) => ask(method, params, sessionId);
	for (const domain of ["Page", "Network", "Log", "Runtime"]) await tell(`${domain}.enable`);
	await tell("Page.setLifecycleEventsEnabled", { enabled: true });
	const { loaderId } = await tell("Page.navigate", { url: pathToFileURL(file).href });
	const load = new Promise((resolve) => {
		loaded = () => loads.has(loaderId) && resolve();
		loaded();
	});
	await within(load, () => `${file} was not loaded`);

	const evaluate = async (expression) => {
		const { result, exceptionDetails } = await tell("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
		if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception.description}`);
		return result.value ?? null;
	};
	return {
		evaluate,
		text: (selector) => evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`),
		/** As a person does: with the mouse, in the middle of what can be seen of it. */
		async click(selector) {
			const { x, y } = await evaluate(`(() => {
				const element = document.querySelector(${JSON.stringify(selector)});
				element.scrollIntoView({ block: "center" });
				const box = element.getBoundingClientRect();
				return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
			})()`);
			for (const type of ["mousePressed", "mouseReleased"]) {
				await tell("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
			}
		},
		/** Done when the page knows of it, which is later than the browser. */
		async resize(width, height) {
			await tell("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
			await evaluate(`new Promise((resolve) => {
				const there = () => innerWidth === ${width} && document.documentElement.clientWidth <= ${width};
				const look = () => (there() ? resolve() : requestAnimationFrame(look));
				look();
			})`);
		},
		/** Resolves when nothing reaches beyond a window that wide any more; what scrolls by itself may. Charts follow a window. */
		async fits(width) {
			await this.resize(width, 800);
			let beyond;
			await until(async () => (beyond = await this.tooWide(width)).length === 0, () => `beyond ${width}: ${beyond.join("; ")}`);
		},
		/** What reaches beyond the window, which is that wide. */
		async tooWide(width) {
			return evaluate(`[...document.querySelectorAll("body *")]
				.filter((element) => !element.parentElement.closest(".scroll, pre, .payload") && element.getBoundingClientRect().right > ${width})
				.map((element) => element.tagName + " " + element.textContent)
				.concat(document.documentElement.scrollWidth > ${width} ? ["the page"] : [])`);
		},
		/** What the page asked for, and what the browser complained of. */
		async close() {
			await ask("Browser.getVersion");  // whatever it had to say before that has come
			kill();  // asked to close it may end before it has answered, or, with little processor, not for a minute
			await within(ended, () => "the browser did not end");
			return { requests, complaints };
		},
	};
}

module.exports = { open };

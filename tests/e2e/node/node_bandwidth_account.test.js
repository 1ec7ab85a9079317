"use strict";
// The account's resources through the unmodified npm package node-bandwidth: domains, endpoints, account and
// transactions, available numbers, number info, errors; every function of them.

const assert = require("node:assert/strict");
const Bandwidth = require("node-bandwidth");
const { admin, send, startFake, startReceiver, test } = require("./harness.js");

const client = (fake, user = "u-node", token = "t-token") =>
	new Bandwidth({ userId: user, apiToken: token, apiSecret: "s-secret", baseUrl: fake.api });

const notFound = (error) => error.statusCode === 404;
const numbers = { from: "+19195550123", to: "+19195550187" };

test("domains: create, list page by page, delete", async () => {
	const fake = await startFake();
	const api = client(fake);
	const ids = [];
	for (const name of ["first", "second", "third"]) {
		const made = await api.Domain.create({ name, description: `the ${name}` });
		assert.match(made.id, /^rd-[a-z2-7]{22}[aiqy]$/);
		ids.push(made.id);
	}
	const first = await api.Domain.list({ size: 2 });
	assert.equal(first.hasNextPage, true);
	const second = await first.getNextPage();
	assert.equal(second.hasNextPage, false);
	assert.deepEqual([...first.domains, ...second.domains].map((one) => one.id), [...ids].reverse());
	assert.equal(first.domains[0].description, "the third");
	await api.Domain.delete(ids[0]);
	assert.equal((await api.Domain.list({})).domains.length, 2);
	await assert.rejects(api.Domain.delete(ids[0]), notFound);
	await assert.rejects(api.Domain.create({ name: "second" }), (error) => error.statusCode === 409);
	await assert.rejects(api.Domain.create({}), (error) => error.statusCode === 400);
	assert.equal(await fake.stop(), 0);
});

test("endpoints: create, get, list, update, token, delete; no password is shown or kept", async () => {
	const fake = await startFake();
	const api = client(fake);
	const domain = await api.Domain.create({ name: "office", description: "desks" });
	const { id } = await api.Endpoint.create(domain.id, {
		name: "jane", description: "Jane's desk", credentials: { password: "hunter2hunter2" },
	});
	assert.match(id, /^re-[a-z2-7]{22}[aiqy]$/);
	const endpoint = await api.Endpoint.get(domain.id, id);
	assert.deepEqual(endpoint, {
		id, name: "jane", description: "Jane's desk", domainId: domain.id, enabled: true,
		sipUri: "jane@office.bwapp.bwsip.io",
		credentials: { realm: "office.bwapp.bwsip.io", username: "jane" },
	});
	await api.Endpoint.update(domain.id, id, { enabled: false, credentials: { password: "changed-it" } });
	const listed = await api.Endpoint.list(domain.id, { size: 10 });
	assert.deepEqual(listed.endpoints, [{ ...endpoint, enabled: false }]);
	const token = await api.Endpoint.createAuthToken(domain.id, id, { expires: 120 });
	assert.equal(token.expires, 120);
	assert.ok(token.token.length > 16);
	await assert.rejects(
		api.Endpoint.create(domain.id, { name: "joe", credentials: { password: "short" } }),
		(error) => error.statusCode === 400 && /6/.test(error.message));
	await api.Endpoint.delete(domain.id, id);
	await assert.rejects(api.Endpoint.get(domain.id, id), notFound);

	const entries = await admin(fake, "GET", "/journal?user=u-node");
	const changes = entries.filter((entry) => entry.kind === "domain");
	assert.deepEqual(changes.map((entry) => `${entry.item} ${entry.what}`), [
		"domain created", "endpoint created", "endpoint changed", "token created", "endpoint removed",
	]);
	assert.doesNotMatch(JSON.stringify(entries), /hunter2|changed-it/);
	assert.equal(await fake.stop(), 0);
});

test("the account pays for what it does, and the transactions say for what", async () => {
	const fake = await startFake();
	const api = client(fake);
	const before = await api.Account.get();
	assert.deepEqual(before, { balance: "538.37250", accountType: "pre-pay" });
	const receiver = await startReceiver(async (event) => {
		if (event.eventType === "answer") await api.Call.hangup(event.callId);
	});
	const call = await api.Call.create({ ...numbers, callbackUrl: receiver.url });
	await receiver.event((event) => event.eventType === "hangup");
	const message = await api.Message.send({ ...numbers, text: "hello", callbackUrl: receiver.url });
	await receiver.event((event) => event.eventType === "sms");
	await api.AvailableNumber.searchAndOrder("tollFree", { quantity: 2 });
	await api.NumberInfo.get(numbers.to);

	const { transactions, hasNextPage } = await api.Account.getTransactions({});
	assert.equal(hasNextPage, false);
	assert.deepEqual(transactions.map((one) => one.productType).sort(), [
		"call-out", "cnam-search", "sms-out", "toll-free-number-per-month", "toll-free-number-per-month",
	]);
	const of = (product) => transactions.find((one) => one.productType === product);
	assert.equal(of("call-out").resourceId, call.id);
	assert.equal(of("call-out").number, numbers.from);
	assert.equal(of("sms-out").resourceId, message.id);
	for (const one of transactions) {
		assert.match(one.id, /^pptx-[a-z2-7]{22}[aiqy]$/);
		assert.equal(one.type, "charge");
		assert.match(one.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
	}
	const cents = (text) => Math.round(Number(text) * 100000);
	const spent = transactions.reduce((sum, one) => sum + cents(one.amount), 0);
	const after = await api.Account.get();
	assert.equal(cents(before.balance) - spent, cents(after.balance));

	const page = await api.Account.getTransactions({ size: 2 });
	assert.equal(page.hasNextPage, true);
	assert.deepEqual((await page.getNextPage()).transactions, transactions.slice(2, 4));
	assert.equal((await api.Account.getTransactions({ maxItems: 1 })).transactions.length, 1);
	assert.deepEqual((await api.Account.getTransactions({ type: "Payment" })).transactions, []);
	assert.deepEqual((await api.Account.getTransactions({ fromDate: "2100-01-01T00:00:00" })).transactions, []);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("available numbers: searched, ordered, and the account's own from then on", async () => {
	const fake = await startFake();
	const api = client(fake);
	assert.deepEqual((await api.PhoneNumber.list({})).phoneNumbers, []);
	const found = await api.AvailableNumber.search("local", { areaCode: "910", quantity: 3 });
	assert.equal(found.length, 3);
	assert.ok(found.every((one) => one.number.startsWith("+1910") && one.state === "NC" && one.city));
	const ordered = await api.AvailableNumber.searchAndOrder("local", { areaCode: "910", quantity: 2 });
	assert.deepEqual(ordered.map((one) => one.number), found.slice(0, 2).map((one) => one.number));
	for (const one of ordered) {
		const own = await api.PhoneNumber.get(one.id);
		assert.equal(own.number, one.number);
		assert.equal(own.numberState, "enabled");
	}
	const again = await api.AvailableNumber.search("local", { areaCode: "910", quantity: 1 });
	assert.equal(again[0].number, found[2].number);
	const named = await api.AvailableNumber.search("tollFree", { quantity: 1, pattern: "*2?9*" });
	assert.equal(named[0].patternMatch.length, named[0].nationalNumber.length);
	await assert.rejects(api.AvailableNumber.search("local", {}), (error) => error.statusCode === 400);
	await assert.rejects(api.AvailableNumber.search("other", {}), notFound);
	assert.equal(await fake.stop(), 0);
});

test("number info: the caller's name, or that there is none", async () => {
	const fake = await startFake();
	const api = client(fake);
	const info = await api.NumberInfo.get("+19195550123");
	assert.equal(info.number, "+19195550123");
	assert.match(info.name, /^[A-Z]+ [A-Z]+$/);
	assert.deepEqual(await api.NumberInfo.get("+19195550123"), info);
	await assert.rejects(api.NumberInfo.get("+15550009904"), notFound);
	await assert.rejects(api.NumberInfo.get("me"), (error) => error.statusCode === 403);
	assert.equal(await fake.stop(), 0);
});

test("with accounts, what a token orders lands in its account", async () => {
	const fake = await startFake(["--user-id", "u-node", "--token", "t-other", "--secret", "s-secret"]);
	const api = client(fake, "u-node", "t-other");
	const [ordered] = await api.AvailableNumber.searchAndOrder("tollFree", {});
	assert.match(ordered.location, /\/v1\/users\/u-node\/phoneNumbers\/n-/);
	assert.equal((await api.PhoneNumber.get(ordered.id)).number, ordered.number);
	await assert.rejects(client(fake).AvailableNumber.search("tollFree", {}), (error) => error.statusCode === 401);
	assert.equal(await fake.stop(), 0);
});

test("errors: failed callbacks are listed newest first, page by page, and found by id", async () => {
	const fake = await startFake();
	const api = client(fake);
	const receiver = await startReceiver(() => 500);
	const { id } = await api.Call.create({ from: numbers.from, to: "+15550009907", callbackUrl: receiver.url });
	await receiver.event((event) => event.eventType === "hangup");
	await admin(fake, "GET", "/wait?for=idle&timeout=50s");
	const first = await api.Error.list({ size: 1 });
	assert.equal(first.hasNextPage, true);
	const second = await first.getNextPage();
	const [newest] = first.errors;
	const value = (error, name) => error.details.find((detail) => detail.name === name)?.value;
	assert.equal(newest.code, "callback-http-failure-status");
	assert.equal(newest.category, "unavailable");
	assert.equal(value(newest, "callId"), id);
	assert.equal(value(newest, "callbackEvent"), "hangup");
	assert.equal(value(newest, "callbackStatusCode"), "500");
	assert.equal(value(second.errors[0], "callbackEvent"), "answer");
	assert.deepEqual(await api.Error.get(newest.id), newest);
	await assert.rejects(api.Error.get("ue-nosuch"), notFound);
	await receiver.stop();
	assert.equal(await fake.stop(), 0);
});

test("rate limits: node-bandwidth is told when it may ask again", async () => {
	const fake = await startFake(["--request-limits"]);
	const api = client(fake);
	await api.Account.get();
	await assert.rejects(api.Account.get(), (error) => {
		assert.equal(error.statusCode, 429);
		assert.match(error.limitReset, /^\d{13}$/);
		assert.equal(error.message.code, "rate-limit-reached");
		return true;
	});
	await api.Domain.list({});
	assert.equal(await fake.stop(), 0);
});

test("ruby-bandwidth deletes a token by its text", async () => {
	const fake = await startFake();
	const api = client(fake);
	const domain = await api.Domain.create({ name: "office" });
	const { id } = await api.Endpoint.create(domain.id, { name: "jane", credentials: { password: "123456" } });
	const { token } = await api.Endpoint.createAuthToken(domain.id, id, {});
	const headers = { authorization: "Basic " + Buffer.from("t-token:s-secret").toString("base64") };
	const url = `${fake.api}/v1/users/u-node/domains/${domain.id}/endpoints/${id}/tokens/${token}`;
	const remove = () => send("DELETE", url, undefined, headers);
	assert.equal((await remove()).status, 200);
	assert.equal((await remove()).status, 404);
	assert.equal(await fake.stop(), 0);
});

"use strict";
// Requests that are none, or ask for what cannot be: [what, bytes, status it must be answered with].

const authorization = "Basic " + Buffer.from("t-corpus:s-corpus").toString("base64");
const own = ["Host: 127.0.0.1", `Authorization: ${authorization}`];
const user = "/v1/users/u-corpus";
const bytes = (text) => Buffer.from(text, "latin1");

/** A request of these lines; a body is announced by its length unless the fields say something of it. */
function request(line, fields = [], body = null, base = own) {
	const announced = fields.some((field) => /^(content-length|transfer-encoding)\b/i.test(field));
	const length = body === null || announced ? [] : [`Content-Length: ${Buffer.byteLength(body, "latin1")}`];
	return bytes([line, ...base, ...fields, ...length, "", body ?? ""].join("\r\n"));
}
const get = (path, fields) => request(`GET ${path} HTTP/1.1`, fields);
const post = (path, body, fields) => request(`POST ${path} HTTP/1.1`, ["Content-Type: application/json", ...(fields ?? [])], body);
const good = '{"from":"+19195550123","to":"+19195550187"}';

/** Lines that are no request line of ours, and the status for them. */
const lines = {
	400: [
		"GET", "GET /", "GET  / HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ", "GET /a b HTTP/1.1", "GET\t/\tHTTP/1.1",
		"GET a HTTP/1.1", "GET /a#b HTTP/1.1", "GET /\x80 HTTP/1.1", "GET /\xc3\xa4 HTTP/1.1", "GET /\x00 HTTP/1.1", "GET /\x7f HTTP/1.1",
		"GET /\x1b[2J HTTP/1.1", "G@T / HTTP/1.1", 'G"T / HTTP/1.1', "G\x00T / HTTP/1.1", `${"A".repeat(33)} / HTTP/1.1`,
		"GET / HTTP/1.10", "GET / HTTP/11", "GET / HTTP/1,1", "GET / http/1.1", "GET / HTTP/x.y", "GET / HTTPS/1.1", "GET / HTTP/", "GET / HTTP/-1.1",
		"CONNECT h:80 HTTP/1.1", "OPTIONS * HTTP/1.1", "GET ftp://h/a HTTP/1.1", "GET file:///etc/passwd HTTP/1.1",
		"GET http:///a HTTP/1.1", "GET http://u:p@h/a HTTP/1.1", "GET http://other/a HTTP/1.1", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"SSH-2.0-OpenSSH_9.2", "HELO there", "<xml/>", "{}", "\x00\x00\x00\x00",
	],
	505: ["GET / HTTP/2.0", "GET / HTTP/0.9", "GET / HTTP/1.2", "GET / HTTP/3.0"],
	414: [`GET /${"a".repeat(8200)} HTTP/1.1`, `GET ${user}/calls?${"a=b&".repeat(3000)} HTTP/1.1`],
};

/** Fields that are none, or say what cannot be. */
const fields = {
	400: [
		"A : b", " A: b", "\tA: b", "no colon", ": no name", "A(: b", "A\x80: b", "A: b\x01", "A: b\x00", "A: b\x7f", "A: b\nC: d", "A: b\rC: d",
		"A: b\r\n folded", "A: b\r\n\tfolded", "Host: h", "Host: 127.0.0.1", `Authorization: ${authorization}`,
		"Content-Length:", "Content-Length: +5", "Content-Length: -5", "Content-Length: 5.0", "Content-Length: 5;", "Content-Length: 0x5",
		"Content-Length: 5 5", "Content-Length: 5, 6", "Content-Length: 5, 5", "Content-Length: \"5\"", "Content-Length: 1e1", "Content-Length: five",
		"Content-Length: 1000000000000000000", "Content-Length: 18446744073709551621", "Content-Length: 5\r\nContent-Length: 5",
		"Content-Length: 5\r\nContent-Length: 6", "Content-Length : 5", "Content-Length\x0b: 5", "Content-Length: \xb2",
		"Transfer-Encoding: identity", "Transfer-Encoding: xchunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, chunked",
		"Transfer-Encoding: chunked, identity", "Transfer-Encoding:", "Transfer-Encoding: \x0bchunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
		"Transfer-Encoding: chunked\r\nContent-Length: 5", "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding : chunked",
		"Transfer-Encoding\r\n : chunked", "X: y\r\n Transfer-Encoding: chunked",
		"Content-Length: 1048577", "Content-Length: 999999999999999999",  // too large: 400 in the provider's words
	],
	415: ["gzip", "deflate", "br", "zstd", "compress", "gzip, gzip", "identity, gzip", "x-gzip", "GZIP", "nonsense"].map((each) => `Content-Encoding: ${each}`),
	417: ["Expect: luck", "Expect: 200-ok"],
	431: ["X: " + "x".repeat(17000), Array.from({ length: 101 }, (_, n) => `X-${n}: y`).join("\r\n"), "Y".repeat(17000) + ": y"],
};

/** Bodies in chunks that cannot be taken apart. */
const chunks = [
	"x\r\nhello\r\n0\r\n\r\n", "-1\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
	"5\nhello\n0\n\n", "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhel", "", "\r\n", "5", "ffffffffffffffffff\r\nhello", "5;" + "x".repeat(5000) + "\r\nhello\r\n0\r\n\r\n",
	"5\r\nhello\r\n0\r\nno colon\r\n\r\n", "5\r\nhello\r\n",
];

/** Paths below the user's that nobody has, and the status: nothing of them may be taken for something else. */
const nul = "%00";
const paths = {
	400: ["%", "%z", "%zz", "%1", "%ff", "%c0%af", "%c3%28", "%ed%a0%80", "%f5%80%80%80", nul, `c-1${nul}.json`, "%0a", "%0d%0a", "%1b%5b2J", "%7f", "%08", "%u0041"],
	404: [
		"%2e%2e", "..", ".", "%2F", "%252F", "%2525", "..%2f..%2f..%2fetc%2fpasswd", "c-1%2faudio", "c-%20", "c-'%20OR%201=1--",
		"%3Cscript%3E", "$%7Bjndi:ldap:x%7D", "c-%C3%A9", "%E2%80%AE", "%EF%BB%BF", "c-1;x=y", "c-%09".replace("%09", "%2509"), "c-" + "a".repeat(300), "C-1", "-1", "0",
		"null", "undefined", "NaN", "__proto__", "constructor", "%F0%9F%93%9E",
	],
};

/** What is not JSON, and what is no object of it. */
const notJson = [
	"{", "}", "[", "]", "{]", "nul", "tru", "{'a':1}", '{"a":1,}', '{"a":01}', '{"a":+1}', '{"a":.5}', '{"a":1.}', '{"a":0x1}', '{"a":NaN}', '{"a":Infinity}', '{"a":-}',
	'{"a":1e}', '{"a":1e400}', '{"a"}', '{"a":}', '{:1}', '{"a" 1}', '{"a":1 "b":2}', "{a:1}", '{"a":"\x01"}', '{"a":"\t"}', '{"a":"\n"}', '{"a":"\\x41"}', '{"a":"\\u12"}',
	'{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}', '{"a":"\xff"}', '{"a":"\xc0\xaf"}', '{"a":"\xed\xa0\x80"}', '{"a":"\xf5\x80\x80\x80"}', '{"\xff":1}', '{"a":"unended', '{"a":1} x', '{"a":1}{}', "{}\x00",
	"\x00{}", "// no\n{}", "/**/{}", '{"a":1,"a":2}', "\xef\xbb", "\xfe\xff\x00{\x00}", "{\x00}\x00", "[".repeat(65) + "]".repeat(65), "[".repeat(100000), '{"a":'.repeat(65) + "1" + "}".repeat(65),
	'{"a":'.repeat(20000), "[" + "1,".repeat(1000) + "]", "\x1f\x8b\x08\x00", "<Response/>", "from=%2B1&to=%2B1",
];
const noObject = ["5", '"text"', "true", "null", "[1]", "[{}]", "[[]]", "-0", "1e3"];

/** Where a body is read as an object, and where an array is one as well. */
const objects = ["/calls", "/bridges", "/conferences", "/applications", "/phoneNumbers", "/domains"].map((below) => user + below);

/** Values of members of a call that are none of theirs. */
const members = [
	["from", "5"], ["from", "[]"], ["from", "{}"], ["from", '"+1\\u0000"'], ["to", "null"], ["to", "7"], ["to", '""'], ["to", "true"],
	["callTimeout", '"soon"'], ["callTimeout", "{}"], ["callTimeout", "1e20"], ["callTimeout", "-1"], ["callTimeout", "18446744073709551616"], ["callTimeout", "1e18"],
	["callbackTimeout", '"x"'], ["callbackTimeout", "-5"], ["callbackTimeout", "99999999999999999999"], ["callbackTimeout", "1.5"], ["callbackUrl", "5"], ["callbackUrl", '"ftp://h/"'], ["callbackUrl", '"http://10.0.0.1/"'],
	["callbackUrl", '"http://127.0.0.1\\u0000.evil/"'], ["callbackUrl", '"http://127.1/"'], ["callbackUrl", '"http://[::ffff:127.0.0.1]/"'], ["callbackUrl", '"http://a@127.0.0.1@10.0.0.1/"'], ["callbackUrl", `"http://127.0.0.1/${"a".repeat(2100)}"`],
	["fallbackUrl", '"file:///etc/passwd"'], ["fallbackUrl", "[]"], ["callbackHttpMethod", '"PUT"'], ["callbackHttpMethod", "1"], ["recordingEnabled", '"maybe"'], ["recordingEnabled", "2"], ["tag", "[]"], ["tag", "{}"],
	["conferenceId", '"conf-none"'], ["bridgeId", '"brg-none"'], ["transcriptionEnabled", '"x"'], ["recordingMaxDuration", '"x"'],
];

/** Who is not let in. */
const strangers = [
	[], ["Authorization:"], ["Authorization: Basic"], ["Authorization: Basic "], ["Authorization: Basic !!!!"], ["Authorization: Basic dDpz="], ["Authorization: Basic dDp"],
	["Authorization: Bearer t:s"], ["Authorization: Digest username=t"], ["Authorization: Basic OnM="], ["Authorization: Basic dA=="], ["Authorization: t:s"], ["Authorization: Basic dDpz dDpz"], ["Authorization: Basic\tdDpz"],
];

/** Every case: { what, bytes, status }. */
function cases() {
	const all = [];
	const add = (what, sent, status) => all.push({ what: `${what} -> ${status}`, bytes: sent, status: Number(status) });
	for (const [status, some] of Object.entries(lines)) for (const line of some) add(line.slice(0, 60), request(line), status);
	for (const [status, some] of Object.entries(fields)) {
		for (const field of some) add(`field ${field.slice(0, 60)}`, request(`POST ${user}/calls HTTP/1.1`, field.split("\r\n"), null), status);
	}
	add("lines that end in LF", bytes("GET / HTTP/1.1\nHost: h\n\n"), 400);
	add("lines that end in CR", bytes("GET / HTTP/1.1\rHost: h\r\r"), 400);
	add("no Host", bytes("GET / HTTP/1.1\r\n\r\n"), 400);
	for (const chunk of chunks) add(`chunks ${chunk.slice(0, 40)}`, request(`POST ${user}/calls HTTP/1.1`, ["Transfer-Encoding: chunked"], chunk), 400);
	add("trailers", request(`POST ${user}/calls HTTP/1.1`, ["Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\n" + "T: u\r\n".repeat(5000) + "\r\n"), 431);
	add("chunks of 1 MiB and one", request(`POST ${user}/calls HTTP/1.1`, ["Transfer-Encoding: chunked"], "100001\r\n"), 400);
	for (const [status, some] of Object.entries(paths)) for (const path of some) add(`path ${path.slice(0, 40)}`, get(`${user}/calls/${path}`), status);
	for (const path of ["/", "//", "/v1", "/v1/users", "/v2/users/u/calls", `/${user}/calls`, `${user}//x`, "/v1/users//calls", "/..", "/%2e%2e/etc/passwd", `${user}/Calls`]) add(`path ${path}`, get(path), 404);
	for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", "POSTPOST"]) add(`${method} calls`, request(`${method} ${user}/calls HTTP/1.1`), 405);
	for (const path of objects) {
		for (const body of [...notJson, ...noObject]) add(`${path} ${body.slice(0, 40)}`, post(path, body), 400);
	}
	for (const [name, value] of members) {
		const call = { ...JSON.parse(good), [name]: "@" };
		add(`${name} ${value.slice(0, 40)}`, post(`${user}/calls`, JSON.stringify(call).replace('"@"', value)), name.endsWith("Id") ? 404 : 400);
	}
	for (const fieldsOf of strangers) add(`stranger ${fieldsOf.join()}`, request(`GET ${user}/calls HTTP/1.1`, fieldsOf, null, ["Host: 127.0.0.1"]), 401);
	for (const query of ["size=-1", "size=x", "size=1e3", "page=-1", "page=%ff", "page=%zz", "page=%00", "size=%", "from=%ff"]) {
		add(`query ${query}`, get(`${user}/calls?${query}`), 400);
	}
	return all;
}

/** Good requests, to be spoilt by chance. */
const goods = [
	post(`${user}/calls`, '{"from":"+19195550123","to":"+19195550187","callbackUrl":"http://127.0.0.1:9/cb","tag":"t"}'),
	post(`${user}/calls/c-none/audio`, '{"sentence":"Hello","gender":"female","locale":"en_US"}'),
	get(`${user}/calls?size=10&page=0&sort=asc`),
	get(`${user}/errors`, ["Accept: application/json", "User-Agent: corpus"]),
	post(`${user}/messages`, '[{"from":"+19195550123","to":"+19195550187","text":"Hi"}]'),
	request(`PUT ${user}/media/x.wav HTTP/1.1`, ["Content-Type: audio/wav", "Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\n\r\n"),
	request(`POST ${user}/calls HTTP/1.1`, ["Expect: 100-continue", "Connection: keep-alive"], good),
	Buffer.concat([get(`${user}/account`), get(`${user}/account`)]),
];

/** Numbers below `n`, always the same for a seed (mulberry32). */
function chance(seed) {
	let state = seed >>> 0;
	return (n) => {
		state = (state + 0x6d2b79f5) >>> 0;
		let x = Math.imul(state ^ (state >>> 15), state | 1);
		x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
		return ((x ^ (x >>> 14)) >>> 0) % n;
	};
}

/** `bytes` with one to three accidents. */
function mutated(original, random) {
	let text = original.toString("latin1");
	for (let left = 1 + random(3); left > 0 && text !== ""; left -= 1) {
		const at = random(text.length);
		const byte = String.fromCharCode(random(256));
		const [start, rest] = [text.slice(0, at), text.slice(at)];
		text = [
			() => start + byte + rest.slice(1),
			() => start + byte + rest,
			() => start + rest.slice(1 + random(4)),
			() => start + rest.slice(0, random(40)) + rest,
			() => text.slice(0, at + 1),
			() => start + ["\r\n", "\0", "%00", "\r\n\r\n", "{", "\"", "9".repeat(20), "\xff"][random(8)] + rest,
		][random(6)]();
	}
	return bytes(text);
}

module.exports = { authorization, cases, chance, get, goods, mutated, post, request, user };

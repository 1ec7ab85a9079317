"use strict";
// Authorities and what they sign, made by openssl.

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { scratchFolder } = require("./harness");

const openssl = (words) => execFileSync("openssl", words, { stdio: ["ignore", "pipe", "pipe"], timeout: 60000 });

const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** A certificate as tests need it: { key, cert } as text, { keyFile, certFile }. */
const pair = (keyFile, certFile) =>
	({ keyFile, certFile, key: fs.readFileSync(keyFile, "utf8"), cert: fs.readFileSync(certFile, "utf8") });

/** An authority in a folder of its own: { certFile, cert, issue(name, altNames) }. */
function makeAuthority(name) {
	const folder = scratchFolder();
	const keyFile = path.join(folder, "ca-key.pem");
	const certFile = path.join(folder, "ca.pem");
	openssl(["req", "-x509", ...curve, "-days", "2", "-subj", `/CN=${name}`, "-addext", "keyUsage=critical,keyCertSign",
		"-keyout", keyFile, "-out", certFile]);
	let issued = 0;
	return {
		...pair(keyFile, certFile),
		/** Signed by it: for `altNames` such as "IP:127.0.0.1", a client's without. */
		issue(subject, altNames = "") {
			issued += 1;
			const at = (end) => path.join(folder, `${issued}-${end}`);
			openssl(["req", ...curve, "-subj", `/CN=${subject}`, "-keyout", at("key.pem"), "-out", at("request.pem")]);
			fs.writeFileSync(at("extensions"), altNames ? `subjectAltName=${altNames}\n` : "extendedKeyUsage=clientAuth\n");
			openssl(["x509", "-req", "-in", at("request.pem"), "-CA", certFile, "-CAkey", keyFile, "-days", "1",
				"-set_serial", String(issued), "-extfile", at("extensions"), "-out", at("cert.pem")]);
			return pair(at("key.pem"), at("cert.pem"));
		},
	};
}

/** The key of `keyFile` with a passphrase, in a file beside it. */
function encrypted(keyFile) {
	openssl(["pkey", "-in", keyFile, "-aes128", "-passout", "pass:secret", "-out", `${keyFile}.encrypted`]);
	return `${keyFile}.encrypted`;
}

module.exports = { encrypted, makeAuthority };

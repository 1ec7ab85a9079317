// The --restart-cmd of a receiver that somebody else has started: node restart.js PIDFILE SCRIPT. Ends the process
// that the file names, starts the script in its place (with the environment it has got itself) and ends.
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const net = require("node:net");

const [pidFile, script] = process.argv.slice(2);

/** Whether anybody still listens there: a process that was killed just now may. */
const listens = () => new Promise((resolve) => {
    const socket = net.connect(Number(process.env.PORT), "127.0.0.1");
    socket.on("error", () => resolve(false)).on("connect", () => {
        socket.destroy();
        resolve(true);
    });
});

(async () => {
    process.kill(Number(fs.readFileSync(pidFile, "utf8")), "SIGKILL");
    while (await listens());
    const child = spawn(process.execPath, [script], { stdio: "ignore", detached: true });
    fs.writeFileSync(pidFile, String(child.pid));
    child.unref();
})();

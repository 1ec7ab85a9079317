"""What the scripts that hold ringback beside other programs have in common.

A script has a class of its own over Bench, whose methods are its parts, and calls play(). Clients are pinned to
core 0, receivers and servers to core 1.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
NPM_FOLDER = TOP / "build" / "bench"
LONGEST_S = 300  # any one program
CLIENT_CORE, SERVER_CORE = "0", "1"

BODY = json.dumps(
    {
        "callId": "c-" + "a" * 23, "from": "+19195550123", "eventType": "answer",
        "to": "+19195550187", "time": "2026-01-05T09:00:00Z",
        "callUri": "https://api.catapult.inetwork.com/v1/users/u-bench/calls/c-" + "a" * 23,
        "callState": "active",
    },
    separators=(",", ":"),
)


def wrk_script(body):
    return (f"wrk.method = 'POST'\nwrk.body = '{body}'\n"
            "wrk.headers['Content-Type'] = 'application/json'\n"
            "wrk.headers['Authorization'] = 'Basic dC10b2tlbjpzZWNyZXQ='\n")


class Skipped(Exception):
    """A program is not here; the text names it."""


class Report:
    """What was measured, line by line, and whether the targets were met."""

    def __init__(self):
        self.missed = 0
        self.skipped = []
        self.failed = []

    def figure(self, what, text):
        print(f"  {what:<58} {text}", flush=True)

    def target(self, what, value, limit, at_most=True, unit="x"):
        met = value <= limit if at_most else value >= limit
        self.missed += 0 if met else 1
        sign = "<=" if at_most else ">="
        self.figure(what, f"{value:10.3f} {unit:<4} target {sign} {limit:g}  {'met' if met else 'MISSED'}")

    def skip(self, text):
        self.skipped.append(text)
        print(f"  skipped: {text}", flush=True)


class Bench:
    """Programs on their cores, and measurements in rounds. `parts` names the methods, in order."""

    name = ""
    parts = ()
    seconds = 3  # of one measurement, unless the options say otherwise
    npm_packages = ()

    @staticmethod
    def add_options(parser):
        """Options that only this script has."""

    def __init__(self, options, report, scratch):
        self.bin = pathlib.Path(options.bin).resolve()
        self.rounds = options.rounds
        self.seconds = options.seconds
        self.report = report
        self.scratch = pathlib.Path(scratch)
        self.first = ["chrt", "-f", str(options.priority)] if options.priority else []
        self.servers = []
        self.served = 0
        (self.scratch / "body.json").write_text(BODY)
        (self.scratch / "post.lua").write_text(wrk_script(BODY))

    # --- programs

    def program(self, name):
        """The path of a program: ours from --bin, where it must be; others from build/bench or the system."""
        if name == "ringback" or name.startswith("bench_"):
            if not os.access(self.bin / name, os.X_OK):
                raise RuntimeError(f"{self.bin / name} is not built")
            return str(self.bin / name)
        installed = NPM_FOLDER / "node_modules" / ".bin" / name
        found = str(installed) if installed.exists() else shutil.which(name)
        if not found:
            raise Skipped(f"{name} is not installed")
        return found

    def spend(self, core, name, *args, longest=LONGEST_S, watch=None):
        """Runs a client to its end: exit status, output, CPU microseconds. `watch` is told its process id on and on."""
        command = [*self.first, "taskset", "-c", core, self.program(name), *map(str, args)]
        out = tempfile.TemporaryFile(dir=self.scratch)
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + longest
        try:
            while True:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    process.returncode = os.waitstatus_to_exitcode(status)
                    break
                if time.monotonic() > deadline:
                    process.kill()
                elif watch:
                    watch(process.pid)
                time.sleep(0.01)
        finally:
            if process.returncode is None:  # we are being ended ourselves
                process.kill()
                process.wait()
        out.seek(0)
        return process.returncode, out.read().decode(errors="replace"), (usage.ru_utime + usage.ru_stime) * 1e6

    def run(self, core, name, *args):
        """A client that must succeed; its output and the CPU microseconds it used."""
        status, text, cpu_us = self.spend(core, name, *args)
        if status != 0:
            raise RuntimeError(f"{name} ended with {status}: {text[-400:]}")
        return text, cpu_us

    def ours(self, name, *args, core=CLIENT_CORE):
        """One of our programs: the JSON object it printed."""
        text, _ = self.run(core, name, *args)
        return json.loads(text.strip().splitlines()[-1])

    def serve(self, name, *args, cwd=None):
        """Starts a server on its core; ended by stop(), at the latest behind the part."""
        self.served += 1  # two of a kind have a log each
        command = [*self.first, "taskset", "-c", SERVER_CORE, self.program(name), *map(str, args)]
        with open(self.scratch / f"{name.replace('/', '_')}.{self.served}.log", "wb+") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=cwd,
                                       start_new_session=True)
        process.log = log.name
        self.servers.append(process)
        return process

    def stop(self, process):
        """Ends a server; what it printed."""
        try:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=15)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
        self.servers.remove(process)
        return pathlib.Path(process.log).read_text(errors="replace")

    def stop_servers(self):
        for process in list(self.servers):
            self.stop(process)

    def first_line(self, process):
        """The JSON line one of our servers prints when it is ready."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            lines = pathlib.Path(process.log).read_text(errors="replace").splitlines(keepends=True)
            for line in lines:
                if line.startswith("{") and line.endswith("\n"):
                    return json.loads(line)
            time.sleep(0.01)
        raise RuntimeError("a server of ours did not get ready")

    def sink(self, *flags):
        """The receiver of the benchmarks, started anew: its port."""
        return self.first_line(self.serve("bench_sink", "--seconds", 3600, *flags))["port"]

    # --- rounds

    def interleave(self, measures):
        """name -> one value per round, in rounds over all; what is not installed is left out."""
        values = {name: [] for name in measures}
        for _ in range(self.rounds):
            for name in list(values):
                try:
                    values[name].append(measures[name]())
                except Skipped as missing:
                    self.report.skip(str(missing))
                    del values[name]
        return values

    def ratio(self, what, values, over, under, limit, at_most=True):
        if over in values and under in values:
            ratios = [a / b for a, b in zip(values[over], values[under])]
            self.report.target(what, statistics.median(ratios), limit, at_most)


def install(packages):
    NPM_FOLDER.mkdir(parents=True, exist_ok=True)
    for package in packages:
        done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix",
                               str(NPM_FOLDER), package], timeout=600, check=False)
        if done.returncode != 0:
            print(f"npm could not install {package}", file=sys.stderr)


def play(kind, about):
    """Plays the parts of a bench that are asked for; the exit status."""
    options = argparse.ArgumentParser(prog=kind.name, description=about,
                                      formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--bin", default=str(NPM_FOLDER / "bin"))
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=kind.seconds, help="length of one measurement, about")
    options.add_argument("--priority", type=int, default=0, metavar="N",
                         help="real-time priority of clients and servers (chrt -f, needs root), such as 5:\n"
                              "for timing on a machine where others are at work; a compiler on the same core makes\n"
                              "every p99 one slice of the scheduler")
    options.add_argument("--only", default=",".join(kind.parts))
    options.add_argument("--install", action="store_true")
    kind.add_options(options)
    options = options.parse_args()
    chosen = options.only.split(",")
    if unknown := set(chosen) - set(kind.parts):
        sys.exit(f"{kind.name}: unknown part {', '.join(sorted(unknown))}")
    if options.install:
        install(kind.npm_packages)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended
    report = Report()
    with tempfile.TemporaryDirectory() as scratch:
        bench = kind(options, report, scratch)
        for part in chosen:
            try:
                getattr(bench, part)()
            except Skipped as missing:
                report.skip(f"{part}: {missing}")
            except RuntimeError as problem:
                report.failed.append(f"{part}: {problem}")
                print(f"  failed: {problem}", flush=True)
            finally:
                bench.stop_servers()
    print(f"{report.missed} targets missed, {len(report.failed)} parts failed, "
          f"{len(report.skipped)} skipped")
    return 1 if report.missed or report.failed else 0

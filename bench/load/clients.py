"""What bench/load/run sends with: `ringback load`, and the programs people use today."""

import json
import pathlib
import re
import sys
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import peers  # noqa: E402, which lies in the folder above
from peers import CLIENT_CORE, LONGEST_S  # noqa: E402

FOUR = HERE / "four.json"
ONE = HERE.parent / "queueing" / "customer.json"
LONG = HERE / "long.json"
INVALID = 98  # exit status: ringback itself, or whoever shares its core, was the limit
JSON_TYPE = "Content-Type: application/json"
PACED_CONNECTIONS = 50


class Sent(NamedTuple):
    """What one run of a client did, and with how much of the processor."""

    requests: int
    cpu_us: float
    seconds: float = 0
    result: dict = {}  # of ours: the report


def number_in(pattern, text, program):
    found = re.search(pattern, text)
    if not found:
        raise RuntimeError(f"{program} did not say how much it has done: {text[-400:]}")
    return int(found.group(1).replace(",", ""))


def microseconds(text):
    """wrk2's "1.79ms"."""
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(value) * {"us": 1, "ms": 1e3, "s": 1e6, "m": 60e6}[unit]


class Clients(peers.Bench):
    """Each client as a method that takes a port and how long to go on."""

    invalid = 0  # runs of ours that called themselves so

    def receiver(self, *flags):
        """A bench_sink of its own: process, port."""
        port = self.sink(*flags)
        return self.servers[-1], port

    # --- ours

    def load(self, scenario, url, calls_per_s, seconds, *flags, good=(0,), longest=LONGEST_S, watch=None):
        """`ringback load` to its end. An invalid run is played again unless `good` has that status, twice at most:
        somebody else's work on the core must not decide, and no latency is to be had of it."""
        report = self.scratch / "result.json"
        for _ in range(3):
            report.unlink(missing_ok=True)
            status, text, cpu_us = self.spend(
                CLIENT_CORE, "ringback", "load", scenario, "--callback-url", url, "--quiet", "--report",
                f"json={report}", "--rate", f"{round(calls_per_s)}/1s", "--duration", f"{round(seconds * 1000)}ms",
                *flags, longest=longest, watch=watch)
            if status == INVALID and INVALID not in good:
                self.invalid += 1
                continue
            if status not in good or not report.exists():
                raise RuntimeError(f"ringback load {scenario.name} ended with {status}: {text[-600:]}")
            result = json.loads(report.read_text())
            return Sent(result["counts"]["callbacks"], cpu_us, seconds, result)
        why = json.loads(report.read_text())["truth"]["invalid"]
        raise RuntimeError(f"ringback load {scenario.name} was invalid three times: {'; '.join(why)}")

    def all_of(self, scenario, url, calls_per_s, seconds, *flags):
        """For what others see of it: everything planned was done, whether or not ringback calls the run valid."""
        sent = self.load(scenario, url, calls_per_s, seconds, *flags, good=(0, INVALID))
        self.invalid += sent.result["exit_status"] == INVALID
        counts = sent.result["counts"]
        if counts["passed"] < counts["planned"]:
            raise RuntimeError(f"ringback load {scenario.name}: {counts['passed']} good calls of {counts['planned']}")
        return sent

    def holds(self, scenario, url, calls_per_s, seconds):
        """Whether that many calls a second are held: a valid run, every call good, 99 % of them over in time."""
        for _ in range(2):  # once more: a second of somebody else's work must not decide
            result = self.load(scenario, url, calls_per_s, seconds, good=(0, 1, INVALID)).result
            if result["exit_status"] != 0:
                continue
            # The run ends with its last call, which has begun at the end of `seconds` if it was in time.
            took = result["duration_s"] - result["metrics"]["call"]["min_us"] / 1e6
            if result["counts"]["finished"] / took >= 0.99 * calls_per_s:
                return True
        return False

    def highest_held(self, scenario, url, seconds, first=1000.0, stride=2.0):
        """Calls a second, to 5 %: upwards by `stride` until a rate is not held, then by halves."""
        low, high, rate = 0.0, None, first
        while high is None or high > 1.05 * low:
            if self.holds(scenario, url, rate, seconds):
                low = rate
            else:
                high = rate
            rate = low * stride if high is None else (low + high) / 2
            if rate < 10:
                raise RuntimeError(f"ringback load {scenario.name} holds not even 10 calls a second")
        return low

    # --- peers, as fast as they can on 64 connections

    def wrk(self, port, seconds):
        text, cpu_us = self.run(CLIENT_CORE, "wrk", "-t1", "-c64", f"-d{seconds}s", "-s", self.scratch / "post.lua",
                                f"http://127.0.0.1:{port}/cb")
        return Sent(number_in(r"(\d+) requests in", text, "wrk"), cpu_us, seconds)

    def hey(self, port, seconds):
        count = 20_000 * seconds // 64 * 64
        text, cpu_us = self.run(CLIENT_CORE, "hey", "-c", 64, "-n", count, "-m", "POST", "-T", "application/json",
                                "-D", self.scratch / "body.json", f"http://127.0.0.1:{port}/cb")
        return Sent(number_in(r"\[200\]\s+(\d+) responses", text, "hey"), cpu_us)

    def autocannon(self, port, seconds):
        count = 20_000 * seconds
        _, cpu_us = self.run(CLIENT_CORE, "autocannon", "-c", 64, "-a", count, "-m", "POST",
                             "-H", "Content-Type=application/json", "-i", self.scratch / "body.json",
                             f"http://127.0.0.1:{port}/cb")
        return Sent(count, cpu_us)

    def locust(self, port, seconds):
        text, cpu_us = self.run(CLIENT_CORE, "locust", "-f", HERE / "locustfile.py", "--headless", "-u", 64, "-r", 64,
                                "-t", f"{seconds}s", "--host", f"http://127.0.0.1:{port}", "--only-summary")
        return Sent(number_in(r"Aggregated\s+(\d+)", text, "locust"), cpu_us, seconds)

    # --- peers at a rate

    def wrk2_p99_us(self, port, rate, seconds):
        """Corrected for what its schedule had waited; it calibrates for the first 10 s."""
        text, _ = self.run(CLIENT_CORE, "wrk2", "-t1", "-c64", f"-d{seconds + 12}s", f"-R{rate}", "-L", "-s",
                           self.scratch / "post.lua", f"http://127.0.0.1:{port}/cb")
        found = re.search(r"^\s*99\.000%\s+(\S+)", text, re.MULTILINE)
        if not found:
            raise RuntimeError(f"wrk2 printed no percentiles: {text[-400:]}")
        return microseconds(found.group(1))

    def paced(self, name, port, rate, seconds):
        url = f"http://127.0.0.1:{port}/cb"
        body = self.scratch / "body.json"
        each = rate // PACED_CONNECTIONS
        flags = {
            "hey": ("-z", f"{seconds}s", "-c", PACED_CONNECTIONS, "-q", each, "-m", "POST", "-T", "application/json",
                    "-D", body, url),
            "h2load": ("--h1", "-t1", f"-c{PACED_CONNECTIONS}", "-D", seconds, f"--rps={each}", "-d", body,
                       "-H", JSON_TYPE, url),
            "autocannon": ("-c", PACED_CONNECTIONS, "-d", seconds, "-R", rate, "-m", "POST",
                           "-H", "Content-Type=application/json", "-i", body, url),
        }
        self.run(CLIENT_CORE, name, *flags[name])

"""What Locust's own worker sends, as "name hex" lines: tests/unit/locust_golden.txt.

Run by the Python that has Locust: /usr/bin/python3 tests/support/locust_golden.py
The values are those of tests/unit/locust_wire_test.cpp.
"""
from locust.rpc.protocol import Message
from locust.stats import RequestStats

ID = "host_0123456789abcdef0123456789abcdef"
START = 1767600000.25


def users(counts):
    return {"user_classes_count": counts, "user_count": sum(counts.values())}


def report():
    """RequestStats as a worker fills and strips it; only its clock is ours."""
    stats = RequestStats(use_response_times_cache=False)

    def log(method, name, ms, length, at, error=None):
        for entry in (stats.total, stats.get(name, method)):
            entry.num_requests += 1
            entry.num_reqs_per_sec[int(at)] = entry.num_reqs_per_sec.get(int(at), 0) + 1
            entry.last_request_timestamp = at
            entry._log_response_time(ms)
            entry.total_content_length += length
            if error:
                entry.num_failures += 1
                entry.num_fail_per_sec[int(at)] = entry.num_fail_per_sec.get(int(at), 0) + 1

    stats.clear_all()
    log("EVENT", "answer", 12.5, 0, START + 1)
    log("EVENT", "answer", 147.0, 0, START + 2, "answer: 500")
    log("REACT", "greet", 3432.0, 10, START + 2.5)
    log("REACT", "greet", None, 0, START + 2.75, "nothing came")
    for entry in [stats.total, *stats.entries.values()]:
        entry.start_time = START
    rows = [stats.entries[key].serialize() for key in stats.entries]
    total = stats.total.serialize()
    for row in [total, *rows]:
        for table in ("response_times", "num_reqs_per_sec", "num_fail_per_sec"):
            # Python's round() gives a float where it drops digits; it is the same key as the integer.
            row[table] = {int(key): row[table][key] for key in sorted(row[table])}
        for real in ("total_response_time", "max_response_time", "min_response_time"):
            row[real] = float(row[real])
    errors = {
        "EVENT.answer.answer: 500":
            {"name": "answer", "method": "EVENT", "error": "answer: 500", "occurrences": 1},
        "REACT.greet.nothing came":
            {"name": "greet", "method": "REACT", "error": "nothing came", "occurrences": 1},
    }
    return {"stats": rows, "stats_total": total, "errors": errors, **users({"Menu": 2, "Ringback": 0})}


heartbeat = {"state": "ready", "current_cpu_usage": 12.5, "current_memory_usage": 41000000}
spawn = {
    "timestamp": START,
    "user_classes_count": {"Menu": 3, "Ringback": 0},
    "host": None,
    "stop_timeout": 2.5,
    "parsed_options": {"headless": True, "tags": None, "expect_workers": 3, "locustfile": "locustfile.py"},
}
messages = {
    "client_ready": Message("client_ready", -1, ID),
    "client_stopped": Message("client_stopped", None, ID),
    "spawning": Message("spawning", None, ID),
    "quit": Message("quit", None, ID),
    "heartbeat": Message("heartbeat", heartbeat, ID),
    "spawning_complete": Message("spawning_complete", users({"Menu": 300, "Ringback": 0}), ID),
    "exception": Message("exception", {"msg": "no line", "traceback": "menu.json:8:5"}, ID),
    "stats": Message("stats", report(), ID),
    # the master's
    "ack": Message("ack", {"index": 2}, ID),
    "spawn": Message("spawn", spawn, ID),
    "stop": Message("stop", None, ID),
    "reconnect": Message("reconnect", None, ID),
}
for name, message in messages.items():
    print(name, message.serialize().hex())

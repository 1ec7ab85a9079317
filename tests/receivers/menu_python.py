"""A receiver as people write it, with nothing but Python's standard library: asks the caller for one
digit, and hangs up when it has come. VARIANT makes it subtly wrong."""

import base64
import json
import os
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VARIANT = os.environ.get("VARIANT", "correct")
API = f"{os.environ['RINGBACK_URL']}/v1/users/{os.environ['RINGBACK_USER_ID']}/calls"
CREDENTIALS = base64.b64encode(
    f"{os.environ['RINGBACK_TOKEN']}:{os.environ['RINGBACK_SECRET']}".encode()).decode()

known = set()
lock = threading.Lock()
failed_once = False


def command(call, path, body):
    request = urllib.request.Request(
        f"{API}/{call}{path}", data=json.dumps(body).encode(), method="POST",
        headers={"Content-Type": "application/json", "Authorization": f"Basic {CREDENTIALS}"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        answer.read()


def greet(call):
    body = {"sentence": "Please press one."}
    if VARIANT != "forgets-tag":
        body["tag"] = "menu"
    command(call, "/audio", body)
    if VARIANT == "speaks-twice":
        command(call, "/audio", body)


def handle(event):
    call, kind = event["callId"], event["eventType"]
    if kind == "answer":
        if VARIANT != "stores-late":
            with lock:
                known.add(call)
        greet(call)
    elif kind == "speak":
        last = "started" if VARIANT == "reacts-to-started" else "done"
        with lock:
            ours = call in known
        if event["status"] == last and ours:
            command(call, "/gather", {"maxDigits": 1, "interDigitTimeout": 10})
    elif kind == "gather":
        command(call, "", {"state": "completed"})


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global failed_once
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = 200
        with lock:
            if VARIANT == "answers-500-once" and event["eventType"] == "speak" and not failed_once:
                failed_once = True
                status = 500
        if VARIANT == "blocks-handler":
            time.sleep(3)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if status == 200:
            handle(event)

    def log_message(self, *args):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver).serve_forever()

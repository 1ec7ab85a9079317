"""Locust's fastest client, as fast as it can: the same body as every other peer of bench/load/run."""

import pathlib
import sys

from locust import constant, task
from locust.contrib.fasthttp import FastHttpUser

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from peers import BODY  # noqa: E402, which lies in the folder above


class Poster(FastHttpUser):
    wait_time = constant(0)

    @task
    def post(self):
        self.client.post("/cb", data=BODY, headers={"Content-Type": "application/json"})

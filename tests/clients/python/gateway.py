"""Where the gateway under test is, and what is behind it.

The Rust test `python_clients` starts a simulator and gateways and says where they are in the environment.
Headers that start with `x-sim-` tell the simulator how to answer one request.
"""

import base64
import itertools
import json
import os
import time
import urllib.parse
import urllib.request
from pathlib import Path

GATEWAY = os.environ["FW_GATEWAY_URL"]
MODEL = os.environ.get("FW_MODEL", "accounts/fireworks/models/glm-5p3")
# One that takes images.
VISION_MODEL = "accounts/fireworks/models/kimi-k3"
EMBEDDING_MODEL = "accounts/fireworks/models/qwen3-embedding-8b"
KEY = "fw_client_key"

PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": PARAMETERS,
    },
}

CITY_SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "inhabitants": {"type": "integer"},
        "capital": {"type": "boolean"},
    },
    "required": ["name", "inhabitants", "capital"],
    "additionalProperties": False,
}

# One grey pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)

_numbers = itertools.count(1)


def user(text):
    return [{"role": "user", "content": text}]


def sim(**knobs):
    """Headers that set knobs of the simulator: `sim(error_after=2)`."""
    return {f"x-sim-{name.replace('_', '-')}": str(value) for name, value in knobs.items()}


def says(text, **knobs):
    """Headers that make the simulator say just this."""
    return sim(reply=urllib.parse.quote(text), **knobs)


def strikes(times, **knobs):
    """Headers for a fault that strikes so many requests, then no more."""
    return sim(fault_times=times, fault_id=f"{os.getpid()}-{next(_numbers)}", **knobs)


class Upstream:
    """What the simulator got since this was made."""

    def __init__(self, url):
        self.url = url
        self.before = self._state()

    @property
    def requests(self):
        """How many requests it got."""
        return self._since("requests")

    @property
    def last(self):
        """The text of the last request's body."""
        return self._read("requests")["requests"][-1]["body"]

    def has_cancelled(self):
        """Waits until a request was given up, and says whether one was."""
        until = time.monotonic() + 10
        while self._since("cancelled") == 0:
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True

    def _since(self, counter):
        return self._state()[counter] - self.before[counter]

    def _state(self):
        return self._read("state")

    def _read(self, what):
        with urllib.request.urlopen(f"{self.url}/sim/{what}") as reply:
            return json.load(reply)


class Record:
    """What the audit log of the gateways with policies got since this was made."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.before = len(self._finished())

    def finished(self):
        """The records of replies that are over."""
        return self._finished()[self.before :]

    def _finished(self):
        files = sorted(self.directory.glob("*.jsonl"))
        lines = (line for file in files for line in file.read_text().splitlines())
        return [record for record in map(json.loads, lines) if record["kind"] == "finished"]

"""Clients of the gateway under test.

The Rust test `python_clients` starts a simulator and a gateway and says where they are in the
environment. Headers that start with `x-sim-` tell the simulator how to answer one request.
"""

import itertools
import os

import pytest
from fireworks import Fireworks
from openai import AsyncOpenAI, OpenAI

GATEWAY = os.environ["FW_GATEWAY_URL"]
MODEL = os.environ.get("FW_MODEL", "accounts/fireworks/models/glm-5p3")
EMBEDDING_MODEL = "accounts/fireworks/models/qwen3-embedding-8b"
KEY = "fw_client_key"

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
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

_numbers = itertools.count(1)


def user(text):
    return [{"role": "user", "content": text}]


def sim(**knobs):
    """Headers that set knobs of the simulator: `sim(error_after=2)`."""
    return {f"x-sim-{name.replace('_', '-')}": str(value) for name, value in knobs.items()}


def strikes(times, **knobs):
    """Headers for a fault that strikes so many requests, then no more."""
    return sim(fault_times=times, fault_id=f"python-{next(_numbers)}", **knobs)


@pytest.fixture
def openai():
    with OpenAI(base_url=f"{GATEWAY}/v1", api_key=KEY) as client:
        yield client


@pytest.fixture
def no_retries(openai):
    return openai.with_options(max_retries=0)


@pytest.fixture
def async_openai():
    return AsyncOpenAI(base_url=f"{GATEWAY}/v1", api_key=KEY)


@pytest.fixture(params=["", "/inference"], ids=["bare-host", "inference"])
def fireworks(request):
    with Fireworks(base_url=GATEWAY + request.param, api_key=KEY) as client:
        yield client

"""The `anthropic` package beyond the table: helpers, betas, counting, models, keys, several clients at once."""

import asyncio
import json
import os

import anthropic
import pytest
from gateway import KEY, MODEL, PARAMETERS, says, sim, user
from matrix import CHAT_ONLY, FIREWORKS, TARGETS
from pydantic import BaseModel


class City(BaseModel):
    name: str
    inhabitants: int
    capital: bool


@pytest.fixture(params=[FIREWORKS, CHAT_ONLY])
def base_url(request):
    return os.environ[f"FW_GATEWAY_URL{TARGETS[request.param]}"] + "/anthropic"


@pytest.fixture
def client(base_url):
    with anthropic.Anthropic(base_url=base_url, api_key=KEY) as client:
        yield client


ASK = {"model": MODEL, "max_tokens": 400, "messages": user("Hello")}


def test_a_token_in_place_of_a_key(base_url):
    with anthropic.Anthropic(base_url=base_url, api_key=None, auth_token=KEY) as client:
        assert client.messages.create(**ASK, extra_headers=says("Hi.")).content[0].text == "Hi."


def test_any_version_of_the_api(client):
    headers = {"anthropic-version": "2099-01-01", **says("Hi.")}
    assert client.messages.create(**ASK, extra_headers=headers).content[0].text == "Hi."


def test_betas(client):
    message = client.beta.messages.create(
        **ASK, betas=["files-api-2025-04-14"], extra_headers=says("Hi.")
    )
    assert message.content[0].text == "Hi."


def test_tokens_are_counted_with_no_reply(client):
    short = client.messages.count_tokens(model=MODEL, messages=user("Hello")).input_tokens
    long = client.messages.count_tokens(model=MODEL, messages=user("Hello there. " * 50)).input_tokens
    assert 0 < short < long


def test_models_are_listed_by_pages(client):
    models = list(client.models.list(limit=3))
    assert models
    assert all(model.type == "model" and model.display_name for model in models)


def test_objects_by_their_class(client):
    message = client.messages.parse(**ASK, output_format=City)
    assert message.parsed_output == City(name="name", inhabitants=1, capital=True)


def test_the_helper_that_runs_tools(client):
    seen = []

    @anthropic.beta_tool
    def get_weather(city: str) -> str:
        """The weather in a city."""
        seen.append(city)
        return "4 degrees, rain"

    runner = client.beta.messages.tool_runner(
        **{**ASK, "messages": user("Use get_weather.")}, tools=[get_weather]
    )
    assert runner.until_done().content[0].text == "The tool said: 4 degrees, rain"
    assert seen == ["city"]


def test_the_events_of_a_stream(client):
    with client.messages.stream(**ASK, extra_headers=says("One two three.")) as stream:
        types = [event.type for event in stream]
        message = stream.get_final_message()
    assert types[0] == "message_start"
    assert types[-1] == "message_stop"
    assert types.count("content_block_start") == types.count("content_block_stop") == 1
    assert message.content[0].text == "One two three."
    assert message.usage.output_tokens > 0


def test_the_input_of_a_tool_as_it_comes(client):
    tools = [{"name": "get_weather", "input_schema": PARAMETERS}]
    asked = {**ASK, "messages": user("Use get_weather.")}
    with client.messages.stream(**asked, tools=tools, extra_headers=sim(tool_fragment=2)) as stream:
        pieces = [event.partial_json for event in stream if event.type == "input_json"]
    assert len(pieces) > 2
    assert json.loads("".join(pieces)) == {"city": "city"}


def test_an_error_has_the_id_of_the_request(client):
    with pytest.raises(anthropic.NotFoundError) as raised:
        client.with_options(max_retries=0).messages.create(
            **ASK, extra_headers=sim(status=404, message="Gone.")
        )
    assert raised.value.body["type"] == "error"
    assert raised.value.body["error"]["type"] == "not_found_error"
    assert raised.value.response.headers["request-id"]


def test_what_is_not_there_is_said_in_its_own_words(client):
    with pytest.raises(anthropic.APIStatusError) as raised:
        client.messages.batches.list()
    assert raised.value.body["type"] == "error"
    assert raised.value.body["error"]["message"]


def test_several_streams_at_once(base_url):
    async def one(client, text):
        async with client.messages.stream(**ASK, extra_headers=says(text)) as stream:
            return await stream.get_final_text()

    async def all_of(texts):
        async with anthropic.AsyncAnthropic(base_url=base_url, api_key=KEY) as client:
            return await asyncio.gather(*(one(client, text) for text in texts))

    texts = [f"This is reply {number}." for number in range(8)]
    assert asyncio.run(all_of(texts)) == texts


def test_a_task_that_is_cancelled(base_url):
    async def run():
        async with anthropic.AsyncAnthropic(base_url=base_url, api_key=KEY) as client:
            headers = sim(fault="hang")
            task = asyncio.create_task(client.messages.create(**ASK, extra_headers=headers))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(task, 0.2)

    asyncio.run(run())

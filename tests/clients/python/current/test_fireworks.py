"""The `fireworks-ai` package, with both base URLs that people give it."""

import json

import fireworks as sdk
import pytest
from fireworks import Fireworks
from gateway import CITY_SCHEMA, GATEWAY, KEY, MODEL, WEATHER, sim, strikes, user


@pytest.fixture(params=["", "/inference"], ids=["bare-host", "inference"])
def fireworks(request):
    with Fireworks(base_url=GATEWAY + request.param, api_key=KEY) as client:
        yield client


def collect(stream):
    text, finish = "", None
    for chunk in stream:
        for choice in chunk.choices or []:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    return text, finish


def test_a_plain_reply(fireworks):
    reply = fireworks.chat.completions.create(
        model=MODEL, messages=user("Hello"), extra_headers=sim(reply="Good%20day.")
    )
    assert reply.choices[0].message.content == "Good day."
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage.prompt_tokens > 0


def test_a_streamed_reply(fireworks):
    stream = fireworks.chat.completions.create(
        model=MODEL,
        messages=user("Hello"),
        stream=True,
        extra_headers=sim(reply="One%20two%20three."),
    )
    assert collect(stream) == ("One two three.", "stop")


def test_usage_of_a_streamed_reply(fireworks):
    stream = fireworks.chat.completions.create(
        model=MODEL,
        messages=user("Hello"),
        stream=True,
        extra_body={"stream_options": {"include_usage": True}},
        extra_headers=sim(usage_layout="b"),
    )
    usages = [chunk.usage for chunk in stream if chunk.usage]
    assert len(usages) == 1
    assert usages[0].completion_tokens > 0


def test_a_tool_call(fireworks):
    reply = fireworks.chat.completions.create(
        model=MODEL, messages=user("Weather in Oslo?"), tools=[WEATHER], tool_choice="any"
    )
    call = reply.choices[0].message.tool_calls[0]
    assert reply.choices[0].finish_reason == "tool_calls"
    assert call.function.name == "get_weather"
    assert isinstance(json.loads(call.function.arguments)["city"], str)


def test_a_streamed_tool_call(fireworks):
    name, arguments = "", ""
    for chunk in fireworks.chat.completions.create(
        model=MODEL,
        messages=user("Weather in Oslo?"),
        tools=[WEATHER],
        tool_choice="required",
        stream=True,
        extra_headers=sim(tool_index="false"),
    ):
        for choice in chunk.choices:
            for call in choice.delta.tool_calls or []:
                assert call.index == 0
                name += call.function.name or ""
                arguments += call.function.arguments or ""
    assert name == "get_weather"
    assert isinstance(json.loads(arguments)["city"], str)


def test_json_by_schema(fireworks):
    reply = fireworks.chat.completions.create(
        model=MODEL,
        messages=user("Describe Oslo in JSON."),
        response_format={"type": "json_schema", "json_schema": {"name": "city", "schema": CITY_SCHEMA}},
    )
    assert json.loads(reply.choices[0].message.content).keys() == {"name", "inhabitants", "capital"}


def test_several_choices_and_log_probabilities(fireworks):
    reply = fireworks.chat.completions.create(
        model=MODEL, messages=user("Hello"), n=2, logprobs=True, top_logprobs=1
    )
    assert [choice.index for choice in reply.choices] == [0, 1]
    assert reply.choices[1].logprobs.content


def test_parameters_of_fireworks_itself(fireworks):
    reply = fireworks.chat.completions.create(
        model=MODEL,
        messages=user("Two and two?"),
        top_k=40,
        min_p=0.1,
        repetition_penalty=1.1,
        reasoning_effort="low",
        context_length_exceeded_behavior="error",
        prompt_cache_isolation_key="tenant-7",
        perf_metrics_in_response=True,
        extra_headers=sim(reply="4", reasoning="2%20plus%202"),
    )
    assert reply.choices[0].message.content == "4"
    assert reply.choices[0].message.reasoning_content == "2 plus 2"
    assert reply.perf_metrics


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_a_text_completion(fireworks, stream):
    reply = fireworks.completions.create(
        model=MODEL,
        prompt="Hello, my name is",
        stream=stream,
        extra_headers=sim(reply="%20Ada."),
    )
    chunks = reply if stream else [reply]
    assert "".join(choice.text for chunk in chunks for choice in chunk.choices) == " Ada."


def test_a_message(fireworks):
    message = fireworks.messages.create(
        model=MODEL, max_tokens=64, messages=user("Hello"), extra_headers=sim(reply="Good%20day.")
    )
    assert message.type == "message"
    assert message.content[0].text == "Good day."
    assert message.stop_reason == "end_turn"
    # This SDK has no type for the usage of a message.
    assert message.usage["output_tokens"] > 0


def test_a_streamed_message(fireworks):
    # This SDK hands out the text of the stream as it came.
    text = fireworks.messages.create(
        model=MODEL,
        max_tokens=64,
        messages=user("Hello"),
        stream=True,
        extra_headers=sim(reply="Good%20day."),
    )
    assert "event: message_start" in text
    assert "text_delta" in text
    assert text.rstrip().endswith('{"type":"message_stop"}')


CLASSES = {
    400: sdk.BadRequestError,
    401: sdk.AuthenticationError,
    403: sdk.PermissionDeniedError,
    404: sdk.NotFoundError,
    412: sdk.APIStatusError,
    422: sdk.UnprocessableEntityError,
    429: sdk.RateLimitError,
    500: sdk.InternalServerError,
    503: sdk.InternalServerError,
}


@pytest.mark.parametrize("status", CLASSES)
def test_an_upstream_status_becomes_its_class(fireworks, status):
    with pytest.raises(CLASSES[status]) as raised:
        fireworks.with_options(max_retries=0).chat.completions.create(
            model=MODEL, messages=user("Hello"), extra_headers=sim(status=status)
        )
    assert raised.value.status_code == status


def test_the_sdk_retries_a_rate_limit(fireworks):
    raw = fireworks.chat.completions.with_raw_response.create(
        model=MODEL,
        messages=user("Hello"),
        extra_headers=strikes(1, fault="rate-limit", retry_after="0.05"),
    )
    assert raw.retries_taken == 1


@pytest.mark.parametrize(
    "knobs",
    [
        {"error_after": 2},
        {"truncate_after": 2},
        {"fault": "reset-mid-body", "fault_after": 2},
    ],
    ids=["error", "truncated", "reset"],
)
def test_a_stream_that_fails_does_not_look_complete(fireworks, knobs):
    # This SDK does not raise on an error in a stream: it hands it out as a chunk.
    chunks = list(
        fireworks.chat.completions.create(
            model=MODEL,
            messages=user("Hello"),
            stream=True,
            extra_headers=sim(reply="One%20two%20three%20four.", **knobs),
        )
    )
    assert chunks[-1].error["message"]
    assert not any(choice.finish_reason for chunk in chunks for choice in chunk.choices or [])

"""The Responses API with the `openai` package."""

import json

import pytest
from gateway import CITY_SCHEMA, MODEL, WEATHER, sim
from openai import NotFoundError

FUNCTION = {"type": "function", "strict": True, **WEATHER["function"]}


def test_a_plain_response(openai):
    response = openai.responses.create(
        model=MODEL, input="Hello", extra_headers=sim(reply="Good%20day.")
    )
    assert response.id.startswith("resp_")
    assert response.status == "completed"
    assert response.output_text == "Good day."
    # Fireworks names usage as chat does; the SDK reads the names of Responses.
    assert response.usage.input_tokens > 0
    assert response.usage.output_tokens > 0
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
    assert response.usage.input_tokens_details.cached_tokens >= 0


def test_the_events_of_a_streamed_response(openai):
    types, text = [], ""
    for event in openai.responses.create(
        model=MODEL, input="Hello", stream=True, extra_headers=sim(reply="One%20two%20three.")
    ):
        types.append(event.type)
        if event.type == "response.output_text.delta":
            text += event.delta
    assert types[0] == "response.created"
    assert types[-1] == "response.completed"
    assert text == "One two three."


@pytest.mark.parametrize("lines", ["true", "false"])
def test_the_stream_helper_puts_a_response_together(openai, lines):
    with openai.responses.stream(
        model=MODEL, input="Hello", extra_headers=sim(reply="Bit%20by%20bit.", event_lines=lines)
    ) as stream:
        deltas = "".join(e.delta for e in stream if e.type == "response.output_text.delta")
        final = stream.get_final_response()
    assert deltas == "Bit by bit."
    assert final.output_text == "Bit by bit."
    assert final.usage.output_tokens > 0


def test_a_conversation_by_previous_response_id(openai):
    first = openai.responses.create(model=MODEL, input="My name is Ada.")
    second = openai.responses.create(
        model=MODEL, input="What is my name?", previous_response_id=first.id
    )
    assert second.previous_response_id == first.id
    # What was said before is part of the prompt.
    assert second.usage.input_tokens > first.usage.input_tokens


def test_a_previous_response_that_is_gone(openai):
    with pytest.raises(NotFoundError) as refusal:
        openai.responses.create(
            model=MODEL, input="And then?", previous_response_id="resp_" + "0" * 32
        )
    assert "not found" in refusal.value.message.lower()


def test_a_response_is_stored_read_and_deleted(openai):
    created = openai.responses.create(model=MODEL, input="Remember this.", store=True)
    read = openai.responses.retrieve(created.id)
    assert read.id == created.id
    assert read.output_text == created.output_text
    assert openai.responses.delete(created.id) is None
    with pytest.raises(NotFoundError):
        openai.responses.retrieve(created.id)


def test_a_deletion_is_confirmed_as_openai_does(openai):
    created = openai.responses.create(model=MODEL, input="Remember this.")
    raw = openai.responses.with_raw_response.delete(created.id)
    assert raw.http_response.json() == {
        "id": created.id,
        "object": "response",
        "deleted": True,
    }


def test_a_response_that_is_not_stored(openai):
    response = openai.responses.create(model=MODEL, input="Forget this.", store=False)
    assert response.output_text


@pytest.mark.parametrize("stream", [False, True])
def test_a_function_call(openai, stream):
    call = {"tools": [FUNCTION], "tool_choice": "required"}
    if stream:
        with openai.responses.stream(model=MODEL, input="Weather in Oslo?", **call) as events:
            response = events.get_final_response()
    else:
        response = openai.responses.create(model=MODEL, input="Weather in Oslo?", **call)
    calls = [item for item in response.output if item.type == "function_call"]
    assert calls[0].name == "get_weather"
    assert isinstance(json.loads(calls[0].arguments)["city"], str)

    answer = openai.responses.create(
        model=MODEL,
        previous_response_id=response.id,
        input=[
            {
                "type": "function_call_output",
                "call_id": calls[0].call_id,
                "output": "4 degrees, rain",
            }
        ],
        extra_headers=sim(reply="Take%20an%20umbrella."),
    )
    assert answer.output_text == "Take an umbrella."


def test_json_by_schema(openai):
    response = openai.responses.create(
        model=MODEL,
        input="Describe Oslo in JSON.",
        text={
            "format": {
                "type": "json_schema",
                "name": "city",
                "schema": CITY_SCHEMA,
                "strict": True,
            }
        },
    )
    assert json.loads(response.output_text).keys() == {"name", "inhabitants", "capital"}


def test_fields_that_fireworks_may_not_know(openai):
    response = openai.responses.create(
        model=MODEL,
        instructions="Be brief.",
        input=[{"role": "developer", "content": "Be kind."}, {"role": "user", "content": "Hello"}],
        include=["reasoning.encrypted_content"],
        max_output_tokens=64,
        max_tool_calls=2,
        metadata={"ticket": "7"},
        prompt_cache_key="conversation-7",
        safety_identifier="user-7",
        truncation="auto",
        extra_headers=sim(reply="Hi."),
    )
    assert response.output_text == "Hi."

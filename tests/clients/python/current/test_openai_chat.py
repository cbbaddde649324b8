"""Chat completions with the `openai` package."""

import asyncio
import json

import pytest
from gateway import CITY_SCHEMA, MODEL, WEATHER, sim, user
from pydantic import BaseModel


def collect(stream):
    """Text, finish reason and usage of a streamed reply."""
    text, finish, usage = "", None, None
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    return text, finish, usage


def test_a_plain_reply(openai):
    reply = openai.chat.completions.create(
        model=MODEL, messages=user("Hello"), extra_headers=sim(reply="Good%20day.")
    )
    assert reply.object == "chat.completion"
    assert reply.model == MODEL
    assert reply.choices[0].message.role == "assistant"
    assert reply.choices[0].message.content == "Good day."
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage.prompt_tokens > 0
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


@pytest.mark.parametrize("layout", ["a", "b", "c", "both"])
def test_a_streamed_reply_in_every_usage_layout(openai, layout):
    stream = openai.chat.completions.create(
        model=MODEL,
        messages=user("Hello"),
        stream=True,
        extra_headers=sim(reply="One%20two%20three%20four.", usage_layout=layout),
    )
    text, finish, _ = collect(stream)
    assert (text, finish) == ("One two three four.", "stop")


@pytest.mark.parametrize("layout", ["a", "b", "both"])
def test_a_streamed_reply_says_its_usage_when_asked(openai, layout):
    stream = openai.chat.completions.create(
        model=MODEL,
        messages=user("Hello"),
        stream=True,
        stream_options={"include_usage": True},
        extra_headers=sim(usage_layout=layout),
    )
    _, finish, usage = collect(stream)
    assert finish == "stop"
    assert usage.completion_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_the_stream_helper_puts_a_reply_together(openai):
    with openai.chat.completions.stream(
        model=MODEL, messages=user("Hello"), extra_headers=sim(reply="Bit%20by%20bit.")
    ) as stream:
        deltas = "".join(event.delta for event in stream if event.type == "content.delta")
        final = stream.get_final_completion()
    assert deltas == "Bit by bit."
    assert final.choices[0].message.content == "Bit by bit."


def test_comments_and_crlf_do_not_disturb_a_stream(openai):
    stream = openai.chat.completions.create(
        model=MODEL,
        messages=user("Hello"),
        stream=True,
        extra_headers=sim(reply="Quite%20calm.", comments=1, crlf="true"),
    )
    assert collect(stream)[:2] == ("Quite calm.", "stop")


def test_a_tool_call_and_its_result(openai):
    ask = user("What is the weather in Oslo?")
    reply = openai.chat.completions.create(
        model=MODEL, messages=ask, tools=[WEATHER], tool_choice="required"
    )
    choice = reply.choices[0]
    assert choice.finish_reason == "tool_calls"
    call = choice.message.tool_calls[0]
    assert call.type == "function"
    assert call.function.name == "get_weather"
    assert isinstance(json.loads(call.function.arguments)["city"], str)

    # The SDK sends back the assistant's message with fields that Fireworks does not know.
    answer = openai.chat.completions.create(
        model=MODEL,
        messages=[
            *ask,
            choice.message,
            {"role": "tool", "tool_call_id": call.id, "content": "4 degrees, rain"},
        ],
        tools=[WEATHER],
        extra_headers=sim(reply="Take%20an%20umbrella."),
    )
    assert answer.choices[0].message.content == "Take an umbrella."


@pytest.mark.parametrize("fragment", [0, 3])
def test_a_streamed_tool_call(openai, fragment):
    stream = openai.chat.completions.create(
        model=MODEL,
        messages=user("What is the weather in Oslo?"),
        tools=[WEATHER],
        tool_choice="required",
        stream=True,
        extra_headers=sim(tool_fragment=fragment),
    )
    name, arguments, finish = "", "", None
    for chunk in stream:
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            for call in choice.delta.tool_calls or []:
                assert call.index == 0
                name += call.function.name or ""
                arguments += call.function.arguments or ""
    assert finish == "tool_calls"
    assert name == "get_weather"
    assert isinstance(json.loads(arguments)["city"], str)


def test_a_streamed_tool_call_without_index_still_works_in_the_stream_helper(openai):
    # Without `index` this helper raises a TypeError; the gateway adds it.
    with openai.chat.completions.stream(
        model=MODEL,
        messages=user("What is the weather in Oslo?"),
        tools=[WEATHER],
        tool_choice="required",
        extra_headers=sim(tool_index="false"),
    ) as stream:
        call = stream.get_final_completion().choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather"
    assert isinstance(json.loads(call.function.arguments)["city"], str)


def test_a_usage_chunk_without_choices_still_works_in_the_stream_helper(openai):
    # Without `choices` this helper raises a TypeError; the gateway adds them.
    with openai.chat.completions.stream(
        model=MODEL,
        messages=user("Hello"),
        stream_options={"include_usage": True},
        extra_headers=sim(usage_layout="b", usage_choices="false"),
    ) as stream:
        assert stream.get_final_completion().usage.completion_tokens > 0


def test_json_by_schema(openai):
    reply = openai.chat.completions.create(
        model=MODEL,
        messages=user("Describe Oslo in JSON."),
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "city", "schema": CITY_SCHEMA, "strict": True},
        },
    )
    city = json.loads(reply.choices[0].message.content)
    assert city.keys() == {"name", "inhabitants", "capital"}
    assert isinstance(city["inhabitants"], int)


class City(BaseModel):
    name: str
    inhabitants: int
    capital: bool


def test_the_parse_helper(openai):
    reply = openai.chat.completions.parse(
        model=MODEL, messages=user("Describe Oslo in JSON."), response_format=City
    )
    assert isinstance(reply.choices[0].message.parsed, City)


def test_several_choices(openai):
    reply = openai.chat.completions.create(model=MODEL, messages=user("Hello"), n=2)
    assert [choice.index for choice in reply.choices] == [0, 1]
    assert all(choice.message.content for choice in reply.choices)


def test_several_streamed_choices(openai):
    texts = {}
    for chunk in openai.chat.completions.create(
        model=MODEL, messages=user("Hello"), n=2, stream=True
    ):
        for choice in chunk.choices:
            texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
    assert texts.keys() == {0, 1}
    assert all(texts.values())


def test_log_probabilities(openai):
    reply = openai.chat.completions.create(
        model=MODEL, messages=user("Hello"), logprobs=True, top_logprobs=2
    )
    tokens = reply.choices[0].logprobs.content
    assert "".join(token.token for token in tokens) == reply.choices[0].message.content
    assert all(token.logprob <= 0 for token in tokens)
    assert len(tokens[0].top_logprobs) == 2


def test_more_alternatives_than_fireworks_gives_are_clamped(openai):
    reply = openai.chat.completions.create(
        model=MODEL, messages=user("Hello"), logprobs=True, top_logprobs=20
    )
    assert len(reply.choices[0].logprobs.content[0].top_logprobs) == 5


def test_reasoning_comes_through(openai):
    reply = openai.chat.completions.create(
        model=MODEL,
        messages=user("Two and two?"),
        reasoning_effort="low",
        extra_headers=sim(reply="4", reasoning="2%20plus%202"),
    )
    assert reply.choices[0].message.content == "4"
    assert reply.choices[0].message.reasoning_content == "2 plus 2"


def test_every_parameter_of_openai_that_fireworks_would_refuse(openai):
    reply = openai.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "name": "ada", "content": [{"type": "text", "text": "Hello"}]},
        ],
        max_completion_tokens=64,
        store=True,
        metadata={"ticket": "7"},
        verbosity="low",
        prompt_cache_key="conversation-7",
        safety_identifier="user-7",
        service_tier="flex",
        parallel_tool_calls=False,
        tools=[WEATHER],
        tool_choice="none",
        stop=["END"],
        seed=7,
        temperature=0.2,
        top_p=0.9,
        presence_penalty=0.1,
        frequency_penalty=0.1,
        extra_headers=sim(reply="Hi."),
    )
    assert reply.choices[0].message.content == "Hi."


def test_a_long_reply_that_fireworks_only_streams(openai):
    reply = openai.chat.completions.create(
        model=MODEL,
        messages=user("Write a lot."),
        max_tokens=8192,
        extra_headers=sim(reply_tokens=5000),
    )
    assert reply.object == "chat.completion"
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage.completion_tokens >= 5000


def test_the_asynchronous_client(async_openai):
    async def conversation():
        async with async_openai as client:
            plain, stream = await asyncio.gather(
                client.chat.completions.create(
                    model=MODEL, messages=user("Hello"), extra_headers=sim(reply="Plain.")
                ),
                client.chat.completions.create(
                    model=MODEL,
                    messages=user("Hello"),
                    stream=True,
                    extra_headers=sim(reply="In%20a%20stream."),
                ),
            )
            text = ""
            async for chunk in stream:
                text += chunk.choices[0].delta.content or "" if chunk.choices else ""
            return plain.choices[0].message.content, text

    assert asyncio.run(conversation()) == ("Plain.", "In a stream.")

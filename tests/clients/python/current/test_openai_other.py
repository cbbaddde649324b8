"""Text completions, embeddings and models with the `openai` package."""

import math

import pytest
from gateway import EMBEDDING_MODEL, MODEL, sim
from openai import BadRequestError, NotFoundError


def test_a_text_completion(openai):
    reply = openai.completions.create(
        model=MODEL,
        prompt="Hello, my name is",
        max_tokens=20,
        extra_headers=sim(reply="%20Ada."),
    )
    assert reply.object == "text_completion"
    assert reply.choices[0].text == " Ada."
    assert reply.usage.completion_tokens > 0


def test_a_streamed_text_completion(openai):
    text, finish = "", None
    for chunk in openai.completions.create(
        model=MODEL,
        prompt="Hello, my name is",
        stream=True,
        extra_headers=sim(reply="%20Ada%20Lovelace."),
    ):
        for choice in chunk.choices:
            text += choice.text
            finish = choice.finish_reason or finish
    assert (text, finish) == (" Ada Lovelace.", "stop")


def test_several_prompts_and_choices(openai):
    reply = openai.completions.create(model=MODEL, prompt=["One", "Two"], n=2, max_tokens=8)
    assert sorted(choice.index for choice in reply.choices) == [0, 1, 2, 3]


def test_log_probabilities_of_a_text_completion(openai):
    reply = openai.completions.create(model=MODEL, prompt="Hello", logprobs=2, max_tokens=8)
    logprobs = reply.choices[0].logprobs
    assert "".join(logprobs.tokens) == reply.choices[0].text
    assert all(value <= 0 for value in logprobs.token_logprobs)


def test_embeddings_are_the_same_in_either_encoding(openai):
    # Without `encoding_format` this SDK asks for base64 and decodes it.
    decoded = openai.embeddings.create(model=EMBEDDING_MODEL, input=["one", "two"])
    floats = openai.embeddings.create(
        model=EMBEDDING_MODEL, input=["one", "two"], encoding_format="float"
    )
    assert [item.index for item in decoded.data] == [0, 1]
    for left, right in zip(decoded.data, floats.data, strict=True):
        assert left.embedding == pytest.approx(right.embedding, rel=1e-6)
    assert decoded.data[0].embedding != decoded.data[1].embedding
    assert any(not math.isclose(value, 0) for value in decoded.data[0].embedding)
    assert decoded.usage.prompt_tokens > 0


def test_embeddings_in_base64_when_the_upstream_knows_only_floats(openai):
    reply = openai.embeddings.with_raw_response.create(
        model=EMBEDDING_MODEL,
        input="one",
        encoding_format="base64",
        extra_headers=sim(base64="false"),
    )
    assert isinstance(reply.http_response.json()["data"][0]["embedding"], str)


def test_streamed_embeddings_do_not_exist(openai):
    with pytest.raises(BadRequestError) as refusal:
        openai.embeddings.create(model=EMBEDDING_MODEL, input="one", extra_body={"stream": True})
    assert refusal.value.code == "unsupported_operation"


def test_models_are_listed(openai):
    models = {model.id: model for model in openai.models.list()}
    assert models[MODEL].object == "model"
    assert models[MODEL].owned_by


@pytest.mark.parametrize("name", [MODEL, "fireworks/glm-5p3"])
def test_one_model(openai, name):
    assert openai.models.retrieve(name).id in (MODEL, name)


def test_a_model_that_nobody_knows(openai):
    with pytest.raises(NotFoundError):
        openai.models.retrieve("accounts/fireworks/models/nobody-knows-it")


def test_operations_that_fireworks_lacks(openai):
    attempts = [
        lambda: openai.images.generate(model=MODEL, prompt="A cat"),
        lambda: openai.audio.speech.create(model=MODEL, voice="alloy", input="Hello"),
        lambda: openai.files.list(),
        lambda: openai.batches.list(),
        lambda: openai.fine_tuning.jobs.list(),
    ]
    for attempt in attempts:
        with pytest.raises(BadRequestError) as refusal:
            attempt()
        assert refusal.value.code == "unsupported_operation"
        assert "fireworks" in refusal.value.message.lower()

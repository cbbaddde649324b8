"""Every class of error, as the `openai` package raises it."""

import pytest
from gateway import EMBEDDING_MODEL, MODEL, sim, strikes, user
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)

SHAPES = ["e1", "e2", "e3", "e4", "e5", "e7", "html", "empty"]

CLASSES = {
    400: BadRequestError,
    401: AuthenticationError,
    402: APIStatusError,
    403: PermissionDeniedError,
    404: NotFoundError,
    412: APIStatusError,
    413: APIStatusError,
    422: UnprocessableEntityError,
    429: RateLimitError,
    500: InternalServerError,
    502: InternalServerError,
    503: InternalServerError,
}


def ask(client, headers=None, **more):
    return client.chat.completions.create(
        model=MODEL, messages=user("Hello"), extra_headers=headers, **more
    )


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("status", CLASSES)
def test_an_upstream_status_becomes_its_class(no_retries, status, stream):
    with pytest.raises(CLASSES[status]) as raised:
        ask(no_retries, sim(status=status), stream=stream)
    assert raised.value.status_code == status
    assert raised.value.type
    assert raised.value.message


@pytest.mark.parametrize("shape", SHAPES)
def test_an_error_of_any_shape_arrives_in_openai_s_shape(no_retries, shape):
    with pytest.raises(InternalServerError) as raised:
        ask(no_retries, sim(status=502, shape=shape))
    error = raised.value.response.json()["error"]
    assert error.keys() >= {"message", "type", "param", "code"}
    assert error["message"]
    assert "<html" not in error["message"]


@pytest.mark.parametrize(
    "knobs",
    [
        {"fault": "rate-limit", "retry_after": "0.05"},
        {"status": 500},
        {"fault": "overloaded", "retry_after": "0.05"},
    ],
    ids=["429", "500", "503"],
)
def test_the_sdk_retries_what_may_pass(openai, knobs):
    raw = openai.chat.completions.with_raw_response.create(
        model=MODEL, messages=user("Hello"), extra_headers=strikes(1, **knobs)
    )
    assert raw.retries_taken == 1
    assert raw.parse().choices[0].message.content


def test_the_sdk_gives_up_after_its_own_number_of_tries(openai):
    with pytest.raises(RateLimitError) as raised:
        ask(openai, sim(fault="rate-limit", retry_after="0.05"))
    assert raised.value.request.headers["x-stainless-retry-count"] == "2"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 422])
def test_the_sdk_does_not_retry_what_cannot_pass(openai, status):
    with pytest.raises(APIStatusError) as raised:
        ask(openai, sim(status=status))
    assert raised.value.request.headers["x-stainless-retry-count"] == "0"


def test_a_validation_error_of_the_model_server_keeps_its_text(openai):
    with pytest.raises(BadRequestError) as raised:
        openai.chat.completions.create(model=MODEL, messages=[], temperature=9)
    assert raised.value.type == "invalid_request_error"


def test_an_unknown_model(openai):
    with pytest.raises(NotFoundError) as raised:
        openai.chat.completions.create(model="nobody-knows-it", messages=user("Hello"))
    assert "not found" in raised.value.message.lower()


def test_a_body_that_is_too_large(openai):
    with pytest.raises(APIStatusError) as raised:
        openai.embeddings.create(model=EMBEDDING_MODEL, input="x" * (3 << 20))
    assert raised.value.status_code == 413


def text_until_it_breaks(client, headers):
    text, finish = "", None
    with pytest.raises(APIError) as raised:
        for chunk in ask(client, headers, stream=True):
            for choice in chunk.choices:
                text += choice.delta.content or ""
                finish = choice.finish_reason or finish
    assert finish is None
    assert not isinstance(raised.value, APIConnectionError), "the gateway says why, in the stream"
    return text, raised.value


@pytest.mark.parametrize("shape", ["object", "string"])
def test_an_error_in_the_middle_of_a_stream_is_raised(openai, shape):
    text, error = text_until_it_breaks(
        openai, sim(reply="One%20two%20three%20four.", error_after=2, error_shape=shape)
    )
    assert text and "One two three four.".startswith(text)
    assert "crashed" in error.message


@pytest.mark.parametrize(
    "knobs",
    [
        {"truncate_after": 2},
        {"fault": "reset-mid-body", "fault_after": 2},
        {"fault": "close-mid-body", "fault_after": 2},
    ],
    ids=["truncated", "reset", "closed"],
)
def test_a_stream_that_breaks_off_is_raised(openai, knobs):
    text, error = text_until_it_breaks(openai, sim(reply="One%20two%20three%20four.", **knobs))
    assert text and "One two three four.".startswith(text)
    assert error.message


@pytest.mark.parametrize("fault", ["reset-before-head", "close-before-head"])
def test_an_upstream_that_goes_away_before_it_answers(no_retries, fault):
    with pytest.raises(InternalServerError) as raised:
        ask(no_retries, sim(fault=fault))
    assert raised.value.status_code == 502


def test_a_reply_that_breaks_off(no_retries):
    with pytest.raises(APIError):
        ask(no_retries, sim(fault="close-mid-body"))


@pytest.mark.parametrize("knobs", [{"error_after": 3}, {"truncate_after": 3}], ids=["error", "truncated"])
def test_a_responses_stream_that_fails(openai, knobs):
    types = []
    with pytest.raises(APIError):
        for event in openai.responses.create(
            model=MODEL, input="Hello", stream=True, extra_headers=sim(**knobs)
        ):
            types.append(event.type)
            if event.type in ("error", "response.failed"):
                raise APIError(event.type, request=None, body=None)
    assert "response.completed" not in types


def test_a_text_completion_stream_that_fails(openai):
    with pytest.raises(APIError):
        for _ in openai.completions.create(
            model=MODEL, prompt="Hello", stream=True, extra_headers=sim(error_after=1)
        ):
            pass

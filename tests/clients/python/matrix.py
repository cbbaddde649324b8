"""What every client must be able to do, written once.

A client is a class below `Matrix` that says how its users would do it. What came of each test goes into the
table of `docs/clients.md`, in the column that the mark `feature` names.
"""

import gc
import os
import re
from dataclasses import dataclass, field

import pytest
from gateway import (
    CITY_SCHEMA,
    MODEL,
    PNG,
    VISION_MODEL,
    Record,
    says,
    sim,
    strikes,
)

# What a gateway has behind it, and the end of the names of the variables that tell of such gateways.
FIREWORKS = "Fireworks"
CHAT_ONLY = "a provider with chat completions only"
TARGETS = {FIREWORKS: "", CHAT_ONLY: "_CHAT_ONLY"}

COUNTED = "One two three four five six seven eight nine ten eleven twelve."
ADDRESS = "jane.roe@corp.example"
MARKER = "[REDACTED:EMAIL]"
FORBIDDEN = "project nightfall"

LEFT_OPEN = "When Python has collected the objects of the stream that the application left."

feature = pytest.mark.feature


@dataclass
class Call:
    """One question to the model."""

    url: str
    prompt: str = "Hello"
    headers: dict = field(default_factory=dict)
    # As many as the SDK does on its own, unless a number is given.
    retries: int | None = None
    model: str = MODEL


@dataclass
class Said:
    """What the application gets."""

    text: str
    input_tokens: int = 0
    output_tokens: int = 0


class Matrix:
    """The tests of one client."""

    # Its name and surface in the table, and the package whose version stands there.
    client = ""
    package = ""
    targets = (FIREWORKS,)
    # The error that a status becomes.
    errors = {}
    # The error that a stream ends in.
    stream_error = Exception
    # How often it tries again by default, and what it must be told to try again at all.
    retries = 2
    told_retries = None
    # Whether a stream that the application leaves stays open until the objects are collected.
    leaves_open = False
    # Features that it does not have, and why; a feature alone, or with a target: `("reasoning", FIREWORKS)`.
    without = {}
    # What the table says of a feature that it has.
    remarks = {}
    # Statuses that it gives as others.
    renames = {}
    # Whether what it raises has the message of the gateway.
    tells = True
    # The same of what it raises in the middle of a stream.
    stream_tells = True

    # What a client does.

    def say(self, call):
        raise NotImplementedError

    def stream(self, call):
        """The pieces of the text."""
        raise NotImplementedError

    def tools(self, call, names, stream=False):
        """The calls of tools with one argument `city`, as (name, arguments)."""
        raise NotImplementedError

    def answer(self, call, result):
        """Lets the model call `get_weather`, says the result, and gives the text of the second reply."""
        raise NotImplementedError

    def structured(self, call, schema):
        raise NotImplementedError

    def see(self, call, png):
        raise NotImplementedError

    def think(self, call, stream=False):
        """Reasoning and text."""
        raise NotImplementedError

    def status(self, error):
        return error.status_code

    def message(self, error):
        return str(error)

    # What is expected of it.

    @feature("plain")
    def test_a_plain_reply(self, url):
        said = self.say(Call(url, headers=says("Good day.")))
        assert said.text == "Good day."
        assert said.input_tokens > 0
        assert said.output_tokens > 0

    @feature("stream")
    @pytest.mark.parametrize("knobs", [{}, {"comments": 1, "crlf": "true"}], ids=["", "comments"])
    def test_a_streamed_reply(self, url, knobs):
        pieces = list(self.stream(Call(url, headers=says(COUNTED, **knobs))))
        assert "".join(pieces) == COUNTED
        assert len(pieces) > 2

    @feature("tools")
    def test_a_tool_call(self, url):
        assert self.tools(Call(url, "Use get_weather."), ["get_weather"]) == [
            ("get_weather", {"city": "city"})
        ]

    @feature("tools")
    def test_the_result_of_a_tool(self, url):
        text = self.answer(Call(url, "Use get_weather."), "4 degrees, rain")
        assert text == "The tool said: 4 degrees, rain"

    @feature("parallel tools")
    def test_parallel_tool_calls(self, url):
        names = ["get_weather", "get_time"]
        calls = self.tools(Call(url, "Use get_weather and get_time."), names)
        assert calls == [(name, {"city": "city"}) for name in names]

    @feature("tool stream")
    @pytest.mark.parametrize("fragment", [0, 3])
    @pytest.mark.parametrize("names", [["get_weather"], ["get_weather", "get_time"]], ids=len)
    def test_streamed_tool_calls(self, url, names, fragment):
        call = Call(url, f"Use {' and '.join(names)}.", sim(tool_fragment=fragment))
        assert self.tools(call, names, stream=True) == [(name, {"city": "city"}) for name in names]

    @feature("schema")
    def test_json_by_schema(self, url):
        city = self.structured(Call(url, "Describe Oslo in JSON."), CITY_SCHEMA)
        assert city == {"name": "name", "inhabitants": 1, "capital": True}

    @feature("images")
    def test_an_image(self, url, upstream):
        assert self.see(Call(url, "What is this?", says("A pixel."), model=VISION_MODEL), PNG) == "A pixel."
        assert "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCA" in upstream.last

    @feature("reasoning")
    @pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
    def test_reasoning(self, url, stream):
        call = Call(url, "Two and two?", says("4", reasoning="2%20plus%202"))
        assert self.think(call, stream) == ("2 plus 2", "4")

    @feature("errors")
    @pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 413, 422, 429, 500, 502, 503])
    def test_an_error_has_its_class(self, url, status, stream):
        call = Call(url, headers=sim(status=status, message="No%20luck%20today."), retries=0)
        expected = self.errors.get(status, self.errors["server" if status >= 500 else "other"])
        with pytest.raises(expected) as raised:
            if stream:
                list(self.stream(call))
            else:
                self.say(call)
        assert self.status(raised.value) == self.renames.get(status, status)
        if self.tells:
            assert "No luck today." in self.message(raised.value)

    @feature("errors")
    @pytest.mark.parametrize("shape", ["e1", "e2", "e3", "e4", "e5", "e7", "html", "empty"])
    def test_an_error_of_any_shape_is_read(self, url, shape):
        with pytest.raises(self.errors["server"]) as raised:
            self.say(Call(url, headers=sim(status=502, shape=shape), retries=0))
        assert self.status(raised.value) == 502
        assert "<html" not in self.message(raised.value)

    @feature("errors")
    def test_an_upstream_that_goes_away_before_it_answers(self, url):
        with pytest.raises(self.errors["server"]) as raised:
            self.say(Call(url, headers=sim(fault="close-before-head"), retries=0))
        assert self.status(raised.value) == 502

    @feature("stream errors")
    @pytest.mark.parametrize(
        "knobs",
        [
            {"error_after": 8},
            {"error_after": 8, "error_shape": "string"},
            {"truncate_after": 8},
            {"fault": "reset-mid-body", "fault_after": 8},
            {"fault": "close-mid-body", "fault_after": 8},
        ],
        ids=["object", "string", "truncated", "reset", "closed"],
    )
    def test_a_stream_that_fails_is_no_whole_reply(self, url, knobs):
        text = ""
        with pytest.raises(self.stream_error) as raised:
            for piece in self.stream(Call(url, headers=says(COUNTED, tokens_per_event=1, **knobs))):
                text += piece
        assert text
        assert text != COUNTED
        assert COUNTED.startswith(text)
        if "error_after" in knobs and self.stream_tells:
            assert "crashed" in self.message(raised.value)

    @feature("cancel")
    def test_the_upstream_stops_when_the_application_leaves(self, url, upstream):
        pieces = self.stream(Call(url, headers=sim(reply_tokens=2000, event_delay="10ms")))
        assert next(pieces)
        pieces.close()
        if self.leaves_open:
            del pieces
            gc.collect()
        assert upstream.has_cancelled()

    @feature("retries")
    @pytest.mark.parametrize(
        "knobs",
        [
            {"fault": "rate-limit", "retry_after": "0.01"},
            {"status": 500, "retry_after": "0.01"},
            {"fault": "overloaded", "retry_after": "0.01"},
        ],
        ids=["429", "500", "503"],
    )
    def test_what_may_pass_is_tried_again(self, url, upstream, knobs):
        call = Call(url, headers=strikes(1, **knobs), retries=self.told_retries)
        assert self.say(call).text
        assert upstream.requests == 2

    @feature("retries")
    def test_it_gives_up_after_its_own_number_of_tries(self, url, upstream):
        with pytest.raises(self.errors[429]):
            self.say(Call(url, headers=sim(fault="rate-limit", retry_after="0.01")))
        assert upstream.requests == 1 + self.retries

    @feature("retries")
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 422])
    def test_what_cannot_pass_is_not_tried_again(self, url, upstream, status):
        with pytest.raises(self.errors.get(status, self.errors["other"])):
            self.say(Call(url, headers=sim(status=status)))
        assert upstream.requests == 1

    @feature("redact")
    @pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
    def test_what_is_redacted_reaches_neither_side(self, guarded, upstream, stream):
        call = Call(guarded.url, f"Write to {ADDRESS} now.", says(f"Ask {ADDRESS} again."))
        text = "".join(self.stream(call)) if stream else self.say(call).text
        assert text == f"Ask {MARKER} again."
        assert ADDRESS not in upstream.last
        assert f"Write to {MARKER} now." in upstream.last
        assert [record["verdict"] for record in guarded.record.finished()] == ["redact"]

    @feature("block")
    @pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
    def test_a_refused_request_is_told_and_not_tried_again(self, guarded, upstream, stream):
        call = Call(guarded.url, f"Tell me about {FORBIDDEN}.")
        with pytest.raises(self.errors.get(400, self.errors["other"])) as raised:
            list(self.stream(call)) if stream else self.say(call)
        assert self.status(raised.value) == 400
        if self.tells:
            assert "not allowed here" in self.message(raised.value)
        assert upstream.requests == 0
        assert [record["verdict"] for record in guarded.record.finished()] == ["block"]

    @feature("block")
    def test_a_refused_reply_is_told_and_not_tried_again(self, guarded, upstream):
        with pytest.raises(self.errors.get(400, self.errors["other"])) as raised:
            self.say(Call(guarded.url, headers=says(f"All of {FORBIDDEN} is this.")))
        assert self.status(raised.value) == 400
        assert not re.search("nightfall", self.message(raised.value), re.IGNORECASE)
        assert upstream.requests == 1

    @feature("stream block")
    def test_a_stream_is_stopped_before_what_is_refused(self, guarded, upstream):
        text, before = "", "The plan has many parts, and all of them are told here at length. "
        with pytest.raises(self.stream_error) as raised:
            reply = says(f"{before * 12}It is called {FORBIDDEN}. {COUNTED}")
            for piece in self.stream(Call(guarded.url, headers=reply)):
                text += piece
        assert (before * 12).startswith(text) or text.startswith(before * 12)
        assert text
        assert "nightfall" not in text
        if self.stream_tells:
            assert "not allowed here" in self.message(raised.value)
        assert upstream.requests == 1
        assert [record["verdict"] for record in guarded.record.finished()] == ["block"]


@dataclass
class Guarded:
    """A gateway with policies, and what its audit log says."""

    url: str
    record: Record

    @classmethod
    def of(cls, target):
        end = TARGETS[target]
        record = Record(os.environ[f"FW_AUDIT_LOG{end}"])
        return cls(os.environ[f"FW_GATEWAY_URL{end}_POLICIES"], record)

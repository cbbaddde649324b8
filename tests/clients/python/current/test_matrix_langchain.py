"""LangChain: `langchain-fireworks`, `langchain-openai` and `langchain-anthropic`."""

import base64

import anthropic
import fireworks
import openai
from gateway import KEY, PARAMETERS, strikes
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_fireworks import ChatFireworks
from langchain_openai import ChatOpenAI
from matrix import CHAT_ONLY, FIREWORKS, LEFT_OPEN, Call, Matrix, Said, feature


class LangChain(Matrix):
    """What LangChain does with every chat model."""

    # More for a model that shall think.
    thinking = {}

    def model(self, call, **more):
        raise NotImplementedError

    def options(self, call):
        """What every class of model is made with."""
        retries = {} if call.retries is None else {"max_retries": call.retries}
        return {"model": call.model, "api_key": KEY, **retries}

    def say(self, call):
        message = self.model(call).invoke(call.prompt)
        usage = message.usage_metadata
        return Said(str(message.text), usage["input_tokens"], usage["output_tokens"])

    def stream(self, call):
        for chunk in self.model(call).stream(call.prompt):
            if chunk.text:
                yield str(chunk.text)

    def whole(self, chunks):
        first, *rest = chunks
        return sum(rest, first)

    def tools(self, call, names, stream=False):
        model = self.with_tools(call, names)
        if stream:
            message = self.whole(model.stream(call.prompt))
        else:
            message = model.invoke(call.prompt)
        return [(used["name"], used["args"]) for used in message.tool_calls]

    def with_tools(self, call, names):
        tools = [{"title": name, "description": "Useful.", **PARAMETERS} for name in names]
        return self.model(call).bind_tools(tools)

    def answer(self, call, result):
        model = self.with_tools(call, ["get_weather"])
        question = HumanMessage(call.prompt)
        asked = model.invoke([question])
        result = ToolMessage(result, tool_call_id=asked.tool_calls[0]["id"])
        return str(model.invoke([question, asked, result]).text)

    def structured(self, call, schema):
        schema = {"title": "city", "description": "A city.", **schema}
        return self.model(call).with_structured_output(schema, method="json_schema").invoke(call.prompt)

    def see(self, call, png):
        image = {
            "type": "image",
            "base64": base64.b64encode(png).decode(),
            "mime_type": "image/png",
        }
        content = [{"type": "text", "text": call.prompt}, image]
        return str(self.model(call).invoke([HumanMessage(content)]).text)

    def think(self, call, stream=False):
        model = self.model(call, **self.thinking)
        message = self.whole(model.stream(call.prompt)) if stream else model.invoke(call.prompt)
        blocks = [block for block in message.content_blocks if block["type"] == "reasoning"]
        return "".join(block["reasoning"] for block in blocks), str(message.text)


class StreamError(Exception):
    """What an application makes of a stream that ends without a reason."""


class TestLangChainFireworks(LangChain):
    client = "langchain-fireworks"
    package = "langchain-fireworks"
    stream_error = StreamError
    stream_tells = False
    leaves_open = True
    remarks = {
        "cancel": LEFT_OPEN,
        "retries": "After four seconds or more, whatever `Retry-After` says.",
        **dict.fromkeys(
            ("stream errors", "stream block"),
            "It raises nothing: a stream that broke off has no `finish_reason`.",
        ),
    }
    thinking = {"model_kwargs": {"reasoning_effort": "low"}}
    errors = {
        400: fireworks.BadRequestError,
        401: fireworks.AuthenticationError,
        403: fireworks.PermissionDeniedError,
        404: fireworks.NotFoundError,
        422: fireworks.UnprocessableEntityError,
        429: fireworks.RateLimitError,
        "other": fireworks.APIStatusError,
        "server": fireworks.InternalServerError,
    }

    def stream(self, call):
        reason = None
        for chunk in self.model(call).stream(call.prompt):
            reason = chunk.response_metadata.get("finish_reason", reason)
            if chunk.text:
                yield str(chunk.text)
        if not reason:
            raise StreamError

    # It waits four seconds before it tries again, whatever `Retry-After` says.

    @feature("retries")
    def test_what_may_pass_is_tried_again(self, url, upstream):
        knobs = strikes(1, fault="rate-limit", retry_after="0.01")
        assert self.say(Call(url, headers=knobs)).text
        assert upstream.requests == 2

    test_it_gives_up_after_its_own_number_of_tries = None

    def model(self, call, model_kwargs=None):
        more = {"extra_headers": call.headers, **(model_kwargs or {})}
        base_url = f"{call.url}/inference/v1"
        return ChatFireworks(base_url=base_url, model_kwargs=more, **self.options(call))


class TestLangChainOpenAI(LangChain):
    client = "langchain-openai: chat completions"
    package = "langchain-openai"
    targets = (FIREWORKS, CHAT_ONLY)
    stream_error = openai.APIError
    without = {"reasoning": "`ChatOpenAI` reads no `reasoning_content`; `ChatFireworks` does."}
    errors = {
        400: openai.BadRequestError,
        401: openai.AuthenticationError,
        403: openai.PermissionDeniedError,
        404: openai.NotFoundError,
        422: openai.UnprocessableEntityError,
        429: openai.RateLimitError,
        "other": openai.APIStatusError,
        "server": openai.InternalServerError,
    }

    def model(self, call, **more):
        base_url = f"{call.url}/langchain/v1"
        headers = call.headers
        return ChatOpenAI(base_url=base_url, default_headers=headers, **self.options(call), **more)


class TestLangChainOpenAIResponses(TestLangChainOpenAI):
    client = "langchain-openai: Responses"
    # The second is for error events.
    stream_error = (openai.APIError, ValueError)
    without = {
        ("reasoning", FIREWORKS): "It reads only summaries of reasoning; Fireworks writes none."
    }
    thinking = {"reasoning": {"effort": "low", "summary": "auto"}}

    def model(self, call, **more):
        return super().model(call, use_responses_api=True, **more)


class TestLangChainAnthropic(LangChain):
    client = "langchain-anthropic"
    package = "langchain-anthropic"
    targets = (FIREWORKS, CHAT_ONLY)
    stream_error = anthropic.APIError
    thinking = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4000}
    errors = {
        400: anthropic.BadRequestError,
        401: anthropic.AuthenticationError,
        403: anthropic.PermissionDeniedError,
        404: anthropic.NotFoundError,
        413: anthropic.RequestTooLargeError,
        422: anthropic.UnprocessableEntityError,
        429: anthropic.RateLimitError,
        "other": anthropic.APIStatusError,
        "server": anthropic.InternalServerError,
    }

    def model(self, call, **more):
        base_url = f"{call.url}/anthropic"
        headers = call.headers
        return ChatAnthropic(base_url=base_url, default_headers=headers, **self.options(call), **more)

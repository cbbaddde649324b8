"""The `anthropic` package."""

import base64
import functools
import json

import anthropic
from gateway import KEY, PARAMETERS
from matrix import CHAT_ONLY, FIREWORKS, Matrix, Said


@functools.cache
def client_of(url, retries):
    retries = {} if retries is None else {"max_retries": retries}
    return anthropic.Anthropic(base_url=f"{url}/anthropic", api_key=KEY, **retries)


def user(content):
    return {"role": "user", "content": content}


class TestAnthropic(Matrix):
    client = "anthropic"
    package = "anthropic"
    targets = (FIREWORKS, CHAT_ONLY)
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
    stream_error = anthropic.APIError

    def request(self, call, **more):
        request = {
            "model": call.model,
            "max_tokens": 4000,
            "messages": [user(call.prompt)],
            "extra_headers": call.headers,
        }
        return client_of(call.url, call.retries).messages, {**request, **more}

    def create(self, call, **more):
        messages, request = self.request(call, **more)
        return messages.create(**request)

    def say(self, call):
        message = self.create(call)
        usage = message.usage
        return Said(message.content[0].text, usage.input_tokens, usage.output_tokens)

    def stream(self, call):
        messages, request = self.request(call)
        with messages.stream(**request) as stream:
            yield from stream.text_stream

    def tools(self, call, names, stream=False):
        message = self.with_tools(call, names, stream)
        assert message.stop_reason == "tool_use"
        return [(block.name, block.input) for block in message.content if block.type == "tool_use"]

    def with_tools(self, call, names, stream=False, **more):
        tools = [{"name": name, "description": "Useful.", "input_schema": PARAMETERS} for name in names]
        if not stream:
            return self.create(call, tools=tools, **more)
        messages, request = self.request(call, tools=tools)
        with messages.stream(**request) as stream:
            return stream.get_final_message()

    def answer(self, call, result):
        asked = self.with_tools(call, ["get_weather"])
        [block] = [block for block in asked.content if block.type == "tool_use"]
        results = [{"type": "tool_result", "tool_use_id": block.id, "content": result}]
        turns = [user(call.prompt), {"role": "assistant", "content": asked.content}, user(results)]
        return self.with_tools(call, ["get_weather"], messages=turns).content[0].text

    def structured(self, call, schema):
        message = self.create(call, output_config={"format": {"type": "json_schema", "schema": schema}})
        return json.loads(message.content[0].text)

    def see(self, call, png):
        source = {
            "type": "base64",
            "media_type": "image/png",
            "data": base64.b64encode(png).decode(),
        }
        content = [{"type": "image", "source": source}, {"type": "text", "text": call.prompt}]
        return self.create(call, messages=[user(content)]).content[0].text

    def think(self, call, stream=False):
        messages, request = self.request(call, thinking={"type": "enabled", "budget_tokens": 1024})
        if stream:
            with messages.stream(**request) as events:
                message = events.get_final_message()
        else:
            message = messages.create(**request)
        thought, text = message.content
        assert thought.type == "thinking"
        return thought.thinking, text.text

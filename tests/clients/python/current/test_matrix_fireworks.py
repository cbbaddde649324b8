"""The `fireworks-ai` package."""

import base64
import functools
import json

import fireworks
from fireworks import Fireworks
from gateway import KEY, PARAMETERS, user
from matrix import Matrix, Said


@functools.cache
def client_of(url, retries):
    retries = {} if retries is None else {"max_retries": retries}
    return Fireworks(base_url=f"{url}/inference", api_key=KEY, **retries)


class StreamError(Exception):
    """What an application makes of an error in a stream: this SDK hands it out as a chunk."""


class TestFireworks(Matrix):
    client = "fireworks-ai"
    package = "fireworks-ai"
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
    stream_error = StreamError
    remarks = dict.fromkeys(
        ("stream errors", "stream block"),
        "The SDK raises nothing: the error is the last chunk's `error`.",
    )

    def create(self, call, **more):
        request = {"model": call.model, "messages": user(call.prompt), "extra_headers": call.headers}
        return client_of(call.url, call.retries).chat.completions.create(**{**request, **more})

    def deltas(self, call, **more):
        with self.create(call, stream=True, **more) as chunks:
            for chunk in chunks:
                error = getattr(chunk, "error", None)
                if error:
                    raise StreamError(error["message"])
                for choice in chunk.choices:
                    yield choice.delta

    def say(self, call):
        reply = self.create(call)
        usage = reply.usage
        return Said(reply.choices[0].message.content, usage.prompt_tokens, usage.completion_tokens)

    def stream(self, call):
        for delta in self.deltas(call):
            if delta.content:
                yield delta.content

    def tools(self, call, names, stream=False):
        functions = [{"name": name, "parameters": PARAMETERS} for name in names]
        tools = [{"type": "function", "function": function} for function in functions]
        if not stream:
            calls = self.create(call, tools=tools).choices[0].message.tool_calls
            return [(call.function.name, json.loads(call.function.arguments)) for call in calls]
        parts = {}
        for delta in self.deltas(call, tools=tools):
            for part in delta.tool_calls or []:
                name, arguments = parts.get(part.index, ("", ""))
                name += part.function.name or ""
                parts[part.index] = (name, arguments + (part.function.arguments or ""))
        return [(name, json.loads(arguments)) for name, arguments in parts.values()]

    def answer(self, call, result):
        function = {"name": "get_weather", "parameters": PARAMETERS}
        tools = [{"type": "function", "function": function}]
        asked = self.create(call, tools=tools).choices[0].message.model_dump(exclude_none=True)
        used = asked["tool_calls"][0]["id"]
        turns = [*user(call.prompt), asked, {"role": "tool", "tool_call_id": used, "content": result}]
        return self.create(call, messages=turns, tools=tools).choices[0].message.content

    def structured(self, call, schema):
        asked = {"type": "json_schema", "json_schema": {"name": "city", "schema": schema}}
        return json.loads(self.create(call, response_format=asked).choices[0].message.content)

    def see(self, call, png):
        url = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        image = {"type": "image_url", "image_url": {"url": url}}
        content = [{"type": "text", "text": call.prompt}, image]
        return self.create(call, messages=user(content)).choices[0].message.content

    def think(self, call, stream=False):
        if not stream:
            message = self.create(call, reasoning_effort="low").choices[0].message
            return message.reasoning_content, message.content
        deltas = list(self.deltas(call, reasoning_effort="low"))
        thought = "".join(delta.reasoning_content or "" for delta in deltas)
        return thought, "".join(delta.content or "" for delta in deltas)

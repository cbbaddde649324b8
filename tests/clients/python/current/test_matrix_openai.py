"""The `openai` package: chat completions and Responses."""

import base64
import functools
import json

import openai
from gateway import KEY, PARAMETERS, user
from matrix import CHAT_ONLY, FIREWORKS, Matrix, Said

ERRORS = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    "other": openai.APIStatusError,
    "server": openai.InternalServerError,
}


@functools.cache
def client_of(url, retries):
    retries = {} if retries is None else {"max_retries": retries}
    return openai.OpenAI(base_url=f"{url}/openai/v1", api_key=KEY, **retries)


def data_url(png):
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def loads(calls):
    return [(call.name, json.loads(call.arguments)) for call in calls]


class TestOpenAIChat(Matrix):
    client = "openai: chat completions"
    package = "openai"
    targets = (FIREWORKS, CHAT_ONLY)
    errors = ERRORS
    stream_error = openai.APIError

    def request(self, call, **more):
        request = {"model": call.model, "messages": user(call.prompt), "extra_headers": call.headers}
        return client_of(call.url, call.retries).chat.completions, {**request, **more}

    def create(self, call, **more):
        completions, request = self.request(call, **more)
        return completions.create(**request)

    def final(self, call, **more):
        """The whole reply, put together by the helper for streams."""
        completions, request = self.request(call, **more)
        with completions.stream(**request) as stream:
            return stream.get_final_completion()

    def say(self, call):
        reply = self.create(call)
        usage = reply.usage
        return Said(reply.choices[0].message.content, usage.prompt_tokens, usage.completion_tokens)

    def stream(self, call):
        with self.create(call, stream=True) as chunks:
            for chunk in chunks:
                for choice in chunk.choices:
                    if choice.delta.content:
                        yield choice.delta.content

    def tools(self, call, names, stream=False):
        choice = self.with_tools(call, names, stream).choices[0]
        assert choice.finish_reason == "tool_calls"
        return loads(call.function for call in choice.message.tool_calls)

    def with_tools(self, call, names, stream=False, **more):
        functions = [{"name": name, "parameters": PARAMETERS, "strict": True} for name in names]
        tools = [{"type": "function", "function": function} for function in functions]
        return (self.final if stream else self.create)(call, tools=tools, **more)

    def answer(self, call, result):
        asked = self.with_tools(call, ["get_weather"]).choices[0].message
        result = {"role": "tool", "tool_call_id": asked.tool_calls[0].id, "content": result}
        turns = [*user(call.prompt), asked, result]
        reply = self.with_tools(call, ["get_weather"], messages=turns)
        return reply.choices[0].message.content

    def structured(self, call, schema):
        schema = {"name": "city", "schema": schema, "strict": True}
        asked = {"type": "json_schema", "json_schema": schema}
        reply = self.create(call, response_format=asked)
        return json.loads(reply.choices[0].message.content)

    def see(self, call, png):
        image = {"type": "image_url", "image_url": {"url": data_url(png)}}
        content = [{"type": "text", "text": call.prompt}, image]
        return self.create(call, messages=user(content)).choices[0].message.content

    def think(self, call, stream=False):
        create = self.final if stream else self.create
        message = create(call, reasoning_effort="low").choices[0].message
        # This SDK has no field for it, and keeps what it does not know.
        return message.reasoning_content, message.content


class TestOpenAIResponses(Matrix):
    client = "openai: Responses"
    package = "openai"
    targets = (FIREWORKS, CHAT_ONLY)
    errors = ERRORS
    stream_error = openai.APIError

    def request(self, call, **more):
        request = {"model": call.model, "input": call.prompt, "extra_headers": call.headers}
        return client_of(call.url, call.retries).responses, {**request, **more}

    def create(self, call, **more):
        responses, request = self.request(call, **more)
        return responses.create(**request)

    def final(self, call, **more):
        """The whole reply, put together by the helper for streams."""
        responses, request = self.request(call, **more)
        with responses.stream(**request) as stream:
            return stream.get_final_response()

    def say(self, call):
        reply = self.create(call)
        assert reply.status == "completed"
        return Said(reply.output_text, reply.usage.input_tokens, reply.usage.output_tokens)

    def stream(self, call):
        responses, request = self.request(call)
        with responses.stream(**request) as events:
            for event in events:
                if event.type == "response.output_text.delta":
                    yield event.delta
                # These two are for the application: the SDK hands them out.
                elif event.type == "error":
                    raise openai.APIError(event.message, None, body=None)
                elif event.type == "response.failed":
                    raise openai.APIError(event.response.error.message, None, body=None)

    def tools(self, call, names, stream=False):
        reply = self.with_tools(call, names, stream)
        return loads(item for item in reply.output if item.type == "function_call")

    def with_tools(self, call, names, stream=False, **more):
        tools = [
            {"type": "function", "name": name, "parameters": PARAMETERS, "strict": True}
            for name in names
        ]
        return (self.final if stream else self.create)(call, tools=tools, **more)

    def answer(self, call, result):
        asked = self.with_tools(call, ["get_weather"])
        [function] = [item for item in asked.output if item.type == "function_call"]
        result = {"type": "function_call_output", "call_id": function.call_id, "output": result}
        reply = self.create(call, previous_response_id=asked.id, input=[result])
        return reply.output_text

    def structured(self, call, schema):
        form = {"type": "json_schema", "name": "city", "schema": schema, "strict": True}
        return json.loads(self.create(call, text={"format": form}).output_text)

    def see(self, call, png):
        image = {"type": "input_image", "image_url": data_url(png), "detail": "auto"}
        content = [{"type": "input_text", "text": call.prompt}, image]
        return self.create(call, input=user(content)).output_text

    def think(self, call, stream=False):
        reply = (self.final if stream else self.create)(call, reasoning={"effort": "low"})
        [thought] = [item for item in reply.output if item.type == "reasoning"]
        return "".join(part.text for part in thought.content), reply.output_text

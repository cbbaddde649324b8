"""`litellm`, in its Fireworks and its Anthropic dialect."""

import base64
import json

import litellm
import openai
from gateway import KEY, PARAMETERS, user
from matrix import CHAT_ONLY, FIREWORKS, Matrix, Said

litellm.suppress_debug_info = True


class LiteLLM(Matrix):
    """One call for every provider, and one class of errors."""

    package = "litellm"
    thinking = {"reasoning_effort": "low"}
    retries = 0
    told_retries = 1
    remarks = {
        "retries": "Only with `num_retries`, and then whatever the error is, a policy's refusal too."
    }
    # Its classes are made from those of `openai`.
    stream_error = openai.APIError
    errors = {
        400: openai.BadRequestError,
        401: openai.AuthenticationError,
        404: openai.NotFoundError,
        429: openai.RateLimitError,
        "other": openai.APIError,
        "server": openai.APIError,
    }

    def where(self, call):
        """The model with the prefix of its provider, and the base URL."""
        raise NotImplementedError

    def create(self, call, **more):
        model, api_base = self.where(call)
        more = {"messages": user(call.prompt), **more}
        return litellm.completion(
            model=model,
            api_base=api_base,
            api_key=KEY,
            extra_headers=call.headers,
            num_retries=call.retries,
            **more,
        )

    def final(self, call, **more):
        """The whole reply, put together from a stream."""
        return litellm.stream_chunk_builder(list(self.create(call, stream=True, **more)))

    def say(self, call):
        reply = self.create(call)
        usage = reply.usage
        return Said(reply.choices[0].message.content, usage.prompt_tokens, usage.completion_tokens)

    def stream(self, call):
        for chunk in self.create(call, stream=True):
            if chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content

    def tools(self, call, names, stream=False):
        calls = self.with_tools(call, names, stream).choices[0].message.tool_calls
        return [(call.function.name, json.loads(call.function.arguments)) for call in calls]

    def with_tools(self, call, names, stream=False, **more):
        functions = [{"name": name, "parameters": PARAMETERS} for name in names]
        tools = [{"type": "function", "function": function} for function in functions]
        return (self.final if stream else self.create)(call, tools=tools, **more)

    def answer(self, call, result):
        asked = self.with_tools(call, ["get_weather"]).choices[0].message
        result = {"role": "tool", "tool_call_id": asked.tool_calls[0].id, "content": result}
        turns = [*user(call.prompt), asked, result]
        return self.with_tools(call, ["get_weather"], messages=turns).choices[0].message.content

    def structured(self, call, schema):
        asked = {"type": "json_schema", "json_schema": {"name": "city", "schema": schema}}
        return json.loads(self.create(call, response_format=asked).choices[0].message.content)

    def see(self, call, png):
        url = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        image = {"type": "image_url", "image_url": {"url": url}}
        content = [{"type": "text", "text": call.prompt}, image]
        return self.create(call, messages=user(content)).choices[0].message.content

    def think(self, call, stream=False):
        create = self.final if stream else self.create
        message = create(call, **self.thinking).choices[0].message
        return message.reasoning_content, message.content


class TestLiteLLMFireworks(LiteLLM):
    client = "litellm: fireworks_ai"

    def where(self, call):
        return f"fireworks_ai/{call.model}", f"{call.url}/litellm/v1"


class TestLiteLLMAnthropic(LiteLLM):
    client = "litellm: anthropic"
    targets = (FIREWORKS, CHAT_ONLY)
    renames = {413: 400, 503: 500}
    without = {"cancel": "A stream that the application leaves stays open."}
    thinking = {
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        # It knows by the name which models think.
        "allowed_openai_params": ["thinking"],
    }

    def where(self, call):
        return f"anthropic/{call.model}", f"{call.url}/anthropic"

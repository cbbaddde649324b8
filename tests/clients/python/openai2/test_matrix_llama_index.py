"""LlamaIndex with `llama-index-llms-fireworks`."""

import openai
from gateway import KEY
from llama_index.core.base.llms.types import ThinkingBlock
from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock
from llama_index.core.tools import FunctionTool
from llama_index.llms.fireworks import Fireworks
from matrix import LEFT_OPEN, Matrix, Said
from pydantic import create_model


def tool(name):
    def run(city: str) -> str:
        return "Nothing."

    return FunctionTool.from_defaults(run, name=name, description="Useful.")


class TestLlamaIndex(Matrix):
    client = "llama-index-llms-fireworks"
    package = "llama-index-llms-fireworks"
    stream_error = openai.APIError
    retries = 1
    leaves_open = True
    remarks = {
        "cancel": LEFT_OPEN,
        "retries": "`max_retries`, 10 by default, counts twice: each try of its own is as many of `openai`.",
    }
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
        return Fireworks(
            model=call.model,
            api_base=f"{call.url}/inference/v1",
            api_key=KEY,
            # Its `default_headers` go nowhere.
            additional_kwargs={"extra_headers": call.headers, **more},
            # Its default is 10, and `openai` beneath it tries as often again each time.
            max_retries=1 if call.retries is None else call.retries,
            is_function_calling=True,
        )

    def ask(self, call):
        return [ChatMessage(call.prompt)]

    def say(self, call):
        reply = self.model(call).chat(self.ask(call))
        usage = reply.additional_kwargs
        return Said(reply.message.content, usage["prompt_tokens"], usage["completion_tokens"])

    def stream(self, call):
        for reply in self.model(call).stream_chat(self.ask(call)):
            if reply.delta:
                yield reply.delta

    def tools(self, call, names, stream=False):
        llm, tools = self.model(call), [tool(name) for name in names]
        asked = {"chat_history": self.ask(call), "allow_parallel_tool_calls": True}
        if stream:
            *_, reply = llm.stream_chat_with_tools(tools, **asked)
        else:
            reply = llm.chat_with_tools(tools, **asked)
        calls = llm.get_tool_calls_from_response(reply)
        return [(call.tool_name, call.tool_kwargs) for call in calls]

    def answer(self, call, result):
        llm, tools = self.model(call), [tool("get_weather")]
        asked = llm.chat_with_tools(tools, chat_history=self.ask(call))
        used = llm.get_tool_calls_from_response(asked)[0].tool_id
        result = ChatMessage(result, role="tool", additional_kwargs={"tool_call_id": used})
        turns = [*self.ask(call), asked.message, result]
        return llm.chat_with_tools(tools, chat_history=turns).message.content

    def structured(self, call, schema):
        city = create_model("City", name=str, inhabitants=int, capital=bool)
        return self.model(call).as_structured_llm(city).chat(self.ask(call)).raw.model_dump()

    def see(self, call, png):
        blocks = [TextBlock(text=call.prompt), ImageBlock(image=png, image_mimetype="image/png")]
        return self.model(call).chat([ChatMessage(blocks=blocks)]).message.content

    def think(self, call, stream=False):
        llm = self.model(call, reasoning_effort="low")
        if stream:
            *_, reply = llm.stream_chat(self.ask(call))
        else:
            reply = llm.chat(self.ask(call))
        blocks = reply.message.blocks
        thought = "".join(block.content for block in blocks if isinstance(block, ThinkingBlock))
        return thought, reply.message.content

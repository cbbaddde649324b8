import OpenAI from 'openai';

import { KEY, parameters, user } from './gateway.js';
import { CHAT_ONLY, FIREWORKS, matrix } from './matrix.js';

const CLASSES = {
  400: OpenAI.BadRequestError,
  401: OpenAI.AuthenticationError,
  403: OpenAI.PermissionDeniedError,
  404: OpenAI.NotFoundError,
  422: OpenAI.UnprocessableEntityError,
  429: OpenAI.RateLimitError,
};

const client = ({ url, retries }) =>
  new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: KEY, maxRetries: retries });

const dataUrl = (png) => `data:image/png;base64,${png}`;

const loads = (calls) => calls.map(({ name, arguments: text }) => [name, JSON.parse(text)]);

const both = {
  package: 'openai',
  targets: [FIREWORKS, CHAT_ONLY],
  retries: 2,
  isClass: (error, status) =>
    error instanceof
    (CLASSES[status] ?? (status < 500 ? OpenAI.APIError : OpenAI.InternalServerError)),
  isStreamError: (error) => error instanceof OpenAI.APIError,
  status: (error) => error.status,
  message: (error) => error.message,
};

const completion = (call, more = {}, signal) =>
  client(call).chat.completions.create(
    { model: call.model, messages: user(call.prompt), ...more },
    { headers: call.headers, signal },
  );

/** The whole reply, put together by the helper for streams. */
const finalCompletion = (call, more) =>
  client(call)
    .chat.completions.stream(
      { model: call.model, messages: user(call.prompt), ...more },
      { headers: call.headers },
    )
    .finalChatCompletion();

const chatTools = (call, names, more, stream) => {
  const tool = (name) => ({ type: 'function', function: { name, parameters, strict: true } });
  const asked = { tools: names.map(tool), ...more };
  return stream ? finalCompletion(call, asked) : completion(call, asked);
};

matrix({
  ...both,
  client: 'openai: chat completions',

  async say(call) {
    const { choices, usage } = await completion(call);
    return {
      text: choices[0].message.content,
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
    };
  },

  async *stream(call, signal) {
    for await (const { choices } of await completion(call, { stream: true }, signal)) {
      if (choices[0]?.delta.content) yield choices[0].delta.content;
    }
  },

  async tools(call, names, stream) {
    const { choices } = await chatTools(call, names, {}, stream);
    return loads(choices[0].message.tool_calls.map((used) => used.function));
  },

  async answer(call, result) {
    const { message } = (await chatTools(call, ['get_weather'])).choices[0];
    const [{ id }] = message.tool_calls;
    const turns = [...user(call.prompt), message, { role: 'tool', tool_call_id: id, content: result }];
    const reply = await chatTools(call, ['get_weather'], { messages: turns });
    return reply.choices[0].message.content;
  },

  async structured(call, schema) {
    const form = { type: 'json_schema', json_schema: { name: 'city', schema, strict: true } };
    return JSON.parse((await completion(call, { response_format: form })).choices[0].message.content);
  },

  async see(call, png) {
    const turn = [
      { type: 'text', text: call.prompt },
      { type: 'image_url', image_url: { url: dataUrl(png) } },
    ];
    return (await completion(call, { messages: user(turn) })).choices[0].message.content;
  },

  // This SDK has no field for reasoning, and keeps what it does not know; the helper for streams does not put it
  // together.
  async think(call, stream) {
    const asked = { reasoning_effort: 'low' };
    if (!stream) {
      const { message } = (await completion(call, asked)).choices[0];
      return [message.reasoning_content, message.content];
    }
    let [thought, text] = ['', ''];
    for await (const { choices } of await completion(call, { ...asked, stream: true })) {
      thought += choices[0]?.delta.reasoning_content ?? '';
      text += choices[0]?.delta.content ?? '';
    }
    return [thought, text];
  },
});

const response = (call, more = {}, signal) =>
  client(call).responses.create(
    { model: call.model, input: call.prompt, ...more },
    { headers: call.headers, signal },
  );

/** The whole reply, put together by the helper for streams. */
const finalResponse = (call, more) =>
  client(call)
    .responses.stream({ model: call.model, input: call.prompt, ...more }, { headers: call.headers })
    .finalResponse();

const responseTools = (call, names, stream) => {
  const tool = (name) => ({ type: 'function', name, parameters, strict: true });
  return (stream ? finalResponse : response)(call, { tools: names.map(tool) });
};

matrix({
  ...both,
  client: 'openai: Responses',
  remarks: {
    [`reasoning, ${FIREWORKS}`]:
      'The helper for streams throws at reasoning before which no `response.content_part.added` came, as in the simulator of Fireworks; the events themselves are read.',
  },

  async say(call) {
    const { output_text: text, usage } = await response(call);
    return { text, inputTokens: usage.input_tokens, outputTokens: usage.output_tokens };
  },

  async *stream(call, signal) {
    for await (const event of await response(call, { stream: true }, signal)) {
      if (event.type === 'response.output_text.delta') yield event.delta;
      // These two are for the application: the SDK hands them out.
      if (event.type === 'error') throw new OpenAI.APIError(undefined, event, event.message);
      if (event.type === 'response.failed') {
        throw new OpenAI.APIError(undefined, event, event.response.error.message);
      }
    }
  },

  async tools(call, names, stream) {
    const { output } = await responseTools(call, names, stream);
    return loads(output.filter(({ type }) => type === 'function_call'));
  },

  async answer(call, result) {
    const { id, output } = await responseTools(call, ['get_weather']);
    const { call_id } = output.find(({ type }) => type === 'function_call');
    const input = [{ type: 'function_call_output', call_id, output: result }];
    return (await response(call, { previous_response_id: id, input })).output_text;
  },

  async structured(call, schema) {
    const format = { type: 'json_schema', name: 'city', schema, strict: true };
    return JSON.parse((await response(call, { text: { format } })).output_text);
  },

  async see(call, png) {
    const turn = [
      { type: 'input_text', text: call.prompt },
      { type: 'input_image', image_url: dataUrl(png), detail: 'auto' },
    ];
    return (await response(call, { input: user(turn) })).output_text;
  },

  async think(call, stream) {
    const asked = { reasoning: { effort: 'low' } };
    if (!stream) {
      const reply = await response(call, asked);
      const { content } = reply.output.find(({ type }) => type === 'reasoning');
      return [content.map(({ text }) => text).join(''), reply.output_text];
    }
    const said = { 'response.reasoning_text.delta': '', 'response.output_text.delta': '' };
    for await (const { type, delta } of await response(call, { ...asked, stream: true })) {
      if (type in said) said[type] += delta;
    }
    return Object.values(said);
  },
});

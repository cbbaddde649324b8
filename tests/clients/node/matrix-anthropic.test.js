import Anthropic from '@anthropic-ai/sdk';

import { KEY, parameters, user } from './gateway.js';
import { CHAT_ONLY, FIREWORKS, matrix } from './matrix.js';

const CLASSES = {
  400: Anthropic.BadRequestError,
  401: Anthropic.AuthenticationError,
  403: Anthropic.PermissionDeniedError,
  404: Anthropic.NotFoundError,
  422: Anthropic.UnprocessableEntityError,
  429: Anthropic.RateLimitError,
};

const create = ({ url, model, prompt, headers, retries }, more = {}, signal) => {
  const client = new Anthropic({ baseURL: `${url}/anthropic`, apiKey: KEY, maxRetries: retries });
  const body = { model, max_tokens: 4000, messages: user(prompt), ...more };
  return body.stream
    ? client.messages.stream(body, { headers, signal })
    : client.messages.create(body, { headers });
};

const message = (call, more, stream) =>
  stream ? create(call, { ...more, stream }).finalMessage() : create(call, more);

const withTools = (call, names, more, stream) => {
  const tool = (name) => ({ name, description: 'Useful.', input_schema: parameters });
  return message(call, { tools: names.map(tool), ...more }, stream);
};

matrix({
  client: '@anthropic-ai/sdk',
  package: '@anthropic-ai/sdk',
  targets: [FIREWORKS, CHAT_ONLY],
  retries: 2,

  async say(call) {
    const { content, usage } = await create(call);
    return {
      text: content[0].text,
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
    };
  },

  async *stream(call, signal) {
    for await (const event of create(call, { stream: true }, signal)) {
      if (event.delta?.type === 'text_delta') yield event.delta.text;
    }
  },

  async tools(call, names, stream) {
    const { content } = await withTools(call, names, {}, stream);
    return content.filter(({ type }) => type === 'tool_use').map(({ name, input }) => [name, input]);
  },

  async answer(call, result) {
    const { content } = await withTools(call, ['get_weather']);
    const { id } = content.find(({ type }) => type === 'tool_use');
    const results = [{ type: 'tool_result', tool_use_id: id, content: result }];
    const turns = [
      ...user(call.prompt),
      { role: 'assistant', content },
      { role: 'user', content: results },
    ];
    return (await withTools(call, ['get_weather'], { messages: turns })).content[0].text;
  },

  async structured(call, schema) {
    const { content } = await create(call, {
      output_config: { format: { type: 'json_schema', schema } },
    });
    return JSON.parse(content[0].text);
  },

  async see(call, data) {
    const source = { type: 'base64', media_type: 'image/png', data };
    const turn = [
      { type: 'image', source },
      { type: 'text', text: call.prompt },
    ];
    return (await create(call, { messages: user(turn) })).content[0].text;
  },

  async think(call, stream) {
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    const { content } = await message(call, { thinking }, stream);
    return [content[0].thinking, content[1].text];
  },

  isClass: (error, status) =>
    error instanceof
    (CLASSES[status] ?? (status < 500 ? Anthropic.APIError : Anthropic.InternalServerError)),
  isStreamError: (error) => error instanceof Anthropic.APIError,
  status: (error) => error.status,
  message: (error) => error.message,
});

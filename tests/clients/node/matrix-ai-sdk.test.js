import { createAnthropic } from '@ai-sdk/anthropic';
import { createFireworks } from '@ai-sdk/fireworks';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, Output, RetryError, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';

import { KEY, parameters } from './gateway.js';
import { CHAT_ONLY, FIREWORKS, matrix } from './matrix.js';

/** What this SDK does with every provider. */
const ai = (provider, { client, name, thinking = {}, ...more }) => {
  const options = (call, asked = {}) => ({
    model: provider(call),
    prompt: call.prompt,
    headers: call.headers,
    maxOutputTokens: 4000,
    maxRetries: call.retries,
    ...asked,
  });

  const parts = async function* (call, asked) {
    for await (const part of streamText({ onError() {}, ...options(call, asked) }).fullStream) {
      if (part.type === 'error') throw part.error;
      yield part;
    }
  };

  const toolsOf = (names, execute) =>
    Object.fromEntries(
      names.map((toolName) => [
        toolName,
        tool({ description: 'Useful.', inputSchema: jsonSchema(parameters), execute }),
      ]),
    );

  // When it gives up, it throws the last of the errors within one of its own.
  const cause = (error) => (RetryError.isInstance(error) ? error.lastError : error);

  matrix({
    client,
    package: name,
    targets: [FIREWORKS],
    retries: 2,

    async say(call) {
      const { text, usage } = await generateText(options(call));
      return { text, ...usage };
    },

    async *stream(call, abortSignal) {
      for await (const part of parts(call, { abortSignal })) {
        if (part.type === 'text-delta') yield part.text;
      }
    },

    async tools(call, names, stream) {
      const asked = { tools: toolsOf(names) };
      if (!stream) {
        const { toolCalls } = await generateText(options(call, asked));
        return toolCalls.map(({ toolName, input }) => [toolName, input]);
      }
      const calls = [];
      for await (const { type, toolName, input } of parts(call, asked)) {
        if (type === 'tool-call') calls.push([toolName, input]);
      }
      return calls;
    },

    async answer(call, result) {
      const tools = toolsOf(['get_weather'], async () => result);
      const { text } = await generateText(options(call, { tools, stopWhen: stepCountIs(2) }));
      return text;
    },

    async structured(call, schema) {
      const output = Output.object({ schema: jsonSchema(schema) });
      return (await generateText(options(call, { output }))).output;
    },

    async see(call, png) {
      const content = [
        { type: 'text', text: call.prompt },
        { type: 'image', image: png, mediaType: 'image/png' },
      ];
      const messages = [{ role: 'user', content }];
      return (await generateText(options(call, { prompt: undefined, messages }))).text;
    },

    async think(call, stream) {
      const asked = { providerOptions: thinking };
      if (!stream) {
        const { text, reasoningText } = await generateText(options(call, asked));
        return [reasoningText, text];
      }
      const said = { 'reasoning-delta': '', 'text-delta': '' };
      for await (const { type, text } of parts(call, asked)) {
        if (type in said) said[type] += text;
      }
      return Object.values(said);
    },

    isClass: (error) => APICallError.isInstance(cause(error)),
    isStreamError: (error) => error !== undefined,
    status: (error) => cause(error).statusCode,
    message: (error) => cause(error).message ?? JSON.stringify(error),
    ...more,
  });
};

const at = (create, surface, { url }) => create({ baseURL: url + surface, apiKey: KEY });

ai((call) => at(createFireworks, '/inference/v1', call)(call.model), {
  client: '@ai-sdk/fireworks',
  name: '@ai-sdk/fireworks',
  thinking: { fireworks: { reasoningEffort: 'low' } },
});

ai((call) => at(createAnthropic, '/anthropic/v1', call)(call.model), {
  client: '@ai-sdk/anthropic',
  name: '@ai-sdk/anthropic',
  targets: [FIREWORKS, CHAT_ONLY],
  thinking: { anthropic: { thinking: { type: 'enabled', budgetTokens: 1024 } } },
});

ai((call) => at(createOpenAI, '/openai/v1', call)(call.model), {
  client: '@ai-sdk/openai: Responses',
  name: '@ai-sdk/openai',
  targets: [FIREWORKS, CHAT_ONLY],
  without: {
    [`reasoning, ${FIREWORKS}`]:
      'It reads only summaries of reasoning; Fireworks writes none.',
  },
  thinking: { openai: { reasoningEffort: 'low', reasoningSummary: 'auto', forceReasoning: true } },
});

ai((call) => at(createOpenAI, '/openai/v1', call).chat(call.model), {
  client: '@ai-sdk/openai: chat completions',
  name: '@ai-sdk/openai',
  targets: [FIREWORKS, CHAT_ONLY],
  without: { reasoning: 'It reads no `reasoning_content`; `@ai-sdk/fireworks` does.' },
});

// `@anthropic-ai/sdk` beyond the table.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';

import { KEY, MODEL, parameters, sim, user } from './gateway.js';

const ask = { model: MODEL, max_tokens: 400, messages: user('Hello') };

for (const [target, url] of [
  ['Fireworks', process.env.FW_GATEWAY_URL],
  ['a provider with chat completions only', process.env.FW_GATEWAY_URL_CHAT_ONLY],
]) {
  suite(target, () => {
    const client = new Anthropic({ baseURL: `${url}/anthropic`, apiKey: KEY });

    test('a token in place of a key', async () => {
      const other = new Anthropic({ baseURL: `${url}/anthropic`, apiKey: null, authToken: KEY });
      const { content } = await other.messages.create(ask, { headers: sim({ reply: 'Hi.' }) });
      assert.equal(content[0].text, 'Hi.');
    });

    test('tokens are counted', async () => {
      const { input_tokens: count } = await client.messages.countTokens({
        model: MODEL,
        messages: user('Hello'),
      });
      assert.ok(count > 0);
    });

    test('models are listed by pages', async () => {
      const models = [];
      for await (const model of client.models.list({ limit: 3 })) models.push(model);
      assert.ok(models.length > 0);
      assert.ok(models.every(({ type, display_name: name }) => type === 'model' && name));
    });

    // It asks for a conversation that the server keeps, and sends all messages when there is none.
    test('the helper that runs tools', async () => {
      const seen = [];
      const weather = betaTool({
        name: 'get_weather',
        description: 'The weather in a city.',
        inputSchema: parameters,
        run: async ({ city }) => {
          seen.push(city);
          return '4 degrees, rain';
        },
      });
      const { content } = await client.beta.messages.toolRunner({
        ...ask,
        messages: user('Use get_weather.'),
        tools: [weather],
      });
      assert.deepEqual(seen, ['city']);
      assert.equal(content[0].text, 'The tool said: 4 degrees, rain');
    });

    test('an error has its code and the id of the request', async () => {
      const call = client.messages.create(
        { ...ask, thread: { type: 'create' } },
        { maxRetries: 0 },
      );
      await assert.rejects(call, (error) => {
        assert.equal(error.status, 400);
        assert.equal(error.error.error.details.error_code, 'thread_unsupported_request');
        assert.ok(error.requestID);
        return true;
      });
    });
  });
}

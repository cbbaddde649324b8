import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import {
  APICallError,
  Output,
  embed,
  embedMany,
  generateText,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
} from 'ai';

import {
  EMBEDDING_MODEL,
  MODEL,
  citySchema,
  fireworks,
  fireworksSurfaces,
  parameters,
  sim,
  strikes,
} from './gateway.js';

const model = fireworks()(MODEL);

const tools = {
  get_weather: tool({
    description: 'The weather in a city.',
    inputSchema: jsonSchema(parameters),
    execute: async ({ city }) => `4 degrees in ${city}, rain`,
  }),
};

/** The parts of a streamed reply, errors included. */
const parts = async (call) => {
  const all = [];
  for await (const part of streamText({ onError: () => {}, ...call }).fullStream) all.push(part);
  return all;
};

const textOf = (all) =>
  all
    .filter(({ type }) => type === 'text-delta')
    .map(({ text }) => text)
    .join('');

suite('text', () => {
  for (const surface of fireworksSurfaces) {
    test(`a plain reply through ${surface}`, async () => {
      const { text, finishReason, usage } = await generateText({
        model: fireworks(surface)(MODEL),
        prompt: 'Hello',
        headers: sim({ reply: 'Good day.' }),
      });
      assert.equal(text, 'Good day.');
      assert.equal(finishReason, 'stop');
      assert.ok(usage.inputTokens > 0);
      assert.ok(usage.outputTokens > 0);
    });
  }

  // This SDK checks every chunk against a schema: a chunk without `choices` is an error.
  for (const knobs of [
    {},
    { 'usage-layout': 'b' },
    { 'usage-layout': 'both' },
    { 'usage-layout': 'b', 'usage-choices': false },
    { comments: 1, crlf: true },
    { done: false },
  ]) {
    test(`a streamed reply, ${JSON.stringify(knobs)}`, async () => {
      const all = await parts({
        model,
        prompt: 'Hello',
        headers: sim({ reply: 'One two three four.', ...knobs }),
      });
      assert.equal(textOf(all), 'One two three four.');
      const finish = all.find(({ type }) => type === 'finish');
      assert.equal(finish.finishReason, 'stop');
      assert.ok(finish.totalUsage.outputTokens > 0);
    });
  }

  test('reasoning', async () => {
    const { text, reasoningText } = await generateText({
      model,
      prompt: 'Two and two?',
      headers: sim({ reply: '4', reasoning: '2 plus 2' }),
    });
    assert.equal(text, '4');
    assert.equal(reasoningText, '2 plus 2');
  });

  test('options of Fireworks itself', async () => {
    const { text } = await generateText({
      model,
      prompt: 'Hello',
      maxOutputTokens: 8192,
      topK: 40,
      seed: 7,
      stopSequences: ['END'],
      providerOptions: {
        fireworks: {
          thinking: { type: 'enabled', budgetTokens: 2048 },
          reasoningHistory: 'interleaved',
          promptCacheKey: 'conversation-7',
        },
      },
      headers: sim({ reply: 'Hi.' }),
    });
    assert.equal(text, 'Hi.');
  });
});

suite('tools', () => {
  test('a tool call', async () => {
    const { toolCalls, toolResults, finishReason } = await generateText({
      model,
      prompt: 'Weather in Oslo?',
      tools,
      toolChoice: 'required',
    });
    assert.equal(finishReason, 'tool-calls');
    assert.equal(toolCalls[0].toolName, 'get_weather');
    assert.equal(typeof toolCalls[0].input.city, 'string');
    assert.match(toolResults[0].output, /4 degrees/);
  });

  test('two steps: the call, then an answer from its result', async () => {
    let steps = 0;
    const { text } = await generateText({
      model,
      prompt: 'Weather in Oslo?',
      tools,
      stopWhen: stepCountIs(2),
      prepareStep: () => {
        steps += 1;
        return { toolChoice: steps === 1 ? 'required' : 'none' };
      },
    });
    assert.equal(steps, 2);
    assert.ok(text);
  });

  for (const knobs of [{ 'tool-fragment': 3 }, { 'tool-fragment': 0 }, { 'tool-index': false }]) {
    test(`a streamed tool call, ${JSON.stringify(knobs)}`, async () => {
      const all = await parts({
        model,
        prompt: 'Weather in Oslo?',
        tools,
        toolChoice: 'required',
        headers: sim(knobs),
      });
      const call = all.find(({ type }) => type === 'tool-call');
      assert.equal(call.toolName, 'get_weather');
      assert.equal(typeof call.input.city, 'string');
      assert.equal(all.find(({ type }) => type === 'finish').finishReason, 'tool-calls');
    });
  }
});

suite('structured output', () => {
  test('JSON by schema', async () => {
    const { output } = await generateText({
      model,
      prompt: 'Describe Oslo in JSON.',
      output: Output.object({ schema: jsonSchema(citySchema) }),
    });
    assert.deepEqual(Object.keys(output).sort(), ['capital', 'inhabitants', 'name']);
  });
});

suite('text completions', () => {
  const completion = fireworks().completionModel(MODEL);

  test('a plain reply', async () => {
    const { text } = await generateText({
      model: completion,
      prompt: 'My name is',
      headers: sim({ reply: ' Ada.' }),
    });
    assert.equal(text, ' Ada.');
  });

  test('a streamed reply', async () => {
    const all = await parts({
      model: completion,
      prompt: 'My name is',
      headers: sim({ reply: ' Ada Lovelace.' }),
    });
    assert.equal(textOf(all), ' Ada Lovelace.');
  });
});

suite('embeddings', () => {
  const embedding = fireworks().embeddingModel(EMBEDDING_MODEL);

  test('one', async () => {
    const { embedding: vector, usage } = await embed({ model: embedding, value: 'one' });
    assert.ok(vector.length > 0);
    assert.ok(usage.tokens > 0);
  });

  test('several', async () => {
    const { embeddings } = await embedMany({ model: embedding, values: ['one', 'two'] });
    assert.equal(embeddings.length, 2);
    assert.notDeepEqual(embeddings[0], embeddings[1]);
  });
});

suite('errors', () => {
  for (const status of [400, 401, 403, 404, 412, 422, 429, 500, 503]) {
    test(`${status}`, async () => {
      const call = generateText({
        model,
        prompt: 'Hello',
        maxRetries: 0,
        headers: sim({ status }),
      });
      await assert.rejects(call, (error) => {
        assert.ok(APICallError.isInstance(error));
        assert.equal(error.statusCode, status);
        assert.ok(error.data.error.message, 'the body was understood');
        assert.equal(error.isRetryable, status === 429 || status >= 500);
        return true;
      });
    });
  }

  test('a rate limit is retried', async () => {
    const { text } = await generateText({
      model,
      prompt: 'Hello',
      headers: strikes(1, { fault: 'rate-limit', 'retry-after': '0.05', reply: 'At last.' }),
    });
    assert.equal(text, 'At last.');
  });

  for (const knobs of [
    { 'error-after': 2 },
    { 'error-after': 2, 'error-shape': 'string' },
    { 'truncate-after': 2 },
    { fault: 'reset-mid-body', 'fault-after': 2 },
  ]) {
    test(`a stream that fails has an error part, ${JSON.stringify(knobs)}`, async () => {
      const all = await parts({
        model,
        prompt: 'Hello',
        headers: sim({ reply: 'One two three four.', ...knobs }),
      });
      assert.ok(all.some(({ type }) => type === 'error'));
      assert.ok('One two three four.'.startsWith(textOf(all)));
      const finish = all.find(({ type }) => type === 'finish');
      assert.notEqual(finish?.finishReason, 'stop');
    });
  }
});

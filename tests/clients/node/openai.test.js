import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import OpenAI from 'openai';

import {
  EMBEDDING_MODEL,
  MODEL,
  citySchema,
  openai,
  parameters,
  sim,
  strikes,
  user,
  weather,
} from './gateway.js';

const { chat } = openai;

/** Text, finish reason and usage of a streamed chat reply. */
const collect = async (stream) => {
  const all = { text: '', finish: null, usage: null };
  for await (const chunk of stream) {
    all.usage = chunk.usage ?? all.usage;
    for (const choice of chunk.choices) {
      all.text += choice.delta.content ?? '';
      all.finish = choice.finish_reason ?? all.finish;
    }
  }
  return all;
};

suite('chat', () => {
  test('a plain reply', async () => {
    const reply = await chat.completions.create(
      { model: MODEL, messages: user('Hello') },
      { headers: sim({ reply: 'Good day.' }) },
    );
    assert.equal(reply.choices[0].message.content, 'Good day.');
    assert.equal(reply.choices[0].finish_reason, 'stop');
    assert.equal(
      reply.usage.total_tokens,
      reply.usage.prompt_tokens + reply.usage.completion_tokens,
    );
  });

  for (const layout of ['a', 'b', 'both']) {
    test(`a streamed reply with its usage, layout ${layout}`, async () => {
      const stream = await chat.completions.create(
        {
          model: MODEL,
          messages: user('Hello'),
          stream: true,
          stream_options: { include_usage: true },
        },
        { headers: sim({ reply: 'One two three four.', 'usage-layout': layout }) },
      );
      const { text, finish, usage } = await collect(stream);
      assert.deepEqual([text, finish], ['One two three four.', 'stop']);
      assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    });
  }

  test('the stream helper puts a reply together', async () => {
    const stream = chat.completions.stream(
      { model: MODEL, messages: user('Hello') },
      { headers: sim({ reply: 'Bit by bit.', comments: 1, crlf: true }) },
    );
    assert.equal(await stream.finalContent(), 'Bit by bit.');
  });

  test('a tool call and its result', async () => {
    const ask = user('What is the weather in Oslo?');
    const reply = await chat.completions.create({
      model: MODEL,
      messages: ask,
      tools: [weather],
      tool_choice: 'required',
    });
    const { message, finish_reason: finish } = reply.choices[0];
    assert.equal(finish, 'tool_calls');
    const [call] = message.tool_calls;
    assert.equal(call.function.name, 'get_weather');
    assert.equal(typeof JSON.parse(call.function.arguments).city, 'string');

    const answer = await chat.completions.create(
      {
        model: MODEL,
        messages: [...ask, message, { role: 'tool', tool_call_id: call.id, content: 'rain' }],
        tools: [weather],
      },
      { headers: sim({ reply: 'Take an umbrella.' }) },
    );
    assert.equal(answer.choices[0].message.content, 'Take an umbrella.');
  });

  for (const knobs of [{ 'tool-fragment': 3 }, { 'tool-fragment': 0 }, { 'tool-index': false }]) {
    test(`a streamed tool call, ${JSON.stringify(knobs)}`, async () => {
      const stream = chat.completions.stream(
        {
          model: MODEL,
          messages: user('What is the weather in Oslo?'),
          tools: [weather],
          tool_choice: 'required',
        },
        { headers: sim(knobs) },
      );
      const message = await stream.finalMessage();
      assert.equal(message.tool_calls[0].function.name, 'get_weather');
      assert.equal(typeof JSON.parse(message.tool_calls[0].function.arguments).city, 'string');
    });
  }

  test('JSON by schema', async () => {
    const reply = await chat.completions.create({
      model: MODEL,
      messages: user('Describe Oslo in JSON.'),
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'city', schema: citySchema, strict: true },
      },
    });
    const city = JSON.parse(reply.choices[0].message.content);
    assert.deepEqual(Object.keys(city).sort(), ['capital', 'inhabitants', 'name']);
  });

  test('several choices', async () => {
    const reply = await chat.completions.create({ model: MODEL, messages: user('Hello'), n: 2 });
    assert.deepEqual(
      reply.choices.map((choice) => choice.index),
      [0, 1],
    );
  });

  test('log probabilities', async () => {
    const reply = await chat.completions.create({
      model: MODEL,
      messages: user('Hello'),
      logprobs: true,
      top_logprobs: 2,
    });
    const { content } = reply.choices[0].logprobs;
    assert.equal(content.map(({ token }) => token).join(''), reply.choices[0].message.content);
    assert.equal(content[0].top_logprobs.length, 2);
  });

  test('parameters that Fireworks would refuse', async () => {
    const reply = await chat.completions.create({
      model: MODEL,
      messages: [{ role: 'developer', content: 'Be brief.' }, ...user('Hello')],
      max_completion_tokens: 64,
      store: true,
      verbosity: 'low',
      prompt_cache_key: 'conversation-7',
      safety_identifier: 'user-7',
    });
    assert.ok(reply.choices[0].message.content);
  });
});

suite('text completions', () => {
  test('a plain reply', async () => {
    const reply = await openai.completions.create(
      { model: MODEL, prompt: 'My name is' },
      { headers: sim({ reply: ' Ada.' }) },
    );
    assert.equal(reply.choices[0].text, ' Ada.');
  });

  test('a streamed reply', async () => {
    const stream = await openai.completions.create(
      { model: MODEL, prompt: 'My name is', stream: true },
      { headers: sim({ reply: ' Ada Lovelace.' }) },
    );
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.text ?? '';
    assert.equal(text, ' Ada Lovelace.');
  });
});

suite('embeddings', () => {
  // This SDK asks for base64 by default, and gives an empty vector for a list of floats.
  for (const base64 of [true, false]) {
    test(`are the same in either encoding, upstream base64 ${base64}`, async () => {
      const options = { headers: sim({ base64 }) };
      const body = { model: EMBEDDING_MODEL, input: ['one', 'two'] };
      const decoded = await openai.embeddings.create(body, options);
      const floats = await openai.embeddings.create({ ...body, encoding_format: 'float' }, options);
      assert.equal(decoded.data.length, 2);
      for (const [at, { embedding }] of decoded.data.entries()) {
        assert.equal(embedding.length, floats.data[at].embedding.length);
        assert.ok(embedding.length > 0);
        for (const [i, value] of embedding.entries()) {
          assert.ok(Math.abs(value - floats.data[at].embedding[i]) < 1e-6);
        }
      }
    });
  }
});

suite('responses', () => {
  test('are created, read and deleted', async () => {
    const created = await openai.responses.create(
      { model: MODEL, input: 'Hello' },
      { headers: sim({ reply: 'Good day.' }) },
    );
    assert.equal(created.output_text, 'Good day.');
    assert.ok(created.usage.input_tokens > 0);
    assert.ok(created.usage.output_tokens > 0);
    const read = await openai.responses.retrieve(created.id);
    assert.equal(read.id, created.id);
    await openai.responses.delete(created.id);
    await assert.rejects(openai.responses.retrieve(created.id), OpenAI.NotFoundError);
  });

  test('stream', async () => {
    const stream = openai.responses.stream(
      { model: MODEL, input: 'Hello' },
      { headers: sim({ reply: 'Bit by bit.' }) },
    );
    let text = '';
    stream.on('response.output_text.delta', ({ delta }) => {
      text += delta;
    });
    const final = await stream.finalResponse();
    assert.equal(text, 'Bit by bit.');
    assert.equal(final.output_text, 'Bit by bit.');
    assert.ok(final.usage.output_tokens > 0);
  });

  test('continue by previous_response_id', async () => {
    const first = await openai.responses.create({ model: MODEL, input: 'My name is Ada.' });
    const second = await openai.responses.create({
      model: MODEL,
      input: 'What is my name?',
      previous_response_id: first.id,
    });
    assert.equal(second.previous_response_id, first.id);
    assert.ok(second.usage.input_tokens > first.usage.input_tokens);
  });

  test('call functions', async () => {
    const response = await openai.responses.create({
      model: MODEL,
      input: 'Weather in Oslo?',
      tools: [{ type: 'function', name: 'get_weather', parameters, strict: true }],
      tool_choice: 'required',
    });
    const call = response.output.find(({ type }) => type === 'function_call');
    assert.equal(call.name, 'get_weather');
    assert.equal(typeof JSON.parse(call.arguments).city, 'string');
  });
});

suite('models', () => {
  test('are listed', async () => {
    const ids = [];
    for await (const model of openai.models.list()) ids.push(model.id);
    assert.ok(ids.includes(MODEL));
  });

  test('one by its name', async () => {
    assert.equal((await openai.models.retrieve(MODEL)).id, MODEL);
  });
});

suite('errors', () => {
  const classes = {
    400: OpenAI.BadRequestError,
    401: OpenAI.AuthenticationError,
    403: OpenAI.PermissionDeniedError,
    404: OpenAI.NotFoundError,
    412: OpenAI.APIError,
    413: OpenAI.APIError,
    422: OpenAI.UnprocessableEntityError,
    429: OpenAI.RateLimitError,
    500: OpenAI.InternalServerError,
    503: OpenAI.InternalServerError,
  };

  for (const [status, type] of Object.entries(classes)) {
    test(`${status} becomes its class`, async () => {
      const call = chat.completions.create(
        { model: MODEL, messages: user('Hello') },
        { headers: sim({ status }), maxRetries: 0 },
      );
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof type);
        assert.equal(error.status, Number(status));
        assert.ok(error.type);
        assert.ok(error.error.message);
        return true;
      });
    });
  }

  for (const shape of ['e1', 'e2', 'e3', 'e4', 'e5', 'e7', 'html', 'empty']) {
    test(`a body of shape ${shape} arrives in OpenAI's shape`, async () => {
      const call = chat.completions.create(
        { model: MODEL, messages: user('Hello') },
        { headers: sim({ status: 502, shape }), maxRetries: 0 },
      );
      await assert.rejects(call, (error) => {
        assert.equal(error.status, 502);
        assert.ok(error.type);
        assert.doesNotMatch(error.message, /<html/);
        return true;
      });
    });
  }

  test('a rate limit is retried', async () => {
    const { data, response } = await chat.completions
      .create(
        { model: MODEL, messages: user('Hello') },
        { headers: strikes(1, { fault: 'rate-limit', 'retry-after': '0.05' }) },
      )
      .withResponse();
    assert.equal(response.status, 200);
    assert.ok(data.choices[0].message.content);
  });

  test('an operation that Fireworks lacks', async () => {
    await assert.rejects(openai.images.generate({ model: MODEL, prompt: 'A cat' }), {
      status: 400,
      code: 'unsupported_operation',
    });
  });

  test('a body that is too large', async () => {
    const input = 'x'.repeat(3 << 20);
    await assert.rejects(openai.embeddings.create({ model: EMBEDDING_MODEL, input }), {
      status: 413,
    });
  });

  for (const knobs of [
    { 'error-after': 2 },
    { 'error-after': 2, 'error-shape': 'string' },
    { 'truncate-after': 2 },
    { fault: 'reset-mid-body', 'fault-after': 2 },
  ]) {
    test(`a stream that fails is thrown, ${JSON.stringify(knobs)}`, async () => {
      const stream = await chat.completions.create(
        { model: MODEL, messages: user('Hello'), stream: true },
        { headers: sim({ reply: 'One two three four.', ...knobs }) },
      );
      await assert.rejects(collect(stream), (error) => {
        assert.ok(error instanceof OpenAI.APIError);
        assert.ok(!(error instanceof OpenAI.APIConnectionError), 'the gateway says why, in the stream');
        return true;
      });
    });
  }
});

// What every client must be able to do, written once.
//
// A client is an object that says how its users would do it. What came of each test goes into the table of
// `docs/clients.md`, in the column that the test's feature names.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { suite, test } from 'node:test';

import { MODEL, VISION_MODEL, citySchema, sim, strikes } from './gateway.js';

/** What a gateway has behind it, and the end of the names of the variables that tell of such gateways. */
const TARGETS = { Fireworks: '', 'a provider with chat completions only': '_CHAT_ONLY' };
export const [FIREWORKS, CHAT_ONLY] = Object.keys(TARGETS);

const COUNTED = 'One two three four five six seven eight nine ten eleven twelve.';
const ADDRESS = 'jane.roe@corp.example';
const MARKER = '[REDACTED:EMAIL]';
const FORBIDDEN = 'project nightfall';
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

const says = (reply, knobs = {}) => sim({ reply, ...knobs });

const state = async (url) => (await fetch(`${url}/sim/state`)).json();

/** What the simulator got since this was made. */
class Upstream {
  static async at(url) {
    return Object.assign(new Upstream(), { url, before: await state(url) });
  }

  async since(counter) {
    return (await state(this.url))[counter] - this.before[counter];
  }

  requests() {
    return this.since('requests');
  }

  /** The text of the last request's body. */
  async last() {
    const { requests } = await (await fetch(`${this.url}/sim/requests`)).json();
    return requests.at(-1).body;
  }

  /** Waits until a request was given up, and says whether one was. */
  async hasCancelled() {
    for (const until = Date.now() + 10_000; Date.now() < until; ) {
      if ((await this.since('cancelled')) > 0) return true;
    }
    return false;
  }
}

/** The verdicts in the audit log of the gateway with policies since this was made. */
const verdicts = (directory) => {
  const finished = () =>
    fs
      .readdirSync(directory)
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .flatMap((name) => fs.readFileSync(`${directory}/${name}`, 'utf8').split('\n'))
      .filter((line) => line.includes('"kind":"finished"'))
      .map((line) => JSON.parse(line).verdict);
  const before = finished().length;
  return () => finished().slice(before);
};

/** The text of a stream, in pieces. */
const pieces = async (stream) => {
  const all = [];
  for await (const piece of stream) all.push(piece);
  return all;
};

/** The error that a promise or a stream is rejected with. */
const failure = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
};

const rows = [];

process.on('exit', () => {
  const path = process.env.FW_CLIENTS_REPORT;
  if (!path || rows.length === 0) return;
  const others = fs.existsSync(path) ? JSON.parse(fs.readFileSync(path, 'utf8')) : [];
  fs.writeFileSync(path, JSON.stringify([...others, ...rows], null, 1));
});

/**
 * The tests of one client, which has
 *
 * - `client`, `package`, `targets`: its name in the table, the package whose version stands there, what it can do
 *   its work with;
 * - `say(call)`, `stream(call, signal)`, `tools(call, names, stream)`, `answer(call, result)`,
 *   `structured(call, schema)`, `see(call, png)`, `think(call, stream)`: what it does;
 * - `isClass(error, status)`, `isStreamError(error)`, `status(error)`, `message(error)`: what it throws;
 * - `retries`: how often it tries again on its own;
 * - `without`, `remarks`: features that it does not have, and what the table says of others; a name alone, or with
 *   a target: `reasoning, Fireworks`.
 */
export const matrix = (client) => {
  for (const target of client.targets) of(client, target);
};

const of = (client, target) => {
  const end = TARGETS[target];
  const url = process.env[`FW_GATEWAY_URL${end}`];
  const guarded = process.env[`FW_GATEWAY_URL${end}_POLICIES`];
  const log = process.env[`FW_AUDIT_LOG${end}`];
  const upstream = () => Upstream.at(process.env[`FW_SIM_URL${end}`]);
  const { version } = JSON.parse(
    fs.readFileSync(new URL(`node_modules/${client.package}/package.json`, import.meta.url)),
  );
  const row = { client: client.client, version, target, features: {} };
  rows.push(row);

  const call = (prompt, headers, more) => ({
    url,
    prompt,
    headers,
    model: MODEL,
    // As many as the SDK does on its own, unless a number is given.
    retries: undefined,
    ...more,
  });

  const check = (feature, name, run) => {
    const told = (notes = {}) => notes[feature] ?? notes[`${feature}, ${target}`];
    const lacking = told(client.without);
    const cell = (row.features[feature] ??= {
      outcome: lacking ? 'lacking' : 'passed',
      remark: lacking ?? told(client.remarks) ?? null,
    });
    test(`${feature}: ${name}`, { skip: lacking }, async () => {
      try {
        await run();
      } catch (error) {
        cell.outcome = 'failed';
        throw error;
      }
    });
  };

  const refused = (error, status) => {
    assert.ok(client.isClass(error, status), `${error?.constructor?.name}: ${error}`);
    assert.equal(client.status(error), status);
  };

  suite(`${client.client}, ${target}`, () => {
    check('plain', 'a reply', async () => {
      const said = await client.say(call('Hello', says('Good day.')));
      assert.equal(said.text, 'Good day.');
      assert.ok(said.inputTokens > 0);
      assert.ok(said.outputTokens > 0);
    });

    for (const knobs of [{}, { comments: 1, crlf: true }]) {
      check('stream', `a reply, ${JSON.stringify(knobs)}`, async () => {
        const all = await pieces(client.stream(call('Hello', says(COUNTED, knobs))));
        assert.equal(all.join(''), COUNTED);
        assert.ok(all.length > 2);
      });
    }

    check('tools', 'a call', async () => {
      const calls = await client.tools(call('Use get_weather.', {}), ['get_weather']);
      assert.deepEqual(calls, [['get_weather', { city: 'city' }]]);
    });

    check('tools', 'a result', async () => {
      const text = await client.answer(call('Use get_weather.', {}), '4 degrees, rain');
      assert.equal(text, 'The tool said: 4 degrees, rain');
    });

    const both = ['get_weather', 'get_time'];
    const expected = (names) => names.map((name) => [name, { city: 'city' }]);

    check('parallel tools', 'two calls', async () => {
      const calls = await client.tools(call('Use get_weather and get_time.', {}), both);
      assert.deepEqual(calls, expected(both));
    });

    for (const names of [['get_weather'], both]) {
      for (const fragment of [0, 3]) {
        check('tool stream', `${names.length} calls, fragments of ${fragment}`, async () => {
          const asked = call(`Use ${names.join(' and ')}.`, sim({ 'tool-fragment': fragment }));
          assert.deepEqual(await client.tools(asked, names, true), expected(names));
        });
      }
    }

    check('schema', 'JSON', async () => {
      const city = await client.structured(call('Describe Oslo in JSON.', {}), citySchema);
      assert.deepEqual(city, { name: 'name', inhabitants: 1, capital: true });
    });

    check('images', 'one', async () => {
      const before = await upstream();
      const asked = call('What is this?', says('A pixel.'), { model: VISION_MODEL });
      assert.equal(await client.see(asked, PNG), 'A pixel.');
      assert.match(await before.last(), /iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCA/);
    });

    for (const stream of [false, true]) {
      check('reasoning', stream ? 'streamed' : 'plain', async () => {
        const asked = call('Two and two?', says('4', { reasoning: '2 plus 2' }));
        assert.deepEqual(await client.think(asked, stream), ['2 plus 2', '4']);
      });
    }

    for (const status of [400, 401, 403, 404, 412, 413, 422, 429, 500, 502, 503]) {
      for (const stream of [false, true]) {
        check('errors', `${status}${stream ? ' before a stream' : ''}`, async () => {
          const headers = sim({ status, message: 'No%20luck%20today.' });
          const asked = call('Hello', headers, { retries: 0 });
          const error = await failure(stream ? pieces(client.stream(asked)) : client.say(asked));
          refused(error, status);
          assert.match(client.message(error), /No luck today\./);
        });
      }
    }

    for (const shape of ['e1', 'e2', 'e3', 'e4', 'e5', 'e7', 'html', 'empty']) {
      check('errors', `a body of shape ${shape}`, async () => {
        const error = await failure(
          client.say(call('Hello', sim({ status: 502, shape }), { retries: 0 })),
        );
        refused(error, 502);
        assert.doesNotMatch(client.message(error), /<html/);
      });
    }

    for (const knobs of [
      { 'error-after': 8 },
      { 'error-after': 8, 'error-shape': 'string' },
      { 'truncate-after': 8 },
      { fault: 'reset-mid-body', 'fault-after': 8 },
      { fault: 'close-mid-body', 'fault-after': 8 },
    ]) {
      check('stream errors', JSON.stringify(knobs), async () => {
        let text = '';
        const error = await failure(
          (async () => {
            const headers = says(COUNTED, { 'tokens-per-event': 1, ...knobs });
            for await (const piece of client.stream(call('Hello', headers))) text += piece;
          })(),
        );
        assert.ok(client.isStreamError(error), `${error?.constructor?.name}: ${error}`);
        assert.ok(text.length > 0 && text !== COUNTED && COUNTED.startsWith(text), text);
        if (knobs['error-after']) assert.match(client.message(error), /crashed/);
      });
    }

    check('cancel', 'by the application', async () => {
      const before = await upstream();
      const abort = new AbortController();
      const headers = sim({ 'reply-tokens': 2000, 'event-delay': '10ms' });
      try {
        for await (const piece of client.stream(call('Hello', headers), abort.signal)) {
          if (piece) abort.abort();
        }
      } catch (error) {
        assert.match(`${error.name} ${error.message}`, /abort/i);
      }
      assert.ok(await before.hasCancelled());
    });

    for (const knobs of [
      { fault: 'rate-limit', 'retry-after': '0.01' },
      { status: 500, 'retry-after': '0.01' },
      { fault: 'overloaded', 'retry-after': '0.01' },
    ]) {
      check('retries', `of ${JSON.stringify(knobs)}`, async () => {
        const before = await upstream();
        const said = await client.say(call('Hello', strikes(1, knobs)));
        assert.ok(said.text);
        assert.equal(await before.requests(), 2);
      });
    }

    check('retries', 'end', async () => {
      const before = await upstream();
      const headers = sim({ fault: 'rate-limit', 'retry-after': '0.01' });
      const error = await failure(client.say(call('Hello', headers)));
      refused(error, 429);
      assert.equal(await before.requests(), 1 + client.retries);
    });

    for (const status of [400, 401, 403, 404, 412, 422]) {
      check('retries', `none of ${status}`, async () => {
        const before = await upstream();
        refused(await failure(client.say(call('Hello', sim({ status })))), status);
        assert.equal(await before.requests(), 1);
      });
    }

    for (const stream of [false, true]) {
      check('redact', stream ? 'streamed' : 'plain', async () => {
        const [before, judged] = [await upstream(), verdicts(log)];
        const asked = call(`Write to ${ADDRESS} now.`, says(`Ask ${ADDRESS} again.`), { url: guarded });
        const text = stream
          ? (await pieces(client.stream(asked))).join('')
          : (await client.say(asked)).text;
        assert.equal(text, `Ask ${MARKER} again.`);
        const last = await before.last();
        assert.ok(!last.includes(ADDRESS) && last.includes(`Write to ${MARKER} now.`), last);
        assert.deepEqual(judged(), ['redact']);
      });

      check('block', stream ? 'a request for a stream' : 'a request', async () => {
        const [before, judged] = [await upstream(), verdicts(log)];
        const asked = call(`Tell me about ${FORBIDDEN}.`, {}, { url: guarded });
        const error = await failure(stream ? pieces(client.stream(asked)) : client.say(asked));
        refused(error, 400);
        assert.match(client.message(error), /not allowed here/);
        assert.equal(await before.requests(), 0);
        assert.deepEqual(judged(), ['block']);
      });
    }

    check('block', 'a reply', async () => {
      const before = await upstream();
      const asked = call('Hello', says(`All of ${FORBIDDEN} is this.`), { url: guarded });
      const error = await failure(client.say(asked));
      refused(error, 400);
      assert.doesNotMatch(client.message(error), /nightfall/i);
      assert.equal(await before.requests(), 1);
    });

    check('stream block', 'before what is refused', async () => {
      const [before, judged] = [await upstream(), verdicts(log)];
      const safe = 'The plan has many parts, and all of them are told here at length. '.repeat(12);
      const headers = says(`${safe}It is called ${FORBIDDEN}. ${COUNTED}`);
      let text = '';
      const error = await failure(
        (async () => {
          for await (const piece of client.stream(call('Hello', headers, { url: guarded }))) text += piece;
        })(),
      );
      assert.ok(client.isStreamError(error), `${error?.constructor?.name}: ${error}`);
      assert.match(client.message(error), /not allowed here/);
      assert.ok(text.length > 0 && !text.includes('nightfall'), text);
      assert.equal(await before.requests(), 1);
      assert.deepEqual(judged(), ['block']);
    });
  });
};

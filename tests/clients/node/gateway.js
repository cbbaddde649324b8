// Clients of the gateway under test.
//
// The Rust test `node_clients` starts a simulator and a gateway and says where they are in the
// environment. Headers that start with `x-sim-` tell the simulator how to answer one request.

import { createFireworks } from '@ai-sdk/fireworks';
import OpenAI from 'openai';

export const GATEWAY = process.env.FW_GATEWAY_URL;
export const MODEL = process.env.FW_MODEL ?? 'accounts/fireworks/models/glm-5p3';
/** One that takes images. */
export const VISION_MODEL = 'accounts/fireworks/models/kimi-k3';
export const EMBEDDING_MODEL = 'accounts/fireworks/models/qwen3-embedding-8b';

export const KEY = 'fw_client_key';
let faults = 0;

export const openai = new OpenAI({ baseURL: `${GATEWAY}/v1`, apiKey: KEY });

/** Every base URL that people give this SDK. */
export const fireworksSurfaces = ['/v1', '/inference/v1', '/openai/v1'];

export const fireworks = (surface = '/inference/v1') =>
  createFireworks({ baseURL: GATEWAY + surface, apiKey: KEY });

/** Headers that set knobs of the simulator: `sim({ 'error-after': 2 })`. */
export const sim = (knobs) =>
  Object.fromEntries(
    Object.entries(knobs).map(([name, value]) => [
      `x-sim-${name}`,
      ['reply', 'reasoning'].includes(name) ? encodeURIComponent(value) : String(value),
    ]),
  );

/** Headers for a fault that strikes so many requests, then no more. */
export const strikes = (times, knobs) => {
  faults += 1;
  return sim({ ...knobs, 'fault-times': times, 'fault-id': `node-${process.pid}-${faults}` });
};

export const user = (text) => [{ role: 'user', content: text }];

export const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

export const weather = {
  type: 'function',
  function: { name: 'get_weather', description: 'The weather in a city.', parameters },
};

export const citySchema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    inhabitants: { type: 'integer' },
    capital: { type: 'boolean' },
  },
  required: ['name', 'inhabitants', 'capital'],
  additionalProperties: false,
};

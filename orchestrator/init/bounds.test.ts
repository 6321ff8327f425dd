import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createHttpClient } from '../observe/http-client.ts';
import { boundsFrom, roundedUp } from './bounds.ts';
import { measure } from './measure.ts';
import type { Measurement } from './types.ts';

const request = { method: 'GET', path: '/', weight: 1 };

/** xorshift32: the same numbers each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
}

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
}

/** Latencies in ms, at a level that moves by a factor of up to 1.6 from one measurement to the next. */
const shapes: Record<string, (next: () => number, level: number) => number> = {
  'log-normal, narrow': (next, level) => level * 20 * Math.exp(0.3 * normal(next)),
  'log-normal, wide': (next, level) => level * 40 * Math.exp(1 * normal(next)),
  'log-normal, very wide': (next, level) => level * 60 * Math.exp(1.3 * normal(next)),
  'two modes, one in sixteen five times as slow': (next, level) =>
    level * 50 * (next() < 0.06 ? 5 : 1) * Math.exp(0.2 * normal(next)),
  'a fast cache before a slow store': (next, level) =>
    level * (next() < 0.8 ? 2 : 300) * Math.exp(0.3 * normal(next)),
};

function measured(count: number, draw: () => number): Measurement {
  const sorted = Array.from({ length: count }, draw).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * count) - 1] ?? 0;
  return { asked: count, failed: 0, limited: 0, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: sorted.at(-1) ?? 0 };
}

test.each(Object.entries(shapes))('100 measurements of the same target keep the bound: %s', (_, shape) => {
  const failures: string[] = [];
  for (let seed = 1; seed <= 20; seed += 1) {
    const next = numbers(seed * 7_919);
    const { p95Ms } = boundsFrom(measured(50, () => shape(next, 1)));
    for (let again = 0; again < 100; again += 1) {
      const level = 1 + 0.6 * next();
      const later = measured(300, () => shape(next, level));
      if (later.p95Ms >= (p95Ms ?? 0)) failures.push(`seed ${seed}: ${later.p95Ms} ≥ ${p95Ms}`);
    }
  }
  expect(failures).toEqual([]);
});

test('without head room the same targets fail: the check above can', () => {
  const shape = shapes['log-normal, wide'] ?? (() => 0);
  let failed = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const next = numbers(seed * 7_919);
    const { p95Ms } = measured(50, () => shape(next, 1));
    if (measured(300, () => shape(next, 1.3)).p95Ms >= p95Ms) failed += 1;
  }
  expect(failed).toBeGreaterThan(5);
});

test('100 measurements of a real server keep the bounds of the first', async () => {
  const server = createServer((_, response) => {
    // Some answers are slow, as a garbage collection or a cold cache makes them.
    setTimeout(() => response.end('{}'), Math.random() < 0.05 ? 15 : 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const http = createHttpClient();
  const target = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [request],
    headers: {},
    env: {},
    http,
    perSecond: 2_000,
  };
  try {
    const { p95Ms, errors } = boundsFrom(await measure({ ...target, count: 50, perSecond: 100 }));
    for (let again = 0; again < 100; again += 1) {
      const later = await measure({ ...target, count: 20 });
      expect(later.p95Ms).toBeLessThan(p95Ms ?? 0);
      expect(later.failed / later.asked).toBeLessThan(errors);
    }
  } finally {
    await http.close();
    server.closeAllConnections();
    server.close();
  }
}, 60_000);

test('a target that fails now and then gets a bound above that', () => {
  expect(boundsFrom({ asked: 50, failed: 5, limited: 0, p50Ms: 1, p95Ms: 2, maxMs: 3 })).toEqual({
    p95Ms: 300,
    errors: 0.35,
  });
  expect(boundsFrom({ asked: 50, failed: 0, limited: 0, p50Ms: 1, p95Ms: 130, maxMs: 200 })).toEqual({
    p95Ms: 1500,
    errors: 0.05,
  });
  expect(boundsFrom({ asked: 50, failed: 50, limited: 0, p50Ms: 0, p95Ms: 0, maxMs: 0 })).toEqual({
    p95Ms: null,
    errors: 0.95,
  });
});

test('bounds are round numbers', () => {
  expect([100, 101, 151, 201, 420, 501, 751, 1000, 4321].map(roundedUp)).toEqual([
    100, 150, 200, 300, 500, 750, 1000, 1000, 5000,
  ]);
});

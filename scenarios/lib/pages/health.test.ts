import { expect, test } from 'vitest';
import { classify, type Health, report } from './health.ts';

test('a 200 counts only if it has a body, and is in time', () => {
  expect(classify({ status: 200, body: '{"status":"ok"}', durationMs: 10 })).toBe('healthy');
  expect(classify({ status: 200, body: ' ', durationMs: 10 })).toBe('degraded');
  expect(classify({ status: 200, body: '{}', durationMs: 10 })).toBe('degraded');
  expect(classify({ status: 503, body: 'x', durationMs: 10 })).toBe('down');
  expect(classify({ status: 0, body: '', durationMs: 10 })).toBe('down');
  expect(classify({ status: 200, body: 'x', durationMs: 5_001 })).toBe('down');
});

const series = (text: string, stepMs = 1_000) =>
  [...text].map((letter, i) => ({
    atMs: i * stepMs,
    health: ({ h: 'healthy', d: 'degraded', x: 'down' } as Record<string, Health>)[letter] ?? 'healthy',
  }));

test('one fall is one outage, however long', () => {
  expect(report(series('hhxxxxhh'))).toEqual({ degraded: 0, outages: 1, flapping: 0 });
  expect(report(series('hhxxxx'))).toEqual({ degraded: 0, outages: 1, flapping: 0 });
});

test('going down and up again and again is one flapping, not many outages', () => {
  expect(report(series('hxhxhxhxhxh'))).toEqual({ degraded: 0, outages: 0, flapping: 1 });
});

test('two outages far apart stay two outages', () => {
  expect(report(series('hxhhhxh', 40_000))).toEqual({ degraded: 0, outages: 2, flapping: 0 });
});

test('degraded is neither an outage nor flapping', () => {
  expect(report(series('hdhdhdd'))).toEqual({ degraded: 4, outages: 0, flapping: 0 });
});

test('flapping that pauses for longer than a minute counts twice', () => {
  const spell = series('hxhxhxh');
  const later = spell.map(({ atMs, health }) => ({ atMs: atMs + 600_000, health }));
  expect(report([...spell, ...later])).toMatchObject({ flapping: 2, outages: 0 });
});

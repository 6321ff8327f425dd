import { expect, test } from 'vitest';
import { createClock } from '../clock.ts';
import { known, sightings } from './sightings.ts';

const NOW = Date.now();
const order = { sentAt: NOW - 30_000, doubt: undefined };
const event = (agoMs: number, text: string) => ({ atAws: NOW - agoMs + 1, source: 'projects', text });

/** AWS's clock is so much ahead, and known to within 20 ms. */
function clockAhead(ms: number) {
  const clock = createClock();
  for (let at = NOW - 9_000; at < NOW; at += 7) {
    clock.note(at, at + 10, new Date(Math.floor((at + 5 + ms) / 1_000) * 1_000).toUTCString());
  }
  return clock;
}

test('events come in the order of their times, with AWS’s words and the time since the order', () => {
  const told = [event(5_000, 'completed.'), event(17_000, 'started.')];
  const seen = sightings(told, known([]), order, clockAhead(0));
  expect(seen.map(({ sentence }) => sentence)).toEqual([
    expect.stringMatching(/^AWS: "started\." 13\.0 s after the order$/),
    expect.stringMatching(/^AWS: "completed\." 25\.0 s after the order$/),
  ]);
});

test('what is older than the order, or was there before it, is of another failover', () => {
  const late = event(31_000, 'started.');
  expect(sightings([late], known([]), order, clockAhead(0))).toEqual([]);
  const before = event(10_000, 'started.');
  expect(sightings([before], known([before]), order, clockAhead(0))).toEqual([]);
});

test('a clock of AWS that is minutes ahead makes no older event a newer one', () => {
  const clock = clockAhead(120_000);
  expect(sightings([event(31_000 - 120_000, 'started.')], known([]), order, clock)).toEqual([]);
  expect(sightings([event(29_000 - 120_000, 'started.')], known([]), order, clock)).toHaveLength(1);
});

test('where the clock is not known, an event is never later than now, nor earlier than the order', () => {
  const [one] = sightings([event(10_000, 'started.')], known([]), order, createClock());
  expect(one?.at).toBeLessThanOrEqual(Date.now());
  expect((one?.at ?? 0) - (one?.withinMs ?? 0)).toBeGreaterThanOrEqual(order.sentAt);
  expect(one?.sentence).toMatch(/or up to \d+\.\d s earlier/);
});

import { expect, test } from 'vitest';
import { createSequence } from './sequence.ts';
import { parseServerTiming } from './server-timing.ts';
import { createVoice, isPitch, samplesPerChunk } from './voice.ts';

function sent(count: number) {
  const sequence = createSequence();
  for (let seq = 0; seq < count; seq += 1) sequence.sent(seq);
  return sequence;
}

test('answers in order are new, and nothing is missing', () => {
  const sequence = sent(3);
  expect([0, 1, 2].map((seq) => sequence.take(seq))).toEqual(['new', 'new', 'new']);
  expect(sequence.missing()).toEqual([]);
});

test('a gap is missing until its answer comes, and then it is reordered, not lost', () => {
  const sequence = sent(3);
  expect(sequence.take(0)).toBe('new');
  expect(sequence.take(2)).toBe('new');
  expect(sequence.missing()).toEqual([1]);
  expect(sequence.take(1)).toBe('reordered');
  expect(sequence.missing()).toEqual([]);
});

test('a second answer is a duplicate, and one to something that was never sent is unknown', () => {
  const sequence = sent(1);
  sequence.take(0);
  expect(sequence.take(0)).toBe('duplicate');
  expect(sequence.take(5)).toBe('unknown');
});

test('a chunk is its number and 100 ms of samples, and the tone continues without a step', () => {
  const voice = createVoice(137);
  const samples = (seq: number) => new Int16Array(voice.chunk(seq), 4);
  expect(new DataView(voice.chunk(77)).getUint32(0, true)).toBe(77);
  expect(samples(0)).toHaveLength(samplesPerChunk);
  const steps = [9, 10].map((seq) =>
    Math.abs((samples(seq)[0] ?? 0) - (samples(seq - 1)[samplesPerChunk - 1] ?? 0)),
  );
  expect(Math.max(...steps)).toBeLessThan(4_000);
});

test('a pitch is right within half a semitone', () => {
  expect(isPitch(220, 220)).toBe(true);
  expect(isPitch(225, 220)).toBe(true);
  expect(isPitch(233.1, 220)).toBe(false);
  expect(isPitch(110, 220)).toBe(false);
  expect(isPitch(null, 220)).toBe(false);
});

test('durations are read from Server-Timing, whatever else it holds', () => {
  expect(parseServerTiming('app;dur=1.5, upstream;dur=12')).toEqual({ app: 1.5, upstream: 12 });
  expect(parseServerTiming('cache;desc="hit", db;desc=x;dur=3')).toEqual({ db: 3 });
  expect(parseServerTiming('')).toEqual({});
});

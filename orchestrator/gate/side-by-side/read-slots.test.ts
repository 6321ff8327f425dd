import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { recordingFrom, simulatedCsv } from '../../../test/reference-target/simulated-run.ts';
import { readSlots } from './read-slots.ts';

const ZERO = 1_790_000_000_000;

interface Made {
  readonly slots?: number;
  readonly afterMs?: number;
  /** So many of the slots warm up. */
  readonly warmUp?: number;
  readonly failed?: (slot: number) => boolean;
}

/** Requests of a second's slots, of these names, each so long after the start of its slot. */
async function read(
  names: (slot: number) => readonly string[],
  { slots = 4, afterMs = 500, warmUp = 0, failed = () => false }: Made = {},
) {
  const directory = mkdtempSync(path.join(tmpdir(), 'squall-read-slots-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const requests = Array.from({ length: slots }, (_, slot) =>
    names(slot).map((name) => ({
      start: ZERO + slot * 1_000 + afterMs,
      durationMs: 5,
      failed: failed(slot),
      name,
    })),
  ).flat();
  const csv = simulatedCsv(requests)
    .split('\n')
    .map((line) => {
      const end = Number(/^http_\w+,(\d{13})/.exec(line)?.[1] ?? 0);
      if (end === 0) return line;
      const slot = Math.floor((end - 5 - afterMs - ZERO) / 1_000);
      const side = slot % 2 === 0 ? 'baseline' : 'candidate';
      return line.replace(/,,$/, `,squall_slot=${slot - warmUp}.${side}.${ZERO + slot * 1_000},`);
    });
  const file = path.join(directory, 'samples');
  writeFileSync(file, recordingFrom(csv.join('\n')));
  return readSlots(file, 1_000);
}

test('requests are in the slots of their iterations', async () => {
  const { slots, problem } = await read(() => ['GET /']);
  expect(problem).toBeNull();
  expect([...(slots.get('GET /') ?? [])].map(([number, { side, failed }]) => [number, side, failed])).toEqual(
    [
      ...[0, 2].map((number) => [number, 'baseline', [0]]),
      ...[1, 3].map((number) => [number, 'candidate', [0]]),
    ].sort((a, b) => Number(a[0]) - Number(b[0])),
  );
});

test.each([1_200, 100])(
  'a name of which each request is outside is remembered: after %i ms',
  async (afterMs) => {
    const { slots } = await read(() => ['GET /late'], { afterMs });
    expect([...slots]).toEqual([['GET /late', new Map()]]);
  },
);

test('of a warm-up only the failures count, in the first slot of their side', async () => {
  const { slots } = await read(() => ['GET /'], { slots: 8, warmUp: 4, failed: (slot) => slot === 1 });
  const seen = [...(slots.get('GET /') ?? [])].sort(([a], [b]) => a - b);
  expect(seen.map(([number, { side, durations, failed }]) => [number, side, durations, failed])).toEqual([
    [0, 'baseline', [5], [0, 0, 0]],
    [1, 'candidate', [5], [1, 0, 0]],
    [2, 'baseline', [5], [0]],
    [3, 'candidate', [5], [0]],
  ]);
});

test('a name of the warm-up alone is remembered', async () => {
  const { slots } = await read((slot) => (slot < 2 ? ['GET /', 'POST /login'] : ['GET /']), { warmUp: 2 });
  expect(slots.get('POST /login')).toEqual(new Map());
});

test('the slots of a long comparison are told apart', async () => {
  const { slots, problem } = await read(() => ['a', 'b', 'c', 'd', 'e', 'f', 'g'], { slots: 800 });
  expect(problem).toBeNull();
  expect([...slots].map(([name, { size }]) => [name, size])).toContainEqual(['g', 800]);
});

test('a recording whose tags were folded together says so, and what to do', async () => {
  const { problem } = await read((slot) => Array.from({ length: 60 }, (_, i) => `GET /${60 * slot + i}`), {
    slots: 900,
  });
  expect(problem).toContain('give requests with ids in their URL one name tag');
});

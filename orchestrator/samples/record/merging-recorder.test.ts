import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { HEADER, line, request } from '../../../test/csv-lines.ts';
import { journaled } from '../../../test/reference-target/ground-truth.ts';
import { journalOf } from '../../../test/reference-target/recorded-run.ts';
import {
  type SimulatedRequest,
  simulatedCsv,
  simulatedRun,
} from '../../../test/reference-target/simulated-run.ts';
import { judgeRun } from '../../judge/judge.ts';
import type { Judgement } from '../../judge/types.ts';
import { createDecoder } from '../recording/decode.ts';
import { MAGIC } from '../recording/format.ts';
import { recordingOf } from '../recording/recording.ts';
import type { Records, SampleVisitor } from '../recording/records.ts';
import { createMergingRecorder } from './merging-recorder.ts';

const ZERO = 1_790_000_000_000;
const NOBODY: SampleVisitor = { wants: () => false, request() {}, sample() {} };
const removals: (() => void)[] = [];
afterAll(() => {
  for (const remove of removals.splice(0)) remove();
});

interface Piece {
  readonly part: number;
  readonly text: string;
}

/** Feeds streams piece by piece; a piece `''` ends its stream, and a piece `cut` says that its end was not seen. */
function merge(count: number, pieces: readonly Piece[], offsets: readonly number[] = []) {
  const blocks: Uint8Array[] = [];
  const names = Array.from({ length: count }, (_, i) => `runner ${i + 1}`);
  const recorder = createMergingRecorder(NOBODY, (block) => blocks.push(block), names);
  for (const [part, nanos] of offsets.entries()) recorder.parts[part]?.setOffset(nanos);
  for (const { part, text } of pieces) {
    if (text === '') recorder.parts[part]?.end();
    else if (text === 'cut') recorder.parts[part]?.cut();
    else recorder.parts[part]?.push(Buffer.from(text));
  }
  const end = recorder.end();
  return { recorder, end, bytes: Buffer.concat(blocks) };
}

/** What a recording holds, in its order: kind, time, value. */
function contents(bytes: Buffer): string[] {
  const seen: string[] = [];
  const metrics: string[] = [];
  const tags: string[] = [];
  const text = (piece: Uint8Array) => Buffer.from(piece).toString('latin1');
  const records: Records = {
    columns() {},
    metric(id, name) {
      metrics[id] = text(name);
      return true;
    },
    tags(slot, line) {
      tags[slot] = text(line);
    },
    request: (slot, ms, nanos, values) => seen.push(`request ${ms}.${nanos} ${values[0]} ${tags[slot]}`),
    sample: (id, _slot, ms, nanos, value) => seen.push(`${metrics[id]} ${ms}.${nanos} ${value}`),
    oddSample: (id, _slot, ms, nanos, value, metadata) =>
      seen.push(`${metrics[id]} ${ms}.${nanos} ${text(value)} ${text(metadata)}`),
    unreadable: (bad) => seen.push(`unreadable ${text(bad)}`),
  };
  const decoder = createDecoder(records);
  for (let at = MAGIC.length; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    decoder.decode(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return seen;
}

/** Thirty seconds at 40 requests a second, of which two seconds fail, hang or are dropped. */
function recordedSet(seed: number): string {
  const requests: SimulatedRequest[] = [];
  const dropped: number[] = [];
  for (let i = 0; i < 1200; i++) {
    const start = ZERO + i * 25 + 0.137;
    const isDown = i >= 500 && i < 580;
    if (isDown && (i + seed) % 3 === 0) dropped.push(start);
    else if (isDown) requests.push({ start, durationMs: 1 + (i % 5) * 150, failed: true });
    else
      requests.push({
        start,
        durationMs: 1 + ((i * 7919 + seed) % 997) * 0.013,
        failed: false,
        name: i % 4 === 0 ? 'POST /' : 'GET /',
      });
  }
  return simulatedCsv(requests, dropped);
}

/** The lines of each iteration, which one k6 writes together. */
function iterationsOf(text: string): string[] {
  return (
    text
      .slice(text.indexOf('\n') + 1)
      .match(
        /(?:http_req[^\n]*\n){9}iteration_duration[^\n]*\niterations[^\n]*\n|dropped_iterations[^\n]*\n/g,
      ) ?? []
  );
}

async function judged(text: string, recording?: Buffer): Promise<Judgement> {
  const recorded = simulatedRun([text], ZERO, ZERO + 1e6);
  removals.push(recorded.remove);
  if (recording !== undefined)
    writeFileSync(recordingOf(path.join(recorded.directory, 'k6'), 0), gzipSync(recording, { level: 1 }));
  const objectives = [
    { name: 'p95', percentile: 95, below: '20ms' },
    { name: 'p99', percentile: 99, below: '1s', phase: 'all' },
    { name: 'errors', errors: true, below: '1%', phase: 'fault:down' },
    { name: 'rate', throughput: true, atLeast: '39/s' },
    { name: 'available', availability: true, atLeast: '99%', window: '30d', phase: 'all' },
  ] as const;
  const { faults, events } = journaled([
    { name: 'down', from: ZERO + 12_400, to: ZERO + 14_600, downtimeMs: 2200, outages: 1 },
  ]);
  return judgeRun(journalOf(recorded, { objectives: [...objectives], drill: { faults } }, events));
}

test('however a recorded set is split among runners, the verdict is the same to the last bit', async () => {
  const text = recordedSet(1);
  const iterations = iterationsOf(text);
  expect(iterations.length).toBe(1200);
  const whole = await judged(text);
  expect(whole.verdict.verdict).toBe('FAIL');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 7 }),
      fc.infiniteStream(fc.nat(6)),
      fc.infiniteStream(fc.integer({ min: 40, max: 9000 })),
      async (count, owners, lengths) => {
        const texts = Array.from({ length: count }, () => text.slice(0, text.indexOf('\n') + 1));
        for (const iteration of iterations) {
          const part = (owners.next().value as number) % count;
          texts[part] += iteration;
        }
        // As they arrive: cut anywhere, in any order of the streams.
        const pieces: Piece[] = [];
        const left = texts.map((own) => own);
        while (left.some((own) => own !== '')) {
          const part = (owners.next().value as number) % count;
          const length = lengths.next().value as number;
          const own = left[part] as string;
          if (own === '') continue;
          pieces.push({ part, text: own.slice(0, length) });
          left[part] = own.slice(length);
          if (own.length <= length) pieces.push({ part, text: '' });
        }
        const { end, bytes } = merge(count, pieces);
        expect(end.detail).toBe('');
        expect(JSON.stringify(await judged(text, bytes))).toBe(JSON.stringify(whole));
      },
    ),
    { numRuns: process.env.SQUALL_FULL === '1' ? 300 : 25 },
  );
});

const nanosAt = (ms: number) => `${ZERO + ms}000000`;
const mark = (metric: string, ms: number, more: Partial<Parameters<typeof line>[0]> = {}) =>
  line({ metric, time: nanosAt(ms), tags: { scenario: 's' }, ...more });

test('a record waits until every other stream has come as far or has ended', () => {
  const { bytes, end } = merge(3, [
    { part: 0, text: HEADER + mark('a', 0) + mark('a', 900) },
    { part: 1, text: HEADER + mark('b', 100) + mark('b', 200) },
    { part: 2, text: HEADER + mark('c', 50) },
    { part: 2, text: '' },
    { part: 1, text: mark('b', 1000) },
  ]);
  expect(contents(bytes).map((one) => one.slice(0, 1))).toEqual(['a', 'c', 'b', 'b', 'a', 'b']);
  expect(end).toMatchObject({ detail: '', samples: 6 });
});

test('what is later than the last record of a stream without an end is left out: a part of the load is missing there', () => {
  const { recorder, bytes, end } = merge(2, [
    { part: 0, text: HEADER + mark('a', 0) + mark('a', 100) },
    { part: 0, text: request('GET /', nanosAt(900), '1.000000') + mark('a', 901) },
    { part: 0, text: '' },
    { part: 1, text: HEADER + mark('b', 50) + mark('b', 200) },
    { part: 1, text: 'cut' },
  ]);
  expect(contents(bytes).map((one) => one.slice(0, 1))).toEqual(['a', 'b', 'a', 'b']);
  expect([recorder.parts[0]?.waiting, end.samples]).toEqual([2, 4]);
});

test('nothing of the load goes on before all runners have begun; what setup() sends does, and is told from it', () => {
  const setup = (ms: number) =>
    request('POST /seed', nanosAt(ms), '1.000000')
      .replaceAll(',s,', ',,')
      .replaceAll('true,,', 'true,::setup,');
  const { recorder, bytes } = merge(2, [
    {
      part: 0,
      text: HEADER + setup(0) + request('GET /', nanosAt(500), '2.000000') + mark('iterations', 501),
    },
    { part: 1, text: HEADER + setup(3000) },
    { part: 1, text: request('GET /', nanosAt(3500), '4.000000') + mark('iterations', 3501) },
  ]);
  const order = contents(bytes).map((one) => one.replace(/ \d+\.\d+ /, ' ').slice(0, 40));
  expect(order.map((one) => one.includes('::setup'))).toEqual([true, true, false, false, false, false]);
  expect(recorder.parts.map((part) => part.begunAt - ZERO)).toEqual([500 - 2.5, 3500 - 4.5]);
  expect(recorder.parts.map((part) => part.setupRequests)).toEqual([1, 1]);
});

test('the clock of each runner is corrected, to the nanosecond', () => {
  const { bytes } = merge(
    2,
    [
      { part: 0, text: HEADER + mark('a', 1000, { time: `${ZERO + 1000}999999` }) },
      { part: 1, text: HEADER + mark('b', 1000) },
    ],
    [500_000_001, -500_000_001],
  );
  expect(contents(bytes)).toEqual([`b ${ZERO + 499}.999999 1000000`, `a ${ZERO + 1501}.0 1000000`]);
});

test('virtual users are those of all runners together, and none of one that has ended', () => {
  const vus = (ms: number, count: number) =>
    line({ metric: 'vus', time: nanosAt(ms), value: `${count}.000000` });
  const { bytes } = merge(2, [
    { part: 0, text: HEADER + mark('a', 0) + vus(1000, 5) + vus(2000, 7) },
    { part: 1, text: HEADER + mark('a', 0) + vus(1100, 3) },
    { part: 1, text: '' },
    { part: 0, text: vus(3000, 7) },
  ]);
  const values = contents(bytes).flatMap((one) => (one.startsWith('vus') ? [one.split(' ')[2]] : []));
  expect(values).toEqual(['5000000', '8000000', '7000000', '7000000']);
});

test('a request is one, whatever the order of its tags in each line, and the same from each runner', () => {
  const from = (runner: number) => {
    const marks = ['k=v', `instance_id=${runner}`, 'testrun_name=squall-a-1', 'a=1'];
    const lines = request('GET /', nanosAt(0), '1.000000', false, 'EXTRA').split('\n');
    return (
      HEADER +
      lines
        .map((one, i) => one.replace('EXTRA', [...marks.slice(i % 4), ...marks.slice(0, i % 4)].join('&')))
        .join('\n')
    );
  };
  const { bytes } = merge(2, [
    { part: 0, text: from(1) },
    { part: 1, text: from(2) },
  ]);
  const seen = contents(bytes);
  expect(seen).toHaveLength(2);
  expect(seen[0]).toBe(seen[1]);
  expect(seen[0]).toMatch(/^request .*,a=1&k=v$/);
});

test('tags that may mean something else in another order stay as they are', () => {
  const kept = 'z=1&b=2&z=3&name=x&&y';
  const { bytes } = merge(1, [
    { part: 0, text: HEADER + mark('m', 0) + request('GET /', nanosAt(0), '1.000000', false, kept) },
  ]);
  expect(contents(bytes).at(-1)).toContain(`,${kept}`);
});

test('more different tags than anybody keeps are still told apart', () => {
  let text = HEADER;
  for (let i = 0; i < 45_000; i++) text += mark('m', 0, { tags: { scenario: 's', name: `/${i % 23_000}` } });
  const names: string[] = [];
  const recorder = createMergingRecorder({
    ...NOBODY,
    wants: () => true,
    sample: (_metric, set) => void names.push(set.tags.name ?? ''),
  }, () => {}, ['runner 1']);
  recorder.parts[0]?.push(Buffer.from(text));
  expect(recorder.end().samples).toBe(45_000);
  // From the limit on, names are given up (see tag-sets.ts).
  expect(names.slice(0, 4_000)).toEqual(Array.from({ length: 4_000 }, (_, i) => `/${i}`));
});

test.each([
  ['is cut in the middle of a line', mark('a', 1).slice(0, -9), 'runner 2: the last line is cut'],
  ['has other columns', 'metric_name,timestamp,metric_value,name,extra_tags,metadata\nx,1,1,,,\n', 'columns'],
  ['has said nothing', null, 'runner 2: no header'],
])('a stream that %s is named', (_title, text, detail) => {
  const { end, bytes } = merge(2, [
    { part: 0, text: HEADER + mark('a', 0) },
    ...(text === null ? [] : [{ part: 1, text: detail === 'columns' ? text : HEADER + text }]),
  ]);
  expect(end.detail).toContain(detail);
  expect(() => contents(bytes)).not.toThrow();
});

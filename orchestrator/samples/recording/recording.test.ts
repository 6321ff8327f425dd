import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { HEADER, line, request } from '../../../test/csv-lines.ts';
import { rawRequests } from '../../../test/reference-target/raw-requests.ts';
import { recordingFrom, simulatedCsv, simulatedRun } from '../../../test/reference-target/simulated-run.ts';
import { runs } from '../../../test/trials.ts';
import { createEncoder } from '../record/encode.ts';
import { MAX_TAILS } from '../record/known-texts.ts';
import { createRecorder } from '../record/recorder.ts';
import { recordedCsv } from './recorded-csv.ts';
import { readRecording } from './recording.ts';
import type { SampleVisitor } from './records.ts';
import { createView } from './view.ts';

const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-recording-'));
const file = path.join(directory, 'samples-0.squall.gz');
afterAll(() => rmSync(directory, { recursive: true }));

const nanos = fc.oneof(
  fc.bigInt({ min: 1_790_000_000_000_000_000n, max: 1_790_000_000_000_000_002n }),
  fc.bigInt({ min: 1_790_000_000_000_000_000n, max: 1_790_000_000_100_000_000n }),
  fc.bigInt({ min: 1_000_000_000_000_000_000n, max: 9_999_999_999_999_999_999n }),
);
const value = fc.oneof(
  fc.constantFrom('NaN', '+Inf', '-Inf', '-1.500000', '1e9', '7', '007.000000', '1.00000x', '', '-0.000000'),
  fc.integer({ min: 0, max: 2 ** 31 }).map((micros) => (micros / 1e6).toFixed(6)),
  fc.double({ noNaN: true, min: -1e21, max: 1e21 }).map((number) => number.toFixed(6)),
);
const text = fc.oneof(fc.constantFrom('', 'GET "a", b\n', 'é&=,', '""'), fc.string({ maxLength: 8 }));
const sample = fc.record({
  metric: fc.constantFrom('http_reqs', 'http_req_duration', 'http_req_failed', 'iterations', 'my_trend', 'x'),
  time: nanos.map(String),
  value,
  tags: fc.record({ name: text, scenario: fc.constantFrom('', 's') }),
  extra: fc.constantFrom('', 'a=1&b=2'),
  metadata: fc.oneof(fc.constant(''), text),
});
const whole = fc
  .tuple(nanos, value, fc.boolean())
  .map(([at, ms, failed]) => request('GET /', String(at), ms, failed));
/** Almost a request: one of its lines is missing, or has something of its own. */
const broken = fc
  .tuple(
    whole,
    fc.nat(8),
    fc.constantFrom(/^.*\n/, /\d,(?=.*GET)/, /\.\d/, 'GET', 's,'),
    fc.constantFrom('', '9,', 'X'),
  )
  .map(([lines, at, what, by]) =>
    lines.replace(/.*\n/g, (one, from) =>
      lines.slice(0, from).split('\n').length === at + 1 ? one.replace(what, by) : one,
    ),
  );
const lines = fc.oneof(sample.map(line), whole, broken, fc.constantFrom('garbage\n', 'x,17,1,\n'));
const texts = fc.array(lines, { maxLength: 30 }).map((all) => HEADER + all.join(''));

interface Seen {
  readonly events: unknown[][];
  readonly visitor: SampleVisitor;
}

/** Notes all that it is told; tags by their content, because each reader makes its own. */
function watch(wants: (metric: string) => boolean): Seen {
  const events: unknown[][] = [];
  return {
    events,
    visitor: {
      wants,
      request: ({ id, tags }, ...rest) => events.push([id, { ...tags }, ...rest]),
      sample: (metric, { id, tags }, ...rest) => events.push([metric, id, { ...tags }, ...rest]),
    },
  };
}

/** What recording shows while it goes on, with the CSV in pieces of so many bytes, and the file that it makes. */
function record(csv: string, wants: (metric: string) => boolean, size = 1000, flushes = false) {
  const seen = watch(wants);
  const pieces: Uint8Array[] = [];
  const recorder = createRecorder(seen.visitor, (piece) => pieces.push(piece));
  const bytes = Buffer.from(csv);
  for (let from = 0; from < bytes.length; from += size) {
    recorder.push(bytes.subarray(from, from + size));
    if (flushes) recorder.flush();
  }
  const { detail } = recorder.end();
  return { events: seen.events, detail, content: Buffer.concat(pieces) };
}

async function read(bytes: Uint8Array, wants: (metric: string) => boolean = () => true) {
  writeFileSync(file, bytes);
  const seen = watch(wants);
  const view = createView(seen.visitor);
  const recording = readRecording(file, view);
  for await (const _ of recording.steps);
  const end = await recording.check();
  view.end(end.complete);
  return { events: seen.events, ...end };
}

async function csvOf(bytes: Uint8Array) {
  writeFileSync(file, bytes);
  const { pieces, check } = recordedCsv(file);
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return { csv: Buffer.concat(all).toString('utf8'), ...(await check()) };
}

test('whatever k6 writes comes back: the text byte for byte, and to a visitor all that it saw live', async () => {
  const wants = fc.constantFrom(
    () => true,
    () => false,
    (metric: string) => metric === 'iterations' || metric === 'http_req_duration',
  );
  await fc.assert(
    fc.asyncProperty(
      texts,
      wants,
      fc.integer({ min: 1, max: 3000 }),
      fc.boolean(),
      async (text, wants, size, flushes) => {
        const { content, events, detail } = record(text, wants, size, flushes);
        const recording = gzipSync(content);
        // A last line that has no end gets one.
        const csv = text.endsWith('\n') ? text : `${text}\n`;
        expect(await csvOf(recording)).toEqual({ csv, complete: detail === '', detail });
        expect(await read(recording, wants)).toEqual({ events, complete: detail === '', detail });
      },
    ),
    { numRuns: runs(300) },
  );
}, 60_000);

test('more different tags, and longer blocks, than are kept at a time come back as well', async () => {
  let text = HEADER;
  for (let i = 0; i < 2.5 * MAX_TAILS; i++) {
    // The first tags stand in the slot that is the first to be used again, in a request that is not whole.
    text += line({ metric: 'http_reqs', tags: { name: 'first' } });
    text += request(`/items/${i}`, `17953572297745${String(i).padStart(5, '0')}`, '1.250000');
    text += line({ metric: 'iterations', tags: { scenario: 's' } });
    text += line({ metric: 'iterations', tags: { scenario: String(i % 100) } });
    if (i % 1000 === 0) text += line({ metric: 'm', tags: { name: 'x'.repeat(i * 10) } });
  }
  const recording = gzipSync(record(text, () => false, 70_000).content, { level: 1 });
  expect((await csvOf(recording)).csv === text).toBe(true);
  expect(await read(recording, () => false)).toMatchObject({ complete: true });
}, 60_000);

test('a request without metadata takes few bytes', () => {
  let text = HEADER;
  for (let i = 0; i < 1000; i++) text += request('GET /', `17953572297745${10_000 + i}`, '1.250000');
  const { content } = record(text, () => false);
  expect(content.length / 1000).toBeLessThan(25);
});

const twenty =
  HEADER +
  Array.from({ length: 20 }, (_, i) => request('GET /', `1795357229774519${100 + i}`, `${i}.500000`)).join(
    '',
  );

test('a recording that is cut, at any byte, is read as far as it goes and is not complete', async () => {
  const recording = gzipSync(record(twenty, () => true, 300, true).content);
  const { events } = await read(recording);
  let most = 0;
  for (let length = 0; length < recording.length; length++) {
    const cut = await read(recording.subarray(0, length));
    expect(cut.complete, `cut at ${length}`).toBe(false);
    expect(cut.detail, `cut at ${length}`).toContain('its end is missing');
    expect(cut.events).toEqual(events.slice(0, cut.events.length));
    expect(cut.events.length).toBeGreaterThanOrEqual(most);
    most = cut.events.length;
  }
  expect(most).toBe(events.length);
}, 60_000);

test('nor is one whose content ends early, in a gzip that is whole', async () => {
  const { content } = record(twenty, () => true, 300, true);
  for (let length = 0; length < content.length; length++)
    expect(await read(gzipSync(content.subarray(0, length))), `cut at ${length}`).toMatchObject({
      complete: false,
    });
}, 60_000);

test('a changed byte is noticed, or changes nothing', async () => {
  const recording = recordingFrom(twenty);
  const before = await read(recording);
  let noticed = 0;
  for (let at = 0; at < recording.length; at++) {
    const changed = Buffer.from(recording);
    changed[at] = (changed[at] as number) ^ (1 << (at % 8));
    const after = await read(changed);
    if (after.complete) expect(after).toEqual(before);
    else noticed += 1;
  }
  // The ten bytes in front name the time and the system.
  expect(noticed).toBeGreaterThan(recording.length - 10);
}, 60_000);

test('garbage in a gzip that is whole never throws and never hangs', async () => {
  const { content } = record(twenty, () => true);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(content.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1 }),
      async (changes) => {
        const changed = Buffer.from(content);
        for (const [at, byte] of changes) changed[at] = byte;
        const { detail, events } = await read(gzipSync(changed));
        expect(detail).toMatch(SAID);
        for (const time of events.map((event) => event.find((one) => typeof one === 'number' && one > 1e11)))
          if (time !== undefined) expect(time).toBeLessThan(1e13);
      },
    ),
    { numRuns: runs(500) },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const block = Buffer.alloc(4 + bytes.length);
      block.writeUInt32LE(bytes.length);
      block.set(bytes, 4);
      const garbage = gzipSync(Buffer.concat([content.subarray(0, 17), block]));
      const { complete, detail } = await read(garbage);
      expect(complete).toBe(false);
      expect(detail).toMatch(SAID);
    }),
  );
}, 60_000);

/** Never what a JavaScript engine says. */
const SAID = /^$|its content is garbled|its end is missing|does not begin like/;

test.each([
  ['nothing wrong', [16, 0, 0, 5], ''],
  ['a metric that was not named', [18, 0, 0, 5], 'garbled'],
  ['tags that were not named', [16, 1, 0, 5], 'garbled'],
  ['a slot far behind the others', [2, 9, 0, 16, 0, 0, 5], 'garbled'],
  ['a time before 2001', [3, 1, 0, 16, 0, 0, 5], 'garbled'],
  ['a number of more than eight bytes', [17, 128, 128, 128, 128, 128, 128, 128, 128, 0], 'garbled'],
  ['a number that goes on behind its block', [17, 128], 'garbled'],
  ['a kind of record that does not exist', [9, 17, 5], 'garbled'],
  ['a second header', [0, 0, 17, 5], 'garbled'],
  ['one sample less than its end says', [], 'garbled'],
  ['a record behind the end', [17, 5, 8, 2, 0], 'garbled'],
])('a recording with %s', async (_title, records, detail) => {
  const blocks: Uint8Array[] = [];
  const encoder = createEncoder((block) => blocks.push(block));
  encoder.columns(Buffer.from(HEADER.trim()));
  encoder.metric(0, Buffer.from('m'));
  encoder.tags(0, Buffer.from(''));
  encoder.sample(0, 0, 1_790_000_000_000, 0, 5);
  encoder.flush();
  const one = (bytes: readonly number[]) => Buffer.from([bytes.length, 0, 0, 0, ...bytes]);
  blocks.push(one(records), one([8, 2, 0]));
  expect((await read(gzipSync(Buffer.concat(blocks)))).detail).toContain(detail);
});

test.each([
  ['another file', gzipSync('hello, this is something else'), 'does not begin like'],
  ['a later format', gzipSync('squall samples 2\n'), 'does not begin like'],
  ['no gzip', Buffer.from('metric_name,timestamp\n'), 'incorrect header check'],
  ['a missing file', null, 'ENOENT'],
])('%s is not complete, and says why', async (_title, bytes, why) => {
  if (bytes !== null) expect((await read(bytes)).detail).toContain(why);
  else {
    const recording = readRecording(path.join(directory, 'nothing'), createView(watch(() => true).visitor));
    for await (const _ of recording.steps);
    expect((await recording.check()).detail).toContain(why);
  }
});

test('a reader that was written after the description of the format reads the same requests', () => {
  const requests = Array.from({ length: 500 }, (_, i) => ({
    start: 1_790_000_000_000 + i * 10.25,
    durationMs: 1 + i,
    failed: i % 7 === 0,
  }));
  const run = simulatedRun([simulatedCsv(requests)], 0, 0);
  const raw = rawRequests(run.directory).sort((a, b) => a.start - b.start);
  run.remove();
  expect(raw.map(({ durationMs, failed }) => ({ durationMs, failed }))).toEqual(
    requests.map(({ durationMs, failed }) => ({ durationMs, failed })),
  );
  for (const [i, { start }] of raw.entries()) expect(start).toBeCloseTo(requests[i]?.start as number, 3);
});

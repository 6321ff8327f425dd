import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { HEADER, line } from '../../../test/csv-lines.ts';
import { recordingFrom, simulatedCsv } from '../../../test/reference-target/simulated-run.ts';
import { brokenThresholds, scriptThresholds } from './script-thresholds.ts';

const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-thresholds-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = path.join(directory, 'samples.gz');

const ZERO = 1_790_000_000_000;
/** Durations of 1 to 101 ms over 10 s, every 20th failed, half of them to /a. */
const requests = Array.from({ length: 101 }, (_, i) => ({
  start: ZERO + i * 100 - i,
  durationMs: i + 1,
  failed: i % 20 === 0,
  name: i % 2 === 0 ? '/a' : '/b',
}));
const own = (name: string, values: readonly number[]) =>
  values
    .map((value) =>
      line({
        metric: name,
        value: value.toFixed(6),
        time: `${ZERO + 5000}000000`,
        tags: { scenario: 'load' },
      }),
    )
    .join('');
const setup = line({ metric: 'seeds', value: '9.000000', time: `${ZERO}000000`, tags: { group: '::setup' } });
writeFileSync(
  file,
  recordingFrom(
    HEADER +
      setup +
      simulatedCsv(requests).slice(HEADER.length) +
      own('seeds', [1, 2, 3]) +
      own('hits', [1, 1, 0, 1]),
  ),
);

const SCRIPT = `const hits = new Rate2("hits"), seeds = new Counter('seeds');`;

test.each([
  ['http_req_duration', 'p(95)<96.5', null],
  ['http_req_duration', 'p(95)<96', 'it is 96)'],
  ['http_req_duration', 'p(99.9)<=100.9', null],
  ['http_req_duration', 'med<51', 'it is 51)'],
  ['http_req_duration', 'avg<=51', null],
  ['http_req_duration', 'max<101', 'it is 101)'],
  ['http_req_duration', 'min>0.5', null],
  ['http_req_duration{name:/a}', 'p(50)<51', 'it is 51)'],
  ['http_req_duration{name:/b}', 'p(50)<50', 'it is 51)'],
  ['http_req_duration{name:"/b",method:GET}', 'max<=100', null],
  ['http_req_failed', 'rate<0.05', 'it is 0.0594'],
  ['http_req_failed', 'rate<0.06', null],
  // Of k6 itself, whose type no script says; nobody counted any.
  ['ws_msgs_received', 'rate>0', 'it is 0)'],
  ['browser_data_sent', 'rate<1', null],
  // Three at one moment of 10 s.
  ['seeds', 'rate<1', null],
  ['seeds', 'rate>0.5', null],
  ['seeds', 'rate>0.7', 'it is 0.5999'],
  ['http_reqs', 'count>=101', null],
  ['http_reqs', 'count>=102', 'it is 101)'],
  ['http_reqs', 'rate>10', null],
  ['http_reqs', 'rate>11', 'it is 10.09'],
  // What setup() did, each runner did again.
  ['seeds', 'count==6', null],
  ['hits', 'rate>=0.75', null],
  ['hits', 'rate>0.75', 'it is 0.75)'],
  // As k6 has it: nothing seen breaks nothing.
  ['http_req_duration{name:/never}', 'p(95)<1', null],
  // But a counter, which k6 has at 0.
  ['http_reqs{name:/never}', 'count>=1', 'it is 0)'],
  ['http_reqs{name:/never}', 'rate>1', 'it is 0)'],
  ['http_reqs{name:/never}', 'count<1', null],
])('%s: %s', async (selector, text, broken) => {
  const thresholds = scriptThresholds({ [selector]: [text] }, SCRIPT);
  const found = await brokenThresholds(file, thresholds);
  expect(found).toEqual(broken === null ? [] : [expect.stringContaining(broken)]);
});

test('one that also aborts is judged at the end', async () => {
  const thresholds = scriptThresholds({ http_reqs: [{ threshold: 'count>500', abortOnFail: true }] }, SCRIPT);
  expect(await brokenThresholds(file, thresholds)).toEqual(['http_reqs: count>500 (it is 101)']);
});

test.each([
  ['unknown', 'rate<0.1'],
  ['http_reqs', 'count > many'],
  ['http_reqs{name}', 'count>1'],
])('%s: %s is refused: a promise that nobody judges would look kept', (selector, text) => {
  expect(() => scriptThresholds({ [selector]: [text] }, SCRIPT)).toThrow(
    'cannot be judged over several runners',
  );
});

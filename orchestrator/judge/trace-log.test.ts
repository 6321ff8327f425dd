import { expect, test } from 'vitest';
import { journalOf } from '../../test/reference-target/recorded-run.ts';
import { simulatedCsv, simulatedRun } from '../../test/reference-target/simulated-run.ts';
import { judgeRun } from './judge.ts';

const ZERO = 1_790_000_000_000;
const id = (n: number) => n.toString(16).padStart(32, '0');
const url = 'https://traces.test/t/{traceId}?x={traceId}';

interface Noted {
  readonly metric?: string;
  readonly name?: string;
  readonly metadata: string;
  readonly scenario?: string;
  readonly status?: number;
  readonly error?: string;
  readonly value?: number;
}

/** A second of good requests, and what is noted about failed ones. */
async function judge(noted: readonly Noted[], traces?: { readonly url: string }) {
  const good = Array.from({ length: 50 }, (_, n) => ({ start: ZERO + n * 20, durationMs: 5, failed: false }));
  const lines = noted.map(
    (
      {
        metric = 'squall_failed_traces',
        name = 'GET /a',
        metadata,
        scenario = 'load',
        status = 503,
        error = '',
        value = 1,
      },
      n,
    ) =>
      `${metric},${ZERO + 1_100 + n}000000,${value.toFixed(6)},,${error},,,${scenario === '' ? '::teardown' : ''},GET,${name},,${scenario},,${status},,,,,${metadata}\n`,
  );
  const recorded = simulatedRun([simulatedCsv(good) + lines.join('')], ZERO, ZERO + 3_000);
  const run = journalOf(recorded, { objectives: [], ...(traces && { traces }) });
  return (await judgeRun(run).finally(recorded.remove)).verdict.traces;
}

test('a failed request is listed with the id of its trace, and where that is', async () => {
  const noted = [
    { metadata: `trace_id=${id(1)}` },
    { metadata: `a=b&trace_id=${id(2)}`, error: 'dial: refused', status: 0 },
  ];
  expect(await judge(noted, { url })).toEqual({
    failed: 2,
    listed: [
      {
        at: new Date(ZERO + 1_100).toISOString(),
        request: 'GET /a',
        failure: 'HTTP 503',
        traceId: id(1),
        url: `https://traces.test/t/${id(1)}?x=${id(1)}`,
      },
      expect.objectContaining({ failure: 'dial: refused', traceId: id(2) }),
    ],
  });
  expect((await judge(noted))?.listed.map((one) => one.url)).toEqual([null, null]);
});

test('a script that puts the id on every sample is understood where the environment has traces', async () => {
  const noted = [
    { metric: 'http_req_failed', metadata: `trace_id=${id(1)}` },
    { metric: 'http_req_failed', metadata: `trace_id=${id(2)}`, value: 0, status: 200 },
    { metric: 'http_req_failed', metadata: '' },
  ];
  expect(await judge(noted, { url })).toMatchObject({ failed: 1, listed: [{ traceId: id(1) }] });
  expect(await judge(noted)).toBeUndefined();
});

test('what is no id is not listed, nor what teardown() sent', async () => {
  expect(
    await judge([
      { metadata: 'trace_id=javascript:alert(1)' },
      { metadata: 'trace_id=' },
      { metadata: 'other=1' },
      { metadata: `trace_id=${id(3)}`, scenario: '' },
    ]),
  ).toBeUndefined();
});

test('of each request and way to fail, five are listed and all are counted', async () => {
  const noted = Array.from({ length: 30 }, (_, n) => ({
    metadata: `trace_id=${id(n)}`,
    name: n % 2 === 0 ? 'GET /a' : 'GET /b',
    status: n % 3 === 0 ? 500 : 503,
  }));
  const traces = await judge(noted);
  expect([traces?.failed, traces?.listed.length]).toEqual([30, 20]);
});

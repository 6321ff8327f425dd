import { expect, onTestFinished, test } from 'vitest';
import { journalOf } from '../../test/reference-target/recorded-run.ts';
import {
  type SimulatedRequest,
  samplesCsv,
  simulatedCsv,
  simulatedRun,
} from '../../test/reference-target/simulated-run.ts';
import type { Objective } from '../../thresholds/objective.ts';
import type { JournalEvent } from '../journal/events.ts';
import type { Thresholds } from './empty-thresholds.ts';
import { judgeRun } from './judge.ts';

const ZERO = 1_790_000_000_000;
const RAN: Objective = { name: 'iterations', counter: 'iterations', atLeast: 1, phase: 'all' };

function requests(one: Partial<SimulatedRequest>): SimulatedRequest[] {
  return Array.from({ length: 20 }, (_, i) => ({
    start: ZERO + i * 100,
    durationMs: 0.3,
    failed: false,
    ...one,
  }));
}

/** A script of 2 s as a check of the gate runs it, whose k6 ended like this. */
async function judged(
  csv: string,
  {
    exitCode = 0,
    thresholds = [],
    objectives = [RAN],
  }: { exitCode?: number; thresholds?: Thresholds; objectives?: Objective[] } = {},
) {
  const recorded = simulatedRun([csv], ZERO, ZERO + 3_000);
  onTestFinished(recorded.remove);
  const drill = { faults: [], objectives, load: [{ script: 'own.js', vars: {} }] };
  const run = journalOf({ ...recorded, exitCode }, { objectives, drill } as never);
  const lines = run.lines.map((line) =>
    line.event.type === 'load-started'
      ? { ...line, event: { ...line.event, thresholds } as JournalEvent }
      : line,
  );
  return (await judgeRun({ ...run, lines })).verdict;
}

test('a check of which every request failed is INVALID, although k6 was content', async () => {
  expect((await judged(simulatedCsv(requests({})))).verdict).toBe('PASS');
  const { verdict, reasons } = await judged(simulatedCsv(requests({ failed: true })));
  expect(verdict).toBe('INVALID');
  expect(reasons[0]).toMatch(
    /^Load 1 \(own\.js\): each of its 20 requests failed: 20 × .*So what the thresholds/,
  );
});

test.each([0, 99])(
  'a check that nobody answered is INVALID however short it was, with k6 exit code %i',
  async (exitCode) => {
    // k6 has the status 0 for them.
    const csv = simulatedCsv(requests({ failed: true })).replaceAll(',500,', ',0,');
    const { verdict, reasons } = await judged(csv, { exitCode });
    expect(verdict).toBe('INVALID');
    expect(reasons[0]).toContain('each of its 20 requests failed, and nobody answered');
  },
);

test('a drill that promises something of its own is judged by that', async () => {
  const errors = { name: 'refused', throughput: true, atLeast: '1/s', phase: 'all', minSamples: 1 } as const;
  const { reasons } = await judged(simulatedCsv(requests({ failed: true })), { objectives: [errors] });
  expect(reasons.join()).not.toContain('proves nothing');
});

test.each<[string, string, 'INVALID' | 'PASS']>([
  ['http_req_duration{name:GET /typo}', 'p(95)<500', 'INVALID'],
  ['http_req_failed{name:GET /typo}', 'rate<0.01', 'INVALID'],
  ['http_req_duration{expected_response:true}', 'p(95)<500', 'PASS'],
  ['http_req_duration{name:"GET /", method:GET}', 'p(95)<500', 'PASS'],
  ['http_req_waiting', 'avg<500', 'PASS'],
  ['login_time', 'max<500', 'INVALID'],
  ['took{kind:fast}', 'p(95)<500', 'PASS'],
  ['took{kind:slow}', 'p(95)<500', 'INVALID'],
  ['iteration_duration', 'p(99)<500', 'PASS'],
  ['checks{type:payment}', 'rate>0.95', 'INVALID'],
  ['my_successes', 'rate==1', 'INVALID'],
  ['queue_depth', 'value<100', 'INVALID'],
  ['took{kind:fast}', 'value<100', 'PASS'],
  ['my_successes', 'rate>=0', 'PASS'],
  // Kept without a sample.
  ['my_errors', 'count<10', 'PASS'],
  ['my_failures', 'rate<0.01', 'PASS'],
  ['dropped_iterations', 'count==0', 'PASS'],
  ['http_reqs{status:500}', 'count<1', 'PASS'],
  ['http_req_duration{expected_response:false}', 'p(95)<500', 'PASS'],
  ['http_req_duration{status:500}', 'max<500', 'PASS'],
  // Makes k6 print a line of its own.
  ['http_req_duration{name:GET /typo}', 'p(95)>=0', 'PASS'],
])('a threshold %s: %s is %s where k6 passed it', async (metric, ask, expected) => {
  const own = { at: ZERO + 1_500, value: 3, metric: 'took', tags: 'kind=fast' };
  const [, line = ''] = samplesCsv([own]).split('\n');
  const csv = `${simulatedCsv(requests({}))}${line}\n`;
  const { verdict, reasons } = await judged(csv, { thresholds: [{ metric, asks: [ask] }] });
  expect(verdict, reasons.join('\n')).toBe(expected);
  if (expected === 'INVALID')
    expect(reasons[0]).toContain(`the threshold ${metric} measured nothing: no sample has it`);
});

test('what k6 says was crossed stays broken beside what measured nothing', async () => {
  const thresholds = [{ metric: 'login_time', asks: ['max<500'] }];
  const { verdict } = await judged(simulatedCsv(requests({})), { exitCode: 99, thresholds });
  expect(verdict).toBe('FAIL');
});

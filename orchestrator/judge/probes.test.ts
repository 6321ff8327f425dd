import { expect, test } from 'vitest';
import type { RunStarted } from '../journal.types.ts';
import { judgeProbes } from './probes.ts';

const started = (probe: object = { kind: 'replicas', component: 'gateway', atLeast: 10 }) =>
  ({ drill: { probes: [{ name: 'enough', within: 60_000, ...probe }] } }) as unknown as RunStarted;

test.each([
  [
    { kind: 'replicas', component: 'api', atLeast: 10 },
    'at least 10 replicas of api within 1 min of the first sample',
  ],
  [
    { kind: 'replicas', component: 'api', atLeast: 3, atMost: 4, after: 'lost' },
    'at least 3 and at most 4 replicas of api within 1 min of lost',
  ],
  [
    { kind: 'replicas', component: 'api', atMost: 0, after: 'lost' },
    'at most 0 replicas of api within 1 min of lost',
  ],
  [{ kind: 'ready-within', component: 'api', after: 'lost' }, 'api as many as wanted within 1 min of lost'],
  [{ kind: 'rollout', component: 'api', after: 'new' }, 'api rolled out within 1 min of new'],
  [{ kind: 'alert', match: {}, after: 'lost' }, 'an alert within 1 min of lost'],
  [{ kind: 'http', url: 'http://user:secret@a/', status: 204 }, 'HTTP 204 within 1 min of the first sample'],
])('%j: what is asked, and from when on its time runs', (probe, target) => {
  expect(judgeProbes(started(probe), [])[0]?.target).toBe(target);
});

test('a probe that never reported is INVALID, the last report of one counts', () => {
  const report = (ok: boolean, detail: string) =>
    ({ type: 'probe', name: 'enough', ok, time: ok ? 1 : null, detail }) as never;
  const judged = (...reports: never[]) => judgeProbes(started(), reports)[0];
  expect(judged()).toMatchObject({ measured: 'did not report', result: 'INVALID' });
  expect(judged(report(false, '9 replicas are ready'))).toMatchObject({ result: 'FAIL' });
  expect(judged(report(false, '9 replicas are ready'), report(true, '10 replicas are ready'))).toMatchObject({
    measured: '10 replicas are ready',
    result: 'PASS',
  });
});

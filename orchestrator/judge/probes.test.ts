import { expect, test } from 'vitest';
import type { RunStarted } from '../journal.types.ts';
import { judgeProbes } from './probes.ts';

const started = (after?: string) =>
  ({
    drill: {
      probes: [
        { name: 'enough', kind: 'replicas', component: 'gateway', atLeast: 10, within: 60_000, after },
      ],
    },
  }) as unknown as RunStarted;

test('the target says from when on its time runs', () => {
  const target = (after?: string) => judgeProbes(started(after), [])[0]?.target;
  expect(target('pod-lost')).toBe('replicas within 1 min of pod-lost');
  expect(target()).toBe('replicas within 1 min of the first sample');
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

import { beforeEach, expect, test, vi } from 'vitest';
import { addedByName, seen } from '../../../test/paged-k6.ts';

vi.mock('../runtime/k6.ts', async () => (await import('../../../test/paged-k6.ts')).k6);
vi.stubGlobal('__ENV', {});
vi.stubGlobal('__VU', 0);
const { watchControlLoop } = await import('./control-loop.ts');

const URL = 'http://127.0.0.1:1/metrics';
const page = (succeeded: number, failed: number, escalations: number): string =>
  `control_recoveries_total{outcome="succeeded"} ${succeeded}
control_recoveries_total{outcome="failed"} ${failed}
control_escalations_total ${escalations}
`;

const watch = (...pages: (string | null)[]): Record<string, unknown[]> => {
  seen.pages = { [URL]: pages };
  watchControlLoop(URL, (pages.length - 1) * 1_000);
  return addedByName();
};

beforeEach(() => {
  seen.added = [];
  vi.useFakeTimers({ now: 0, toFake: ['Date'] });
  vi.stubGlobal('console', { ...console, error: () => {} });
  return () => vi.useRealTimers();
});

test('recoveries and escalations are those of the run, not those before it', () => {
  expect(watch(page(7, 2, 1), page(8, 2, 1), page(9, 3, 2))).toEqual({
    control_escalations: [1],
    control_escalations_samples: [1],
    control_recovery_failed: [false, false, true],
    control_recovery_failed_samples: [1, 1, 1],
  });
});

test('a control loop that is restarted loses nothing that was read before', () => {
  expect(watch(page(7, 2, 1), page(8, 2, 3), page(1, 0, 1))).toMatchObject({
    control_escalations: [3],
    control_recovery_failed: [false, false],
  });
});

test('with nothing to recover from there is no sample of a recovery, but one of escalations', () => {
  expect(watch(page(7, 2, 1), page(7, 2, 1))).toEqual({
    control_escalations: [0],
    control_escalations_samples: [1],
  });
});

test('a page may be missing in between, but not at the end', () => {
  expect(watch(page(0, 0, 0), null, page(2, 0, 0))).toMatchObject({ control_escalations: [0] });
  seen.added = [];
  expect(watch(page(0, 0, 0), page(2, 0, 0), null)).toEqual({});
});

test('a page without one of the counts proves nothing', () => {
  const without = 'control_escalations_total 0\ncontrol_recoveries_total{outcome="succeeded"} 0\n';
  expect(watch(without, without)).toEqual({});
});

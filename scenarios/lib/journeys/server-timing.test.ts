import { expect, test, vi } from 'vitest';
import crossCloud from '../../../thresholds/cross-cloud.ts';
import { toK6 } from '../objectives/k6-thresholds.ts';
import { aiLate } from './server-timing.ts';

vi.stubGlobal('__ENV', {});
vi.stubGlobal('__VU', 0);

const answer = (duration: number, status = 200) => aiLate({ status, timings: { duration } }, 30_000);

test('one late answer among quick ones is one too many', () => {
  const counted = [1_000, 1_000, 1_000, 1_000, 31_000].map((ms) => answer(ms) ?? Number.NaN);
  expect(counted.reduce<number>((sum, one) => sum + one, 0)).toBe(1);
  const objective = crossCloud.find(({ name }) => name === 'cross-cloud.ai-request');
  expect(objective && toK6(objective)).toMatchObject({
    metric: 'cross_cloud_ai_late',
    bound: 'count==0',
    countMetric: 'cross_cloud_ai_late_samples',
    minSamples: 5,
  });
});

test('an answer has to take less than the limit', () => {
  expect(answer(29_999)).toBe(0);
  expect(answer(30_000)).toBe(1);
});

test('a request that times out took too long; one that fails at once shows nothing', () => {
  expect(answer(35_000, 0)).toBe(1);
  expect(answer(31_000, 503)).toBe(1);
  expect(answer(5, 503)).toBeNull();
  expect(answer(0, 0)).toBeNull();
});

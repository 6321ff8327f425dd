import { expect, test } from 'vitest';
import { asSession, withHarm } from './gate-decisions.ts';
import { measureStarts } from './gate-starts.ts';

const starts = measureStarts({ baseline: 'steady', candidate: 'steady', seed: 3 });
const plain = asSession(starts, 'GET /');
const total = (slots: readonly (readonly number[])[]) => slots.flat().reduce((sum, value) => sum + value, 0);

test('harm is done to the candidate alone, and as much as was asked for', () => {
  const slower = asSession(withHarm(starts, { factor: 1.1 }, 1), 'GET /');
  expect(slower.baseline).toEqual(plain.baseline);
  expect(total(slower.candidate) / total(plain.candidate)).toBeCloseTo(1.1, 9);
  const rarely = asSession(withHarm(starts, { slowPercentMs: 20 }, 1), 'GET /');
  const added = total(rarely.candidate) - total(plain.candidate);
  expect(added / 20 / plain.candidate.flat().length).toBeCloseTo(0.01, 2);
  expect(asSession(withHarm(starts, {}, 1), 'GET /')).toEqual(plain);
});

test('a request that fails has no duration any more, and is still counted', () => {
  const failing = asSession(withHarm(starts, { failsOneIn: 100 }, 1), 'GET /');
  const [failed, all] = [total(failing.candidateFailed), plain.candidate.flat().length];
  expect(failed / all).toBeCloseTo(0.01, 2);
  expect(failing.candidate.flat()).toHaveLength(all - failed);
  expect(failing.candidateFailed.flat()).toHaveLength(all);
  expect(total(failing.baselineFailed)).toBe(0);
});

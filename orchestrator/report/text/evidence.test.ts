import { expect, it } from 'vitest';
import type { FaultResult } from '../../verdict.types.ts';
import { realisticRun } from '../fixtures/realistic.ts';
import { evidenceLegs } from './evidence.ts';

const [fault] = realisticRun('PASS').judgement.verdict.faults as [FaultResult];
const use = (inUse: boolean | null, when: 'steady' | 'in' = 'steady') => ({
  when,
  inUse,
  forMs: 20_000,
  seen: ['3 clients'],
});
const inUse = (uses: FaultResult['legs']['use'], unnoticed = false) =>
  evidenceLegs({ ...fault, legs: { ...fault.legs, use: uses }, unnoticed })[1];

it('tells use before and during the fault apart', () => {
  expect(inUse([use(true), use(true, 'in')])).toEqual({
    leg: 'In use',
    lines: ['before: 3 clients', 'while it was in: 3 clients'],
    isSeen: true,
  });
});

it('never shows what was idle or could not be measured as used', () => {
  expect(inUse([use(false)])).toMatchObject({ lines: ['before, not in use: 3 clients'], isSeen: false });
  expect(inUse([use(null)])).toMatchObject({ lines: ['before, not measured: 3 clients'], isSeen: false });
  expect(inUse([])).toMatchObject({ lines: ['not measured'], isSeen: false });
});

it('repeats that no request has to notice the fault', () => {
  expect(inUse([use(null)], true)).toMatchObject({
    lines: [expect.anything(), 'the drill says that no request has to notice it (expect: unnoticed)'],
    isSeen: false,
  });
});

it('shows who noticed the fault: that proves use as well', () => {
  const noticed = ['7 of 9 GET / failed'];
  expect(evidenceLegs({ ...fault, legs: { ...fault.legs, use: [use(null)] }, noticed })[1]).toMatchObject({
    lines: ['before, not measured: 3 clients', 'noticed: 7 of 9 GET / failed'],
    isSeen: true,
  });
});

it('says of each missing leg that nothing was observed', () => {
  const legs = evidenceLegs({ ...fault, legs: { in: [], use: [], out: [] } });
  expect(legs.map(({ isSeen }) => isSeen)).toEqual([false, false, false]);
  expect(legs.flatMap(({ lines }) => lines)).toEqual([
    'nothing was observed that proves this fault',
    'not measured',
    'nothing was observed that proves its end',
  ]);
});

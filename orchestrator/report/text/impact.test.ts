import { expect, it } from 'vitest';
import type { FaultResult } from '../../verdict.types.ts';
import { realisticRun } from '../fixtures/realistic.ts';
import { impactTexts } from './impact.ts';

const [killed] = realisticRun('PASS').judgement.verdict.faults as [FaultResult];
const texts = (change: Partial<FaultResult>) => impactTexts({ ...killed, ...change });

it('takes the durations of the judge', () => {
  expect(texts({})).toEqual({
    downtime: '1.36 s ± 5 ms',
    detected: '3.06 s',
    recovered: '1.38 s',
    failed: '653',
  });
});

it('says how exact a duration is, where the proof of the fault is not', () => {
  expect(texts({ injectedToleranceMs: 1_200 })).toMatchObject({
    detected: '3.06 s',
    recovered: '1.38 s ± 1.21 s',
  });
});

it('does not count from the proof of a fault that was noticed before it', () => {
  const early = new Date(Date.parse(killed.injectedAt ?? '') - 452).toISOString();
  expect(texts({ recoveredAt: early, recoveredAfterMs: 1450 })).toMatchObject({
    recovered: '1.45 s',
  });
});

it('tells "none" and "not measured" apart', () => {
  expect(texts({ firstBadAt: null, recoveredAt: null, downtimeMs: 0, failedRequests: 0 })).toMatchObject({
    downtime: '0 ms ± 5 ms',
    recovered: 'no outage',
    failed: '0',
  });
  expect(texts({ downtimeMs: null, firstBadAt: null, recoveredAt: null, failedRequests: 0 })).toMatchObject({
    downtime: 'not measured',
    recovered: 'not measured',
    failed: 'not measured',
  });
  expect(texts({ recoveredAfterMs: null, detectedAfterMs: null })).toMatchObject({
    recovered: 'not seen',
    detected: 'no alert',
  });
  expect(texts({ injectedAt: null, detectedAt: null, downtimeMs: null })).toMatchObject({
    detected: 'not measured',
  });
});

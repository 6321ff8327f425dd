import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FaultResult, ObjectiveResult, Outcome, ProbeResult, WritesResult } from '../verdict.types.ts';
import { decide, type VerdictInput, worst } from './verdict.ts';

const outcome = fc.constantFrom<Outcome>('PASS', 'FAIL', 'INVALID');
const objective = (result: Outcome): ObjectiveResult => ({
  name: 'o',
  phase: 'steady',
  target: 'p95 < 1ms',
  measured: 1,
  samples: 1,
  result,
  reason: 'because',
});
const fault = (result: Outcome) =>
  ({ name: 'f', kind: 'kill', component: 'c', result, reason: 'r' }) as FaultResult;
const probe = (result: Outcome): ProbeResult => ({ name: 'p', target: 't', measured: 'm', result });
const writes = (result: Outcome) => ({ result, reason: 'w' }) as WritesResult;

const input: fc.Arbitrary<VerdictInput> = fc.record({
  objectives: fc.array(outcome.map(objective), { maxLength: 4 }),
  faults: fc.array(outcome.map(fault), { maxLength: 3 }),
  probes: fc.array(outcome.map(probe), { maxLength: 3 }),
  writes: fc.option(outcome.map(writes)),
  budget: fc.constant([]),
  findings: fc.array(
    fc
      .constantFrom<'FAIL' | 'INVALID' | 'NOTE'>('FAIL', 'INVALID', 'NOTE')
      .map((result) => ({ result, text: 'x' })),
    { maxLength: 2 },
  ),
});

const rank = { PASS: 0, INVALID: 1, FAIL: 2 };
const resultsOf = (i: VerdictInput): Outcome[] => [
  ...i.objectives.map((o) => o.result),
  ...i.faults.map((o) => o.result),
  ...i.probes.map((o) => o.result),
  ...(i.writes ? [i.writes.result] : []),
  ...i.findings.flatMap((f) => (f.result === 'NOTE' ? [] : [f.result])),
];

test('fail beats invalid beats pass', () => {
  fc.assert(
    fc.property(input, (i) => {
      const { verdict, reasons } = decide(i);
      const results = resultsOf(i);
      if (results.includes('FAIL')) expect(verdict).toBe('FAIL');
      else if (results.includes('INVALID')) expect(verdict).toBe('INVALID');
      else expect(verdict).toBe(i.objectives.length > 0 ? 'PASS' : 'INVALID');
      expect(reasons.length).toBeGreaterThan(0);
    }),
  );
});

test('nothing that is added to a run makes its verdict better, except the first promise that it keeps', () => {
  fc.assert(
    fc.property(input, input, (a, b) => {
      const both: VerdictInput = {
        objectives: [...a.objectives, ...b.objectives],
        faults: [...a.faults, ...b.faults],
        probes: [...a.probes, ...b.probes],
        writes: a.writes,
        budget: [],
        findings: [...a.findings, ...b.findings],
      };
      if (a.objectives.length === 0) return;
      expect(rank[decide(both).verdict]).toBeGreaterThanOrEqual(rank[decide(a).verdict]);
    }),
  );
});

test('the verdict of a whole is the worst verdict of its parts', () => {
  fc.assert(
    fc.property(fc.array(outcome, { minLength: 1 }), (results) => {
      const whole = decide({
        objectives: results.map(objective),
        faults: [],
        probes: [],
        writes: null,
        budget: [],
        findings: [],
      });
      expect(whole.verdict).toBe(worst(results));
    }),
  );
});

test('reasons begin with what broke, and a pass says what was proven', () => {
  const base = { faults: [], probes: [], writes: null, budget: [], findings: [] };
  const broken = decide({
    ...base,
    objectives: [objective('INVALID'), { ...objective('FAIL'), name: 'slow' }],
  });
  expect(broken.reasons[0]).toContain('slow');
  expect(broken.reasons).toHaveLength(2);
  expect(decide({ ...base, objectives: [objective('PASS')] }).reasons[0]).toContain('Objective o');
});

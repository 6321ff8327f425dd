import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FaultResult, ObjectiveResult, Outcome, ProbeResult, WritesResult } from '../verdict.types.ts';
import type { Finding } from './finding.ts';
import { decide, sentences, type VerdictInput, worst } from './verdict.ts';

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
const bare = { kind: 'kill', component: 'c', targets: [], evidence: [], noticed: [], expectations: [] };
const fault = (result: Outcome): FaultResult => ({
  ...(bare as unknown as FaultResult),
  name: 'f',
  injectedAt: null,
  legs: { in: [], use: [], out: [] },
  result,
  reason: 'r',
});
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

/** Parts with names of their own, any of which may be marked as the consequence of something else. */
const marked = <T extends { readonly result: Outcome }>(row: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc
    .tuple(row, fc.boolean())
    .map(([one, is]) => (is && one.result === 'INVALID' ? { ...one, notMeasured: true } : one));
const phases = fc.constantFrom('steady', 'all', 'fault:f0', 'recovery:f0', 'fault:f1', 'fault:nobody');
const cutFinding: fc.Arbitrary<Finding> = fc
  .record({
    result: fc.constantFrom<Finding['result']>('FAIL', 'INVALID', 'NOTE'),
    cutAt: fc.option(fc.nat(), { nil: undefined }),
    follows: fc.option(fc.constant('the samples of Load 1'), { nil: undefined }),
  })
  .map(({ result, cutAt, follows }) => ({
    result,
    text: 'x',
    ...(cutAt === undefined ? {} : { cutAt }),
    ...(follows === undefined ? {} : { follows }),
  }));
const numbered = <T extends object>(rows: readonly T[], prefix: string): T[] =>
  rows.map((row, i) => ({ ...row, name: `${prefix}${i}` }));
const anyInput: fc.Arbitrary<VerdictInput> = fc
  .record({
    objectives: fc.array(
      marked(fc.tuple(outcome, phases).map(([result, phase]) => ({ ...objective(result), phase }))),
      { maxLength: 5 },
    ),
    faults: fc.array(
      marked(
        fc
          .tuple(outcome, fc.boolean())
          .map(([result, seen]) => ({ ...fault(result), injectedAt: seen ? '2026' : null })),
      ),
      { maxLength: 3 },
    ),
    probes: fc.array(
      marked(
        fc
          .tuple(outcome, fc.constantFrom('f0', 'f1', 'nobody'))
          .map(([result, after]) => ({ ...probe(result), after })),
      ),
      { maxLength: 3 },
    ),
    writes: fc.option(marked(outcome.map(writes))),
    budget: fc.constant([]),
    findings: fc.array(cutFinding, { maxLength: 4 }),
  })
  .map((i) => ({
    ...i,
    objectives: numbered(i.objectives, 'o'),
    faults: numbered(i.faults, 'f'),
    probes: numbered(i.probes, 'p'),
    findings: i.findings.map((one, n) => ({ ...one, text: `Finding ${n}.` })),
  }));

/** The rule as it was before reasons were causes. */
function ruleOfOld(i: VerdictInput): Outcome {
  const results = resultsOf(i);
  if (results.includes('FAIL')) return 'FAIL';
  if (results.includes('INVALID')) return 'INVALID';
  return i.objectives.length === 0 ? 'INVALID' : 'PASS';
}

test('what is a cause and what a consequence changes no verdict, and loses nothing', () => {
  fc.assert(
    fc.property(anyInput, (i) => {
      const { verdict, reasons, causes } = decide(i);
      expect(verdict).toBe(ruleOfOld(i));
      expect(reasons.length).toBeGreaterThan(0);
      if (verdict !== 'PASS') expect(reasons).toEqual(causes.map(sentences));
      if (verdict === 'PASS') return;
      // Each row that is not PASS is named once: as a cause, or behind one.
      const behind = causes.flatMap(({ notMeasured }) =>
        notMeasured.map(({ kind, name }) => `${kind} ${name}`),
      );
      const told = causes.map(({ cause }) => cause).join('\n');
      const namedOnce = (kind: string, name: string, cause: RegExp) =>
        expect([
          name,
          behind.filter((one) => one === `${kind} ${name}`).length + (cause.test(told) ? 1 : 0),
        ]).toEqual([name, 1]);
      for (const row of i.objectives)
        if (row.result !== 'PASS')
          namedOnce('objective', `${row.name} (${row.phase})`, new RegExp(`Objective ${row.name} `));
      for (const row of i.faults)
        if (row.result !== 'PASS') namedOnce('fault', row.name, new RegExp(`Fault ${row.name} `));
      for (const row of i.probes)
        if (row.result !== 'PASS') namedOnce('probe', row.name, new RegExp(`Probe ${row.name} `));
      // What is broken is never a consequence, and what is not marked neither.
      for (const { kind, name } of causes.flatMap(({ notMeasured }) => notMeasured)) {
        if (kind !== 'probe' && kind !== 'fault') continue;
        const row = [...i.faults, ...i.probes].find((one) => one.name === name);
        expect(row).toMatchObject({ result: 'INVALID', notMeasured: true });
      }
    }),
    { numRuns: 500 },
  );
});

test('consequences are counted behind the first thing that cut the run short, the rest are causes', () => {
  const lost = { ...objective('INVALID'), phase: 'fault:f', notMeasured: true as const };
  const { reasons, causes } = decide({
    objectives: [
      lost,
      { ...lost, name: 'o2' },
      { ...objective('INVALID'), name: 'own', reason: 'of its own' },
    ],
    faults: [{ ...fault('INVALID'), notMeasured: true }],
    probes: [{ ...probe('INVALID'), after: 'f', notMeasured: true }],
    writes: { ...writes('INVALID'), notMeasured: true },
    budget: [],
    findings: [
      { result: 'INVALID', text: 'The clock was set.' },
      { result: 'INVALID', text: 'k6 was killed.', advice: 'Look.', cutAt: 5 },
      { result: 'INVALID', text: 'It sent nothing.', cutAt: 1, follows: 'the samples of Load 1' },
      { result: 'INVALID', text: 'And then stopped.', cutAt: 7 },
    ],
  });
  expect(reasons).toEqual([
    'The clock was set.',
    'k6 was killed. So 2 objectives, 1 fault, 1 probe and the writes were not measured. Look.',
    'And then stopped.',
    'Objective own (p95 < 1ms, steady): of its own. So whether it holds is not known. Raise the rate of the load or the length of the phase, or lower `minSamples`.',
  ]);
  expect(causes[1]?.notMeasured.map(({ name }) => name)).toEqual([
    'o (fault:f)',
    'o2 (fault:f)',
    'f',
    'p',
    'acknowledged writes',
    'the samples of Load 1',
  ]);
});

test('FAIL, and what is wrong with the run as a whole is told apart from what is with one row', () => {
  const { verdict, causes } = decide({
    objectives: [objective('INVALID')],
    faults: [],
    probes: [probe('FAIL')],
    writes: null,
    budget: [],
    findings: [
      { result: 'INVALID', text: 'The clock was set.' },
      { result: 'NOTE', text: 'It was late.' },
      { result: 'FAIL', text: 'The script said so.' },
    ],
  });
  expect(verdict).toBe('FAIL');
  expect(causes.filter(({ wholeRun }) => wholeRun).map(({ cause }) => cause)).toEqual(['The clock was set.']);
});

test('what comes with a fault that nobody saw is counted behind that fault', () => {
  const lost = { ...objective('INVALID'), phase: 'fault:f', notMeasured: true as const };
  const base = { probes: [], writes: null, budget: [], findings: [] };
  const { reasons } = decide({ ...base, objectives: [lost], faults: [fault('INVALID')] });
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatch(
    /^Fault f \(kill of c\): r\. So what it does to the users is not proven, and 1 objective was not measured\. /,
  );
  // Without a cause it is a reason itself.
  expect(decide({ ...base, objectives: [lost], faults: [] }).reasons[0]).toContain('Objective o');
});

test('objectives that have the very same to say are one reason', () => {
  const still = { ...objective('INVALID'), reason: 'the machine stood still' };
  const { reasons } = decide({
    objectives: [still, { ...still, name: 'o2' }, { ...still, name: 'other', reason: 'something else' }],
    faults: [],
    probes: [],
    writes: null,
    budget: [],
    findings: [],
  });
  expect(reasons).toHaveLength(2);
  expect(reasons[0]).toMatch(
    /^Objective o \(p95 < 1ms, steady\) and Objective o2 \(p95 < 1ms, steady\): the machine stood still\./,
  );
});

test('what the machine did is one cause for all objectives that it spoiled', () => {
  const still = 'the machine that generated the load stood still for 1.5 s at 12:00:03 UTC (k6 was stopped)';
  const spoiled = (name: string, detail: string) => ({
    ...objective('INVALID'),
    name,
    byMachine: true as const,
    reason: `${still}: ${detail}`,
  });
  const { reasons } = decide({
    objectives: [
      spoiled('p95', 'p95 is 178 ms of 100 ms'),
      spoiled('p99', 'p99 is 1.48 s of 200 ms'),
      {
        ...spoiled('late', 'p50 is 90 ms of 20 ms'),
        reason: 'the machine was too busy: p50 is 90 ms of 20 ms',
      },
    ],
    faults: [],
    probes: [],
    writes: null,
    budget: [],
    findings: [],
  });
  expect(reasons).toHaveLength(2);
  expect(reasons[0]).toMatch(
    /^The machine that generated the load stood still for 1\.5 s at 12:00:03 UTC \(k6 was stopped\)\. Objective p95 \(p95 < 1ms, steady\): p95 is 178 ms of 100 ms; Objective p99 \(.*\): p99 is 1\.48 s of 200 ms\. So /,
  );
  expect(reasons[1]).toMatch(/^Objective late /);
});

test('what comes with a fault that nobody saw is behind that fault, also where the run was cut short later', () => {
  const lost = { ...objective('INVALID'), phase: 'fault:f', notMeasured: true as const };
  const behind = (change: Partial<FaultResult>) =>
    decide({
      objectives: [lost],
      faults: [{ ...fault('INVALID'), ...change }],
      probes: [],
      writes: null,
      budget: [],
      findings: [{ result: 'INVALID', text: 'It was stopped.', cutAt: 5 }],
    }).causes.find(({ notMeasured }) => notMeasured.some(({ name }) => name === 'o (fault:f)'))?.cause;
  expect(behind({})).toMatch(/^Fault f/);
  expect(behind({ injectedAt: '2026', removedAt: '2026' })).toBe('It was stopped.');
});

import { expect, test } from 'vitest';
import type { Register } from '../../chaos/schema/register.ts';
import { measurePromises } from './measure.ts';
import type { MeasuredRow, MeasuredRun } from './measured-run.ts';

const p95: MeasuredRow = {
  what: 'objective',
  name: 'shop.p95',
  phase: 'steady',
  target: 'p95 < 100ms',
  measured: 42,
  result: 'PASS',
  reason: 'p95 is 42 ms of 1000 samples',
};
const run = (name: string, day: number, rows: Partial<MeasuredRow>[], more: Partial<MeasuredRun> = {}) =>
  ({
    kind: 'drill',
    name: 'spike',
    run: name,
    at: `2026-11-0${day}T00:00:00.000Z`,
    verdict: 'PASS',
    rows: rows.map((row) => ({ ...p95, ...row })),
    ...more,
  }) satisfies MeasuredRun;

type Promised = Partial<Register['areas'][string]['promises'][string]>;
const one = (promise: Promised, runs: readonly MeasuredRun[]) => {
  const register: Register = {
    systems: { shop: { title: 'The shop', owner: 'checkout', components: [] } },
    areas: { a: { title: 'A', system: 'shop', promises: { 'shop.p95': { bound: '< 100ms', ...promise } } } },
  };
  const [row] = measurePromises(register, runs);
  return row;
};
const by = [{ drill: 'spike', objective: 'shop.p95' }];

test('the last measurement, with its run and what was measured', () => {
  expect(one({ by }, [run('new', 2, [{}]), run('old', 1, [{ result: 'FAIL' }])])).toMatchObject({
    id: 'shop.p95',
    owner: 'checkout',
    by: 'drill spike: shop.p95',
    run: 'new',
    at: '2026-11-02T00:00:00.000Z',
    measured: 42,
    result: 'PASS',
    listed: false,
  });
});

test('a newer FAIL beats an older PASS', () => {
  expect(
    one({ by }, [run('old', 1, [{}]), run('new', 2, [{ result: 'FAIL' }], { verdict: 'FAIL' })]),
  ).toMatchObject({
    run: 'new',
    result: 'FAIL',
  });
});

test('a newer run that could not tell changes nothing, and is told', () => {
  const runs = [
    run('old', 1, [{}]),
    run('new', 2, [{ result: 'INVALID', reason: '3 samples of 100' }], { verdict: 'INVALID' }),
  ];
  expect(one({ by }, runs)).toMatchObject({
    run: 'old',
    result: 'PASS',
    reason: 'p95 is 42 ms of 1000 samples; a newer run could not tell (new: 3 samples of 100)',
  });
});

test('a PASS in a run that is INVALID as a whole proves nothing; a FAIL in it does', () => {
  expect(one({ by }, [run('x', 1, [{}], { verdict: 'INVALID' })])).toMatchObject({
    result: 'INVALID',
    listed: false,
    reason: 'the run as a whole is INVALID, which proves nothing',
  });
  expect(one({ by }, [run('x', 1, [{ result: 'FAIL' }], { verdict: 'INVALID' })])?.result).toBe('FAIL');
});

test('a PASS in a run that was stopped proves nothing, whatever else it broke; a FAIL in it does', () => {
  const more = { verdict: 'FAIL', unusable: 'The run was stopped.' } as const;
  const broken = { name: 'other', result: 'FAIL' } as const;
  expect(one({ by }, [run('x', 1, [{}, broken], more)])).toMatchObject({
    result: 'INVALID',
    reason: 'the run as a whole proves nothing: The run was stopped.',
  });
  expect(one({ by }, [run('x', 1, [{ result: 'FAIL' }], more)])?.result).toBe('FAIL');
});

test('another bound is no measurement', () => {
  expect(one({ by }, [run('easy', 1, [{ target: 'p95 < 250ms' }])])).toMatchObject({
    result: 'NOT MEASURED',
    run: null,
    listed: false,
    reason: 'easy measured it against another bound (p95 < 250ms)',
  });
});

test.each(['PASS', 'FAIL'] as const)(
  'a trial with other variables is no measurement, if it is %s',
  (result) => {
    const trial = run('trial', 2, [{ result }], { vars: { RATE: '100', SHARE: '2%' } });
    expect(one({ by }, [trial])).toMatchObject({
      result: 'NOT MEASURED',
      reason: 'trial was run with RATE=100, SHARE=2%',
    });
    expect(one({ by }, [trial, run('whole', 1, [{}])])).toMatchObject({ result: 'PASS', run: 'whole' });
    const told = run('trial', 2, [{ what: 'told', name: 'datadog', target: null }], {
      vars: { RATE: '100' },
    });
    expect(one({ by: [{ told: 'datadog' }] }, [told])?.result).toBe('PASS');
  },
);

test('where it was measured is told, and only there where the register says so', () => {
  const runs = [
    run('here', 2, [{}], { environment: 'local' }),
    run('there', 1, [{ result: 'FAIL' }], { verdict: 'FAIL', environment: 'staging' }),
  ];
  expect(one({ by }, runs)).toMatchObject({ result: 'PASS', run: 'here', environment: 'local' });
  const inStaging = [{ drill: 'spike', environment: 'staging', objective: 'shop.p95' }];
  expect(one({ by: inStaging }, runs)).toMatchObject({
    ...{ result: 'FAIL', run: 'there', environment: 'staging' },
    by: 'drill spike in staging: shop.p95',
  });
  expect(
    one({ by: inStaging }, [run('here', 2, [{}], { environment: 'local' }), run('old', 1, [{}])]),
  ).toEqual(
    expect.objectContaining({
      ...{ result: 'NOT MEASURED', run: null, environment: null },
      reason: 'never measured: no run here of drill spike in staging',
    }),
  );
});

test('in each phase, or in one', () => {
  const rows = [{}, { phase: 'fault:x', result: 'FAIL', measured: 400 }] as const;
  expect(one({ by }, [run('x', 1, [...rows], { verdict: 'FAIL' })])?.result).toBe('FAIL');
  const inSteady = [{ drill: 'spike', objective: 'shop.p95', phase: 'steady' }];
  expect(one({ by: inSteady }, [run('x', 1, [...rows], { verdict: 'FAIL' })])?.result).toBe('PASS');
});

test('what one run measured in several places is as good as the worst of it, whatever comes first', () => {
  const both = [
    { drill: 'spike', objective: 'shop.p95' },
    { drill: 'spike', expectation: 'lost.detectWithin', bound: 'within 30s' },
  ];
  const late: MeasuredRow = {
    what: 'expectation',
    name: 'lost.detectWithin',
    phase: null,
    target: '30 s',
    measured: '41 s',
    result: 'FAIL',
    reason: '',
  };
  expect(one({ by: both }, [run('x', 1, [{}, late], { verdict: 'FAIL' })])).toMatchObject({
    result: 'FAIL',
    measured: '41 s',
  });
});

test('of several that hold, the one that is closest to its bound is shown', () => {
  const levels = [{ scenario: 'load', objective: 'shop.p95.*' }];
  const rows = [
    { name: 'shop.p95.users-10', measured: 4, phase: null },
    { name: 'shop.p95.users-1000', measured: 61, phase: null },
    { name: 'shop.p95x', measured: 99, phase: null },
  ];
  const of = (more: Partial<MeasuredRow>[]) =>
    one({ by: levels }, [
      run('s.json', 1, [...rows, ...more], { kind: 'scenario', name: 'load', verdict: null }),
    ]);
  expect(of([])).toMatchObject({ result: 'PASS', measured: 61 });
  expect(of([{ name: 'shop.p95.users-5', result: 'INVALID', phase: null }])?.result).toBe('INVALID');
});

test('a drill of another name, a scenario of the same, and another kind of row do not count', () => {
  const runs = [
    run('other', 1, [{}], { name: 'spikes' }),
    run('s.json', 1, [{}], { kind: 'scenario' }),
    run('probe', 1, [{ what: 'probe' }], { name: 'elsewhere' }),
  ];
  expect(one({ by }, runs)).toMatchObject({
    result: 'NOT MEASURED',
    reason: 'never measured: no run here of drill spike',
  });
});

test('a name that a run does not have is told, with the one that was perhaps meant', () => {
  expect(one({ by: [{ drill: 'spike', objective: 'shop.p59' }] }, [run('x', 1, [{}])])?.reason).toBe(
    'x has no objective shop.p59 (did you mean shop.p95?)',
  );
});

test('a reason in the register is not a measurement', () => {
  expect(one({ notMeasured: 'needs an account' }, [run('x', 1, [{}])])).toMatchObject({
    result: 'NOT MEASURED',
    reason: 'needs an account',
    listed: true,
    by: '',
  });
});

test('what a summary says it did not measure is not measured, for its reason', () => {
  const rows = [{ result: 'not measured', target: null, measured: null, reason: 'name METRICS' }] as const;
  expect(
    one({ by: [{ objective: 'shop.p95' }] }, [run('s', 1, [...rows], { kind: 'scenario' })]),
  ).toMatchObject({
    result: 'NOT MEASURED',
    reason: 'name METRICS',
    listed: false,
  });
});

test('of parts the worst counts; listed are they only if each that is missing is', () => {
  const parts = {
    fast: { bound: '< 100ms', by },
    safe: { bound: 'always', notMeasured: 'needs an account' },
  };
  expect(one({ parts }, [run('x', 1, [{}])])).toMatchObject({
    result: 'NOT MEASURED',
    listed: true,
    measured: '1 of 2 parts hold',
    reason: 'safe: NOT MEASURED, needs an account',
  });
  expect(one({ parts }, [])).toMatchObject({ result: 'NOT MEASURED', listed: false });
  const broken = [run('x', 1, [{ result: 'FAIL' }], { verdict: 'FAIL' })];
  expect(one({ parts }, broken)).toMatchObject({ result: 'FAIL', run: 'x', listed: false });
});

test.each([
  ['PASS', 'PASS', false],
  ['FAIL', 'FAIL', false],
  ['not measured', 'NOT MEASURED', true],
] as const)('a service that was told with %s is %s, whatever became of the run', (told, result, listed) => {
  const promise = { bound: 'arrive', by: [{ told: 'datadog' as const }], notMeasured: 'needs an account' };
  const rows = [{ what: 'told' as const, name: 'datadog', target: null, result: told }];
  const row = one(promise, [run('a', 1, rows, { verdict: 'INVALID' })]);
  expect(row).toMatchObject({ result, listed, by: 'any run: told datadog' });
  if (listed) expect(row?.reason).toBe('needs an account');
});

test('a reason beside what measures it counts until something has', () => {
  expect(one({ by, notMeasured: 'needs an account' }, [])).toMatchObject({
    result: 'NOT MEASURED',
    reason: 'needs an account',
    listed: true,
  });
  expect(one({ by, notMeasured: 'needs an account' }, [run('a', 1, [{}])])).toMatchObject({
    result: 'PASS',
    listed: false,
  });
});

import { SaxesParser } from 'saxes';
import { expect, it } from 'vitest';
import { realisticRun } from './fixtures/realistic.ts';
import { renderJunit } from './junit.ts';

it.each(['PASS', 'FAIL', 'INVALID'] as const)(
  'counts what failed and what could not be told in a run that is %s',
  (outcome) => {
    const { verdict } = realisticRun(outcome).judgement;
    const rows = [
      verdict.verdict,
      ...verdict.objectives.map((row) => row.result),
      ...verdict.faults.flatMap((fault) => [fault.result, ...fault.expectations.map((row) => row.result)]),
      ...verdict.probes.map((row) => row.result),
      ...(verdict.writes === null ? [] : [verdict.writes.result]),
      ...verdict.residue.map(() => 'FAIL'),
    ];
    const [root] = tags(renderJunit(verdict));
    expect(root).toMatchObject({
      name: 'testsuites',
      attributes: {
        tests: String(rows.length),
        failures: String(rows.filter((row) => row === 'FAIL').length),
        errors: String(rows.filter((row) => row === 'INVALID').length),
      },
    });
  },
);

it('is never all green for a run that is INVALID without a row of its own', () => {
  const { verdict } = realisticRun('PASS').judgement;
  const crashed = { ...verdict, verdict: 'INVALID' as const, reasons: ['k6 was killed by SIGKILL'] };
  const [error] = tags(renderJunit(crashed)).filter((tag) => tag.name === 'error');
  expect(error?.attributes.message).toBe('k6 was killed by SIGKILL.');
});

it('skips what was not measured because of something else, and stays red by the verdict', () => {
  const { verdict } = realisticRun('INVALID').judgement;
  const missed = { result: 'INVALID', notMeasured: true } as const;
  const [fault] = verdict.faults.filter(({ result }) => result === 'INVALID');
  const run = {
    ...verdict,
    objectives: verdict.objectives.map((row) => ({ ...row, ...missed })),
    faults: fault === undefined ? [] : [{ ...fault, ...missed }],
    probes: verdict.probes.map((row) => ({ ...row, ...missed })),
    writes: verdict.writes && { ...verdict.writes, ...missed },
    residue: [],
  };
  const found = tags(renderJunit(run));
  const rows = run.objectives.length + run.probes.length + 2 + (fault?.expectations.length ?? 0);
  expect(found[0]?.attributes).toMatchObject({
    tests: String(rows + 1),
    failures: '0',
    errors: '1',
    skipped: String(rows),
  });
  expect(found.filter(({ name }) => name === 'skipped')).toHaveLength(rows);
});

function tags(text: string): { name: string; attributes: Record<string, string> }[] {
  const found: { name: string; attributes: Record<string, string> }[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', (tag) =>
    found.push({ name: tag.name, attributes: tag.attributes as Record<string, string> }),
  );
  parser.write(text).close();
  return found;
}

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { loadSuite } from '../../chaos/definitions/load-suite.ts';
import { planGate } from './plan-gate.ts';

/** Answers `k6 inspect` as for a script with one iteration. */
const INSPECTS = `#!/bin/sh
echo '{"scenarios":{"default":{"executor":"per-vu-iterations","vus":1,"iterations":1,"maxDuration":"5s"}}}'
`;

/** Files in a directory of their own, and a stand-in for k6. */
function workshop() {
  const directory = mkdtempSync(path.join(tmpdir(), 'squall-plan-gate-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const write = (name: string, text: string) => {
    writeFileSync(path.join(directory, name), text);
    return path.join(directory, name);
  };
  write('load.js', 'export default () => __ENV.OF;\n');
  const k6 = write('k6', INSPECTS);
  chmodSync(k6, 0o755);
  const environment = write('lab.yaml', 'name: lab\n');
  const rest = { seed: 1, directory, cwd: directory, env: {}, k6: { path: k6, version: '1.8.1', major: 1 } };
  return { directory, write, environment, rest };
}

test('the drills of a suite are read once: what was checked is what is planned', async () => {
  const { directory, write, environment, rest } = workshop();
  const drill = write(
    'drill.yaml',
    'name: own\nload: [{ script: load.js }]\nobjectives: [{ name: e, errors: true, below: 1% }]\n',
  );
  const checks = ['first', 'second'].map((name) => `  - { name: ${name}, drill: drill.yaml }\n`);
  const file = write('suite.yaml', `name: mine\nbudget: 2min\nchecks:\n${checks.join('')}`);
  const suite = await loadSuite(file, directory);
  expect([...suite.drills.keys()]).toEqual([drill]);
  // Whatever becomes of it now.
  rmSync(drill);
  const plan = await planGate({
    suite,
    candidate: await loadEnvironment(environment, directory),
    ...{ baseline: null, history: null, ...rest },
  });
  expect(plan.checks.map(({ name, drill: { value } }) => [name, value.name])).toEqual([
    ['first', 'own'],
    ['second', 'own'],
  ]);
});

test('of a script without thresholds a check proves only that it ran, and says so', async () => {
  const { directory, write, environment, rest } = workshop();
  const file = write(
    'suite.yaml',
    'name: mine\nbudget: 2min\nchecks:\n  - { name: bare, script: load.js }\n  - { name: own, script: strict.js }\n',
  );
  write('strict.js', 'export default function () {}\n');
  const k6 = write(
    'k6',
    `#!/bin/sh\ncase "$*" in *strict*) t='{"http_req_failed":[{"threshold":"rate<0.01"}]}' ;; *) t=null ;; esac\n${INSPECTS.replace('#!/bin/sh\n', '').replace('{"scenarios"', `{"thresholds":'"$t"',"scenarios"`)}`,
  );
  const plan = await planGate({
    suite: await loadSuite(file, directory),
    candidate: await loadEnvironment(environment, directory),
    ...{ baseline: null, history: null, ...rest, k6: { ...rest.k6, path: k6 } },
  });
  expect(plan.checks.map(({ name, note }) => [name, note])).toEqual([
    ['bare', 'the script has no thresholds, so all that is proven is that it ran'],
    ['own', undefined],
  ]);
  expect(plan.checks[1]?.plan.loads[0]?.thresholds).toEqual([
    { metric: 'http_req_failed', asks: ['rate<0.01'] },
  ]);
});

test('all comparisons of a suite share the chance of a false alarm', async () => {
  const { directory, write, environment, rest } = workshop();
  const comparisons = ['a', 'b', 'c', 'd'].map((name) => `  - { name: ${name}, script: load.js }\n`);
  const file = write('suite.yaml', `name: mine\nbudget: 20min\ncompare:\n${comparisons.join('')}`);
  const candidate = await loadEnvironment(environment, directory);
  const suite = await loadSuite(file, directory);
  const baseline = await loadEnvironment(write('old.yaml', 'name: old\nvars: { OF: old }\n'), directory);
  for (const against of [
    { baseline: null, history: [] },
    { baseline, history: null },
  ]) {
    const plan = await planGate({ suite, candidate, ...against, ...rest });
    expect(plan.comparisons.map(({ alpha }) => alpha)).toEqual([0.005, 0.005, 0.005, 0.005]);
  }
  // The script cannot tell one side from the other.
  const same = planGate({
    suite,
    candidate,
    baseline: { ...baseline, value: candidate.value },
    history: null,
    ...rest,
  });
  await expect(same).rejects.toThrow('one target would be compared with itself');
});

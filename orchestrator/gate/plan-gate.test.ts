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

test('the drills of a suite are read once: what was checked is what is planned', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'squall-plan-gate-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const write = (name: string, text: string) => {
    writeFileSync(path.join(directory, name), text);
    return path.join(directory, name);
  };
  write('load.js', 'export default function () {}\n');
  const drill = write(
    'drill.yaml',
    'name: own\nload: [{ script: load.js }]\nobjectives: [{ name: e, errors: true, below: 1% }]\n',
  );
  const checks = ['first', 'second'].map((name) => `  - { name: ${name}, drill: drill.yaml }\n`);
  const file = write('suite.yaml', `name: mine\nbudget: 2min\nchecks:\n${checks.join('')}`);
  const environment = write('lab.yaml', 'name: lab\n');
  const k6 = write('k6', INSPECTS);
  chmodSync(k6, 0o755);
  const suite = await loadSuite(file, directory);
  expect([...suite.drills.keys()]).toEqual([drill]);
  // Whatever becomes of it now.
  rmSync(drill);
  const plan = await planGate({
    suite,
    candidate: await loadEnvironment(environment, directory),
    ...{ baseline: null, history: null, seed: 1, directory, cwd: directory, env: {} },
    k6: { path: k6, version: '1.8.1', major: 1 },
  });
  expect(plan.checks.map(({ name, drill: { value } }) => [name, value.name])).toEqual([
    ['first', 'own'],
    ['second', 'own'],
  ]);
});

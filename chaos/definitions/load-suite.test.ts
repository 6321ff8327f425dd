import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { toEnvironment } from './load-environment.ts';
import { loadSuite, toSuite } from './load-suite.ts';
import { parseYaml } from './read/parse-yaml.ts';
import { validateFiles } from './validate-files.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-suite-'));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(path.join(directory, 'load.js'), 'export default function () {}\n');

writeFileSync(
  path.join(directory, 'own.yaml'),
  'name: own\nload: [{ scenario: spike, vars: { RTAE: "5" } }]\nobjectives: [{ name: e, errors: true, below: 1% }]\n',
);

const COMPARE = 'compare:\n  - { name: gateway, script: load.js }\n';

test.each(['smoke', 'release'])('the shipped suite %s is one', async (name) => {
  const { value } = await loadSuite(name, process.cwd());
  expect(value.name).toBe(name);
  const [ok] = await Promise.all([validateFiles([`chaos/suites/${name}.yaml`])]);
  expect(ok.output).toContain(`ok, suite ${name}`);
});

test('what is left out has sensible values, and paths are absolute', async () => {
  const { value } = await loadSuite(suiteOf(`budget: 2min\n${COMPARE}`), directory);
  expect(value.budget).toBe(120_000);
  expect(value.checks).toEqual([]);
  expect(value.compare).toEqual([
    {
      name: 'gateway',
      script: path.join(directory, 'load.js'),
      vars: {},
      slots: { pairs: 25, length: 2_000, warmUp: 10_000 },
      restarts: 1,
      smallest: { ratio: 0.05, absolute: 2 },
      blocks: true,
    },
  ]);
});

test('the suite and the environments of docs/gate.md are what they should be', async () => {
  const fences = [...readFileSync('docs/gate.md', 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)];
  const texts = fences.map(([, text = '']) => text);
  const at = (file: string, text: string) =>
    parseYaml({ file: path.resolve(file), shown: 'docs/gate.md', text });
  const [suites, environments] = [true, false].map((wanted) =>
    texts.filter((text) => /^budget:/m.test(text) === wanted),
  ) as [string[], string[]];
  expect([suites.length, environments.length]).toEqual([1, 2]);
  for (const text of suites) {
    const { value } = await toSuite(at('chaos/suites/docs.yaml', text), process.cwd());
    expect([value.checks.length, value.compare.length]).toEqual([3, 1]);
  }
  for (const text of environments)
    expect(toEnvironment(at('chaos/environments/docs.yaml', text)).value.name).toMatch(/./);
});

test('a suite is found by its name in chaos/suites/', async () => {
  const folder = path.join(directory, 'chaos/suites');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'mine.yaml'),
    'name: mine\nbudget: 1min\nchecks:\n  - { name: a, scenario: spike }\n',
  );
  expect((await loadSuite('mine', directory)).value.name).toBe('mine');
  await expect(loadSuite('mone', directory)).rejects.toThrow(/there is no such suite.*mine/);
});

test.each([
  ['checks: []\n', '1:1', 'budget'],
  ['budget: 2min\n', '1:1', 'proves nothing'],
  [`budget: 2\n${COMPARE}`, '2:9', 'must be a duration with its unit'],
  [
    `budget: 2min\n${COMPARE}checks:\n  - { name: gateway, scenario: spike }\n`,
    '4:13',
    'has this name (line 6)',
  ],
  ['budget: 2min\nchecks:\n  - { name: a }\n', '4:5', 'a check is one scenario, script or drill'],
  ['budget: 2min\nchecks:\n  - { name: a, scenario: b, drill: c.yaml }\n', '4:5', 'a check is one'],
  ['budget: 2min\nchecks:\n  - { name: a, drill: c.yaml }\n', 'c.yaml:1:1', 'there is no such file'],
  [
    'budget: 2min\nchecks:\n  - { name: a, scenario: spike, vars: { RTAE: "5" } }\n',
    '4:47',
    'checks[0].vars.RTAE: the scenario spike has no such setting',
  ],
  [
    'budget: 2min\ncompare:\n  - { name: a, scenario: mix, vars: { DURATOIN: "5s" }, requests: [GET /] }\n',
    '4:49',
    'did you mean "DURATION"?',
  ],
  ['budget: 2min\nchecks:\n  - { name: a, drill: own.yaml }\n', 'own.yaml', 'the scenario spike has no such'],
  ['budget: 2min\ncompare:\n  - { name: a, script: b.js }\n', '4:24', 'there is no such script'],
  ['budget: 2min\ncompare:\n  - { name: a, script: load.js, restarts: 20 }\n', '4:5', 'needs two pairs'],
  ['budget: 2min\ncompare:\n  - { name: a, script: load.js, slots: { pairs: 3 } }\n', '4:49', 'slots.pairs'],
  [
    'budget: 2min\ncompare:\n  - { name: a, script: load.js, slots: { length: 200ms } }\n',
    '4:50',
    'must be from 1s to 60s',
  ],
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write
    'budget: 2min\nchecks:\n  - { name: a, scenario: b, vars: { T: "${env:T}" } }\n',
    '4:40',
    'holds no secrets',
  ],
])('%j is refused with its place', async (text, place, said) => {
  const refused = loadSuite(suiteOf(text), directory);
  await expect(refused).rejects.toThrow(said);
  await expect(refused).rejects.toThrow(place);
});

function suiteOf(text: string): string {
  const file = path.join(mkdtempSync(path.join(directory, 's-')), '..', 'suite.yaml');
  writeFileSync(file, `name: mine\n${text}`);
  return file;
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadEnvironment } from '../../../chaos/definitions/load-environment.ts';
import { loadSuite } from '../../../chaos/definitions/load-suite.ts';
import { planGate } from '../plan-gate.ts';
import { writeSwitchingScript } from './switching-script.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-sides-differ-'));
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(path.join(directory, name), text, { mode: 0o755 });
  return path.join(directory, name);
}

const k6 = write(
  'k6',
  `#!/bin/sh\necho '{"scenarios":{"s":{"executor":"constant-arrival-rate","rate":9,"duration":"20s"}}}'\n`,
);
write('lib.js', 'export const base = () => __ENV.BASE_URL;\n');

interface Given {
  readonly script: string;
  readonly old: string;
  readonly fresh: string;
  readonly vars?: string;
  readonly env?: Record<string, string>;
}

/** Plans a comparison of the environments `old` and `fresh` with these variables. */
async function planned({ script, old, fresh, vars = '{}', env = {} }: Given) {
  write('load.js', script);
  const file = write(
    'suite.yaml',
    `name: mine\nbudget: 20min\ncompare: [{ name: web, script: load.js, vars: ${vars} }]\n`,
  );
  const environment = (name: string, own: string) =>
    loadEnvironment(write(`${name}.yaml`, `name: ${name}\nvars: ${own}\n`), directory);
  const plan = await planGate({
    suite: await loadSuite(file, directory),
    baseline: await environment('old', old),
    candidate: await environment('fresh', fresh),
    ...{
      history: null,
      seed: 1,
      directory,
      cwd: directory,
      env,
      k6: { path: k6, version: '1.8.1', major: 1 },
    },
  });
  return plan.comparisons[0];
}

const A = '{ BASE_URL: "http://a:1" }';
const B = '{ BASE_URL: "http://b:1" }';
const READS = 'export default () => __ENV.BASE_URL;';

test.each<[string, Given, string]>([
  [
    'a fixed address',
    { script: "export default () => 'http://a:1';", old: A, fresh: B },
    'it reads no variable',
  ],
  ['another variable', { script: 'export default () => __ENV.TARGET;', old: A, fresh: B }, 'it reads TARGET'],
  [
    'the same value of two secrets',
    {
      script: READS,
      old: `{ BASE_URL: "\${env:A}" }`,
      fresh: `{ BASE_URL: "\${env:B}" }`,
      env: { A: 'http://a:1', B: 'http://a:1' },
    },
    'have the same variables',
  ],
  [
    'what the suite sets',
    { script: READS, old: A, fresh: B, vars: '{ BASE_URL: "http://c:1" }' },
    'have the same variables',
  ],
  [
    'a token that nobody reads',
    {
      script: READS,
      old: '{ BASE_URL: "http://a:1", LABEL: one }',
      fresh: '{ BASE_URL: "http://a:1", LABEL: two }',
    },
    'differ (LABEL), so one target would be compared with itself',
  ],
])('sides that a script cannot tell apart are refused: %s', async (_, given, said) => {
  await expect(planned(given)).rejects.toThrow(said);
});

test.each([
  READS,
  "export default () => __ENV['BASE_URL'];",
  'const { BASE_URL } = __ENV; export default () => BASE_URL;',
  "const name = 'BASE_' + 'URL'; export default () => __ENV[name];",
  'export default () => Object.entries(__ENV);',
  "import { base } from './lib.js'; export default () => base();",
  "export default () => (typeof __ENV === 'undefined' ? '' : __ENV.BASE_URL);",
])('and a script that reads one of them, or may read it, is taken: %s', async (script) => {
  // One start of each side, which is told of every comparison here.
  expect((await planned({ script, old: A, fresh: B }))?.notes).toHaveLength(1);
});

test('a difference that is no address is told', async () => {
  const vars = (label: string) => `{ BASE_URL: "http://a:1", LABEL: ${label} }`;
  const script = 'export default () => __ENV.BASE_URL + __ENV.LABEL;';
  expect((await planned({ script, old: vars('one'), fresh: vars('two') }))?.notes[0]).toContain(
    'the sides differ in LABEL alone, which is no address',
  );
});

test("the suite's variables come before those of an environment, on both sides", async () => {
  const vars = (url: string) => `{ BASE_URL: "${url}", RATE: "5" }`;
  const script = 'export default () => __ENV.BASE_URL + __ENV.RATE;';
  const comparison = await planned({
    script,
    old: vars('http://a:1'),
    fresh: vars('http://b:1'),
    vars: '{ RATE: "300" }',
  });
  expect(comparison?.starts[0]?.plan.loads[0]?.vars).toEqual({
    BASE_URL: 'http://b:1',
    SQUALL_B_BASE_URL: 'http://a:1',
    SQUALL_C_BASE_URL: 'http://b:1',
    RATE: '300',
  });
});

test('each copy of a script has its own shared arrays', async () => {
  const script = write(
    'shared.js',
    "import { SharedArray } from 'k6/data';\nconst users = new SharedArray('users', () => [__ENV.BASE_URL]);\nexport default () => users[0];\n",
  );
  await writeSwitchingScript(script, path.join(directory, 'own'), {
    order: ['baseline', 'candidate'],
    warmUp: 0,
    lengthMs: 1_000,
  });
  for (const side of ['baseline', 'candidate']) {
    const code = readFileSync(path.join(directory, 'own', `${side}.js`), 'utf8');
    expect(code).toContain(`new Shared("${side} " + name, make)`);
    expect(code).toMatch(/import \{ SharedArray as Shared \} from "k6\/data"/);
  }
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { validateFiles } from '../../chaos/definitions/validate-files.ts';
import gateway from '../../thresholds/gateway.ts';
import { loadObjectiveSet } from './objective-sets.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-objectives-'));
  mkdirSync(path.join(cwd, 'thresholds'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const put = (name: string, text: string) => writeFileSync(path.join(cwd, 'thresholds', name), text);

test('the set of the working directory comes first', async () => {
  put('shared.ts', "export const below: string = '5ms';");
  put(
    'gateway.ts',
    "import { below } from './shared.ts'; export default [{ name: 'own', percentile: 50, below }];",
  );
  expect(await loadObjectiveSet('gateway', cwd)).toEqual([{ name: 'own', percentile: 50, below: '5ms' }]);
});

test('without one of its own, a repository gets the set that squall brings', async () => {
  expect(await loadObjectiveSet('gateway', cwd)).toEqual(gateway);
});

test('plain JavaScript will do', async () => {
  put('mine.js', "export default [{ name: 'few-errors', errors: true, below: '1%' }];");
  expect(await loadObjectiveSet('mine', cwd)).toHaveLength(1);
});

test('an unknown name lists both places', async () => {
  await expect(loadObjectiveSet('nowhere', cwd)).rejects.toThrow(
    new RegExp(`no nowhere.ts or nowhere.js in ${path.join(cwd, 'thresholds')} or .+thresholds; write one`),
  );
});

test.each(['../gateway', 'a/b', '', 'A', '.hidden'])(
  'the name %j is refused before anything is read',
  async (name) => {
    await expect(loadObjectiveSet(name, cwd)).rejects.toThrow('is not a name');
  },
);

test.each([
  ['export const x = 1;', 'no default export'],
  ['export default [];', 'the default export: Too small'],
  ['export default {};', 'the default export: Invalid input: expected array'],
  [
    "export default [{ name: 'a', percentile: 95, below: '100' }];",
    'entry 1 (a), below: must be a duration with its unit',
  ],
  ["export default [{ name: 'a', percentile: 950, below: '1s' }];", 'entry 1 (a), percentile: Too big'],
  [
    "export default [{ name: 'a', percentile: 0.95, below: '1s' }];",
    'entry 1 (a), percentile: a percentile is between 1 and 100; write 95, not 0.95',
  ],
  [
    "export default [{ name: 'a', errors: true, below: '1%', fase: 'all' }];",
    'bad.ts:1: entry 1 (a): unknown key "fase", known: ',
  ],
  [
    "export default [\n  { name: 'a', errors: true, below: '1%' },\n  {\n    name: 'b',\n    percentil: 95,\n    below: '1s' },\n];",
    'bad.ts:5: entry 2 (b): unknown key "percentil", did you mean "percentile"?',
  ],
  [
    "export default [{ name: 'a', errors: true, below: '1%', phase: 'late' }];",
    'entry 1 (a), phase: a phase is',
  ],
  [
    "export default [{ name: 'a', errors: true, below: '1%' }, { name: 'a', errors: true, below: '2%' }];",
    'two objectives are called "a"',
  ],
  ['export default [', 'bad.ts:1:17: Unexpected end of file'],
  ["throw new Error('boom');", 'bad.ts: boom'],
])('%s is refused with file, entry and rule', async (text, message) => {
  put('bad.ts', text);
  await expect(loadObjectiveSet('bad', cwd)).rejects.toThrow(message);
  await expect(loadObjectiveSet('bad', cwd)).rejects.toThrow(path.join(cwd, 'thresholds', 'bad.ts'));
});

test('validate refuses a drill whose objectives are mistyped in their own file, with the line there', async () => {
  put('mine.ts', "export default [{ name: 'a', percentil: 95, below: '900ms' }];");
  const drill = path.join(cwd, 'd.yaml');
  writeFileSync(drill, 'name: d\nload: [{ script: x.js }]\nobjectives: [{ use: mine }]\n');
  writeFileSync(path.join(cwd, 'x.js'), '');
  const { ok, json } = await validateFiles([drill], cwd, { load: loadObjectiveSet });
  expect(ok).toBe(false);
  expect(json.issues).toMatchObject([
    {
      line: 3,
      rule: `${path.join(cwd, 'thresholds', 'mine.ts')}:1: entry 1 (a): unknown key "percentil", did you mean "percentile"? ${KNOWN}`,
    },
  ]);
});

const KNOWN =
  'known: atLeast, atMost, availability, below, counter, equals, errors, for, metric, minSamples, name, open, percentile, phase, rate, throughput, where, window';

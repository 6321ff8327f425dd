import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { environment } from '../../schema/environment.ts';
import { loadDrill } from '../load-drill.ts';
import { checkSettings, notesOnSettings } from './check-settings.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-settings-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const drill = (load: object) => {
  const file = path.join(cwd, 'drill.yaml');
  writeFileSync(
    file,
    stringify({ name: 'x', load: [load], objectives: [{ name: 'e', errors: true, below: '1%' }] }),
  );
  return loadDrill(file);
};

test('a setting that the scenario does not read is refused, with its place and the one that was meant', async () => {
  const issues = await checkSettings(await drill({ scenario: 'spike', vars: { RTAE: '5', RATE: '5' } }), cwd);
  expect(issues.map(({ path, line, rule, fix }) => [path, line, rule, fix.slice(0, 22)])).toEqual([
    ['load[0].vars.RTAE', 5, 'the scenario spike has no such setting', 'did you mean "RATE"? s'],
  ]);
});

test('a setting of another scenario is refused, too: it would be ignored', async () => {
  const issues = await checkSettings(await drill({ scenario: 'beats', vars: { REQUEST_PATH: '/x' } }), cwd);
  expect(issues).toHaveLength(1);
});

test('a script may read anything, and so may a scenario of the repository, whatever its name', async () => {
  writeFileSync(path.join(cwd, 'own.js'), '');
  expect(await checkSettings(await drill({ script: 'own.js', vars: { RTAE: '5' } }), cwd)).toEqual([]);
  mkdirSync(path.join(cwd, 'scenarios'));
  writeFileSync(path.join(cwd, 'scenarios/spike.ts'), '');
  expect(await checkSettings(await drill({ scenario: 'spike', vars: { RTAE: '5' } }), cwd)).toEqual([]);
});

test('what a file of requests asks for is a setting of its load', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by k6
  writeFileSync(path.join(cwd, 'r.yaml'), 'auth: { bearer: "${TOKEN}" }\nrequests: ["GET /"]\n');
  const issues = await checkSettings(
    await drill({ requests: 'r.yaml', vars: { TOKEN: 't', TOKNE: 't', GOGC: '1' } }),
    cwd,
  );
  expect(issues.map(({ path }) => path)).toEqual(['load[0].vars.TOKNE']);
});

test('an environment, whose vars go to every scenario, gets a note for what looks misspelt', async () => {
  const { value } = await drill({ scenario: 'spike' });
  const notes = (vars: object) => notesOnSettings(value, environment.parse({ name: 'x', vars }), cwd);
  expect(await notes({ BASE_ULR: 'x', HOST_METRICS: 'y', COMPANY: 'z' })).toEqual([
    'BASE_ULR in `vars` of the environment is a setting of no scenario here; did you mean BASE_URL?',
  ]);
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildScenarios } from '../orchestrator/tools/build.ts';
import { settingsOf } from '../thresholds/k6-settings.ts';
import { checkSettings } from './lib/runtime/check-settings.once.ts';

const READ = /\b(?:number|duration|share|text|url)From\d*\(\s*"([A-Z0-9_]+)"|\b__ENV\.([A-Z0-9_]+)/g;
/** Of the shell, for relative paths. */
const NO_SETTINGS = ['PWD'];

test('the settings of each scenario are those that it reads', async () => {
  const outDir = mkdtempSync(path.join(os.tmpdir(), 'squall-settings-'));
  try {
    const bundles = await buildScenarios({ cwd: path.resolve(import.meta.dirname, '..'), outDir });
    const read = bundles.map(({ file }) => {
      const found = [...readFileSync(file, 'utf8').matchAll(READ)].map(
        ([, one, other]) => one ?? other ?? '',
      );
      const names = [...new Set(found)].filter((name) => !NO_SETTINGS.includes(name));
      return [path.basename(file, '.js'), names.sort()];
    });
    const stated = Object.entries(settingsOf).map(([name, settings]) => [name, [...settings].sort()]);
    expect(Object.fromEntries(read)).toEqual(Object.fromEntries(stated));
  } finally {
    rmSync(outDir, { recursive: true });
  }
}, 30_000);

test.each([
  ['RTAE', 'RATE'],
  ['DURATON', 'DURATION'],
  ['DURATIONS', 'DURATION'],
  ['duration', 'DURATION'],
  ['BASE_URI', 'BASE_URL'],
  ['REQUEST_PAHT', 'REQUEST_PATH'],
])('spike refuses %s, and says %s', (given, meant) => {
  expect(() => checkSettings('spike', { [given]: 'x' })).toThrow(
    `spike has no setting ${given}: did you mean -e ${meant}=…?`,
  );
});

test('what a shell has, what another scenario reads, and what a drill has checked is let be', () => {
  const shell = {
    PATH: '',
    USER: '',
    USERNAME: '',
    HOME: '',
    TERM: '',
    LANG: '',
    RAMPS_UP: '',
    GATE: '',
    VERSION: '',
  };
  expect(() => checkSettings('spike', { ...shell, RATE_MAX: '1', USERS: '2', METRICS: '' })).not.toThrow();
  expect(() => checkSettings('spike', { RTAE: '1', SQUALL_DRILL: '1' })).not.toThrow();
  expect(() => checkSettings('of-somebody-else', { RTAE: '1' })).not.toThrow();
});

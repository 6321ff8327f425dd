import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { buildScenarios } from './build.ts';
import { refreshBundles } from './refresh-bundles.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-refresh-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
});

const at = (name: string) => path.join(cwd, name);
const text = (name: string) => readFileSync(at(name), 'utf8');
function put(name: string, content: string): void {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
}
const OWN = [{ scenario: 'shop' }];

test('a bundle is made again after a change of its source, or of what that imports', async () => {
  put('scenarios/shop.ts', "import { url } from './lib/url.ts'; export default () => url;");
  put('scenarios/lib/url.ts', "export const url = 'http://one';");
  put('scenarios/other.ts', 'const = ');
  expect(await refreshBundles(OWN, cwd)).toEqual([
    'build/shop.js was older than its source, and is bundled again',
  ]);
  expect(await refreshBundles(OWN, cwd)).toEqual([]);
  put('scenarios/lib/url.ts', "export const url = 'http://two';");
  // As after a checkout: the times say nothing.
  utimesSync(at('scenarios/lib/url.ts'), 1, 1);
  expect(await refreshBundles(OWN, cwd)).toHaveLength(1);
  expect(text('build/shop.js')).toContain('http://two');
});

test('a bundle that says the same stays, and is as new as its source', async () => {
  put('scenarios/shop.ts', 'export default () => 1;');
  await buildScenarios({ cwd });
  const built = text('build/shop.js');
  utimesSync(at('build/shop.js'), 1, 1);
  expect(await refreshBundles(OWN, cwd)).toEqual([]);
  expect(text('build/shop.js')).toBe(built);
  expect(statSync(at('build/shop.js')).mtimeMs).toBeGreaterThanOrEqual(
    statSync(at('scenarios/shop.ts')).mtimeMs,
  );
});

test('a source with a mistake is refused, and the old bundle stays', async () => {
  put('scenarios/shop.ts', 'export default () => 1;');
  await buildScenarios({ cwd });
  const built = text('build/shop.js');
  put('scenarios/shop.ts', 'const = 5;');
  await expect(refreshBundles(OWN, cwd)).rejects.toThrow('build: scenarios/shop.ts:1:7: Expected identifier');
  expect(text('build/shop.js')).toBe(built);
});

test('a bundle that cannot be replaced is refused, with the command', async () => {
  put('scenarios/shop.ts', 'export default () => 1;');
  // A file where the folder should be refuses root, too.
  put('build', '');
  await expect(refreshBundles(OWN, cwd)).rejects.toMatchObject({
    name: 'RefusalError',
    message: 'build/shop.js is older than its source and cannot be replaced (EEXIST)',
    fix: `run \`squall build\` in ${cwd}, as a user who may write there`,
  });
});

test("an installed package, a script of one's own, and a bundle without a source are left alone", async () => {
  put('build/shop.js', 'old');
  expect(await refreshBundles(OWN, cwd)).toEqual([]);
  put('node_modules/own/scenarios/shop.ts', 'export default 1;');
  expect(await refreshBundles(OWN, at('node_modules/own'))).toEqual([]);
  put('scenarios/shop.ts', 'export default 1;');
  expect(await refreshBundles([{ script: 'shop' }], cwd)).toEqual([]);
  expect(text('build/shop.js')).toBe('old');
  expect(existsSync(at('node_modules/own/build'))).toBe(false);
});

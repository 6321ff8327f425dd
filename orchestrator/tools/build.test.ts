import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exitCodeOf } from '../../scripts/exit.ts';
import { buildScenarios } from './build.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-build-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

async function put(files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(cwd, name)), { recursive: true });
    await writeFile(path.join(cwd, name), text);
  }
}

test('each scenario becomes one bundle; tests, declarations and lib do not', async () => {
  await put({
    'scenarios/a.ts':
      "import { b } from './lib/b.ts'; import http from 'k6/http'; export default () => http.get(b);",
    'scenarios/c.ts': 'export default () => {};',
    'scenarios/a.test.ts': 'nonsense(',
    'scenarios/globals.d.ts': 'declare const x: string;',
    'scenarios/lib/b.ts': "export const b: string = 'http://x'; export const unused = 'never';",
  });
  const built = await buildScenarios({ cwd });
  expect(built.map(({ file }) => path.relative(cwd, file)).sort()).toEqual(['build/a.js', 'build/c.js']);
  const bundle = readFileSync(path.join(cwd, 'build/a.js'), 'utf8');
  expect(bundle).toContain('from "k6/http"');
  expect(bundle).toContain('http://x');
  expect(bundle).not.toContain('never');
  expect(built.find(({ file }) => file.endsWith('a.js'))?.bytes).toBe(Buffer.byteLength(bundle));
});

test('a scenario that needs a k6 extension is put apart, and the others stay as they are', async () => {
  await put({
    'scenarios/a.ts': "import { x } from './lib/x.ts'; export default x;",
    'scenarios/c.ts': "import http from 'k6/http'; export default () => http.get('http://x');",
    'scenarios/lib/x.ts':
      "import { PodDisruptor } from 'k6/x/disruptor'; export const x = () => PodDisruptor;",
  });
  const built = await buildScenarios({ cwd });
  expect(built.map(({ file }) => path.relative(cwd, file)).sort()).toEqual(['build/c.js', 'build/xk6/a.js']);
  expect(readdirSync(path.join(cwd, 'build')).sort()).toEqual(['c.js', 'xk6']);
});

test('a module of the web is left for k6 to load', async () => {
  await put({ 'scenarios/a.ts': "import x from 'https://jslib.k6.io/x/1.0.0/index.js'; export default x;" });
  await buildScenarios({ cwd, outDir: 'elsewhere' });
  expect(readFileSync(path.join(cwd, 'elsewhere/a.js'), 'utf8')).toContain(
    'https://jslib.k6.io/x/1.0.0/index.js',
  );
});

test('a module for once does nothing until it is called', async () => {
  await put({
    'scenarios/a.ts': "import { f } from './lib/f.once.ts'; export default () => f(1, 2);",
    'scenarios/lib/f.once.ts':
      "import { g } from './g.ts'; (globalThis as any).loaded = true; export const f = (a: number, b: number) => g(a) + b;",
    'scenarios/lib/g.ts': 'export function g(a: number) { return a * 10; }',
  });
  const [built] = await buildScenarios({ cwd });
  const { default: run } = await import(`${built?.file}?${Date.now()}`);
  expect(globalThis).not.toHaveProperty('loaded');
  expect(run()).toBe(12);
  expect(globalThis).toHaveProperty('loaded', true);
});

test('every mistake is named with file, line and column', async () => {
  await put({
    'scenarios/a.ts': 'export default () => {\n  const = 5;\n};\n',
    'scenarios/b.ts': "import { x } from './lib/missing.ts';\nexport default x;\n",
    'scenarios/c.ts': "import fs from 'node:fs';\nexport default fs;\n",
  });
  const failure = buildScenarios({ cwd });
  expect(exitCodeOf(await failure.catch((error: unknown) => error))).toBe(64);
  await expect(failure).rejects.toThrow('scenarios/a.ts:2:9: Expected identifier but found "="');
  await expect(failure).rejects.toThrow('scenarios/b.ts:1:19: Could not resolve "./lib/missing.ts"');
  await expect(failure).rejects.toThrow(
    /scenarios\/c\.ts:1:16: Could not resolve "node:fs" \(k6 has none of Node/,
  );
});

test('a folder without scenarios says what to do', async () => {
  await expect(buildScenarios({ cwd })).rejects.toThrow('put a k6 script there as <name>.ts');
  await put({ 'scenarios/lib/b.ts': '' });
  const failure = buildScenarios({ cwd });
  await expect(failure).rejects.toThrow('no scenarios in');
  expect(exitCodeOf(await failure.catch((error: unknown) => error))).toBe(64);
});

test('a scenario of another repository imports squall/k6, and gets the objective table of squall', async () => {
  await put({
    'scenarios/shop.ts': `
      import http from 'k6/http';
      import { baseUrl, request, scenarioOptions } from 'squall/k6';
      const { thresholds, handleSummary } = scenarioOptions(() => ({
        scenario: 'shop', openLoop: false, objectives: [{ name: 'shop.errors', errors: true, below: '1%' }],
      }));
      export const options = { thresholds, vus: 1, iterations: 1 };
      export { handleSummary };
      export default () => http.get(baseUrl + '/', request({ name: 'GET /' }));`,
  });
  await mkdir(path.join(cwd, 'node_modules'));
  await symlink(path.resolve(import.meta.dirname, '../..'), path.join(cwd, 'node_modules/squall'));
  const [built] = await buildScenarios({ cwd });
  const bundle = readFileSync(built?.file ?? '', 'utf8');
  const imported = [...bundle.matchAll(/from "([^"]+)"/g)].map(([, name = '']) => name);
  expect(imported).toContain('k6/http');
  expect(imported.filter((name) => !/^k6(\/(http|metrics|execution))?$/.test(name))).toEqual([]);
  expect(bundle).toContain('shop.errors');
});

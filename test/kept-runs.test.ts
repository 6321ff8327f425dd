import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';

const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-kept-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('a run at a lower rate is kept as it is, but for the mark of a trial', async () => {
  vi.stubEnv('SQUALL_TEST_KEEP_RUNS', path.join(directory, 'kept'));
  const { keepVerdict } = await import('./kept-runs.ts');
  const verdict = { schema: 1, run: 'r', verdict: 'PASS', writes: null };
  writeFileSync(path.join(directory, 'verdict.json'), JSON.stringify({ ...verdict, vars: { RATE: '300' } }));
  keepVerdict('gateway-autoscale', directory);
  const [folder = ''] = readdirSync(path.join(directory, 'kept'));
  expect(folder).toMatch(/^gateway-autoscale-/);
  expect(JSON.parse(readFileSync(path.join(directory, 'kept', folder, 'verdict.json'), 'utf8'))).toEqual(
    verdict,
  );
});

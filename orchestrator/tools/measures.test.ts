import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { diskSyncP95Ms } from './disk-sync.ts';
import { exchangeCostMicros } from './exchange-cost.ts';

test('the cost of an exchange is processor time, and no more than was used meanwhile', async () => {
  const from = process.cpuUsage();
  const micros = await exchangeCostMicros();
  const { user, system } = process.cpuUsage(from);
  expect(micros).toBeGreaterThan(1);
  // 3000 exchanges were counted, and 1500 before them.
  expect(micros * 3_000).toBeLessThan(user + system);
});

test('a disk is watched for as long as was asked, and nothing is left on it', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-disk-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const from = performance.now();
  expect(await diskSyncP95Ms(directory, { forMs: 200 })).toBeGreaterThan(0);
  expect(performance.now() - from).toBeGreaterThanOrEqual(200);
  expect(readdirSync(directory)).toEqual([]);
});

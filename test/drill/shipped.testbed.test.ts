import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildScenarios } from '../../orchestrator/tools/build.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { findFreeBlock, requireFreePorts } from '../../testbed/commands/ports.ts';
import { run } from '../../testbed/fixtures/running.ts';
import { paths } from '../../testbed/lib/testbed.ts';
import { anyK6 } from '../k6.ts';
import { keepVerdict } from '../kept-runs.ts';
import { markOf, survivors } from '../survivors.ts';
import { invalidOf } from './green-and-red.ts';
import { drillArguments } from './run-drill.ts';
import { copyShipped } from './shipped.ts';

const root = path.resolve(import.meta.dirname, '../..');
const k6 = await anyK6();
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-shipped-'));
});
afterEach(async () => {
  await run(path.join(directory, 'testbed'), 'down');
  rmSync(directory, { recursive: true, force: true });
});

test.skipIf(k6 === null)(
  'the drill of the demo: four faults with evidence, each detected, nothing lost, and the testbed is down again',
  async () => {
    const basePort = await findFreeBlock();
    const files = await copyShipped({
      directory,
      basePort,
      speed: 0.25,
      // Enough users for a machine that stalls for a while: iterations dropped then would say nothing about the drill.
      vars: { RATE: '60', READ_SHARE: '10%', WRITE_SHARE: '10%', SESSION_SHARE: '10%', VUS: '200' },
      settings: ['control-period-ms=500'],
    });
    await buildScenarios({ cwd: root, outDir: path.join(directory, 'build') });
    const { mark, env } = markOf('shipped');
    const { exitCode, stdout, stderr } = await execa(process.execPath, [...drillArguments(files), '--json'], {
      cwd: directory,
      env: { ...files.env, ...env, K6_BIN: k6?.path ?? '' },
      reject: false,
      stdin: 'ignore',
      timeout: 170_000,
    });
    const verdict = JSON.parse(stdout) as Verdict;
    // In so short a recovery the first reads after the cut weigh too much.
    const broken = verdict.objectives
      .filter(({ name, result }) => result === 'FAIL' && name !== 'browsing-fresh-again')
      .map(({ name, reason }) => `${name}: ${reason}`);
    expect(broken, stderr).toEqual([]);
    expect(verdict.faults.filter(({ result }) => result !== 'PASS').map(({ reason }) => reason)).toEqual([]);
    expect(verdict.probes.filter(({ result }) => result !== 'PASS').map(({ name }) => name)).toEqual([]);
    expect(invalidOf(verdict), verdict.reasons.join('\n')).toEqual([]);
    const missed = verdict.objectives.some(({ result }) => result === 'FAIL');
    expect([verdict.verdict, exitCode]).toEqual(missed ? ['FAIL', 1] : ['PASS', 0]);

    expect(verdict.faults.map(({ name }) => name)).toEqual([
      'gateway-lost',
      'database-lost',
      'sessions-lost',
      'link-cut',
    ]);
    for (const fault of verdict.faults) {
      expect(fault, fault.name).toMatchObject({
        evidence: expect.arrayContaining([expect.any(String), expect.any(String)]),
        injectedAt: expect.any(String),
        removedAt: expect.any(String),
        detectedAt: expect.any(String),
      });
    }
    expect(verdict.writes).toMatchObject({ lost: 0, duplicated: 0, result: 'PASS' });
    expect(verdict.writes?.acknowledged).toBeGreaterThan(50);
    const sessions = verdict.objectives.find(({ name }) => name === 'redis.failover.sessions-lost');
    expect(sessions).toMatchObject({ measured: 0, result: 'PASS' });
    expect(sessions?.samples).toBeGreaterThan(50);

    expect(verdict.residue).toEqual([]);
    expect(existsSync(paths(files.testbedDirectory).testbed)).toBe(false);
    await requireFreePorts(basePort);
    expect(survivors(mark)).toEqual([]);
    expect(survivors(`SQUALL_TESTBED_DIR=${files.testbedDirectory}`)).toEqual([]);
    keepVerdict('spike', files.out);
  },
  180_000,
);

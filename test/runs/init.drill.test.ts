import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { squallEntry } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
let target: TinyTarget;
let cwd: string;
beforeEach(async () => {
  target = await startTinyTarget();
  cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-init-run-'));
});
afterEach(async () => {
  await target.stop();
  rmSync(cwd, { recursive: true, force: true });
});

test.skipIf(k6 === null)(
  'from an empty directory to PASS with a fault, with what init wrote',
  { retry: 2, timeout: 120_000 },
  async () => {
    const env = { XDG_STATE_HOME: path.join(cwd, 'state'), K6_BIN: k6?.path ?? '' };
    const squall = (...args: string[]) =>
      execa(process.execPath, [squallEntry, ...args], { cwd, env, reject: false, stdin: 'ignore' });
    const init = await squall('init', `http://127.0.0.1:${target.port}/health`, '--json');
    expect([init.exitCode, init.stderr]).toEqual([0, '']);
    const { written, next } = JSON.parse(init.stdout) as { written: { file: string }[]; next: string[] };
    const drill = written.map(({ file }) => file).find((file) => file.startsWith('chaos/drills/')) ?? '';
    expect(next[1]).toBe(`npx squall drill ${drill} --env local`);
    shorten(path.join(cwd, drill));
    const { exitCode, stdout, stderr } = await squall(
      'drill',
      drill,
      '--env',
      'local',
      '--out',
      'run',
      '--json',
    );
    const verdict = JSON.parse(stdout || '{}');
    expect([exitCode, verdict.verdict, verdict.reasons], stderr).toEqual([0, 'PASS', expect.any(Array)]);
    expect(verdict.faults).toMatchObject([{ kind: 'freeze', result: 'PASS' }]);
  },
);

/** The same drill in seconds: what init writes takes three quarters of a minute. */
function shorten(file: string): void {
  const text = readFileSync(file, 'utf8');
  const short = text
    .replace('RATE: "20", DURATION: 45s', 'RATE: "50", DURATION: 9s')
    .replace('steady: { for: 15s }', 'steady: { for: 3s }')
    .replace('at: 17s', 'at: 4s')
    .replace('for: 5s', 'for: 1s');
  expect(short.split('\n').filter((line) => !text.includes(line))).toHaveLength(4);
  writeFileSync(file, short);
}

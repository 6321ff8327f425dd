import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ExecHandlers, ExecStream } from '../../../chaos/kubernetes/exec-stream.ts';
import { measureClock } from './measure-clock.ts';
import { SAMPLES_DIRECTORY } from './sidecar.ts';

const AT = { namespace: 'load', pod: 'runner-1', container: 'squall-samples' };

/** A cluster whose pods are shells of this machine: its clock is the one that is asked for. */
function clusterOf(shell: readonly string[]) {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-clock-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const execStream = async (_at: object, command: readonly string[], handlers: ExecHandlers) => {
    const [program = '', ...own] = shell;
    const script = command.slice(1).map((part) => part.replaceAll(SAMPLES_DIRECTORY, directory));
    const child = spawn(program, [...own, ...script], { stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdout.on('data', (piece: Buffer) => handlers.onOutput(piece));
    return {
      write: (text: string) => void child.stdin.write(text),
      resume() {},
      close: () => void child.stdin.end(),
    } satisfies ExecStream;
  };
  return { execStream };
}

// With the time in the shell, from `date`, and from the stamp of a file.
const shells = [['bash'], ['dash'], ['busybox', 'sh']];
test.each(
  shells.filter(([program = '']) => spawnSync(program, ['-c', ':'], { stdio: 'ignore' }).error === undefined),
)('%s tells the time of its machine', async (...shell) => {
  const { offsetMs, plusMinusMs } = await measureClock(clusterOf(shell), AT);
  // Of one machine there is one clock, which squall reads in whole milliseconds.
  expect(Math.abs(offsetMs)).toBeLessThanOrEqual(plusMinusMs + 1);
});

/** Reads its clock, which is `behindMs` behind, at once, and answers after `delay` ms. */
function slowCluster(behindMs: number, delay: (sinceMs: number) => number) {
  const began = Date.now();
  return {
    async execStream(_at: object, _command: readonly string[], handlers: ExecHandlers): Promise<ExecStream> {
      return {
        write(text: string) {
          const shown = (Date.now() - behindMs) / 1000;
          const answer = () => handlers.onOutput(Buffer.from(`${text.trim()} ${shown.toFixed(6)}\n`));
          setTimeout(answer, delay(Date.now() - began));
        },
        resume() {},
        close() {},
      };
    },
  };
}

test('where quick answers are rare it is asked until one has come', async () => {
  const clock = await measureClock(
    slowCluster(-500, (sinceMs) => (sinceMs < 1_800 ? 60 : 0)),
    AT,
  );
  expect(Math.abs(clock.offsetMs - -500)).toBeLessThanOrEqual(5);
});

test('where none comes, the bound says so', async () => {
  const { offsetMs, plusMinusMs } = await measureClock(
    slowCluster(500, () => 60),
    AT,
  );
  expect(Math.abs(offsetMs - 500)).toBeLessThanOrEqual(plusMinusMs);
  expect(plusMinusMs).toBeGreaterThan(25);
});

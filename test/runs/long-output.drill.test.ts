import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { sleep } from '../../orchestrator/clock.ts';
import { squallEntry } from '../drill/run-drill.ts';

test.skipIf(process.platform !== 'linux')(
  'a reader that takes its time gets all of a long output',
  { timeout: 60_000 },
  async () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-long-'));
    const fifo = path.join(directory, 'fifo');
    try {
      await execa('mkfifo', [fifo]);
      // For reading and writing: so opening it waits for nobody.
      const held = openSync(fifo, 'r+');
      const command = [squallEntry, 'register', '--runs', directory, '--out', path.join(directory, 'page')];
      const squall = spawn(process.execPath, [...command, '--json'], { stdio: ['ignore', held, 'ignore'] });
      const exited = once(squall, 'exit');
      await until(() => squall.exitCode !== null || isWaiting(squall.pid ?? 0));
      const end = openSync(fifo, 'r');
      const reader = spawn('cat', { stdio: [end, 'pipe', 'ignore'] });
      for (const own of [end, held]) closeSync(own);
      const printed = await text(reader.stdout as Readable);
      await exited;
      expect(printed.length).toBeGreaterThan(65_536);
      expect(JSON.parse(printed).length).toBeGreaterThan(50);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
);

let before = '';
let same = 0;

/** It has done something, and nothing for half a second: the pipe is full. */
function isWaiting(pid: number): boolean {
  const [user, system] =
    readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
  const now = `${user} ${system}`;
  same = now === before && Number(user) > 0 ? same + 1 : 0;
  before = now;
  return same >= 10;
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600 && !condition(); tries++) await sleep(50);
}

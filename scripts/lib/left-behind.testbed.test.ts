import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onPath } from '../../orchestrator/tools/on-path.ts';

const redis = await onPath('redis-server');
const noProc = !existsSync('/proc/self/environ');

let mark: string;
const started: ChildProcess[] = [];
beforeEach(() => {
  mark = mkdtempSync(path.join(os.tmpdir(), 'left-'));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(mark, { recursive: true, force: true });
});

function start(command: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv }): number {
  const child = spawn(command, args, { stdio: 'ignore', detached: true, ...options });
  started.push(child);
  return child.pid as number;
}

function look() {
  const script = path.join(import.meta.dirname, 'left-behind.mjs');
  return spawnSync(process.execPath, [script, mark], { encoding: 'utf8', timeout: 60_000 });
}

test.skipIf(noProc)('nothing is found where nothing carries the mark', () => {
  start('sleep', ['600'], {});
  expect(look()).toMatchObject({ status: 0, stdout: '' });
});

test.skipIf(noProc)(
  'a process in a session of its own is found by its environment, named and ended',
  async () => {
    const pid = start('sleep', ['600'], { env: { ...process.env, SQUALL_TEST_RUN: mark } });
    const { status, stdout } = look();
    expect(status).toBe(1);
    expect(stdout).toBe(`left behind: ${pid} sleep 600\n`);
    await vi.waitFor(() => expect(started[0]?.signalCode).toBe('SIGKILL'));
  },
);

test.skipIf(noProc || redis === null)(
  'redis-server, which writes its title over its environment, is found by its working folder',
  async () => {
    const args = ['--port', '0', '--unixsocket', path.join(mark, 's'), '--dir', mark];
    const pid = start(redis as string, args, {});
    await vi.waitFor(() => expect(existsSync(path.join(mark, 's'))).toBe(true), { timeout: 10_000 });
    const { status, stdout } = look();
    expect(status).toBe(1);
    expect(stdout).toContain(`left behind: ${pid} `);
  },
);

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { environment } from './commands/environment.ts';
import { alivePids, eventually, run } from './fixtures/running.ts';
import { services } from './lib/inventory.ts';
import { recordedNames } from './lib/process.ts';
import { paths, readTestbed, type Testbed } from './lib/testbed.ts';

const root = path.resolve(import.meta.dirname, '..');
const main = path.join(root, 'dist/testbed/main.js');
const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) {
    await run(dir, 'down');
    rmSync(dir, { recursive: true, force: true });
  }
});

/** No test measures speed here, and each starts testbeds of its own. */
const up = (dir: string, ...args: string[]) => run(dir, 'up', '--base-port', '0', '--no-warm-up', ...args);

function newDir(): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'squall-testbed-life-'));
  dirs.push(dir);
  return dir;
}

test('up, up again, status, down, down again: each does what it says, tells no secret, and leaves nothing', async () => {
  const dir = newDir();
  expect((await run(dir, 'status')).exitCode).toBe(1);
  expect((await up(dir)).exitCode).toBe(0);
  const pids = alivePids(dir, recordedNames(dir));
  // Two database nodes, two Redis, three Sentinels, the control loop, and what the inventory lists.
  expect(pids).toHaveLength(8 + services.length);
  expectNoSecrets(dir, pids);
  expect(readdirSync(paths(dir).log)).toEqual(expect.arrayContaining(['gateway-1.log', 'postgres-a.log']));
  const again = await up(dir, '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ started: false, healthy: true });
  expect(alivePids(dir, recordedNames(dir))).toEqual(pids);
  const { id, haproxy } = readTestbed(dir) as Testbed;
  const { exitCode, stdout } = await run(dir, 'status');
  expect({ exitCode, stdout }).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(haproxy === undefined ? /edge .*Node/ : /edge .*HAProxy \d/),
  });
  const other = await up(dir, '--edge', haproxy === undefined ? 'haproxy' : 'node');
  expect(other).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('as load balancer; run `down'),
  });
  expect(await up(dir, '--business')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('it runs without --business; run `down'),
  });
  expect((await run(dir, 'down')).exitCode).toBe(0);
  // They have ended; init takes a while to notice.
  await eventually('every process to be reaped', () => pids.filter(exists).length === 0);
  expect(withId(id)).toEqual([]);
  expect((await run(dir, 'down')).exitCode).toBe(0);
  expect((await run(dir, 'status')).exitCode).toBe(1);
});

test('two testbeds run side by side, one goes down without the other, and after everything of that was killed, up starts again', async () => {
  const [one, dir] = [newDir(), newDir()];
  expect((await up(one)).exitCode).toBe(0);
  expect((await up(dir)).exitCode).toBe(0);
  await run(one, 'down');
  expect((await run(dir, 'status')).exitCode).toBe(0);
  // The control loop first, because it would repair.
  for (const name of ['control', ...recordedNames(dir)]) {
    const [pid] = alivePids(dir, [name]);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    // A testbed that runs in part is not one that is down.
    if (name === 'control') expect((await run(dir, 'status')).exitCode).toBe(75);
  }
  expect((await run(dir, 'status')).exitCode).toBe(1);
  expect((await up(dir)).exitCode).toBe(0);
  expect((await run(dir, 'down')).exitCode).toBe(0);
}, 300_000);

test.each(['SIGINT', 'SIGKILL'] as const)(
  'an up that is ended by %s half way leaves nothing behind after down',
  async (signal) => {
    const dir = newDir();
    const begun = execa(process.execPath, [main, 'up', '--dir', dir, '--base-port', '0'], { reject: false });
    await eventually('some processes', () => recordedNames(dir).length > 4);
    const { id } = readTestbed(dir) as Testbed;
    begun.kill(signal);
    expect((await begun).exitCode).not.toBe(0);
    if (signal === 'SIGINT') expect(withId(id)).toEqual([]);
    await run(dir, 'down');
    expect(withId(id)).toEqual([]);
  },
);

test('a port in use is named, and nothing is started', async () => {
  const dir = newDir();
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const { exitCode, stderr } = await run(dir, 'up', '--base-port', String(port));
  server.close();
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(String(port)) });
  expect(recordedNames(dir)).toEqual([]);
});

test('bad settings are refused before anything is touched', async () => {
  const dir = newDir();
  for (const bad of ['nonsense=1', 'error-share=2', 'forget-writes', 'slow-path=api']) {
    const { exitCode, stderr } = await run(dir, 'up', '--set', bad);
    expect({ bad, exitCode, named: stderr.includes(bad) }).toEqual({ bad, exitCode: 64, named: true });
  }
  expect(existsSync(paths(dir).testbed)).toBe(false);
});

/** Of the testbed's secrets, none is in the arguments of its processes. */
function expectNoSecrets(dir: string, pids: readonly number[]): void {
  const secrets = JSON.parse(readFileSync(paths(dir).secrets, 'utf8'));
  const words = [secrets.jwtKey, ...Object.values(secrets.postgres as Record<string, string>)];
  for (const pid of pids) {
    const line = process.platform === 'linux' ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
    expect(words.filter((word) => line.includes(word))).toEqual([]);
  }
}

test('the committed environment is the one that up writes, apart from paths', () => {
  const dir = path.join(root, '.squall/testbed');
  const from = path.join(root, 'chaos/environments');
  const testbed: Testbed = { id: 'x', dir, dataDir: dir, basePort: 9_000, runAs: null };
  const written = environment(testbed, { from, command: (name) => ['node', 'dist/testbed/main.js', name] });
  const committed = parse(readFileSync(path.join(from, 'local.yaml'), 'utf8'));
  expect(committed).toEqual(JSON.parse(JSON.stringify(written)));
});

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Processes with this testbed's id in their environment, or at work in its directory. */
function withId(id: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid))
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const state = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return environment.includes(id) && !/\) Z /.test(state);
      } catch {
        return false;
      }
    });
}

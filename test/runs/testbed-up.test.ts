import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { program } from '../../scripts/program.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-testbed-up-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(directory, { recursive: true });
});

/** Runs `squall testbed …` on a testbed whose commands write down what they were called with and end with `code`. */
async function testbed(code: number, ...args: string[]): Promise<string[]> {
  const called = path.join(directory, 'called');
  const command = (action: string) =>
    JSON.stringify(['sh', '-c', `printf '%s\\n' ${action} "$@" > ${called}; exit ${code}`, 'sh']);
  const file = path.join(directory, 'lab.yaml');
  const [up, down, status] = ['up', 'down', 'status'].map(command);
  writeFileSync(file, `name: lab\ntestbed: { up: ${up}, down: ${down}, status: ${status} }\n`);
  const words = ['testbed', ...args, '--env', file];
  await (await program(words)).parseAsync(words, { from: 'user' });
  return readFileSync(called, 'utf8').trim().split('\n');
}

test('settings and extras are handed to the command that starts the testbed', async () => {
  const settings = ['--set', 'slow-ms=20', 'slow-path=/a b', '--object-store', '--set', 'burn-cpu=0.1'];
  expect(await testbed(0, 'up', ...settings, '--edge', 'node')).toEqual([
    'up',
    ...['--set', 'slow-ms=20', '--set', 'slow-path=/a b', '--set', 'burn-cpu=0.1'],
    ...['--object-store', '--edge', 'node'],
  ]);
  expect(process.exitCode).toBeUndefined();
  expect(await testbed(0, 'up')).toEqual(['up']);
});

test('a setting that the testbed refuses is bad usage, any other failure is one', async () => {
  await testbed(64, 'up', '--set', 'slow=20');
  expect(process.exitCode).toBe(64);
  await testbed(1, 'up');
  expect(process.exitCode).toBe(1);
});

test('only `up` takes settings', async () => {
  const root = await program(['testbed']);
  for (const one of root.commands.flatMap(({ commands }) => commands))
    one.exitOverride().configureOutput({ writeErr: () => {} });
  const words = ['testbed', 'down', '--set', 'slow-ms=20'];
  await expect(root.parseAsync(words, { from: 'user' })).rejects.toMatchObject({
    code: 'commander.unknownOption',
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { toEnvironment } from '../../../chaos/definitions/load-environment.ts';
import { parseDefinition } from '../../../chaos/definitions/read/load-definition.ts';
import { testbed } from '../../run/testbed.ts';
import { bothSides, restartable } from './both-sides.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-sides-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function environment(name: string, exitCode: number | null) {
  const file = path.join(directory, `${name}.yaml`);
  const command = (action: string) =>
    JSON.stringify(['sh', '-c', `echo "${name}'s ${action}"; exit ${action === 'status' ? exitCode : 0}`]);
  const commands = `testbed: { up: ${command('up')}, down: ${command('down')}, status: ${command('status')} }\n`;
  writeFileSync(
    file,
    `name: ${name}\nvars: { BASE_URL: "http://${name}", ONLY_${name.toUpperCase()}: x }\n${exitCode === null ? '' : commands}`,
  );
  return toEnvironment(await parseDefinition(file));
}

test('each side has its variables under its own prefix, and both testbeds are one', async () => {
  const { value } = bothSides(await environment('old', 0), await environment('new', 0));
  expect(value.vars).toMatchObject({
    SQUALL_B_BASE_URL: 'http://old',
    SQUALL_B_ONLY_OLD: 'x',
    SQUALL_C_BASE_URL: 'http://new',
    SQUALL_C_ONLY_NEW: 'x',
  });
  expect(value.components).toEqual({});
  const run = (action: 'up' | 'down') => testbed(value.testbed as never, action, directory);
  expect((await run('up')).output).toBe("old's up\nnew's up");
  expect((await run('down')).output).toBe("new's down\nold's down");
});

test('the candidate can be the first to be started', async () => {
  const { value } = bothSides(await environment('old', 0), await environment('new', 0), 'candidate');
  const run = (action: 'up' | 'down') => testbed(value.testbed as never, action, directory);
  expect((await run('up')).output).toBe("new's up\nold's up");
  expect((await run('down')).output).toBe("old's down\nnew's down");
  expect(value.vars).toMatchObject({ SQUALL_B_BASE_URL: 'http://old', SQUALL_C_BASE_URL: 'http://new' });
});

test.each([
  [0, 0, 0],
  [1, 1, 1],
  [0, 1, 75],
  [1, 0, 75],
  [70, 70, 70],
])('status %i and %i are %i', async (old, candidate, both) => {
  const { value } = bothSides(await environment('old', old), await environment('new', candidate));
  expect((await testbed(value.testbed as never, 'status', directory)).exitCode).toBe(both);
});

test('without the commands of one side neither is started', async () => {
  const [old, candidate] = [await environment('old', null), await environment('new', 0)];
  expect(restartable(old.value, candidate.value)).toBe(false);
  expect(bothSides(old, candidate).value.testbed).toBeUndefined();
});

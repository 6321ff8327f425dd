import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkDisk } from './doctor/machine.ts';
import { checkNode } from './doctor/programs.ts';
import { doctor, renderDoctor } from './doctor.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(path.join(os.tmpdir(), 'squall-doctor-'));
});
afterEach(() => rm(cwd, { recursive: true }));

/** A machine with nothing on it: no PATH, no cache, no cluster. */
const bare = () => ({ cwd, env: { PATH: '', HOME: cwd, XDG_CACHE_HOME: cwd }, watchMs: 50 });

async function localEnvironment(text: string): Promise<void> {
  await mkdir(path.join(cwd, 'chaos/environments'), { recursive: true });
  await writeFile(path.join(cwd, 'chaos/environments/local.yaml'), text);
}

async function checkNamed(name: string) {
  const found = (await doctor(bare())).checks.find((check) => check.name === name);
  if (!found) throw new Error(`no check ${name}`);
  return found;
}

test('on a bare machine k6 and mkfifo are missing, and everything that is missing says how to get it', async () => {
  const { ok, checks } = await doctor(bare());
  expect(ok).toBe(false);
  const missing = checks.filter((check) => !check.ok);
  expect(missing.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['k6', 'mkfifo', 'redis-server', 'redis-sentinel', 'Kubernetes']),
  );
  for (const { name, fix } of missing) expect(fix, name).not.toBe('');
});

test('a Node that is too old is refused, by number and not by letter', () => {
  expect(checkNode('20.9.0').ok).toBe(false);
  expect(checkNode('18.20.0').ok).toBe(false);
  expect(checkNode('20.19.0').ok).toBe(true);
  expect(checkNode('100.0.0').ok).toBe(true);
});

test('too little disk space is said', async () => {
  expect(await checkDisk('disk', cwd, 1e18)).toMatchObject({ ok: false });
  expect(await checkDisk('disk', cwd, 1)).toMatchObject({ ok: true });
});

test('a port on which a drill has to listen and another program does is named', async () => {
  const other = net.createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  await localEnvironment(`name: local\nalerts: { listen: ${address} }\n`);
  expect(await checkNamed('environment local')).toMatchObject({
    ok: false,
    found: expect.stringContaining(address),
  });
  await new Promise((resolve) => other.close(resolve));
  expect(await checkNamed('environment local')).toMatchObject({ ok: true });
});

test("the port of a testbed that is up is the testbed's, and taken by another program when it is down", async () => {
  const target = net.createServer();
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(target.address() as AddressInfo).port}`;
  const withStatus = (program: string) =>
    localEnvironment(
      `name: local\nvars: { BASE_URL: http://${address} }\ntestbed: { up: ['true'], down: ['true'], status: ['${program}'] }\n`,
    );
  await withStatus('true');
  expect(await checkNamed('environment local')).toMatchObject({ ok: true, found: 'the testbed is up' });
  await withStatus('false');
  expect(await checkNamed('environment local')).toMatchObject({
    ok: false,
    found: expect.stringContaining(address),
  });
  await new Promise((resolve) => target.close(resolve));
});

test('an environment that cannot be read is shown with the place of the mistake', async () => {
  await localEnvironment('name: local\ncomponent: {}\n');
  expect(await checkNamed('environment local')).toMatchObject({
    ok: false,
    fix: expect.stringContaining('local.yaml:2:1'),
  });
});

test('the text shows the way out of what is missing, and none where nothing is', () => {
  const check = { name: 'k6', found: 'x', fix: 'get it there' };
  const bad = renderDoctor({ ok: false, checks: [{ ...check, ok: false }] });
  expect(bad).toContain('get it there');
  expect(bad).toContain('1 to put right');
  const good = renderDoctor({ ok: true, checks: [{ ...check, ok: true }] });
  expect(good).not.toContain('get it there');
  expect(good).toContain('Ready.');
});

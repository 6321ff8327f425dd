import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { doctor } from './doctor.ts';
import { unusablePorts } from './unusable-ports.ts';

test('doctor --env names the ports of that environment that are taken, except those of links that are kept', async () => {
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-ports-'));
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.close();
    rmSync(cwd, { recursive: true });
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const link = { listen: address, upstream: '127.0.0.1:1' };
  const file = path.join(cwd, 'lab.yaml');
  writeFileSync(file, JSON.stringify({ name: 'lab', components: { db: { provider: 'local', link } } }));
  const checkOf = async (isKept: (one: string) => boolean) =>
    (await doctor({ cwd, environment: file, isKept, watchMs: 50 })).checks.find(
      ({ name }) => name === `environment ${file}`,
    );
  expect(await checkOf(() => false)).toEqual({
    name: `environment ${file}`,
    ok: false,
    found: `has no testbed to start; in use by another program: ${address}`,
    fix: expect.stringContaining('ss -ltnp'),
  });
  expect(await checkOf((one) => one === address)).toMatchObject({ ok: true });
});

test('doctor --env says of a port that this user may not listen on it, and what to do', async () => {
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-ports-'));
  // Root may, so it is said by the system's own error.
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server) {
    const error = Object.assign(new Error('listen EACCES: permission denied'), { code: 'EACCES' });
    setImmediate(() => this.emit('error', error));
    return this;
  });
  onTestFinished(() => {
    vi.restoreAllMocks();
    rmSync(cwd, { recursive: true });
  });
  const [found] = await unusablePorts(['127.0.0.1:81']);
  expect(found).toMatchObject({ address: '127.0.0.1:81', kind: 'forbidden' });
  const file = path.join(cwd, 'lab.yaml');
  const link = { listen: '127.0.0.1:81', upstream: '127.0.0.1:1' };
  // Its testbed is down, and may be started by somebody who has the right: no word of where that listens.
  const testbed = { up: ['true'], down: ['true'], status: ['false'] };
  const vars = { BASE_URL: 'http://127.0.0.1:82' };
  const lab = { name: 'lab', vars, testbed, components: { db: { provider: 'local', link } } };
  writeFileSync(file, JSON.stringify(lab));
  const { checks } = await doctor({ cwd, environment: file, watchMs: 50 });
  expect(checks.find(({ name }) => name === `environment ${file}`)).toMatchObject({
    ok: false,
    found: `the testbed is down; a drill starts it; 127.0.0.1:81: ${found?.why}`,
    fix: found?.fix,
  });
});

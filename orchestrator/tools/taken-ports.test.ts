import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { doctor } from './doctor.ts';

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

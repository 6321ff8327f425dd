import { mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { squallEntry, writeDrill } from '../drill/run-drill.ts';
import { freePorts } from '../free-port.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
let target: TinyTarget | undefined;
afterEach(() => target?.stop());

test.skipIf(k6 === null)('a drill that is refused at its start leaves reports/latest as it was', async () => {
  target = await startTinyTarget();
  const [port = 0] = await freePorts(1);
  const files = writeDrill(target, {}, { alerts: { listen: `127.0.0.1:${port}` } }, k6?.path);
  const cwd = path.dirname(files.drill);
  const latest = path.join(cwd, 'reports', 'latest');
  mkdirSync(path.join(cwd, 'reports', 'the-one-before'), { recursive: true });
  symlinkSync('the-one-before', latest);
  // By the time that nobody can receive alerts, the journal has begun.
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
  const args = [squallEntry, 'drill', files.drill, '--env', files.environment];
  const found = await execa(process.execPath, args, { cwd, env: files.env, reject: false, stdin: 'ignore' });
  taken.close();
  expect(found.exitCode, found.stderr).toBe(64);
  expect(found.stderr).toContain(String(port));
  expect(readlinkSync(latest)).toBe('the-one-before');
});

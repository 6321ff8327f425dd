import { existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { longFreeze } from '../drill/faults.ts';
import { eventOf, squallEntry, writeDrill } from '../drill/run-drill.ts';
import { freePorts } from '../free-port.ts';
import { anyK6 } from '../k6.ts';
import { until } from '../survivors.ts';
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

test.skipIf(k6 === null)('a run whose squall is killed is the latest, and recover names it', async () => {
  target = await startTinyTarget();
  const files = writeDrill(target, longFreeze, {}, k6?.path);
  const cwd = path.dirname(files.drill);
  const reports = path.join(cwd, 'reports');
  const latest = path.join(reports, 'latest');
  mkdirSync(path.join(reports, 'the-one-before'), { recursive: true });
  symlinkSync('the-one-before', latest);
  const squall = (...args: string[]) =>
    execa(process.execPath, [squallEntry, ...args], { cwd, env: files.env, reject: false, stdin: 'ignore' });
  const running = squall('drill', files.drill, '--env', files.environment);
  await until(
    () => readlinkSync(latest) !== 'the-one-before',
    30_000,
    () => 'another run is the latest',
  );
  const run = readlinkSync(latest);
  await eventOf({ ...files, out: path.join(reports, run) }, 'fault-injected', running);
  running.kill('SIGKILL');
  await running;
  // Its guardian undoes the fault and frees the environment.
  const locks = path.join(files.env.XDG_STATE_HOME ?? '', 'squall', 'active');
  const isFree = () => !existsSync(locks) || readdirSync(locks).every((name) => !name.endsWith('.json'));
  await until(isFree, 20_000, () => readdirSync(locks).join());
  const recovered = await squall('recover');
  expect(recovered.stdout).toContain(
    `${run}: squall was killed before the verdict, and nothing is left of it`,
  );
  expect(recovered.exitCode, recovered.stderr).toBe(0);
  const report = await squall('report', 'latest', '--json');
  expect(JSON.parse(report.stdout)).toMatchObject({ run, verdict: 'INVALID', residue: [] });
  expect(report.exitCode).toBe(2);
  // By then it has a verdict.
  expect((await squall('recover')).stdout).not.toContain(run);
});

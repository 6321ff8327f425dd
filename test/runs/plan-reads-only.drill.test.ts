import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, test } from 'vitest';
import { identify } from '../../chaos/process-identity.ts';
import { eachShortFault, everyShortFault, shortFaults } from '../drill/faults.ts';
import { type DrillFiles, squallEntry, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { markOf, survivors } from '../survivors.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
let target: TinyTarget | undefined;
afterEach(() => target?.stop());

/** Everything that a plan could have changed: files, the target's process, and listening ports. */
function snapshot(one: TinyTarget): object {
  const files = readdirSync(one.directory, { recursive: true, encoding: 'utf8' }).sort();
  return {
    files: files.map((name) => {
      const file = path.join(one.directory, name);
      const { mtimeMs, mode } = statSync(file);
      const text = statSync(file).isFile() ? readFileSync(file) : '';
      return [name, mode, mtimeMs, createHash('sha256').update(text).digest('hex')];
    }),
    server: identify(one.pid()),
    listening: ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
      readFileSync(table, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(
          ([, local = '', , state]) => state === '0A' && portsOf(one).some((port) => local.endsWith(port)),
        )
        .map(([, local]) => local),
    ),
  };
}

function portsOf(one: TinyTarget): string[] {
  return [one.port, one.linkPort, one.alertPort].map(
    (port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`,
  );
}

const plan = (files: DrillFiles, env: Record<string, string> = {}) =>
  execa(process.execPath, [squallEntry, 'plan', files.drill, '--env', files.environment, '--json'], {
    env: { ...files.env, ...env },
    reject: false,
    stdin: 'ignore',
    cwd: target?.directory ?? '.',
  });

describe.skipIf(k6 === null || process.platform !== 'linux')('squall plan', () => {
  test('of a drill whose port for alerts is taken says so, and the way out', async () => {
    target = await startTinyTarget();
    const other = createServer().listen(target.alertPort, '127.0.0.1');
    await once(other, 'listening');
    const listen = `127.0.0.1:${target.alertPort}`;
    const files = writeDrill(target, {}, { alerts: { listen } }, k6?.path);
    const notes = async () =>
      (JSON.parse((await plan(files)).stdout) as { notes: string[] }).notes.join('\n');
    const refused = `${listen} is in use, and a drill has to listen there: it would be refused. Fix: `;
    expect(await notes()).toContain(refused);
    other.close();
    await once(other, 'close');
    expect(await notes()).not.toContain(refused);
  });

  test('of faults of each kind finds their targets, and changes nothing', async () => {
    target = await startTinyTarget();
    const files = writeDrill(target, eachShortFault(2_000), {}, k6?.path);
    const before = snapshot(target);
    const { mark, env } = markOf('plan');
    const { exitCode, stdout, stderr } = await plan(files, env);
    expect(exitCode, stderr).toBe(0);
    const { faults } = JSON.parse(stdout) as {
      faults: { kind: string; component: 'server' | 'link'; targets: string[] }[];
    };
    expect(faults).toHaveLength(everyShortFault.length);
    const named = { server: target.pid(), link: target.linkPort };
    for (const { kind, component, targets } of faults)
      expect(targets.join(', '), kind).toContain(
        kind === 'stress' ? 'the machine of server' : String(named[component]),
      );
    expect(snapshot(target)).toEqual(before);
    expect(survivors(mark)).toEqual([]);
  });

  test('that is refused changes nothing either', async () => {
    target = await startTinyTarget();
    const files = writeDrill(
      target,
      { faults: [shortFaults.kill] },
      { allow: { kinds: ['freeze'] } },
      k6?.path,
    );
    const before = snapshot(target);
    const { exitCode, stderr } = await plan(files);
    expect(exitCode).toBe(64);
    expect(stderr).toContain('allow');
    expect(snapshot(target)).toEqual(before);
  });

  test('names what the shell says to k6 and k6 does not get, and plans without it', async () => {
    target = await startTinyTarget();
    const files = writeDrill(target, {}, {}, k6?.path);
    const before = JSON.parse((await plan(files)).stdout);
    const { stdout, exitCode } = await plan(files, { K6_VUS: '5', K6_DURATION: '1h' });
    expect(exitCode).toBe(0);
    const notes = [expect.stringMatching(/^K6_DURATION, K6_VUS in this shell are not passed on: /)];
    expect(before.notes).toEqual([]);
    expect(JSON.parse(stdout)).toEqual({ ...before, notes });
  });
});

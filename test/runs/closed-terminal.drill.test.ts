import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, test } from 'vitest';
import { longFreeze } from '../drill/faults.ts';
import { drillArguments, events, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { isFrozen, markOf, survivors, until } from '../survivors.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
/** `script` (util-linux) opens a real terminal; when it is killed, the kernel hangs that terminal up. */
const hasScript =
  (await execa('script', ['--version'], { reject: false })).stdout?.includes('util-linux') ?? false;
let target: TinyTarget | undefined;
afterEach(() => target?.stop());

describe.skipIf(k6 === null || !hasScript)('a terminal that is closed in mid-fault', () => {
  test('undoes the fault, ends k6, and leaves a report', async () => {
    target = await startTinyTarget();
    const files = writeDrill(target, longFreeze, {}, k6?.path);
    const { mark, env } = markOf('terminal');
    const drill = [process.execPath, ...drillArguments(files)];
    const command = drill.map((part) => `'${part}'`).join(' ');
    const terminal = execa('script', ['--quiet', '--return', '--command', `exec ${command}`, '/dev/null'], {
      env: { ...files.env, ...env },
      reject: false,
      stdin: 'ignore',
    });
    const has = (type: string) => events(files).some(({ event }) => event.type === type);
    await until(
      () => has('fault-injected'),
      60_000,
      () => 'the fault is not in',
    );
    terminal.kill('SIGKILL');
    await terminal;
    await until(
      () => existsSync(path.join(files.out, 'report.html')),
      20_000,
      () => 'no report',
    );
    await until(
      () => survivors(mark).length === 0,
      10_000,
      () => survivors(mark).join('; '),
    );
    expect(isFrozen(target.pid())).toBe(false);
    expect(JSON.parse(readFileSync(path.join(files.out, 'verdict.json'), 'utf8'))).toMatchObject({
      verdict: 'INVALID',
      residue: [],
    });
    expect(events(files).find(({ event }) => event.type === 'stopped')?.event).toMatchObject({
      cause: 'signal',
    });
  });
});

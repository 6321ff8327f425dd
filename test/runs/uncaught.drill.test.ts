import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, test } from 'vitest';
import { longFreeze } from '../drill/faults.ts';
import { drillArguments, events, squallEntry, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { isFrozen, markOf, survivors, until } from '../survivors.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
let target: TinyTarget | undefined;
afterEach(() => target?.stop());

/** For node's --import: once squall is running (and has written `event`, if given), something goes wrong. */
function accident(what: string, journal?: string): string[] {
  const isDue =
    journal === undefined
      ? "process.listenerCount('uncaughtException') > 0"
      : `existsSync(${JSON.stringify(journal)}) && readFileSync(${JSON.stringify(journal)}, 'utf8').includes('"fault-injected"')`;
  const code = `
    import { existsSync, readFileSync } from 'node:fs';
    import { isMainThread } from 'node:worker_threads';
    const look = () => (${isDue} ? happen() : setTimeout(look, 5).unref());
    const happen = () => { ${what} };
    if (isMainThread) look();`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}

test('an incomplete installation is INVALID and never FAIL, and one line', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'squall-not-whole-'));
  try {
    // Everything except its dependency, which this command needs.
    cpSync(path.dirname(path.dirname(squallEntry)), path.join(folder, 'dist'), { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module", "version": "0.0.0" }');
    const entry = path.join(folder, 'dist', 'scripts', 'squall.js');
    const { exitCode, stderr } = await execa(process.execPath, [entry, 'build'], { reject: false });
    expect(stderr).toMatch(
      /^squall: it is not whole, install it again \(npm ci\): Cannot find package '[^\n]+$/,
    );
    expect(exitCode).toBe(2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe.each([
  ['an error that nobody catches', "throw new Error('the unforeseen\\nhappened')"],
  ['a rejection that nobody handles', "void Promise.reject(new Error('the unforeseen\\nhappened'))"],
  ['a rejection with what is no error', "void Promise.reject('the unforeseen\\nhappened')"],
])('%s', (_, what) => {
  const squall = (env: Record<string, string>) =>
    execa(process.execPath, [...accident(what), squallEntry, 'doctor'], { env, reject: false });

  test('is INVALID and never FAIL, and one line', async () => {
    const { exitCode, stderr } = await squall({ SQUALL_DEBUG: '' });
    expect(exitCode).toBe(2);
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^squall: internal error: .*the unforeseen.*SQUALL_DEBUG/);
  });

  test('shows its stack on request', async () => {
    const { exitCode, stderr } = await squall({ SQUALL_DEBUG: '1' });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/\n +at /);
  });
});

describe.skipIf(k6 === null)('an error that nobody catches, in mid-fault', () => {
  test('ends the drill with INVALID, and the guardian undoes the fault', async () => {
    target = await startTinyTarget();
    const files = writeDrill(target, longFreeze, {}, k6?.path);
    const { mark, env } = markOf('uncaught');
    const fails = accident("throw new Error('the unforeseen')", path.join(files.out, 'journal.jsonl'));
    const { exitCode, stderr } = await execa(
      process.execPath,
      [...fails, ...drillArguments(files), '--json'],
      { env: { ...files.env, ...env }, reject: false, timeout: 60_000, stdin: 'ignore' },
    );
    expect(exitCode, stderr).toBe(2);
    expect(stderr).toMatch(/squall: internal error: the unforeseen/);
    const { pid } = target;
    await until(
      () => survivors(mark).length === 0 && !isFrozen(pid()),
      5_000,
      () => [...survivors(mark), `frozen: ${isFrozen(pid())}`].join('; '),
    );
    const undone = events(files).flatMap(({ event }) => (event.type === 'undo-done' ? [event.by] : []));
    expect(new Set(undone)).toEqual(new Set(['guardian']));
  });
});

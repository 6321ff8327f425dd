import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { identify, isAlive, type ProcessIdentity } from '../../chaos/process-identity.ts';
import { waitUntil } from '../../chaos/wait-until.ts';
import { type DrillFiles, eventOf, events, runToEnd, startDrill, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
let target: TinyTarget | undefined;
afterEach(() => target?.stop());

async function files(): Promise<DrillFiles> {
  target = await startTinyTarget();
  return writeDrill(target, { load: [{ script: 'script.js', vars: { DURATION: '4s' } }] }, {}, k6?.path);
}

describe.skipIf(k6 === null || process.platform !== 'linux')('the machine that generates the load', () => {
  test('is watched for as long as there is a load, and the report has it', async () => {
    const own = await files();
    const { verdict } = await runToEnd(own);
    const machine = events(own).flatMap(({ event }) => (event.type === 'machine' ? [event] : []));
    const numbers = machine.map(({ second }) => second);
    expect(numbers.length).toBeGreaterThanOrEqual(4);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(verdict.machine).toMatchObject({ hostsTarget: true, watchedSeconds: numbers.length });
    expect(verdict.machine?.k6Cpus).toBeGreaterThan(0);
    expect(verdict.machine?.busyShare).toBeGreaterThan(0);
    expect(verdict.machine?.vusMax).not.toBeNull();
  });

  test('is not watched any more when squall was killed', async () => {
    const own = await files();
    const running = startDrill(own);
    await eventOf(own, 'machine', running);
    const watching = watchersOf(running.pid as number);
    expect(watching).toHaveLength(1);
    running.kill('SIGKILL');
    await running;
    await waitUntil(() => (watching.some(isAlive) ? undefined : true), {
      signal: AbortSignal.timeout(20_000),
      everyMs: 20,
      otherwise: () => 'it goes on',
    });
  });
});

/** Children of the process that watch the machine. */
function watchersOf(parent: number): ProcessIdentity[] {
  const children = readdirSync(`/proc/${parent}/task`).flatMap((thread) =>
    readFileSync(`/proc/${parent}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return children
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('machine/process.js'))
    .flatMap((pid) => identify(pid) ?? []);
}

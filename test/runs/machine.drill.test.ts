import { afterEach, describe, expect, test } from 'vitest';
import { type DrillFiles, eventOf, events, runToEnd, startDrill, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { markOf, survivors, until } from '../survivors.ts';
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
    const { mark, env } = markOf('machine');
    const running = startDrill({ ...own, env: { ...own.env, ...env } });
    await eventOf(own, 'machine', running);
    const watching = survivors(mark).filter((one) => one.includes('machine/process.js'));
    expect(watching, survivors(mark).join('\n')).toHaveLength(1);
    running.kill('SIGKILL');
    await running;
    // The guardian, too: until it has ended it writes into the folder that goes with the target.
    const left = () => survivors(mark);
    await until(
      () => left().length === 0,
      20_000,
      () => left().join('\n'),
    );
  });
});

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { identify, isStopped, type ProcessIdentity } from '../../chaos/process-identity.ts';
import { everyShortFault, shortFaults } from '../drill/faults.ts';
import { type DrillFiles, eventOf, events, runToEnd, startDrill, writeDrill } from '../drill/run-drill.ts';
import { freePorts } from '../free-port.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget, type TinyTargetOptions } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
let target: TinyTarget | undefined;
afterEach(() => target?.stop());

async function set(
  drill: object,
  options: TinyTargetOptions = {},
  environment: object = {},
): Promise<{ files: DrillFiles; target: TinyTarget }> {
  target = await startTinyTarget(options);
  return { files: writeDrill(target, drill, environment, k6?.path), target };
}

describe.skipIf(k6 === null)('a drill with real k6 on a small real server', () => {
  test.each(everyShortFault)('%s: goes in with evidence, comes out, and the run passes', async (kind) => {
    const { files, target } = await set({ faults: [shortFaults[kind]], writes: { lost: 0 } });
    const { exitCode, verdict } = await runToEnd(files);
    expect(verdict, verdict.reasons.join('\n')).toMatchObject({ verdict: 'PASS', residue: [] });
    expect(exitCode).toBe(0);
    const [fault] = verdict.faults;
    expect(fault?.evidence.length).toBeGreaterThan(0);
    expect(Date.parse(fault?.removedAt ?? '')).toBeGreaterThan(Date.parse(fault?.injectedAt ?? ''));
    expect(verdict.phases.map(({ name }) => name)).toEqual([
      'steady',
      `fault:${fault?.name}`,
      `recovery:${fault?.name}`,
    ]);
    expect(verdict.writes).toMatchObject({ lost: 0, duplicated: 0 });
    expect(verdict.writes?.acknowledged).toBeGreaterThan(10);
    expect(isStopped(identify(target.pid()) as ProcessIdentity)).toBe(false);
  });

  test('a run directory may have any name', async () => {
    const { files } = await set({ load: [{ script: 'script.js', vars: { DURATION: '3s' } }] });
    const { exitCode, verdict } = await runToEnd({
      ...files,
      out: path.join(path.dirname(files.out), 'rate=50, "quick" \'run\''),
    });
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('PASS');
    expect(exitCode).toBe(0);
  });

  test('a kill shows its outage, its alert and its recovery', async () => {
    const { files } = await set(
      { faults: [{ ...shortFaults.kill, expect: { detectWithin: '2s', recoverWithin: '2s' } }] },
      { restartAfterMs: 500 },
    );
    const { verdict } = await runToEnd(files);
    const [fault] = verdict.faults;
    expect(fault, verdict.reasons.join('\n')).toMatchObject({ result: 'PASS' });
    expect(fault?.failedRequests).toBeGreaterThan(5);
    expect(fault?.downtimeMs).toBeGreaterThanOrEqual(450);
    expect(fault?.downtimeMs).toBeLessThan(2_500);
    expect(Date.parse(fault?.detectedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(fault?.injectedAt ?? ''));
  });

  test('a recovery that takes longer than the drill allows is a FAIL with exit 1', async () => {
    const { files } = await set(
      { faults: [{ ...shortFaults.kill, expect: { downtimeBelow: '100ms' } }] },
      { restartAfterMs: 800 },
    );
    const { exitCode, verdict } = await runToEnd(files);
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('FAIL');
    expect(exitCode).toBe(1);
  });

  test('a target that forgets one write in a thousand is a FAIL that names the ids', async () => {
    const { files, target: forgetful } = await set(
      {
        load: [{ script: 'script.js', vars: { RATE: '400', WRITE_EVERY: '1', DURATION: '7s' } }],
        writes: { lost: 0 },
      },
      { forgetEvery: 1000 },
    );
    const { exitCode, verdict } = await runToEnd(files);
    expect(exitCode).toBe(1);
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('FAIL');
    const forgotten = readFileSync(path.join(forgetful.directory, 'writes.txt.forgotten'), 'utf8')
      .trim()
      .split('\n');
    expect(verdict.writes).toMatchObject({ lost: forgotten.length, duplicated: 0 });
    expect([...(verdict.writes?.lostIds ?? [])].sort()).toEqual(forgotten.sort());
    expect(verdict.reasons.join(' ')).toContain(forgotten[0]);
  });

  test('a steady state that never was stops the run before any fault goes in', async () => {
    const { files } = await set({
      faults: [shortFaults.freeze],
      objectives: [
        { name: 'impossible', throughput: true, atLeast: '5000/s', phase: 'steady', minSamples: 20 },
      ],
    });
    const { exitCode, verdict } = await runToEnd(files);
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('FAIL');
    expect(exitCode).toBe(1);
    expect(events(files).map(({ event }) => event.type)).not.toContain('fault-injecting');
    expect(events(files).map(({ event }) => event.type)).toContain('steady-failed');
  });

  test('of two loads, one may be over before the fault', async () => {
    const short = { script: 'script.js', vars: { DURATION: '1s' } };
    const { files } = await set({
      load: [{ script: 'script.js', vars: { DURATION: '8s' } }, short],
      faults: [{ ...shortFaults.latency, at: '4s' }],
    });
    const { exitCode, verdict } = await runToEnd(files);
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('PASS');
    expect(exitCode).toBe(0);
  });

  test('a request name that the load never had is said before a fault goes in, with those that it has', async () => {
    const mistyped = { name: 'mistyped', where: { name: 'GET /helth' }, percentile: 95, below: '5s' };
    const why = 'mistyped: no request is named GET /helth; seen: GET /health, POST /writes';
    const { files } = await set({
      faults: [shortFaults.freeze],
      objectives: [{ ...mistyped, phase: 'steady' }],
    });
    const { exitCode, verdict } = await runToEnd(files);
    expect(exitCode).toBe(2);
    expect(verdict.verdict).toBe('INVALID');
    expect(verdict.reasons.join('\n')).toContain(why);
    const types = events(files).map(({ event }) => event.type);
    expect(types).toContain('steady-failed');
    expect(types).not.toContain('fault-injecting');
  });

  test('an objective of a later phase with such a name is a note by the end of the steady state', async () => {
    const mistyped = { name: 'mistyped', where: { name: 'GET /helth' }, percentile: 95, below: '5s' };
    const { files } = await set({
      faults: [shortFaults.freeze],
      objectives: [{ ...mistyped, phase: 'fault:frozen' }],
    });
    const { verdict } = await runToEnd(files);
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('INVALID');
    const said = events(files).map(({ event }) => (event.type === 'note' ? event.text : event.type));
    const at = said.findIndex((text) =>
      /^up to now, objective mistyped: no request is named GET \/helth; seen: GET \/health/.test(text),
    );
    expect(at, said.join('\n')).toBeGreaterThan(-1);
    expect(at).toBeLessThan(said.indexOf('fault-injecting'));
  });

  test('a target that nobody reaches ends the run in seconds, with the cause', async () => {
    const dead = `127.0.0.1:${(await freePorts(1))[0]}`;
    const vars = { DURATION: '50s', BASE_URL: `http://${dead}` };
    const { files } = await set({ load: [{ script: 'script.js', vars }] });
    const { exitCode, verdict } = await runToEnd(files);
    expect(exitCode).toBe(2);
    expect(verdict.verdict).toBe('INVALID');
    expect(verdict.reasons[0]).toMatch(
      /\(unreached\): not one of the first \d+ requests was answered, for [5-9][^:]* s: .*connection refused/,
    );
    expect(verdict.reasons[0]).toContain(dead);
    const lines = events(files);
    const at = (type: string) => lines.find(({ event }) => event.type === type)?.at ?? Number.NaN;
    expect(at('stopped') - at('load-started')).toBeLessThan(20_000);
  });

  test('a script that throws in every iteration is INVALID', async () => {
    const { files } = await set({ load: [{ script: 'script.js', vars: { THROW: '1', DURATION: '2s' } }] });
    const { exitCode, verdict } = await runToEnd(files);
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('INVALID');
    expect(exitCode).toBe(2);
  });

  test('a script whose setup() throws is INVALID, and the cause quotes it', async () => {
    const { files, target } = await set({ load: [{ script: 'script.js', vars: { DURATION: '2s' } }] });
    const script = path.join(target.directory, 'script.js');
    appendFileSync(script, "export function setup() { throw new Error('no seed data'); }\n");
    const { exitCode, verdict } = await runToEnd(files);
    expect(exitCode).toBe(2);
    expect(verdict.verdict).toBe('INVALID');
    expect(verdict.reasons).toHaveLength(1);
    expect(verdict.reasons[0]).toMatch(
      /setup\(\) of the script threw an error at .*; k6 said: "Error: no seed data"\. So there was no load/,
    );
  });

  test('a k6 that is killed in the middle is INVALID', async () => {
    const { files } = await set({});
    const running = startDrill(files);
    const started = await eventOf(files, 'load-started', running);
    await eventOf(files, 'first-sample', running);
    process.kill((started.event as { pid: number }).pid, 'SIGKILL');
    const { exitCode, stdout } = await running;
    expect(JSON.parse(String(stdout))).toMatchObject({ verdict: 'INVALID' });
    expect(exitCode).toBe(2);
  });

  test('a stop condition ends the run and takes the fault out at once', async () => {
    const { files } = await set({
      load: [{ script: 'script.js', vars: { DURATION: '12s' } }],
      faults: [{ ...shortFaults.refuse, for: '8s' }],
      stop: [{ errors: true, above: '50%', for: '1s' }],
    });
    const { exitCode, verdict } = await runToEnd(files);
    expect(exitCode).toBe(2);
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('INVALID');
    const at = (type: string) => events(files).find(({ event }) => event.type === type)?.at ?? Number.NaN;
    expect(at('fault-ended') - at('stopped')).toBeLessThan(1_000);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGTSTP'] as const)(
    '%s undoes the fault, ends k6, and leaves a report',
    async (signal) => {
      const { files, target } = await set({
        load: [{ script: 'script.js', vars: { DURATION: '20s' } }],
        faults: [{ ...shortFaults.freeze, for: '15s' }],
      });
      const running = startDrill(files);
      const started = await eventOf(files, 'load-started', running);
      const k6Process = identify((started.event as { pid: number }).pid) as ProcessIdentity;
      await eventOf(files, 'fault-injected', running);
      expect(isStopped(identify(target.pid()) as ProcessIdentity)).toBe(true);
      running.kill(signal);
      // Until the very end: a signal during the exit must not cost the exit code.
      const more = setInterval(() => running.kill(signal), 10);
      const { exitCode, stdout } = await running.finally(() => clearInterval(more));
      expect(exitCode).toBe(2);
      expect(JSON.parse(String(stdout))).toMatchObject({ verdict: 'INVALID', residue: [] });
      expect(isStopped(identify(target.pid()) as ProcessIdentity)).toBe(false);
      expect(identify(k6Process.pid)?.start).not.toBe(k6Process.start);
      for (const file of ['report.html', 'report.md', 'junit.xml', 'verdict.json'])
        expect(existsSync(path.join(files.out, file))).toBe(true);
    },
  );

  test('a second drill on the same environment is refused while the first one runs', async () => {
    const { files } = await set({ load: [{ script: 'script.js', vars: { DURATION: '6s' } }] });
    const first = startDrill(files);
    await eventOf(files, 'first-sample', first);
    const second = await startDrill({ ...files, out: `${files.out}-2` });
    expect(second.exitCode).toBe(64);
    expect(String(second.stderr)).toMatch(/in use by run/);
    expect((await first).exitCode).toBe(0);
  });

  test('a refused definition starts nothing', async () => {
    const { files } = await set({ faults: [{ ...shortFaults.kill, component: 'nothing' }] });
    const { exitCode, stderr } = await startDrill(files);
    expect(exitCode).toBe(64);
    expect(String(stderr)).toMatch(/drill\.yaml:\d+:\d+ .*component/);
    expect(existsSync(files.out)).toBe(false);
  });

  test('a drill beyond a limit is refused before the load starts, and leaves no run behind', async () => {
    const { files } = await set({ faults: [{ ...shortFaults.kill, params: {} }] });
    const { exitCode, stderr } = await startDrill(files);
    expect(String(stderr)).toMatch(/last healthy/);
    expect(exitCode).toBe(64);
    expect(existsSync(files.out)).toBe(false);
  });
});

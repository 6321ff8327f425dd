import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { hasRedis, type RedisGroup, startRedisGroup } from '../../../chaos/providers/local/fixtures/redis.ts';
import { everyShortFault, type ShortFault, shortFaults } from '../../../test/drill/faults.ts';
import {
  type DrillFiles,
  eventOf,
  events,
  squallEntry,
  startDrill,
  writeDrill,
} from '../../../test/drill/run-drill.ts';
import { anyK6 } from '../../../test/k6.ts';
import { isFrozen, markOf, survivors, until } from '../../../test/survivors.ts';
import { startTinyTarget, type TinyTarget } from '../../../test/tiny-target/tiny-target.ts';
import { inParallel, trials } from '../../../test/trials.ts';
import { readJournal } from '../../journal/read-journal.ts';
import { outstanding } from '../../undo.ts';
import type { ActiveRun } from '../active-run.ts';

const k6 = await anyK6();
const testable = k6 !== null && existsSync('/proc/self/environ');
/** Trials mostly wait: several share the machine. */
const AT_ONCE = 3;
const HEALED_WITHIN_MS = 5_000;

interface Trial {
  readonly target: TinyTarget;
  readonly files: DrillFiles;
  readonly mark: string;
  readonly kind: Kind;
  /** The real Redis, master, replica and sentinels, that a failover hits. */
  readonly group: RedisGroup | null;
}

type Kind = ShortFault | 'failover';
/** In the test command each has its turn once or twice; `npm run test:faults` takes the full counts. */
const everyKind: readonly Kind[] = [...everyShortFault, ...(hasRedis ? (['failover'] as const) : [])];

let count = 0;
const open = new Set<() => Promise<void>>();
afterAll(() => Promise.all([...open].map((close) => close())));

/** A drill that is under way, with its fault about to go in, in, or about to come out, as the dice have it. */
async function underWay(
  index: number,
  random: () => number,
): Promise<Trial & { running: ReturnType<typeof startDrill> }> {
  const kind = everyKind[index % everyKind.length] as Kind;
  // Every other one is a tree: a shell that the pid file names, and its child that serves.
  const target = await startTinyTarget({ wrapped: random() < 0.5 });
  open.add(target.stop);
  const group = kind === 'failover' ? await startRedisGroup() : null;
  if (group) open.add(group.close);
  const files = writeDrill(
    target,
    { faults: [faultOf(kind)] },
    group ? withStore(target, group) : {},
    k6?.path,
  );
  count += 1;
  const { mark, env } = markOf(`death-${count}`);
  const running = startDrill({ ...files, env: { ...files.env, ...env } });
  await eventOf(files, 'undo-armed', running);
  await eventOf(files, random() < 0.2 ? 'first-sample' : 'fault-injecting', running);
  await new Promise((resolve) => setTimeout(resolve, random() * 1_600));
  return { target, files, mark, kind, group, running };
}

function faultOf(kind: Kind): object {
  if (kind !== 'failover') return shortFaults[kind];
  return { name: 'lost', kind, component: 'store', at: '2500ms', params: { mode: 'demote' } };
}

function withStore({ port }: TinyTarget, { redis }: RedisGroup): object {
  return {
    allow: { kinds: ['failover'], maxTargets: 1 },
    vars: { BASE_URL: `http://127.0.0.1:${port}` },
    components: { store: { provider: 'local', redis } },
  };
}

function guardianOf({ files }: Trial): number {
  const directory = path.join(files.env.XDG_STATE_HOME ?? '', 'squall', 'active');
  const lock = readdirSync(directory).find((name) => name.endsWith('.json'));
  return lock === undefined
    ? 0
    : ((JSON.parse(readFileSync(path.join(directory, lock), 'utf8')) as ActiveRun).guardian?.pid ?? 0);
}

/** Everything that a fault or a run could leave; empty when it is all gone. */
async function traces(trial: Trial): Promise<string[]> {
  const { target, files, mark, group } = trial;
  const pids = group?.redis.nodes.map(({ pidFile }) => Number(readFileSync(pidFile, 'utf8'))) ?? [];
  const active = path.join(files.env.XDG_STATE_HOME ?? '', 'squall', 'active');
  return [
    ...survivors(mark),
    ...[...target.pids(), ...pids].filter(isFrozen).map((pid) => `process ${pid} is stopped`),
    ...((await accepts(target.linkPort)) ? ['the link listens'] : []),
    ...(existsSync(active) ? readdirSync(active).map((name) => `state file ${name}`) : []),
    ...pipesIn(files.out).map((name) => `pipe ${name}`),
    ...outstanding(events(files)).map(({ id }) => `not undone: ${id}`),
  ];
}

/** Named pipes anywhere in a run's directory, under whichever name. */
function pipesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true })
    .map((name) => path.join(directory, String(name)))
    .filter((file) => lstatSync(file, { throwIfNoEntry: false })?.isFIFO());
}

describe.skipIf(!testable)('whatever dies, nothing is left', () => {
  test('SIGKILL of the orchestrator at any point: the guardian heals within 5 s', {
    timeout: 7_200_000,
  }, async () => {
    const { count, random } = trials('orchestrator killed', { full: 1_000, sample: 2 * everyKind.length });
    await inParallel(count, AT_ONCE, async (index) => {
      const trial = await underWay(index, random);
      trial.running.kill('SIGKILL');
      await trial.running;
      await expectClean(trial);
      await finish(trial);
    });
  });

  test('SIGKILL of the guardian: the orchestrator undoes the faults and the run is INVALID', {
    timeout: 3_600_000,
  }, async () => {
    const { count, random } = trials('guardian killed', { full: 100, sample: everyKind.length });
    await inParallel(count, AT_ONCE, async (index) => {
      const trial = await underWay(index, random);
      const guardian = guardianOf(trial);
      if (guardian > 0 && !ended(trial)) process.kill(guardian, 'SIGKILL');
      const killedInTime = guardian > 0 && !ended(trial);
      const { exitCode, stdout } = await trial.running;
      if (killedInTime) {
        expect(exitCode, String(stdout)).toBe(2);
        expect(JSON.parse(String(stdout)).reasons.join(' ')).toContain('guardian');
      }
      await expectClean(trial);
      await finish(trial);
    });
  });

  test('SIGKILL of both: the next drill refuses, recover cleans up, and again finds nothing', {
    timeout: 3_600_000,
  }, async () => {
    const { count, random } = trials('both killed', { full: 100, sample: everyKind.length });
    await inParallel(count, AT_ONCE, async (index) => {
      const trial = await underWay(index, random);
      const guardian = guardianOf(trial);
      if (guardian > 0) process.kill(guardian, 'SIGKILL');
      trial.running.kill('SIGKILL');
      await trial.running;
      const { files } = trial;
      if (outstanding(events(files)).length > 0) {
        const refused = await startDrill({ ...files, out: `${files.out}-2` });
        expect(refused.exitCode).toBe(3);
        expect(String(refused.stderr)).toContain('squall recover');
      }
      const first = await recover(files);
      expect(first.exitCode, String(first.stdout)).toBe(0);
      await expectClean(trial);
      const lines = events(files).length;
      expect((await recover(files)).exitCode).toBe(0);
      expect(events(files)).toHaveLength(lines);
      await finish(trial);
    });
  });

  test('several signals while it undoes: each undo runs once in effect, and the verdict is written', {
    timeout: 3_600_000,
  }, async () => {
    const { count, random } = trials('signals during undo', { full: 200, sample: everyKind.length });
    await inParallel(count, AT_ONCE, async (index) => {
      const trial = await underWay(index, random);
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      const times = 2 + Math.floor(random() * 4);
      for (let i = 0; i < times; i += 1) {
        trial.running.kill(signals[Math.floor(random() * signals.length)]);
        await new Promise((resolve) => setTimeout(resolve, random() * 100));
      }
      const { exitCode, stderr } = await trial.running;
      expect([0, 2], String(stderr)).toContain(exitCode);
      const done = events(trial.files).flatMap(({ event }) => (event.type === 'undo-done' ? [event.id] : []));
      expect(new Set(done).size).toBe(done.length);
      expect(existsSync(path.join(trial.files.out, 'verdict.json'))).toBe(true);
      await expectClean(trial);
      await finish(trial);
    });
  });
});

async function expectClean(trial: Trial): Promise<void> {
  let left: string[] = [];
  const clean = async () => {
    left = await traces(trial);
    return left.length === 0;
  };
  await until(clean, HEALED_WITHIN_MS, () => `${trial.kind}: ${left.join('; ')}`);
  expect(readJournal(path.join(trial.files.out, 'journal.jsonl')).damage).toBeNull();
}

async function finish(trial: Trial): Promise<void> {
  for (const close of [trial.target.stop, trial.group?.close]) {
    if (close === undefined) continue;
    await close();
    open.delete(close);
  }
}

function ended({ files }: Trial): boolean {
  return events(files).some(({ event }) => event.type === 'run-ended');
}

function recover(files: DrillFiles) {
  return execa(process.execPath, [squallEntry, 'recover'], {
    env: files.env,
    reject: false,
    stdin: 'ignore',
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import type { JournalEvent } from '../../orchestrator/journal/events.ts';
import { buildScenarios } from '../../orchestrator/tools/build.ts';
import type { K6 } from '../../orchestrator/tools/find-k6.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { status } from '../../testbed/commands/status.ts';
import { eventually, run } from '../../testbed/fixtures/running.ts';
import { isRunning } from '../../testbed/lib/process.ts';
import { parseSettings, readRawSettings, writeSettings } from '../../testbed/lib/settings.ts';
import { type PortName, paths, portOffsets, readTestbed } from '../../testbed/lib/testbed.ts';
import { events, squallEntry } from './run-drill.ts';
import { anyMachine, type ShippedDrill, shippedDrill } from './shipped.ts';

/** A testbed that several shipped drills use, one after the other, as a team's staging is used. */
export interface SharedTestbed {
  readonly directory: string;
  /** Exactly these on top of what it was started with; the load balancers read theirs when they start. */
  set(...pairs: string[]): void;
  origin(name: PortName): string;
  healthy(): Promise<void>;
  /** Ends the process; the control loop starts it again. */
  restart(name: string): Promise<void>;
  drill(request: DrillRequest): Promise<DrillRun>;
  down(): Promise<void>;
}

export interface DrillRequest {
  /** In chaos/drills/ or testbed/drills/. */
  readonly name: string;
  readonly shorten: (drill: ShippedDrill) => ShippedDrill;
  /** Objectives that measure how fast the machine is, and that are kept all the same: by far broken, or by far not. */
  readonly keep?: readonly string[];
  /** Settings from the moment that the first fault is in. */
  readonly whenIn?: readonly string[];
}

export interface DrillRun {
  readonly verdict: Verdict;
  readonly exitCode: number | undefined;
  /** Of this run. */
  readonly directory: string;
  /** Names of what is broken: objectives, expectations of faults (`fault: expectation`), probes, `writes`. */
  readonly broken: readonly string[];
  /** Everything that a person needs to see why it came out otherwise. */
  readonly told: string;
}

const root = path.resolve(import.meta.dirname, '../..');

/** With a second studio cloud, which nobody fails over to by default. */
export async function upSharedTestbed(k6: K6, ...settings: string[]): Promise<SharedTestbed> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-shared-'));
  const dir = path.join(directory, 'testbed');
  const set = ['control-period-ms=500', 'never-fail-over=true', ...settings].flatMap((one) => ['--set', one]);
  const [up] = await Promise.all([
    run(dir, 'up', '--second-studio', '--no-warm-up', '--base-port', '0', ...set),
    buildScenarios({ cwd: root, outDir: path.join(directory, 'build') }),
  ]);
  if (up.exitCode !== 0) {
    rmSync(directory, { recursive: true, force: true });
    throw new Error(up.stderr);
  }
  // The faults are so close together that a drill does not wait for the whole of `recoverWithin` between them.
  const environment = parse(readFileSync(paths(dir).environment, 'utf8'));
  const ownEnvironment = path.join(dir, 'for-tests.yaml');
  writeFileSync(
    ownEnvironment,
    stringify({ ...environment, allow: { ...environment.allow, maxTargets: 4 } }),
  );
  const file = paths(dir).settings;
  const initial = readRawSettings(file);
  const { basePort = 0 } = readTestbed(dir) ?? {};
  let runs = 0;

  async function healthy(): Promise<void> {
    await eventually('the testbed is healthy', async () => (await status(dir)).healthy || pause(), 60_000);
  }

  return {
    directory: dir,
    healthy,
    origin: (name) => `http://127.0.0.1:${basePort + portOffsets[name]}`,
    set: (...pairs) => writeSettings(file, parseSettings(pairs, initial)),
    async restart(name) {
      process.kill(Number(readFileSync(paths(dir).pidFile(name), 'utf8')), 'SIGKILL');
      await eventually(`${name} runs again`, () => isRunning(dir, name));
      await healthy();
    },
    async drill({ name, shorten, keep = [], whenIn }) {
      runs += 1;
      const at = path.join(directory, `${runs}-${name}`);
      mkdirSync(at);
      const shipped = shorten(shippedDrill(name, basePort));
      const drill = { ...shipped, objectives: await anyMachine(shipped.objectives, keep) };
      writeFileSync(path.join(at, 'drill.yaml'), stringify(drill));
      const out = path.join(at, 'run');
      const running = execa(
        process.execPath,
        [squallEntry, 'drill', path.join(at, 'drill.yaml'), '--env', ownEnvironment, '--out', out, '--json'],
        {
          cwd: directory,
          env: { XDG_STATE_HOME: path.join(directory, 'state'), K6_BIN: k6.path },
          reject: false,
          stdin: 'ignore',
          timeout: 240_000,
        },
      );
      if (whenIn !== undefined) {
        let isOver = false;
        void running.then(() => {
          isOver = true;
        });
        await eventually('a fault is in', () => isOver || has(out, 'fault-injected') || pause(), 120_000);
        writeSettings(file, parseSettings(whenIn, readRawSettings(file)));
      }
      const { exitCode, stdout, stderr } = await running;
      const verdict = parse(String(stdout)) as Verdict | null;
      if (verdict?.verdict === undefined)
        throw new Error(`${name}: no verdict (exit ${exitCode}): ${stderr}`);
      return {
        verdict,
        exitCode,
        directory: out,
        broken: brokenIn(verdict),
        told: `${verdict.reasons.join('\n')}\n${stderr}`,
      };
    },
    async down() {
      await run(dir, 'down');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Each look asks some twenty processes. */
async function pause(): Promise<false> {
  await new Promise((resolve) => setTimeout(resolve, 300));
  return false;
}

function has(out: string, type: JournalEvent['type']): boolean {
  return events({ drill: '', environment: '', out, env: {} }).some(({ event }) => event.type === type);
}

function brokenIn({ objectives, faults, probes, writes }: Verdict): string[] {
  return [
    ...objectives.filter(({ result }) => result === 'FAIL').map(({ name }) => name),
    ...faults.flatMap((fault) =>
      fault.expectations
        .filter(({ result }) => result === 'FAIL')
        .map((expectation) => `${fault.name}: ${expectation.name}`),
    ),
    ...probes.filter(({ result }) => result === 'FAIL').map(({ name }) => name),
    ...(writes?.result === 'FAIL' ? ['writes'] : []),
  ];
}

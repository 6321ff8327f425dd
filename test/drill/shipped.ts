import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import type { Objective, ObjectiveSet } from '../../thresholds/objective.ts';
import { parseDurationMs } from '../../thresholds/units.ts';
import type { DrillFiles } from './run-drill.ts';

const root = path.resolve(import.meta.dirname, '../..');

export interface CopyRequest {
  /** Left out: spike. */
  readonly drill?: string;
  /** Changes to the environment. */
  readonly environment?: (local: ShippedEnvironment) => object;
  /** For the copies; also the working directory of the run. */
  readonly directory: string;
  readonly basePort: number;
  /** Multiplies all times of the load and of the faults. What a drill expects stays as it is. */
  readonly speed: number;
  readonly vars: Readonly<Record<string, string>>;
  /** `name=value` of the testbed. */
  readonly settings: readonly string[];
  /** As it is shipped; left out: not, because the objectives that measure speed are left out. */
  readonly warmsUp?: boolean;
}

/** chaos/environments/local.yaml, for another place. */
export interface ShippedEnvironment {
  readonly allow: object;
  readonly components: Readonly<Record<string, object>>;
}

export interface ShippedCopy extends DrillFiles {
  readonly testbedDirectory: string;
}

/**
 * Copies of a shipped drill and of chaos/environments/local.yaml, for a testbed of their own on a shared machine: less load,
 * shorter, and without the objectives that measure how fast the machine is.
 */
export async function copyShipped(request: CopyRequest): Promise<ShippedCopy> {
  const { directory } = request;
  const at = (name: string) => path.join(directory, name);
  const testbedDirectory = at('testbed');
  mkdirSync(directory, { recursive: true });
  writeFileSync(at('drill.yaml'), stringify(await drillOf(request)));
  const { environment = (same: ShippedEnvironment) => same } = request;
  writeFileSync(at('local.yaml'), stringify(environment(environmentOf(request, testbedDirectory))));
  return {
    drill: at('drill.yaml'),
    environment: at('local.yaml'),
    out: at('run'),
    env: { XDG_STATE_HOME: at('state') },
    testbedDirectory,
  };
}

interface Timed {
  readonly at: string;
  readonly for?: string;
}

/** A drill of chaos/drills/ or testbed/drills/, as far as tests change it. */
export interface ShippedDrill {
  readonly load: readonly { readonly scenario: string; readonly vars: Readonly<Record<string, string>> }[];
  readonly vars?: Readonly<Record<string, string>>;
  readonly steady: { readonly for: string };
  readonly faults?: readonly ShippedFault[];
  readonly objectives: readonly (Objective | UsedSet)[];
  readonly [member: string]: unknown;
}

interface UsedSet {
  readonly use: string;
  readonly phase?: string;
  readonly for?: string;
}

export interface ShippedFault {
  readonly name: string;
  readonly at: string;
  readonly for?: string;
  readonly expect: Readonly<Record<string, string>>;
}

export function shippedDrill(name: string, basePort: number): ShippedDrill {
  const files = ['chaos', 'testbed'].map((folder) => path.join(root, folder, `drills/${name}.yaml`));
  return parse(onPorts(readFileSync(files.find(existsSync) ?? '', 'utf8'), basePort));
}

/** The testbed's default ports are those from 9000 on. */
function onPorts(text: string, basePort: number): string {
  return text.replaceAll(/127\.0\.0\.1:9(\d{3})/g, (_, offset) => `127.0.0.1:${basePort + Number(offset)}`);
}

async function drillOf({ speed, vars, drill: name = 'spike' }: CopyRequest) {
  const drill = parse(readFileSync(path.join(root, `chaos/drills/${name}.yaml`), 'utf8'));
  const shorter = (duration: string) => `${Math.round(parseDurationMs(duration) * speed)}ms`;
  const [load] = drill.load;
  const times = Object.entries(load.vars as Record<string, string>)
    .filter(([name]) => ['BASE_DURATION', 'RAMP', 'DURATION'].includes(name))
    .map(([name, duration]) => [name, shorter(duration)]);
  return {
    ...drill,
    load: [{ ...load, vars: { ...load.vars, ...Object.fromEntries(times), ...vars } }],
    steady: { for: shorter(drill.steady.for) },
    faults: (drill.faults as Timed[]).map((fault) => ({
      ...fault,
      at: shorter(fault.at),
      ...(fault.for === undefined ? {} : { for: shorter(fault.for) }),
    })),
    objectives: await anyMachine(drill.objectives),
  };
}

/**
 * The objectives, sets resolved, without those that measure how fast the machine is, but for the ones to keep. So little load makes few
 * samples, so the remaining ones need only one.
 */
export async function anyMachine(
  objectives: readonly (Objective | UsedSet)[],
  keep: readonly string[] = [],
): Promise<Objective[]> {
  const sets = await Promise.all(
    objectives.map(async (one): Promise<ObjectiveSet> => {
      if (!('use' in one)) return [one];
      const { use, ...where } = one;
      const set: ObjectiveSet = (await import(path.join(root, 'thresholds', `${use}.ts`))).default;
      return set.map((objective) => ({ ...objective, ...where }));
    }),
  );
  return sets
    .flat()
    .filter(
      (objective) =>
        keep.includes(objective.name) ||
        !('percentile' in objective || 'throughput' in objective || RATIO.test(objective.name)),
    )
    .map((objective) => ({ ...objective, minSamples: 1 }));
}

/** Of two latencies: of a process that has just started, and of one that has not. */
const RATIO = /-ratio$/;

function environmentOf({ basePort, settings, warmsUp = false }: CopyRequest, testbedDirectory: string) {
  const shipped = readFileSync(path.join(root, 'chaos/environments/local.yaml'), 'utf8');
  const environment = parse(onPorts(shipped, basePort).replaceAll('../../.squall/testbed', testbedDirectory));
  const command = ([node, main, verb]: readonly string[], ...more: readonly string[]) => [
    ...[node, path.join(root, main as string), verb, '--dir', testbedDirectory],
    ...more,
  ];
  const { up, down, status } = environment.testbed;
  const set = settings.flatMap((setting) => ['--set', setting]);
  return {
    ...environment,
    // The faults are so close together that a drill does not wait for the whole of `recoverWithin` between them.
    allow: { ...environment.allow, maxTargets: 4 },
    testbed: {
      up: command(up, ...(warmsUp ? [] : ['--no-warm-up']), '--base-port', String(basePort), ...set),
      down: command(down),
      status: command(status),
    },
  };
}

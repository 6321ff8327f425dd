import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadDrill } from '../../chaos/definitions/load-drill.ts';
import { loadSuite } from '../../chaos/definitions/load-suite.ts';
import { packageRoot } from '../../chaos/package-root.ts';
import type { Drill } from '../../chaos/schema/drill.ts';
import type { Register, RegisterMeasure } from '../../chaos/schema/register.ts';
import { probeTarget } from '../../orchestrator/judge/probes.ts';
import { planMeter } from '../../orchestrator/objectives/kinds/index.ts';
import { readableMs } from '../../orchestrator/objectives/number-text.ts';
import { loadObjectiveSet } from '../../orchestrator/plan/objective-sets.ts';
import { parseBounds, sameBounds } from '../../orchestrator/promises/bound.ts';
import { measureText } from '../../orchestrator/promises/measure-text.ts';
import type { Objective } from '../../thresholds/objective.ts';

/** The reasons that a register of this repository may give for what it does not measure. */
const REASONS =
  /^(needs an? (AWS|Google|Grafana|Datadog|PagerDuty|Splunk) account|the gate|not built yet)(: .+)?$/;

/**
 * Everything that is wrong with what a register of this repository says about itself: measurements that do not exist, that have another
 * bound than the promise, and reasons that are none.
 */
export async function problemsOf(register: Register): Promise<string[]> {
  const drills = await allDrills();
  const problems: string[] = [];
  for (const { name, bound, by, notMeasured } of statesOf(register)) {
    if (notMeasured !== undefined && !REASONS.test(notMeasured))
      problems.push(`${name}: "${notMeasured}" is no reason`);
    for (const measure of by) {
      const targets = await targetsOf(measure, drills);
      const wanted = measure.bound ?? bound;
      if (targets.length === 0) problems.push(`${name}: there is no ${measureText(measure)}`);
      else if (parseBounds(wanted).length === 0 && targets.some((target) => parseBounds(target).length > 0))
        problems.push(`${name}: ${measureText(measure)} has a number, "${wanted}" has none: say \`bound:\``);
      for (const target of targets)
        if (parseBounds(wanted).length > 0 && !sameBounds(wanted, target))
          problems.push(`${name}: ${measureText(measure)} has "${target}", the promise is "${wanted}"`);
    }
  }
  return problems;
}

/** What is measured on its own: promises, and of those with parts each part, as "promise, part". */
export interface PromiseState {
  readonly name: string;
  readonly bound: string;
  readonly by: readonly RegisterMeasure[];
  readonly notMeasured?: string | undefined;
}

export function statesOf({ areas }: Register): PromiseState[] {
  const promises = Object.values(areas).flatMap((area) => Object.entries(area.promises));
  return promises.flatMap(([id, promise]) =>
    promise.parts === undefined
      ? [{ name: id, ...promise, by: promise.by ?? [] }]
      : Object.entries(promise.parts).map(([part, state]) => ({
          name: `${id}, ${part}`,
          ...state,
          by: state.by ?? [],
        })),
  );
}

/** What it is measured against, for each thing that a measurement names. */
async function targetsOf(measure: RegisterMeasure, drills: ReadonlyMap<string, Drill>): Promise<string[]> {
  // Not against a number: the service took it or not, it is on the page or not.
  if (measure.told !== undefined || measure.page !== undefined) return [''];
  if (measure.scenario !== undefined) return scenarioTargets(measure.scenario, measure.objective ?? '');
  if (measure.gate !== undefined) {
    const suite = await loadSuite(measure.gate, packageRoot()).catch(() => null);
    return (suite?.value.checks ?? []).filter(({ name }) => name === measure.check).map(() => '= 0');
  }
  const drill = drills.get(measure.drill ?? '');
  if (drill === undefined) return [];
  if (measure.objective !== undefined) return drillTargets(drill, measure.objective, measure.phase);
  if (measure.probe !== undefined)
    return drill.probes.filter(({ name }) => name === measure.probe).map(probeTarget);
  if (measure.writes !== undefined) return drill.writes ? [`= ${drill.writes[measure.writes]}`] : [];
  const [name, what] = (measure.expectation ?? '').split('.');
  return drill.faults
    .filter((fault) => fault.name === name)
    .flatMap((fault) => expectedOf(fault).flatMap(([of, target]) => (of === what ? [target] : [])));
}

/** What a fault is expected to do, with its bound. */
export function expectedOf({ expect }: Drill['faults'][number]): [name: string, target: string][] {
  return Object.entries(expect).flatMap(([name, value]): [string, string][] => {
    if (typeof value !== 'number') return [];
    return [[name, name === 'failedRequestsBelow' ? `< ${value}` : `within ${readableMs(value)}`]];
  });
}

async function drillTargets(drill: Drill, name: string, phase: string | undefined): Promise<string[]> {
  return (await objectivesOf(drill))
    .filter((one) => one.name === name && (phase === undefined || (one.phase ?? 'steady') === phase))
    .map((one) => planMeter(one).target);
}

/** A drill's objectives, with those of the sets that it uses. */
export async function objectivesOf(drill: Drill): Promise<Objective[]> {
  const all = await Promise.all(
    drill.objectives.map(async (one) => {
      if (!('use' in one)) return [one as Objective];
      const { use, ...where } = one;
      return (await loadObjectiveSet(use, packageRoot())).map((own) => ({ ...own, ...where }) as Objective);
    }),
  );
  return all.flat();
}

/** A scenario's objectives are those of the sets that it imports; `x.*` stands for those of each of its levels. */
async function scenarioTargets(scenario: string, objective: string): Promise<string[]> {
  const file = path.join(packageRoot(), 'scenarios', `${scenario}.ts`);
  if (!existsSync(file)) return [];
  const source = readFileSync(file, 'utf8');
  const sets = [...source.matchAll(/^import (?!\{)(\w+).* from '\.\.\/thresholds\/([\w-]+)\.ts'/gm)];
  const inLevels = new Set<string | undefined>(
    [...source.matchAll(/\bat\([^,()]+, ([\w.(]+)/g)].flatMap(([, set = '']) => set.split(/\W/)),
  );
  const isLevelled = objective.endsWith('.*') && source.includes("from './lib/rates/levels.ts'");
  const name = isLevelled ? objective.slice(0, -2) : objective;
  const usable = sets.filter(([, variable]) => isLevelled || !inLevels.has(variable));
  const objectives = await Promise.all(usable.map(([, , set = '']) => loadObjectiveSet(set, packageRoot())));
  return objectives
    .flat()
    .filter((one) => one.name === name)
    .map((one) => planMeter(one).target);
}

/** The drills that ship, by name. */
export async function allDrills(): Promise<Map<string, Drill>> {
  const folders = ['chaos/drills', 'testbed/deploy', 'testbed/drills'].map((one) =>
    path.join(packageRoot(), one),
  );
  const files = folders.filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => path.join(folder, file)),
  );
  const drills = await Promise.all(files.map((file) => loadDrill(file)));
  return new Map(drills.map(({ value }) => [value.name, value]));
}

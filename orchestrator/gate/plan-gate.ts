import path from 'node:path';
import type { Loaded } from '../../chaos/definitions/issues/source.ts';
import type { LoadedSuite } from '../../chaos/definitions/load-suite.ts';
import { resolveSecrets } from '../../chaos/definitions/secrets/resolve-secrets.ts';
import type { Drill } from '../../chaos/schema/drill.ts';
import type { Environment } from '../../chaos/schema/environment.ts';
import type { SuiteCheck, SuiteComparison } from '../../chaos/schema/suite.ts';
import { findBundle, type PlanRequest, planDrill } from '../plan/plan-drill.ts';
import { RefusalError } from '../refusal.ts';
import { commandLine, testbed } from '../run/testbed.ts';
import { calibrationOf, readCalibration } from './calibration/calibration.ts';
import type { GatePlan, Part, PlannedComparison } from './gate.types.ts';
import type { RunRecord } from './history/run-record.ts';
import { bothSides, oneSide, restartable } from './side-by-side/both-sides.ts';
import { FAMILY_ALPHA } from './side-by-side/compare-slots.ts';
import { checkSides } from './side-by-side/sides-differ.ts';
import { type Side, slotOrder, startOrder, warmUpSlots } from './side-by-side/slot-order.ts';
import { writeSwitchingScript } from './side-by-side/switching-script.ts';

export interface GateRequest extends Pick<PlanRequest, 'k6' | 'cwd' | 'env'> {
  readonly suite: LoadedSuite;
  readonly candidate: Loaded<Environment>;
  readonly baseline: Loaded<Environment> | null;
  /** Runs of the past to compare with; null where there is no such directory. */
  readonly history: readonly RunRecord[] | null;
  readonly seed: number;
  /** The gate's directory: the scripts that switch between both sides are written there. */
  readonly directory: string;
}

/**
 * Plans everything before anything is run, so that a mistake in the last part does not cost the time of the others. Starts nothing but
 * `k6 inspect`.
 * @throws DefinitionError, RefusalError
 */
export async function planGate(request: GateRequest): Promise<GatePlan> {
  const { suite, seed, baseline, history } = request;
  if (suite.value.compare.length > 0 && baseline === null && history === null)
    throw new RefusalError(
      `the suite ${suite.value.name} compares, so it needs something to compare with: --baseline ENV or --history DIR`,
    );
  const checks: GatePlan['checks'][number][] = [];
  for (const check of suite.value.checks) checks.push(await planCheck(request, check));
  const comparisons: PlannedComparison[] = [];
  // A false alarm in any of them is a false alarm of the gate, so they share its chance.
  const alpha = FAMILY_ALPHA / suite.value.compare.length;
  for (const comparison of suite.value.compare)
    if (baseline !== null)
      comparisons.push({ ...(await planComparison(request, baseline, comparison)), alpha });
    else if (history !== null) comparisons.push({ ...(await planRun(request, history, comparison)), alpha });
  return { suite: suite.value.name, seed, checks, comparisons };
}

async function planCheck(request: GateRequest, check: SuiteCheck): Promise<GatePlan['checks'][number]> {
  const { name, blocks, vars } = check;
  const script =
    check.script ?? (check.scenario === undefined ? '' : findBundle(check.scenario, request.cwd));
  const drill =
    check.drill === undefined
      ? drillOf(request.suite, name, { script, vars })
      : (request.suite.drills.get(check.drill) as Loaded<Drill>);
  const part = await plan(request, name, drill, request.candidate);
  const hasNone = check.drill === undefined && part.plan.loads[0]?.thresholds?.length === 0;
  return { ...part, blocks, ...(hasNone ? { note: NO_THRESHOLDS } : {}) };
}

const NO_THRESHOLDS = 'the script has no thresholds, so all that is proven is that it ran';

async function planComparison(
  request: GateRequest,
  baseline: Loaded<Environment>,
  comparison: SuiteComparison,
): Promise<PlannedComparison> {
  const { name, slots } = comparison;
  const notes: string[] = [];
  const canRestart = restartable(baseline.value, request.candidate.value);
  const restarts = canRestart ? comparison.restarts : 1;
  const between = readCalibration(calibrationOf(baseline.file), comparison, (text) => notes.push(text));
  if (restarts === 1)
    notes.push(
      `comparison ${name}: one start of each side, ${canRestart ? 'as the suite says' : 'because an environment has no testbed commands'}: only what is larger than the difference between two starts of the same code can be told${between === null ? ' (`squall gate calibrate` measures it)' : ''}`,
    );
  if (restarts > 1) await refuseIfUp(bothSides(baseline, request.candidate).value, request.cwd);
  const upTo = (start: number) => Math.floor((start * slots.pairs) / restarts);
  const { starts, doubt } = await planStarts(
    request,
    baseline,
    comparison,
    Array.from({ length: restarts }, (_, start) => ({
      name: restarts === 1 ? name : `${name}-${start + 1}`,
      pairs: upTo(start + 1) - upTo(start),
    })),
  );
  if (doubt !== null) notes.unshift(doubt);
  return { comparison, starts, notes, history: null, between, stopsEarly: comparison.blocks };
}

/**
 * Both sides at a time, once for each of `parts`.
 * @returns doubt: why the two may be the same target, or not comparable; null: nothing
 */
export async function planStarts(
  request: GateRequest,
  baseline: Loaded<Environment>,
  comparison: SuiteComparison,
  parts: readonly { readonly name: string; readonly pairs: number }[],
): Promise<{ readonly starts: Part[]; readonly doubt: string | null }> {
  const { slots, vars, script, scenario } = comparison;
  const source = script ?? findBundle(scenario ?? '', request.cwd);
  const own = { baseline: without(baseline, vars), candidate: without(request.candidate, vars) };
  const resolved = (side: Loaded<Environment>) => resolveSecrets(side.value, request.env, side).environment;
  const sides = { baseline: resolved(own.baseline), candidate: resolved(own.candidate) };
  const doubt = await checkSides(comparison.name, source, sides);
  // Who starts first may find a quieter machine, so that chance decides, and each is first as often.
  const firsts = slotOrder(parts.length, request.seed).filter((_, i) => i % 2 === 0);
  const starts: Part[] = [];
  for (const [start, { name, pairs }] of parts.entries()) {
    const switching = await writeSwitchingScript(source, path.join(request.directory, name, 'script'), {
      ...startOrder(slots, pairs, request.seed + start),
      lengthMs: slots.length,
    });
    const drill = drillOf(request.suite, name, { script: switching, vars });
    const environment = bothSides(own.baseline, own.candidate, firsts[start]);
    starts.push(await plan(request, name, drill, environment));
  }
  return { starts, doubt };
}

/** What the suite says for a load comes before what an environment says for all, as everywhere. */
function without(environment: Loaded<Environment>, vars: SuiteComparison['vars']): Loaded<Environment> {
  const kept = Object.entries(environment.value.vars).filter(([name]) => !Object.hasOwn(vars, name));
  return { ...environment, value: { ...environment.value, vars: Object.fromEntries(kept) } };
}

/**
 * What is up already is somebody else's and is never taken down, so it would be one start however often it is measured.
 * @throws RefusalError
 */
export async function refuseIfUp({ name, testbed: commands }: Environment, cwd: string): Promise<void> {
  if (commands === undefined || !(await testbed(commands, 'status', cwd)).ok) return;
  throw new RefusalError(
    `the testbed of ${name} is up already, so squall does not start it again: take it down with \`${commandLine(commands.down)}\`, or ask for one start`,
  );
}

/** A run for the history takes as long as both sides would. */
async function planRun(
  request: GateRequest,
  history: readonly RunRecord[],
  comparison: SuiteComparison,
): Promise<PlannedComparison> {
  const { name, slots } = comparison;
  const part = await planAlone(request, comparison, name, 2 * slots.pairs);
  return { comparison, starts: [part], notes: [], history, between: null };
}

/** The candidate alone, for so many slots. */
export async function planAlone(
  request: GateRequest,
  comparison: SuiteComparison,
  name: string,
  slots: number,
): Promise<Part> {
  const { vars, script, scenario } = comparison;
  const source = script ?? findBundle(scenario ?? '', request.cwd);
  const warmUp = warmUpSlots(comparison.slots);
  const whole = await writeSwitchingScript(source, path.join(request.directory, name, 'script'), {
    order: new Array<Side>(warmUp + slots).fill('candidate'),
    warmUp,
    lengthMs: comparison.slots.length,
  });
  const drill = drillOf(request.suite, name, { script: whole, vars });
  return plan(request, name, drill, oneSide(without(request.candidate, vars)));
}

/** A load alone, as a drill without faults: what k6's own thresholds say counts, and something must have been done. */
function drillOf(
  suite: LoadedSuite,
  name: string,
  load: { readonly script: string; readonly vars: Readonly<Record<string, string>> },
): Loaded<Drill> {
  return {
    ...suite,
    value: {
      name,
      load: [{ script: load.script, vars: { ...load.vars } }],
      steady: { for: 1_000 },
      faults: [],
      objectives: [{ name: 'iterations', counter: 'iterations', atLeast: 1, phase: 'all' }],
      probes: [],
      stop: [],
    },
  };
}

async function plan(
  { k6, cwd, env }: GateRequest,
  name: string,
  drill: Loaded<Drill>,
  environment: Loaded<Environment>,
): Promise<Part> {
  return { name, drill, environment, plan: await planDrill({ drill, environment, k6, cwd, env }) };
}

import { existsSync } from 'node:fs';
import path from 'node:path';
import { checkInEnvironment } from '../../chaos/definitions/check/check-in-environment.ts';
import { checkAgain, checkPace, notesOnPace } from '../../chaos/definitions/check/check-pace.ts';
import { checkSettings, notesOnSettings } from '../../chaos/definitions/check/check-settings.ts';
import { checkTimeline } from '../../chaos/definitions/check/check-timeline.ts';
import { type DefinitionIssue, issueAt, refuseIf } from '../../chaos/definitions/issues/definition-error.ts';
import { describeValue } from '../../chaos/definitions/issues/inert.ts';
import type { Loaded } from '../../chaos/definitions/issues/source.ts';
import { suggestOrList } from '../../chaos/definitions/issues/suggest.ts';
import type { LoadedDrill } from '../../chaos/definitions/load-drill.ts';
import { registerOf } from '../../chaos/definitions/load-register.ts';
import { loadRequests, settingsAskedFor } from '../../chaos/definitions/load-requests.ts';
import { resolveSecrets, withSecretsOf } from '../../chaos/definitions/secrets/resolve-secrets.ts';
import { packageRoot } from '../../chaos/package-root.ts';
import { ProviderError } from '../../chaos/provider-error.ts';
import type { Drill, DrillLoad } from '../../chaos/schema/drill.ts';
import type { Environment } from '../../chaos/schema/environment.ts';
import type { Objective } from '../../thresholds/objective.ts';
import { redactor } from '../journal/redact.ts';
import type { K6Binary } from '../load/runner.ts';
import { loadRunners, runnerNamed } from '../load/runners.ts';
import { EXTENDED } from '../package.ts';
import type { DrillPlan, PlannedLoad } from '../plan.types.ts';
import { notMeasuredBy } from '../promises/not-measured.ts';
import { RefusalError } from '../refusal.ts';
import { withDue } from './due.ts';
import { loadVars } from './load-vars.ts';
import { loadObjectiveSet } from './objective-sets.ts';
import { staleBundles } from './stale-bundles.ts';

export interface PlanRequest {
  readonly drill: LoadedDrill;
  readonly environment: Loaded<Environment>;
  readonly k6: K6Binary;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Brings definitions, scripts and objectives together and checks them against each other. Starts nothing but `k6 inspect`.
 * @throws DefinitionError, RefusalError
 */
export async function planDrill(request: PlanRequest): Promise<DrillPlan> {
  const { drill, cwd } = request;
  // The drill itself was checked when it was loaded.
  refuseIf([...checkInEnvironment(drill, request.environment), ...(await checkSettings(drill, cwd))]);
  const { environment, secrets: ofEnvironment } = resolveSecrets(
    request.environment.value,
    request.env,
    request.environment,
  );
  const secrets = withSecretsOf(ofEnvironment, [drill.changed, ...drill.value.load.map(({ vars }) => vars)]);
  const objectives = await resolveObjectives(drill.value, cwd);
  refuseIf(checkBudgets(drill, objectives));
  const loads: PlannedLoad[] = [];
  const least: ReadonlyMap<string, number>[] = [];
  for (const load of drill.value.load) {
    const planned = await planLoad(load, environment, request).catch((error: Error) => {
      // The error message of a script may contain a token.
      const redact = redactor(secrets);
      const fix = error instanceof RefusalError || error instanceof ProviderError ? error.fix : undefined;
      throw new RefusalError(redact(error.message), fix === undefined ? {} : { fix: redact(fix) });
    });
    loads.push(planned.load);
    least.push(planned.least);
  }
  // A number of samples that the drill itself sets takes precedence.
  const inline = (one: Objective) =>
    one.minSamples !== undefined && drill.value.objectives.includes(one as never);
  const durations = loads.map(({ durationMs }) => durationMs ?? undefined);
  const known = durations.filter((ms) => ms !== undefined);
  const loadMs = known.length === durations.length ? Math.max(...known) : undefined;
  refuseIf([
    ...checkTimeline(drill, durations),
    ...checkPace(drill, environment, loadMs),
    ...checkAgain(drill, environment),
  ]);
  const register = await registerOf(cwd);
  return {
    drill: drill.value,
    ...(drill.changed === undefined ? {} : { changed: drill.changed }),
    environment,
    secrets,
    loads,
    objectives: objectives.map((one) => (inline(one) ? one : withDue(one, least))),
    notes: [
      ...notesOn(request.env),
      ...(await notesOnSettings(drill.value, environment, cwd)),
      ...staleBundles(loads),
      ...notesOnPace(drill.value, environment, loadMs),
    ],
    ...(register === null
      ? {}
      : { unmeasured: notMeasuredBy(drill.value, objectives, register.value, environment.name) }),
  };
}

function notesOn(env: PlanRequest['env']): string[] {
  const ignored = [...new Set(loadRunners.flatMap((runner) => runner.notPassedOn(env)))];
  if (ignored.length === 0) return [];
  const verb = ignored.length === 1 ? 'is' : 'are';
  return [
    `${ignored.join(', ')} in this shell ${verb} not passed on: the load is what the drill, its script and its environment say`,
  ];
}

async function planLoad(
  load: DrillLoad,
  environment: Environment,
  { cwd, k6 }: PlanRequest,
): Promise<{ load: PlannedLoad; least: ReadonlyMap<string, number> }> {
  const script = load.script ?? findBundle(load.scenario ?? 'requests', cwd);
  const own = loadVars(environment, load);
  const vars =
    load.requests === undefined ? own : { ...own, REQUESTS: await requestsFor(load.requests, own) };
  const { load: settings } = environment;
  const runner = settings === undefined ? loadRunners[0] : runnerNamed(settings.runner);
  const foreign = load.script !== undefined;
  const judgesThresholds = foreign && load.thresholds !== 'ignore';
  const { least, ...shape } = await runner.inspect({ k6, script, vars, settings, judgesThresholds });
  const elsewhere = settings === undefined ? {} : { settings };
  return {
    load: { runner: runner.name, ...elsewhere, script, foreign, judgesThresholds, vars, ...shape },
    least,
  };
}

/** The text of a file of requests. It is handed to k6 as a variable, so that the journal says what was asked. */
async function requestsFor(file: string, vars: Readonly<Record<string, string>>): Promise<string> {
  const requests = await loadRequests(file);
  const missing = settingsAskedFor(requests.value).find((name) => !vars[name]);
  if (missing === undefined) return JSON.stringify(requests.value);
  throw new RefusalError(`${requests.shown} asks for the setting ${missing}, which nobody gives`, {
    fix: `write \`vars: { ${missing}: … }\` into the environment or the load; a secret as "\${env:${missing}}" in the environment`,
  });
}

/** `build/<scenario>.js` of the working directory, else the one that comes with squall; last those for a k6 with extensions. */
export function findBundle(scenario: string, cwd: string): string {
  const folders = [...new Set([cwd, packageRoot()])].map((root) => path.join(root, 'build'));
  const candidates = folders.map((folder) => path.join(folder, `${scenario}.js`));
  const extended = folders.map((folder) => path.join(folder, EXTENDED, `${scenario}.js`));
  const found = [...candidates, ...extended].find((file) => existsSync(file));
  if (found) return found;
  const source = path.join(cwd, 'scenarios', `${scenario}.ts`);
  const fix = existsSync(source)
    ? 'run `squall build` first'
    : 'is the scenario spelled right? `squall build` bundles scenarios/*.ts';
  throw new RefusalError(
    `no bundle for scenario ${scenario}: ${candidates.join(' and ')} are not there; ${fix}`,
  );
}

/** The budget of a stop condition belongs to an objective that may be in a set, so this is checked after the sets are read. */
function checkBudgets(drill: Loaded<Drill>, objectives: readonly Objective[]): DefinitionIssue[] {
  const budgets = objectives.flatMap((one) => ('availability' in one ? [one.name] : []));
  return drill.value.stop.flatMap((stop, i) =>
    !('burn' in stop) || budgets.includes(stop.burn)
      ? []
      : [
          issueAt(drill, ['stop', i, 'burn'], {
            rule: 'names no objective with an error budget',
            value: describeValue(stop.burn),
            fix:
              budgets.length === 0
                ? 'add an objective with `availability: true`, `atLeast` and `window`'
                : suggestOrList(stop.burn, budgets),
          }),
        ],
  );
}

async function resolveObjectives(drill: Drill, cwd: string): Promise<readonly Objective[]> {
  const objectives: Objective[] = [];
  for (const entry of drill.objectives) {
    if (!('use' in entry)) {
      objectives.push(entry as Objective);
      continue;
    }
    const set = await loadObjectiveSet(entry.use, cwd).catch((error: Error) => {
      throw new RefusalError(error.message);
    });
    objectives.push(
      ...set.map((objective) => ({
        ...objective,
        ...(entry.phase === undefined ? {} : { phase: entry.phase }),
        ...(entry.for === undefined ? {} : { for: entry.for }),
      })),
    );
  }
  const doubled = objectives.find(
    (one, index) => objectives.findIndex((other) => sameClaim(one, other)) !== index,
  );
  if (doubled)
    throw new RefusalError(`objective ${doubled.name} is there twice for phase ${doubled.phase ?? 'steady'}`);
  return objectives;
}

function sameClaim(one: Objective, other: Objective): boolean {
  return one.name === other.name && (one.phase ?? 'steady') === (other.phase ?? 'steady');
}

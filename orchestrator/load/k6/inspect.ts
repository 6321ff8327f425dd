import { execa } from 'execa';
import { parseDurationMs } from '../../../thresholds/units.ts';
import type { LoadShape, ScriptToInspect } from '../runner.ts';
import { withNoConfig } from './config.ts';
import { k6Environment, WITH_VARIABLES } from './environment.ts';
import { iterationsToKnow, type ScenarioShape } from './iterations.ts';

export interface InspectedShape extends Omit<LoadShape, 'thresholds'> {
  readonly scenarios: Readonly<Record<string, ScenarioShape>>;
  /** The script's own, as it wrote them. */
  readonly thresholds: Readonly<Record<string, readonly unknown[] | null>>;
}

/** Asks k6 what a script is going to do, without running it. @throws Error with k6's own message if it does not load */
export async function inspectScript({ k6, script, vars }: ScriptToInspect): Promise<InspectedShape> {
  const ask = async (options: readonly string[], more = {}) =>
    await withNoConfig((config) =>
      execa(
        k6.path,
        ['inspect', WITH_VARIABLES, '--log-format=json', ...options, `--config=${config}`, script],
        {
          env: k6Environment({ ...vars, ...more }),
          extendEnv: false,
          reject: false,
          timeout: INIT_LIMIT_MS,
        },
      ),
    );
  let answer = await ask([REQUIREMENTS]);
  if (NO_VUS.test(answer.stderr) && saysNoVus(await ask([]))) answer = await ask([REQUIREMENTS], ONE_VU);
  const { stdout, stderr, exitCode, timedOut } = answer;
  if (timedOut)
    throw new Error(`k6 cannot load ${script}: its init took more than ${INIT_LIMIT_MS / 1000} s`);
  if (exitCode !== 0) throw new Error(`k6 cannot load ${script}: ${lastWords(stderr)}`);
  const inspected = JSON.parse(stdout) as Inspected;
  return {
    durationMs: plannedDuration(inspected),
    least: leastCounts(inspected),
    systemTags: inspected.systemTags ?? [],
    scenarios: inspected.scenarios ?? {},
    thresholds: inspected.thresholds ?? {},
    iterationsToKnow: iterationsToKnow(inspected.scenarios ?? {}, inspected.minIterationDuration),
  };
}

/** Thresholds as texts, whatever else the script says of one. */
export function asksOf(thresholds: InspectedShape['thresholds']): NonNullable<LoadShape['thresholds']> {
  return Object.entries(thresholds).map(([metric, all]) => ({
    metric,
    asks: (all ?? []).flatMap((one) => {
      const text = typeof one === 'string' ? one : (one as { threshold?: unknown } | null)?.threshold;
      return typeof text === 'string' ? [text] : [];
    }),
  }));
}

/** Some read large files there. */
const INIT_LIMIT_MS = 120_000;

const REQUIREMENTS = '--execution-requirements';
const NO_VUS = /number of VUs must be more than 0/;
/** What `k6 run` takes where nobody says. `k6 inspect` takes 0, and refuses a script that says `iterations` or `duration` alone. */
const ONE_VU = { K6_VUS: '1' };

/** A script that says `vus: 0`, or has scenarios, is as wrong as k6 says. */
function saysNoVus({ exitCode, stdout }: { readonly exitCode?: number; readonly stdout: string }): boolean {
  if (exitCode !== 0) return false;
  const { vus, scenarios } = JSON.parse(stdout) as Inspected;
  return vus == null && scenarios == null;
}

interface Inspected {
  readonly vus?: number | null;
  readonly scenarios?: Readonly<Record<string, InspectedScenario>> | null;
  readonly systemTags?: readonly string[] | null;
  readonly minIterationDuration?: string | null;
  /** Texts, or objects for those that have more to say, such as abortOnFail. */
  readonly thresholds?: Readonly<Record<string, readonly unknown[] | null>> | null;
}

interface InspectedScenario extends ScenarioShape {
  readonly startTime?: string | null;
  readonly duration?: string | null;
  readonly stages?: readonly { readonly duration?: string | null; readonly target?: number | null }[] | null;
}

function plannedDuration(inspected: Inspected): number | null {
  const ends = Object.values(inspected.scenarios ?? {}).map((scenario) => {
    const start = scenario.startTime ? goDurationMs(scenario.startTime) : 0;
    if (scenario.duration) return start + goDurationMs(scenario.duration);
    if (scenario.stages)
      return scenario.stages.reduce(
        (sum, stage) => sum + (stage.duration ? goDurationMs(stage.duration) : 0),
        start,
      );
    return null;
  });
  return ends.length === 0 || ends.includes(null) ? null : Math.max(...ends.map(Number));
}

function leastCounts({ thresholds }: Inspected): Map<string, number> {
  const least = new Map<string, number>();
  for (const [metric, expressions] of Object.entries(thresholds ?? {})) {
    for (const expression of expressions ?? []) {
      const asked = typeof expression === 'string' ? /^count>=(\d+)$/.exec(expression)?.[1] : undefined;
      if (asked !== undefined) least.set(metric, Number(asked));
    }
  }
  return least;
}

/** k6 prints Go durations (`1m30s`, `0s`) or echoes what the script said (`90s`, or a number of milliseconds). */
function goDurationMs(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : parseDurationMs(text);
}

/** k6's reason in one line, without the path, which the caller names; or whatever it said last. */
function lastWords(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const errors = lines.flatMap((line) => errorIn(line) ?? []);
  const text = errors
    .at(-1)
    ?.replace(/^could not initialize '[^']*': (could not load JS test '[^']*': )?/, '');
  return (text ?? lines.slice(-3).join(' ')).replace(/\s+/g, ' ').trim().slice(0, 600);
}

function errorIn(line: string): string | undefined {
  try {
    const { level, msg } = JSON.parse(line) as { readonly level?: unknown; readonly msg?: unknown };
    return level === 'error' && typeof msg === 'string' ? msg : undefined;
  } catch {
    return undefined; // A script may print anything.
  }
}

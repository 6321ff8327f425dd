import type { LoadEnded } from '../journal/events.ts';
import { many } from '../objectives/number-text.ts';
import type { TagSet } from '../samples/recording/tag-sets.ts';
import type { Finding } from './finding.ts';
import { firstLine } from './load-exit.ts';
import type { Window } from './outages/troubles.ts';

/** What one scenario of a load did. */
export interface ScenarioCounts {
  requests: number;
  /** Of streams that the drill lists, and calls of gRPC. */
  events: number;
  dropped: number;
  iterations: number;
  /** By the second (epoch) in which they ended. */
  readonly iterationsBySecond: Map<number, number>;
  iterationMs: number;
  /** It sent bytes, or wrote a metric that an iteration without work has not: gRPC, WebSockets, a browser, one of its own. */
  isActive: boolean;
  /** It sent bytes, or had a browser send some. */
  hasSent: boolean;
}

export function countsOf(scenarios: Map<string, ScenarioCounts>, name = ''): ScenarioCounts {
  let counts = scenarios.get(name);
  if (counts === undefined) {
    counts = {
      requests: 0,
      events: 0,
      dropped: 0,
      iterations: 0,
      iterationsBySecond: new Map(),
      iterationMs: 0,
      isActive: false,
      hasSent: false,
    };
    scenarios.set(name, counts);
  }
  return counts;
}

/** Counts a sample that is not a request. */
export function countSample(
  scenarios: Map<string, ScenarioCounts>,
  metric: string,
  { tags }: TagSet,
  time: number,
  value: number,
): void {
  if (tags.scenario === undefined) return;
  const counts = countsOf(scenarios, tags.scenario);
  if (metric === 'iterations') {
    const second = Math.floor(time / 1000);
    counts.iterations += value;
    counts.iterationsBySecond.set(second, (counts.iterationsBySecond.get(second) ?? 0) + value);
  } else if (metric === 'iteration_duration') counts.iterationMs += value;
  else if (metric === 'dropped_iterations') counts.dropped += value;
  else if (metric === 'data_sent') {
    counts.isActive ||= value > 0;
    counts.hasSent ||= value > 0;
  } else if (showsWork(metric)) {
    counts.isActive = true;
    counts.hasSent ||= metric.startsWith('browser_');
  }
}

/** Scenarios that talk to a target, of which nothing is counted in which an outage could show: WebSockets that no stream is listed of, say. */
export function unheard(scenarios: ReadonlyMap<string, ScenarioCounts>): string[] {
  return [...scenarios].flatMap(([name, { requests, events, hasSent }]) =>
    requests + events === 0 && hasSent ? [name] : [],
  );
}

/** Does a sample of this metric show that an iteration did something? */
export function showsWork(metric: string): boolean {
  return !IDLE.has(metric) && !metric.startsWith('http_req');
}

const IDLE = new Set([
  ...['iterations', 'iteration_duration', 'dropped_iterations', 'vus', 'vus_max'],
  ...['checks', 'group_duration', 'data_sent', 'data_received'],
]);

export interface ScenarioInput {
  readonly scenarios: ReadonlyMap<string, ScenarioCounts>;
  /** The scenarios that the script plans; null: not known. */
  readonly planned: readonly string[] | null;
  readonly ended: LoadEnded | undefined;
  /** When faults kept the target from answering: an iteration that threw then is explained by them. Epoch ms. */
  readonly outages: readonly Window[];
  /** For people. */
  readonly load: string;
  /** The run was stopped: scenarios that had not begun by then are not missed. */
  readonly wasStopped: boolean;
}

/** Scenarios that tell nothing about the target, by name: others may have made all the requests. */
export function scenarioFindings(input: ScenarioInput): Finding[] {
  return [...thrownFindings(input), ...idleFindings(input)];
}

function thrownFindings({ scenarios, ended, outages, load }: ScenarioInput): Finding[] {
  const { scriptErrors = 0, thrown } = ended ?? {};
  const isExplained = (second: number) =>
    outages.some(({ from, to }) => (second + 1) * 1000 > from - AROUND_MS && second * 1000 < to + AROUND_MS);
  const findings: Finding[] = [];
  const said = firstLine(ended?.firstThrown ?? '');
  const first = said === '' ? '' : `; the first threw: "${said}"`;
  let attributed = 0;
  let unexplainedIterations = 0;
  let explainedIterations = 0;
  for (const [name, { iterationsBySecond }] of scenarios) {
    const own = (thrown ?? []).filter((one) => one.scenario === name);
    attributed += own.reduce((sum, { count }) => sum + count, 0);
    const threw = own.reduce((sum, { second, count }) => sum + (isExplained(second) ? 0 : count), 0);
    let iterations = 0;
    for (const [second, count] of iterationsBySecond) {
      if (isExplained(second)) explainedIterations += count;
      else iterations += count;
    }
    unexplainedIterations += iterations;
    if (threw === 0) continue;
    const of = Math.max(threw, iterations);
    const text = `The scenario ${name} of ${load} threw an error in ${threw} of ${many(of, 'iteration')}`;
    if (threw * 2 >= iterations) findings.push(invalid(`${text}.`));
    else findings.push({ result: 'NOTE', text: `${text} (${shareText(threw, of)})${first}.` });
  }
  attributed += (thrown ?? []).reduce(
    (sum, { scenario, count }) => sum + (scenarios.has(scenario) ? 0 : count),
    0,
  );
  // An older squall did not say when and where, and the list is bounded: what an outage may have made throw is taken off.
  const rest = scriptErrors - attributed - (thrown === undefined ? explainedIterations : 0);
  if (rest > 0 && findings.every(({ result }) => result === 'NOTE')) {
    const of = Math.max(rest, unexplainedIterations);
    const text = `The script of ${load} threw an error in ${rest} of ${many(of, 'iteration')}`;
    if (rest * 2 >= unexplainedIterations) findings.push(invalid(`${text}.`));
    else findings.push({ result: 'NOTE', text: `${text} (${shareText(rest, of)})${first}.` });
  }
  return findings;
}

/** Never 0 % of some. */
function shareText(count: number, of: number): string {
  const percent = (100 * count) / of;
  return percent < 0.1 ? 'less than 0.1 %' : `${Number(percent.toPrecision(2))} %`;
}

/** k6's log knows whole seconds, and an outage its ends to a request. */
const AROUND_MS = 1000;

function idleFindings({ scenarios, planned, ended, load, wasStopped }: ScenarioInput): Finding[] {
  const findings: Finding[] = [];
  for (const [name, counts] of scenarios) {
    const { requests, iterations, iterationMs, isActive } = counts;
    if (requests > 0 || isActive) continue;
    const what = `The scenario ${name} of ${load} made no request`;
    if ((ended?.thrown ?? []).some(({ scenario }) => scenario === name)) continue;
    const said = ended?.firstFailure === undefined ? '' : `; k6 said: "${ended.firstFailure}"`;
    if (iterations === 0) findings.push(invalid(`${what}: not one iteration of it came to its end${said}.`));
    else if (iterationMs / iterations < NOTHING_MS) {
      findings.push(
        invalid(
          `${what}: ${iterations === 1 ? 'its only iteration' : `each of its ${iterations} iterations`} ended at once, without doing anything${said}.`,
        ),
      );
    } else findings.push({ result: 'NOTE', text: `${what} in ${many(iterations, 'iteration')}.` });
  }
  if (wasStopped) return findings;
  for (const name of planned ?? []) {
    if (!scenarios.has(name))
      findings.push(invalid(`The scenario ${name} of ${load} is planned, and k6 tells nothing of it.`));
  }
  return findings;
}

/** Shorter than any wait or look-up: k6 takes some hundredths of this for an empty function. */
const NOTHING_MS = 1;

function invalid(text: string): Finding {
  return { result: 'INVALID', text };
}

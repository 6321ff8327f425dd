import { samplesOf, withTags } from '../../../thresholds/k6-names.ts';
import { defaultMinSamples, type Objective, type ObjectiveSet } from '../../../thresholds/objective.ts';
import { parseDurationMs, parsePercent, parseRatePerSecond } from '../../../thresholds/units.ts';
import { leastSamples } from './least-samples.ts';

/** One objective as k6 checks it, and where the summary finds the numbers. */
export interface K6Objective {
  readonly objective: Objective;
  /** For people: `p95 < 100ms`. */
  readonly target: string;
  readonly metric: string;
  /** The threshold. On its own k6 passes it without a sample, too. */
  readonly bound: string;
  /** The counter that tells how much was measured. */
  readonly countMetric: string;
  readonly minSamples: number;
  /** Counters that each need a sample: the parts of the load, where it has any (see Due). */
  readonly parts: readonly { readonly label: string; readonly metric: string }[];
  /** A counter that ends at zero when nothing that was due is still open (see ObjectiveMeasure); null: there is none. */
  readonly open: string | null;
  /** A sum above this misses the objective, however much else was measured; NaN: there is no such sum. */
  readonly most: number;
  /** Which of the metric's values counts, such as `p(95)`, and what to divide it by to get the target's unit. */
  readonly value: string;
  readonly divisor: number;
  readonly unit: 'ms' | 'share' | 'per second' | 'count' | 'number';
}

export interface LoadShape {
  /** Requests of at least this many seconds make up a throughput; needed for objectives with one. */
  readonly throughputSeconds?: number;
  /** By the name of an objective. */
  readonly due?: Readonly<Record<string, Due>>;
}

/**
 * The samples that this load makes when nothing goes wrong: a number; or at least one with each value of a tag (and, with `of`, one
 * of a counter that says who was watched to the end). Fewer mean that a part went unseen, such as a user whose script died. They
 * follow from the settings, so MIN_SAMPLES, which lets a short trial do with fewer samples, does not lower them.
 */
export type Due = number | { readonly tag: string; readonly values: readonly string[]; readonly of?: string };

/**
 * Translates one objective for k6. k6 knows no phases, so that the bound is on the whole run.
 * @throws Error when k6 cannot express it.
 */
export const toK6 = (objective: Objective, shape: LoadShape = {}): K6Objective => {
  const translated = translate(objective, shape);
  const due = shape.due?.[objective.name];
  if (due === undefined) return translated;
  if (typeof due === 'number') return { ...translated, minSamples: Math.max(translated.minSamples, due) };
  return {
    ...translated,
    minSamples: Math.max(translated.minSamples, due.values.length),
    parts: [
      ...translated.parts,
      ...due.values.flatMap((value) => {
        const own = translated.countMetric.split('{')[0] ?? '';
        const part = {
          label: `${due.tag} ${value}`,
          metric: selector(own, { ...objective.where, [due.tag]: value }),
        };
        if (due.of === undefined) return [part];
        const whole = {
          label: `${part.label} over the whole run`,
          metric: selector(due.of, { [due.tag]: value }),
        };
        return [part, whole];
      }),
    ],
  };
};

const translate = (objective: Objective, { throughputSeconds }: LoadShape): K6Objective => {
  const sub = (metric: string, extra: Readonly<Record<string, string>> = {}) =>
    selector(metric, { ...objective.where, ...extra });
  const common = (bound?: number) => ({
    objective,
    minSamples: leastSamples(objective.minSamples ?? defaultMinSamples(objective, bound)),
    divisor: 1,
    parts: [],
    open: null,
    most: Number.NaN,
  });
  const share = (metric: string, count: string) =>
    ({ metric: sub(metric), countMetric: sub(count), value: 'rate', unit: 'share' }) as const;
  if ('percentile' in objective) {
    const { percentile, below, metric = 'http_req_duration' } = objective;
    const http = metric === 'http_req_duration';
    const good: Record<string, string> = http ? { expected_response: 'true' } : {};
    return {
      ...common(),
      target: `p${percentile} < ${below}`,
      metric: sub(metric, good),
      bound: `p(${percentile})<${parseDurationMs(below)}`,
      countMetric: sub(http ? 'http_reqs' : samplesOf(metric), good),
      value: `p(${percentile})`,
      unit: 'ms',
    };
  }
  if ('errors' in objective) {
    const most = parsePercent(objective.below);
    return {
      ...common(most),
      target: `errors < ${objective.below}`,
      ...share('http_req_failed', 'http_reqs'),
      bound: `rate<${most}`,
    };
  }
  if ('availability' in objective) {
    const most = Number((1 - parsePercent(objective.atLeast)).toPrecision(12));
    return {
      ...common(most),
      target: `failed ≤ ${Number((most * 100).toPrecision(10))}% (${objective.atLeast} available)`,
      ...share('http_req_failed', 'http_reqs'),
      bound: `rate<=${most}`,
    };
  }
  if ('throughput' in objective) {
    if (throughputSeconds === undefined)
      throw new Error(`${objective.name}: over how many seconds? (throughputSeconds)`);
    const metric = sub('http_reqs', { expected_response: 'true' });
    return {
      ...common(),
      target: `good ≥ ${objective.atLeast}`,
      metric,
      bound: `count>=${Math.ceil(parseRatePerSecond(objective.atLeast) * throughputSeconds)}`,
      countMetric: metric,
      value: 'count',
      divisor: throughputSeconds,
      unit: 'per second',
    };
  }
  if ('counter' in objective) {
    const { counter, equals, atMost, atLeast, open } = objective;
    const [sign, k6Sign, bound] =
      equals !== undefined
        ? ['=', '==', equals]
        : atMost !== undefined
          ? ['≤', '<=', atMost]
          : ['≥', '>=', atLeast];
    if (bound === undefined) throw new Error(`${objective.name}: needs equals, atMost or atLeast`);
    return {
      ...common(),
      target: `${counter} ${sign} ${bound}`,
      metric: sub(counter),
      bound: `count${k6Sign}${bound}`,
      countMetric: sub(samplesOf(counter)),
      value: 'count',
      unit: 'count',
      // Of a counter that nobody counts with, k6 says 0.
      ...(open === undefined
        ? {}
        : { open: sub(open), parts: [{ label: open, metric: sub(samplesOf(open)) }] }),
      most: equals ?? atMost ?? Number.NaN,
    };
  }
  const { rate, atLeast, below } = objective;
  if ((atLeast === undefined) === (below === undefined))
    throw new Error(`${objective.name}: needs either atLeast or below`);
  const part = parsePercent(atLeast ?? below ?? '');
  return {
    ...common(atLeast === undefined ? part : 1 - part),
    target: atLeast === undefined ? `${rate} < ${below}` : `${rate} ≥ ${atLeast}`,
    ...share(rate, samplesOf(rate)),
    bound: atLeast === undefined ? `rate<${part}` : `rate>=${part}`,
  };
};

/** Those about the load itself. What has to hold during a fault is for squall's verdict, which knows when the fault was. */
export const outsideFaults = (set: ObjectiveSet): Objective[] => {
  return set.filter(({ phase = 'steady' }) => phase === 'steady' || phase === 'all');
};

/** @throws Error for tags that k6's selectors cannot hold. */
const selector = (metric: string, tags: Readonly<Record<string, string>>): string => {
  for (const [key, value] of Object.entries(tags)) {
    if (/[{},]/.test(key + value) || key.includes(':'))
      throw new Error(`k6 cannot select the tag ${key}: ${value}`);
  }
  return withTags(metric, tags);
};

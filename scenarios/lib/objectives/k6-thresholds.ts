import { defaultMinSamples, type Objective, type ObjectiveSet } from '../../../thresholds/objective.ts';
import { parseDurationMs, parsePercent, parseRatePerSecond } from '../../../thresholds/units.ts';
import { leastSamples } from './least-samples.ts';
import { samplesOf } from './samples-of.ts';

/** What k6 has to hold for one objective, and where its summary finds the numbers. */
export interface Pledge {
  readonly objective: Objective;
  /** For people: `p95 < 100ms`. */
  readonly target: string;
  readonly metric: string;
  /** Holds when the promise is kept; on its own also without a sample. */
  readonly bound: string;
  /** A counter that tells how much was measured. */
  readonly countMetric: string;
  readonly minSamples: number;
  /** Counters of which each needs a sample: the parts of the load, where it has such (see Due). */
  readonly parts: readonly { readonly label: string; readonly metric: string }[];
  /** A counter that ends at zero when nothing that was due is still open (see ObjectiveMeasure); null: there is no such counter. */
  readonly open: string | null;
  /** A sum above this breaks the promise however much else was measured; NaN: there is no such sum. */
  readonly most: number;
  /** Which of the metric's values was measured, such as `p(95)`, and what it is divided by to be in the target's unit. */
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
 * The samples that this load makes when nothing goes wrong: so many; or at least one with each value of a tag (also `of` a counter
 * that says who was looked at to the end). Fewer mean that a part of it went unseen, such as a user whose script died. They follow
 * from the settings, and shrink with them: MIN_SAMPLES, which is for claims that a short load cannot back, does not lower them.
 */
export type Due = number | { readonly tag: string; readonly values: readonly string[]; readonly of?: string };

/**
 * Translates one objective for k6. k6 knows no phases, so that the bound is on the whole run.
 * @throws Error when k6 cannot express it.
 */
export const pledge = (objective: Objective, shape: LoadShape = {}): Pledge => {
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

const translate = (objective: Objective, { throughputSeconds }: LoadShape): Pledge => {
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
      metric: sub('http_req_failed'),
      bound: `rate<${most}`,
      countMetric: sub('http_reqs'),
      value: 'rate',
      unit: 'share',
    };
  }
  if ('availability' in objective) {
    const most = Number((1 - parsePercent(objective.atLeast)).toPrecision(12));
    return {
      ...common(most),
      target: `failed ≤ ${Number((most * 100).toPrecision(10))}% (${objective.atLeast} available)`,
      metric: sub('http_req_failed'),
      bound: `rate<=${most}`,
      countMetric: sub('http_reqs'),
      value: 'rate',
      unit: 'share',
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
  const share = parsePercent(atLeast ?? below ?? '');
  return {
    ...common(atLeast === undefined ? share : 1 - share),
    target: atLeast === undefined ? `${rate} < ${below}` : `${rate} ≥ ${atLeast}`,
    metric: sub(rate),
    bound: atLeast === undefined ? `rate<${share}` : `rate>=${share}`,
    countMetric: sub(samplesOf(rate)),
    value: 'rate',
    unit: 'share',
  };
};

/** Those that speak of the load itself; what holds during a fault is for squall's verdict, which knows when the fault was. */
export const outsideFaults = (set: ObjectiveSet): Objective[] => {
  return set.filter(({ phase = 'steady' }) => phase === 'steady' || phase === 'all');
};

/** @throws Error for tags that k6's selectors cannot hold. */
const selector = (metric: string, tags: Readonly<Record<string, string>>): string => {
  const entries = Object.entries(tags);
  if (entries.length === 0) return metric;
  for (const [key, value] of entries) {
    if (/[{},]/.test(key + value) || key.includes(':'))
      throw new Error(`k6 cannot select the tag ${key}: ${value}`);
  }
  return `${metric}{${entries.map(([key, value]) => `${key}:${value}`).join(',')}}`;
};

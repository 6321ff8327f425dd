import type { ShippedDrill, ShippedFault } from './shipped.ts';

export interface Shorter {
  /** Of the faults that last. */
  readonly faultMs?: number;
  /** From the end of each fault to the next one, or to the end of the load. */
  readonly restMs?: number;
  /** Only these faults. */
  readonly faults?: readonly string[];
  /** Without these objectives: they need a longer time. */
  readonly without?: readonly string[];
  /** The drill's own variables. */
  readonly own?: Readonly<Record<string, string>>;
  /** How long a probe waits for what has to hold once; left out: as shipped. It does not wait any longer once that holds. */
  readonly withinMs?: number;
  /** How long has to hold what has to last, where the drill itself says how long. */
  readonly lastsMs?: number;
  /** Without these probes: they need a longer time. */
  readonly unasked?: readonly string[];
  /** Objectives of speed that are measured all the same, for the register. When it is green, a busy machine may miss them. */
  readonly measured?: readonly string[];
  /** More variables, by scenario. */
  readonly vars?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly expect?: Readonly<Record<string, string>>;
}

const STEADY_MS = 2_000;
const FIRST_MS = 3_500;

/** The same drill with little load and short times. What it expects stays as it is, if it is not said otherwise. */
export function shorten(drill: ShippedDrill, shorter: Shorter = {}): ShippedDrill {
  const { faultMs = 2_500, restMs = 3_500, faults: names, without = [], vars = {}, expect } = shorter;
  const { own = {}, withinMs, lastsMs, unasked = [] } = shorter;
  let at = FIRST_MS;
  const faults = (drill.faults ?? [])
    .filter(({ name }) => names === undefined || names.includes(name))
    .map((fault): ShippedFault => {
      const lasts = fault.for === undefined ? 0 : faultMs;
      const short = {
        ...fault,
        at: `${at}ms`,
        ...(fault.for === undefined ? {} : { for: `${faultMs}ms` }),
        ...(expect === undefined ? {} : { expect: { ...fault.expect, ...expect } }),
      };
      at += lasts + restMs;
      return short;
    });
  const left = new Set(faults.map(({ name }) => name));
  const isLeft = (name: unknown) => typeof name !== 'string' || left.has(name);
  const probes = ((drill.probes ?? []) as Probe[]).filter(({ name }) => !unasked.includes(name));
  const asked = new Set(probes.map(({ name }) => name));
  return {
    ...drill,
    ...(drill.vars === undefined ? {} : { vars: { ...drill.vars, ...own } }),
    load: drill.load.map((load) => ({
      ...load,
      vars: { ...load.vars, ...SMALL[load.scenario]?.(at), ...vars[load.scenario] },
    })),
    steady: { for: `${STEADY_MS}ms` },
    faults,
    objectives: drill.objectives.filter((objective) => {
      if ('name' in objective && without.includes(objective.name)) return false;
      const { phase } = objective;
      return isLeft(/^(?:fault|recovery):([^+]+)/.exec(phase ?? '')?.[1]);
    }),
    probes: probes
      .filter(({ after }) => isLeft(after) || asked.has(after ?? ''))
      .map((probe) => ({
        ...probe,
        ...(probe.within === undefined || withinMs === undefined ? {} : { within: `${withinMs}ms` }),
        ...(probe.for === undefined || lastsMs === undefined ? {} : { for: `${lastsMs}ms` }),
      })),
    // As long as the whole load.
    stop: [],
  };
}

interface Probe {
  readonly name: string;
  readonly after?: string;
  readonly within?: string;
  readonly for?: string;
}

/** Settings of each scenario for so many milliseconds. */
const SMALL: Readonly<Record<string, (ms: number) => Readonly<Record<string, string>>>> = {
  spike: (ms) => ({
    RATE: '60',
    READ_SHARE: '20%',
    WRITE_SHARE: '15%',
    SESSION_SHARE: '10%',
    BASE_DURATION: '0s',
    RAMP: '0s',
    DURATION: `${ms}ms`,
    VUS: '200',
  }),
  mix: (ms) => ({ USERS: '10', THINK_TIME: '200ms', DURATION: `${ms}ms` }),
  soak: (ms) => ({ USERS: '2', THINK_TIME: '200ms', SAMPLE_EVERY: '500ms', DURATION: `${ms}ms` }),
  // The deployment is not before the probes have read what there was before it.
  'deployment-watch': () => ({
    ...{ RATE: '20', VUS: '100', COMPARE_RATE: '180', MIN_SAMPLES: '1' },
    DEPLOY_AFTER: '2s',
  }),
  sessions: () => ({ USERS: '10', EVERY: '250ms', OPEN_FOR: '6s', SETTLE: '500ms' }),
  'vocal-stream': (ms) => ({ USERS: '6', DURATION: `${ms}ms`, SILENCE: '1s', DRAIN: '1s' }),
  collaboration: (ms) => ({
    ...{ SESSIONS: '2', MEMBERS: '3', EVERY: '250ms', SILENCE: '1s', DRAIN: '1s' },
    DURATION: `${ms}ms`,
  }),
  overload: () => ({
    CAPACITY: '40',
    OFFERED: '80',
    BEFORE: '3s',
    DURATION: '3s',
    AFTER: '3s',
    GRACE: '1s',
    VUS: '200',
  }),
};

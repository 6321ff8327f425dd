import { now, sleep } from '../clock.ts';
import { many, readableMs } from '../objectives/number-text.ts';
import type { LiveObjective, LiveTick } from '../samples/types.ts';

/** Keeps the newest reading of each load and says whether the steady state holds. */
export interface SteadyWatch {
  tick(load: number, tick: LiveTick): void;
  /** `asPlanned`: by itself, with all that it was to send. */
  ended(load: number, asPlanned: boolean): void;
  /** Waits, within bounds, for a reading that can decide. Null when the steady state holds, otherwise why not. */
  verdict(stop: AbortSignal): Promise<string | null>;
}

/** A reading must not be older than this, and a reading that cannot decide yet is waited for this long. */
const FRESH_MS = 2_000;
const POLL_MS = 50;

/**
 * The objectives of the steady phase, judged over the trailing `steady.for`, have to hold when the first fault is due.
 * With several loads an objective must not be broken in any, and one of them must have the samples to say so. One that is shorter than the
 * steady phase has said by its end what it has to say, as long as another goes on.
 * @param steadyForMs `steady.for` of the drill
 */
export function watchSteady(steadyForMs: number): SteadyWatch {
  const newest = new Map<number, LiveTick>();
  const ended: Ends = new Map();
  return {
    tick: (load, tick) => void newest.set(load, tick),
    ended: (load, asPlanned) => void ended.set(load, asPlanned),
    async verdict(stop) {
      const deadline = now() + FRESH_MS;
      for (;;) {
        const { holds, why } = read(newest, ended, steadyForMs);
        if (holds === true) return null;
        if (holds === false || stop.aborted || now() >= deadline) return why;
        await sleep(POLL_MS, stop);
      }
    },
  };
}

/** Whether each load that has ended did so as planned. */
type Ends = Map<number, boolean>;

const UNTOLD = 'cannot be told';
const NONE = 'no samples have arrived';
const OVER = 'had already ended';
/** What it says where samples are missing that no machine has kept back. */
const LACKS = [UNTOLD, NONE, OVER];

/**
 * Why the steady state was not there, the first cause first. A machine that is late breaks objectives; it does not take samples away from
 * a load that sends too few of them.
 */
export function unsteadyBecause(unsteady: string, trouble: string | null): string {
  if (trouble === null) return unsteady;
  return LACKS.some((lack) => unsteady.includes(lack))
    ? `${unsteady}; besides, ${trouble}`
    : `${trouble}, and ${unsteady}`;
}

function read(
  newest: ReadonlyMap<number, LiveTick>,
  ended: ReadonlyMap<number, boolean>,
  steadyForMs: number,
): { holds: boolean | null; why: string } {
  const ticks = [...newest.values()];
  if (ticks.length === 0) return { holds: null, why: NONE };
  const running = [...newest].filter(([load]) => ended.get(load) !== true);
  for (const [load, { at }] of running.length > 0 ? running : newest) {
    const ageMs = now() - at;
    if (ageMs <= FRESH_MS) continue;
    const why = ended.has(load)
      ? `load ${load + 1} ${OVER}`
      : `the newest reading is ${readableMs(ageMs)} old`;
    return { holds: null, why };
  }
  const readings = ticks.flatMap(({ objectives }) => objectives);
  const broken = readings.find(({ holds }) => holds === false);
  if (broken)
    return {
      holds: false,
      why: `${broken.name} does not hold: ${broken.reason} (${many(broken.samples, 'sample')})`,
    };
  // Readings come twice a second even without new samples: this one would hold because of old samples.
  const silent = running.find(([, { silentMs }]) => silentMs !== null);
  if (silent) return { holds: null, why: describeSilence(silent[1]) };
  const untold = readings.find(({ name }) => !readings.some((other) => other.name === name && other.holds));
  if (untold === undefined) return { holds: true, why: '' };
  const [most = untold] = readings
    .filter(({ name }) => name === untold.name)
    .sort((a, b) => b.samples - a.samples);
  return { holds: null, why: whyUntold(most, steadyForMs) };
}

/** With how many samples it takes, and what it takes to get them. */
function whyUntold({ name, samples, needs, overMs, reason }: LiveObjective, steadyForMs: number): string {
  if (samples < needs) {
    const had = `${name} ${UNTOLD} from ${many(samples, 'sample')} in ${readableMs(overMs)}: it takes ${needs}`;
    if (samples === 0 || overMs === 0) return had;
    const times = needs / samples;
    const takesMs = Math.ceil((overMs * times) / 1000) * 1000;
    return `${had}, so ${readableMs(takesMs)} at this rate, or ${Math.ceil(times * 10) / 10} times the rate`;
  }
  if (overMs < steadyForMs)
    return `${name} ${UNTOLD} yet: its samples are from ${readableMs(overMs)} of the ${readableMs(steadyForMs)} of \`steady.for\``;
  return `${name} ${UNTOLD}: ${reason}`;
}

export function describeSilence({ silentMs }: Pick<LiveTick, 'silentMs'>): string {
  return `no request has been answered for ${readableMs(Math.round((silentMs ?? 0) / 1000) * 1000)} while k6 has requests open`;
}

import type { JournalLine, RunStarted } from '../journal/events.ts';
import { type LostTime, lostTimeOf } from '../machine/lost-time.ts';
import { iso } from '../objectives/number-text.ts';
import type { Verdict } from '../verdict.types.ts';
import { of } from './findings.ts';
import { isLoadElsewhere } from './load-runners.ts';
import type { LoadSpan } from './phases.ts';

/** What the machine took from the load, by the journal; null: nothing, or an older squall did not watch it. */
export function lostTimeIn(lines: readonly JournalLine[]): LostTime | null {
  // What this machine did, the load did not feel: neither an excuse nor a doubt.
  if (isLoadElsewhere(lines)) return null;
  const stalls = of(lines, 'machine').flatMap((second) => second.stalls);
  return stalls.length === 0 ? null : lostTimeOf(stalls);
}

/** Listed of the standstills: enough to see when it was, not a second journal. */
const LISTED = 20;
/** A second that loses so much has no percentile to speak of. */
const UNABLE_MS = 100;

/** The machine as the report shows it; nothing where nothing watched it. */
export function machineIn(
  lines: readonly JournalLine[],
  { machine }: RunStarted,
  lost: LostTime | null,
): Pick<Verdict, 'machine'> {
  const seconds = of(lines, 'machine');
  if (seconds.length === 0) return {};
  const standstills = lost?.standstills ?? [];
  const longest = new Set([...standstills].sort((a, b) => b.lostMs - a.lostMs).slice(0, LISTED));
  const vus = seconds.flatMap((one) => one.vus ?? []);
  return {
    machine: {
      cpus: machine.cpus,
      hostsTarget: machine.hostsTarget ?? null,
      watchedSeconds: seconds.length,
      lateMaxMs: seconds.reduce((most, one) => Math.max(most, one.lateMaxMs), 0),
      standstills: standstills
        .filter((one) => longest.has(one))
        .map(({ from, to, lostMs, cause }) => ({
          from: iso(from),
          to: iso(to),
          lostMs: Math.round(lostMs),
          cause,
        })),
      standstillCount: standstills.length,
      stoodStillMs: Math.round(standstills.reduce((sum, { lostMs }) => sum + lostMs, 0)),
      unable:
        lost === null ? [] : unableStretches(lost).map(({ from, to }) => ({ from: iso(from), to: iso(to) })),
      busyShare: mean(seconds.map((one) => one.busy)),
      stealShare: mean(seconds.map((one) => one.steal)),
      pressureShare: mean(seconds.map((one) => one.pressure)),
      // Seconds before k6 did anything, and after it had ended, are not part of the load.
      k6Cpus: mean(seconds.map((one) => one.k6Cpus || null)),
      vusMax: vus.length === 0 ? null : vus.reduce((a, b) => Math.max(a, b)),
    },
  };
}

/** A machine that is so busy has next to nothing left for whoever wants more. */
const SHORT_SHARE = 0.9;

/** How busy this machine was in a phase, if the target runs on it as well and may have had too few processors; null: nothing says that. */
export function shortageIn(
  lines: readonly JournalLine[],
  { machine }: RunStarted,
  phase: LoadSpan | null,
): number | null {
  if (machine.hostsTarget !== true || phase === null || isLoadElsewhere(lines)) return null;
  const seconds = of(lines, 'machine').filter(
    ({ second }) => second * 1000 >= phase.from && (second + 1) * 1000 <= phase.to,
  );
  const share = mean(seconds.map((one) => one.busy));
  return share !== null && share >= SHORT_SHARE ? share : null;
}

/** When the machine was not able to measure: whole seconds, epoch milliseconds; neighbours are one stretch. */
export function unableStretches(lost: LostTime): readonly { readonly from: number; readonly to: number }[] {
  const touched = new Set(
    lost.standstills.flatMap(({ from, to }) => {
      const first = Math.floor(from / 1000);
      return Array.from({ length: Math.ceil(to / 1000) - first }, (_, i) => first + i);
    }),
  );
  const stretches: { from: number; to: number }[] = [];
  for (const second of [...touched].sort((a, b) => a - b)) {
    if (lost.stoodStillMs(second * 1000, second * 1000 + 1000) < UNABLE_MS) continue;
    const last = stretches.at(-1);
    if (last?.to === second) last.to = second + 1;
    else stretches.push({ from: second, to: second + 1 });
  }
  return stretches.map(({ from, to }) => ({ from: from * 1000, to: to * 1000 }));
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  return Number((known.reduce((sum, value) => sum + value, 0) / known.length).toFixed(4));
}

import path from 'node:path';
import type { Provider } from '../../chaos/provider.ts';
import type { JournalLine } from '../../orchestrator/journal/events.ts';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import type { DrillResult } from '../../orchestrator/run/run-drill.ts';
import type { K6 } from '../../orchestrator/tools/find-k6.ts';
import type { FaultResult } from '../../orchestrator/verdict.types.ts';
import { changeFaults, methodsOf, runInProcess } from '../drill/in-process.ts';
import { type LabDrill, startDrillLab } from './drill-files.ts';
import { type Gap, gapsOf } from './gaps.ts';
import { boundOf, type TrueFault } from './ground-truth.ts';
import { noiseOf } from './noise.ts';
import { rawRequests } from './raw-requests.ts';
import type { TargetRecord } from './reference-target.ts';

/** A drill through the orchestrator with real faults, and the target's own record of it. */
export interface TrueDrill {
  readonly result: DrillResult;
  readonly lines: readonly JournalLine[];
  readonly truth: readonly RecordedFault[];
  /** Of the downtimes: see `boundOf`. */
  readonly bound: (fault: string) => number;
  readonly alertSentAt: number | null;
  remove(): void;
}

/** A target that is cut off knows it only by missing requests, so to within half the time between two of them. */
export interface RecordedFault extends TrueFault {
  readonly knownWithinMs: number;
  /** In addition, for the beginning: after its last heartbeat a process may have lived for as long as does not count as a pause. */
  readonly beganWithinMs: number;
}

/** As in keepHeartbeat. */
const HEARTBEAT_MS = 4;

export interface TrueDrillOptions extends LabDrill {
  readonly k6: K6;
  /** While this fault is in, the target reports another alert as resolved, and sends its own a little later. */
  readonly alertDuring?: string;
  readonly alertFor?: string;
}

/** Times can be compared only on a quiet machine. So it is tried up to this many times; after that, the text says why not. */
export async function runTrueDrill(
  options: TrueDrillOptions,
  attempts: number,
): Promise<TrueDrill | { readonly tooBusy: string }> {
  for (let attempt = 1; ; attempt++) {
    const { noise, drill } = await runOnce(options);
    if (noise.length === 0) return drill;
    drill.remove();
    if (attempt === attempts)
      return { tooBusy: `this machine is too busy for sharp times: ${noise.join(', ')}` };
  }
}

async function runOnce(options: TrueDrillOptions): Promise<{ noise: string[]; drill: TrueDrill }> {
  const lab = await startDrillLab();
  const stateHome = process.env.XDG_STATE_HOME;
  process.env.XDG_STATE_HOME = path.join(lab.directory, 'state');
  try {
    await lab.pauses();
    const result = await runInProcess(lab.write(options), options.k6, (provider) =>
      alongside(provider, async (fault) => {
        if (fault !== options.alertDuring) return;
        const { alertUrl: url } = lab;
        const alert = {
          at: 150,
          url,
          first: alertText('resolved', 'other'),
          body: alertText('firing', options.alertFor),
        };
        await lab.target.play({ windows: [], alert });
      }),
    );
    const record = await lab.target.record();
    const { lines } = readJournal(path.join(result.directory, 'journal.jsonl'));
    const halfGapMs = 500 / options.rate;
    const pauses = await lab.pauses();
    const truth = result.verdict.faults
      .map((one) => truthFor(one, record, lab.target.deaths, halfGapMs))
      .map((one) => blurred(one, pauses));
    const noise = [
      ...busyWhenDue(lines, truth, pauses),
      ...(options.over === 'link' ? noiseOnLink(options, result, truth, pauses) : []),
    ];
    const bound = boundOf(options.rate, rawRequests(result.directory), truth);
    const { alertSentAt } = record;
    return { noise, drill: { result, lines, truth, bound, alertSentAt, remove: lab.remove } };
  } catch (error) {
    lab.remove();
    throw error;
  } finally {
    if (stateHome === undefined) delete process.env.XDG_STATE_HOME;
    else process.env.XDG_STATE_HOME = stateHome;
    await lab.close();
  }
}

function alertText(status: 'firing' | 'resolved', component = ''): string {
  return JSON.stringify({ alerts: [{ status, labels: { component } }] });
}

/** The machine was busy when squall had to act, or when the target was under the fault. */
function busyWhenDue(
  lines: readonly JournalLine[],
  truth: readonly TrueFault[],
  pauses: TargetRecord['pauses'],
): string[] {
  const due = lines.flatMap(({ event }) => (event.type === 'fault-injecting' ? [event.dueAt] : []));
  const moments = [...due, ...truth.flatMap(({ from, to }) => [from, to])];
  const busy = moments.filter((moment) => longestNear(moment, pauses) > 10);
  return busy.length > 0 ? [`the machine paused at ${busy.length} of ${moments.length} moments`] : [];
}

/** The machine's pauses, as seen by a process with nothing else to do; 0: none. */
function longestNear(moment: number, pauses: TargetRecord['pauses']): number {
  const near = pauses.filter((p) => p.from < moment + 20 && p.to > moment - 20);
  return Math.max(0, ...near.map((p) => p.to - p.from));
}

/** Where the machine paused, the target was late in writing its record, too. */
function blurred(fault: RecordedFault, pauses: TargetRecord['pauses']): RecordedFault {
  const pause = Math.max(...[fault.from, fault.to].map((moment) => longestNear(moment, pauses)));
  return { ...fault, knownWithinMs: fault.knownWithinMs + pause };
}

/** A cut link answers late, a refusing one never. */
function noiseOnLink(
  { rate }: LabDrill,
  result: DrillResult,
  truth: readonly TrueFault[],
  pauses: TargetRecord['pauses'],
): string[] {
  const windows = truth.map(({ name, from, to }) => ({
    name,
    from,
    to,
    mode: name === 'cut' ? 'stall' : 'refuse',
  }));
  const { text } = noiseOf(result.directory, { windows, pauses }, Math.max(40, 5000 / rate));
  return text === '' ? [] : [text];
}

/**
 * From the target's own record: its heartbeat stops when it is frozen or killed; requests stop coming when it is cut off. That was
 * between the last request that came and the next that should have; what a cut link held back comes all at once when it heals.
 */
function truthFor(
  { name, kind, injectedAt }: FaultResult,
  record: TargetRecord,
  deaths: readonly (number | null)[],
  halfGapMs: number,
): RecordedFault {
  const near = Date.parse(injectedAt ?? '');
  if (kind === 'kill')
    return { ...recorded(name, deaths[0] ?? Number.NaN, record.startedAt), beganWithinMs: HEARTBEAT_MS };
  const { from, to } = closest(kind === 'freeze' ? record.pauses : gapsOf(record.arrivals), near);
  if (kind === 'freeze') return recorded(name, from, to);
  return recorded(name, from + halfGapMs, name === 'cut' ? to : to - halfGapMs, halfGapMs);
}

function recorded(name: string, from: number, to: number, knownWithinMs = 0): RecordedFault {
  return { name, from, to, knownWithinMs, beganWithinMs: 0, downtimeMs: to - from, outages: 1 };
}

/** The long gap that began closest to `time`. */
function closest(stretches: readonly Gap[], time: number): Gap {
  const long = stretches.filter(({ from, to }) => to - from > 200);
  long.sort((a, b) => Math.abs(a.from - time) - Math.abs(b.from - time));
  return long[0] ?? { from: Number.NaN, to: Number.NaN };
}

/** The same provider, with something else happening right after each of its faults has gone in. */
function alongside(provider: Provider, then: (fault: string) => Promise<void>): Provider {
  return changeFaults(provider, (prepared, request) => ({
    ...methodsOf(prepared),
    act: async (signal) => {
      await prepared.act(signal);
      void then(request.fault.name);
    },
  }));
}

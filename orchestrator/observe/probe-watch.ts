import { deadline } from '../../chaos/deadline.ts';
import { type ComponentProbe, type DrillProbe, probeKinds } from '../../chaos/probes/index.ts';
import type { ProbeReading } from '../../chaos/provider.ts';
import { now, sleep } from '../clock.ts';
import type { JournalEvent, ReceivedAlert } from '../journal/events.ts';
import { isSince } from '../journal/received-alert.ts';
import { withoutCredentials } from './writes.ts';

/** Follows the probes of a drill: each starts at the injection of its fault and ends with an answer or at its deadline. */
export interface ProbeWatch {
  /** Feed it everything that is written. */
  seen(event: JournalEvent): void;
  /** Resolves when no started probe is waiting any more. */
  settled(): Promise<void>;
}

export interface ProbeWatchOptions {
  readonly probes: readonly DrillProbe[];
  readonly write: (event: JournalEvent) => void;
  readonly stop: AbortSignal;
  /** Asks the component's provider once. @throws when it cannot tell */
  readonly ask: (probe: ComponentProbe, signal: AbortSignal) => Promise<ProbeReading>;
}

const POLL_MS = 250;
/** A target that accepts and never answers gets asked again: the next attempt may find it back. Kept within the probe's own time. */
const ATTEMPT_MS = 2_000;

export function watchProbes(options: ProbeWatchOptions): ProbeWatch {
  const { probes, write, stop } = options;
  const waiting: Promise<void>[] = [];
  // An alert may be faster than the proof of the fault: what came before a probe started is looked at, too.
  const received: ReceivedAlert[] = [];
  const listeners = new Set<(alert: ReceivedAlert) => void>();
  const injectingAt = new Map<string, number>();
  return {
    seen(event) {
      if (event.type === 'fault-injecting') injectingAt.set(event.fault, now());
      if (event.type === 'alert') {
        received.push(event.alert);
        for (const listener of [...listeners]) listener(event.alert);
      }
      if (event.type === 'fault-injected') begin(event.fault, event.evidence.at);
      if (event.type === 'first-sample') begin(undefined, event.time);
    },
    settled: async () => void (await Promise.all(waiting)),
  };

  function begin(after: string | undefined, startAt: number): void {
    for (const probe of probes) if (probe.after === after) waiting.push(follow(probe, startAt));
  }

  async function follow(probe: DrillProbe, startAt: number): Promise<void> {
    const result = await observe(probe, startAt, deadline(Math.ceil(startAt + probe.within - now()), stop));
    // Only a provider can be unable to tell: an HTTP request that fails is an answer, and so is an alert that does not come.
    const unanswered = 'component' in probe && !result.answered;
    const late = unanswered ? 'no answer within its time' : 'not within its time';
    const unfinished = stop.aborted ? 'the run was stopped before' : late;
    const detail =
      result.at === null && result.detail ? `${unfinished}: ${result.detail}` : result.detail || unfinished;
    const report = { name: probe.name, ok: result.at !== null, time: result.at, detail };
    write({ type: 'probe', ...report, ...(unanswered ? { unanswered } : {}) });
  }

  function observe(probe: DrillProbe, startAt: number, late: AbortSignal): Promise<Observation> {
    if ('component' in probe) return poll((signal) => options.ask(probe, signal), late);
    const { question, clock } = probeKinds[probe.kind];
    const asked = question(probe);
    const clockAt = clock === 'injecting' ? (injectingAt.get(probe.after) ?? startAt) : startAt;
    return asked.of === 'alerts'
      ? alertArrives(asked.match, clockAt, late)
      : poll((signal) => askHttp(asked.url, asked.status, signal), late);
  }

  function alertArrives(
    match: Readonly<Record<string, string>>,
    since: number,
    late: AbortSignal,
  ): Promise<Observation> {
    return new Promise((resolve) => {
      const done = (observation: Observation) => {
        listeners.delete(listener);
        late.removeEventListener('abort', onLate);
        resolve(observation);
      };
      const onLate = () => done({ at: null, detail: '' });
      const listener = (alert: ReceivedAlert) => {
        if (!isSince(alert, since) || !matchesAlert(alert, match)) return;
        done({ at: alert.receivedAt, detail: alert.labels.alertname ?? 'alert received' });
      };
      listeners.add(listener);
      late.addEventListener('abort', onLate, { once: true });
      for (const alert of received) listener(alert);
      if (late.aborted) onLate();
    });
  }
}

/** A firing alert with all these labels. */
export function matchesAlert(alert: ReceivedAlert, match: Readonly<Record<string, string>>): boolean {
  return (
    alert.status === 'firing' &&
    Object.entries(match).every(([label, value]) => alert.labels[label] === value)
  );
}

/** `at` is null when the late came first; `detail` is what was seen last. */
interface Observation {
  readonly at: number | null;
  /** Was there a reading at all, whatever it said? */
  readonly answered?: boolean;
  readonly detail: string;
}

async function poll(
  ask: (signal: AbortSignal) => Promise<ProbeReading>,
  late: AbortSignal,
): Promise<Observation> {
  let detail = '';
  let answered = false;
  while (!late.aborted) {
    try {
      const reading = await ask(late);
      detail = reading.detail;
      answered = true;
      if (reading.ok) return { at: now(), detail, answered };
    } catch (error) {
      if (!late.aborted) detail = (error as Error).message;
    }
    await sleep(POLL_MS, late);
  }
  return { at: null, detail, answered };
}

async function askHttp(url: string, status: number, signal: AbortSignal): Promise<ProbeReading> {
  const request = withoutCredentials(url);
  const attempt = deadline(ATTEMPT_MS, signal);
  const response = await fetch(request.url, {
    headers: request.headers,
    signal: attempt,
    redirect: 'manual',
  }).catch((cause: Error) => {
    throw attempt.aborted ? new Error(`no answer within ${ATTEMPT_MS} ms`, { cause }) : cause;
  });
  await response.body?.cancel();
  return { ok: response.status === status, detail: `answered ${response.status}` };
}

import { deadline } from '../../chaos/deadline.ts';
import { type ComponentProbe, type DrillProbe, probeKinds, probeTimeMs } from '../../chaos/probes/index.ts';
import type { ForecastQuestion, Question, ReadingsQuestion } from '../../chaos/probes/kind.ts';
import type { ProbeReading } from '../../chaos/provider.ts';
import { now, sleep } from '../clock.ts';
import type { JournalEvent, ReceivedAlert } from '../journal/events.ts';
import { isSince } from '../journal/received-alert.ts';
import { readableMs } from '../objectives/number-text.ts';
import type { HttpClient } from './http-client.ts';
import { CannotAsk, NoAnswer } from './http-failure.ts';
import { followForecast } from './readings/follow-forecast.ts';
import { type Baseline, followReadings } from './readings/follow-readings.ts';
import { readNumber, readSource } from './readings/read-source.ts';

/**
 * Follows the probes of a drill: each starts at the injection of its fault, or when the probe that it comes after held, and ends with an
 * answer or at its deadline.
 */
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
  /** For probes of the kind `http`. */
  readonly http: HttpClient;
  /** Asks the component's provider once; `since` is when the probe's clock started. @throws when it cannot tell */
  readonly ask: (probe: ComponentProbe, signal: AbortSignal, since: number) => Promise<ProbeReading>;
}

const POLL_MS = 250;
/** A target that accepts and never answers gets asked again: the next attempt may find it back. Kept within the probe's own time. */
const ATTEMPT_MS = 2_000;

export function watchProbes(options: ProbeWatchOptions): ProbeWatch {
  const { probes, write, stop } = options;
  const waiting: Promise<void>[] = [];
  const begun = new Set<DrillProbe>();
  // An alert may be faster than the proof of the fault: what came before a probe started is looked at, too.
  const received: ReceivedAlert[] = [];
  const listeners = new Set<(alert: ReceivedAlert) => void>();
  const refusals: { readonly at: number; readonly reason: string }[] = [];
  const injectingAt = new Map<string, number>();
  const baselines = new Map<DrillProbe, Promise<Baseline | null>>();
  return {
    seen(event) {
      if (event.type === 'fault-injecting') {
        injectingAt.set(event.fault, now());
        readBefore(event.fault);
      }
      if (event.type === 'alert') {
        received.push(event.alert);
        for (const listener of [...listeners]) listener(event.alert);
      }
      if (event.type === 'alerts-refused') refusals.push({ at: now(), reason: event.reason });
      if (event.type === 'fault-injected') begin(event.fault, event.evidence.at);
      if (event.type === 'first-sample') begin(undefined, event.time);
    },
    // One that holds may start another.
    async settled() {
      while (waiting.length > 0) await Promise.all(waiting.splice(0));
    },
  };

  /** A target may answer a fault before there is evidence of it. So what is counted is read when the fault is about to go in. */
  function readBefore(fault: string): void {
    for (const probe of probes.filter((one) => one.after === fault && !begun.has(one))) {
      if ('component' in probe) continue;
      const { question } = probeKinds[probe.kind];
      const asked = question(probe);
      if (asked.of !== 'readings' || asked.change === 'value') continue;
      // Without it, the first reading has to do.
      baselines.set(
        probe,
        readSource(options.http, asked.source, deadline(ATTEMPT_MS, stop), { counts: true }).then(
          (reading) => ('numbers' in reading ? { ...reading, at: now() } : null),
          () => null,
        ),
      );
    }
  }

  function begin(after: string | undefined, startAt: number): void {
    for (const probe of probes.filter((one) => one.after === after && !begun.has(one))) {
      begun.add(probe);
      waiting.push(follow(probe, startAt));
    }
  }

  async function follow(probe: DrillProbe, startAt: number): Promise<void> {
    const result = await observe(
      probe,
      startAt,
      deadline(Math.ceil(startAt + probeTimeMs(probe) - now()), stop),
    );
    // Nobody could ask, or somebody stopped asking: that is not an answer of the target. An alert that does not come is one.
    const unanswered = result.at === null && (!result.answered || stop.aborted);
    const missed = probe.within === undefined ? 'it did not hold' : 'not within its time';
    const late = unanswered ? 'no answer within its time' : missed;
    const unfinished = stop.aborted ? 'the run was stopped before' : late;
    const detail =
      result.at === null && result.detail ? `${unfinished}: ${result.detail}` : result.detail || unfinished;
    const report = { name: probe.name, ok: result.at !== null, time: result.at, detail };
    write({ type: 'probe', ...report, ...(unanswered ? { unanswered } : {}) });
    if (result.at !== null) begin(probe.name, result.at);
  }

  function observe(probe: DrillProbe, startAt: number, late: AbortSignal): Promise<Observation> {
    if ('component' in probe) return poll((signal) => options.ask(probe, signal, startAt), late);
    const { question, clock } = probeKinds[probe.kind];
    const asked = question(probe);
    const clockAt = clock === 'injecting' ? (injectingAt.get(probe.after ?? '') ?? startAt) : startAt;
    if (asked.of === 'readings') {
      // What was so before the fault, and has to be so once after it, would hold at once by an old sample.
      const since = probe.within !== undefined && probe.after !== undefined ? clockAt : undefined;
      return readings(asked, probeTimeMs(probe), late, baselines.get(probe), since);
    }
    if (asked.of === 'forecast') return forecast(asked, late);
    return asked.of === 'alerts'
      ? alertArrives(asked, clockAt, late)
      : poll((signal) => askHttp(options.http, asked, signal, stop), late);
  }

  function readings(
    question: ReadingsQuestion,
    timeMs: number,
    late: AbortSignal,
    before: Promise<Baseline | null> | undefined,
    since: number | undefined,
  ): Promise<Observation> {
    const asked = { counts: question.change !== 'value', since };
    const read = () => readSource(options.http, question.source, deadline(ATTEMPT_MS, late), asked);
    return followReadings(question, timeMs, read, late, before);
  }

  function forecast(question: ForecastQuestion, late: AbortSignal): Promise<Observation> {
    const read = async () => {
      const attempt = deadline(ATTEMPT_MS, late);
      // One after the other: what has come is never older than the forecast that is held against it.
      const predicted = await readNumber(options.http, question.forecast, attempt);
      return { forecast: predicted, actual: await readNumber(options.http, question.actual, attempt) };
    };
    return followForecast(question, read, late);
  }

  /** What was refused may have been the one that was waited for. */
  function missed(since: number): Observation {
    const refused = refusals.find(({ at }) => at >= since);
    if (refused === undefined) return { at: null, answered: true, detail: '' };
    return { at: null, answered: false, detail: `alerts arrived and were refused: ${refused.reason}` };
  }

  function alertArrives(
    { match, has }: Extract<Question, { of: 'alerts' }>,
    since: number,
    late: AbortSignal,
  ): Promise<Observation> {
    let without = '';
    return new Promise((resolve) => {
      const done = (observation: Observation) => {
        listeners.delete(listener);
        late.removeEventListener('abort', onLate);
        resolve(observation);
      };
      const onLate = () =>
        done(without === '' ? missed(since) : { at: null, answered: true, detail: without });
      const listener = (alert: ReceivedAlert) => {
        if (!isSince(alert, since) || !matchesAlert(alert, match)) return;
        const missing = has.filter((label) => (alert.labels[label] ?? '').trim() === '');
        if (missing.length > 0) {
          without = `an alert arrived without ${missing.join(', ')}`;
          return;
        }
        done({ at: alert.receivedAt, answered: true, detail: alert.labels.alertname ?? 'alert received' });
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

/** `at` is null when its time was up first; `detail` is what was seen last. */
interface Observation {
  readonly at: number | null;
  /** Was there a reading at all, whatever it said? */
  readonly answered: boolean;
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
      detail = reading.detail || detail;
      answered = true;
      if (reading.ok) return { at: now(), detail, answered };
    } catch (error) {
      if (!late.aborted || error instanceof CannotAsk) detail = (error as Error).message;
    }
    await sleep(POLL_MS, late);
  }
  return { at: null, detail, answered };
}

/** Silence, a refusal and a connection that breaks are the target's answer. @throws CannotAsk where squall could not ask it */
async function askHttp(
  http: HttpClient,
  { url, status }: { readonly url: string; readonly status: number },
  late: AbortSignal,
  stop: AbortSignal,
): Promise<ProbeReading> {
  const attempt = deadline(ATTEMPT_MS, late);
  try {
    const response = await http.ask(url, { signal: attempt });
    response.drop();
    return { ok: response.status === status, detail: `answered ${response.status}` };
  } catch (error) {
    stop.throwIfAborted();
    if (error instanceof NoAnswer) return { ok: false, detail: error.message };
    if (error instanceof CannotAsk || !attempt.aborted) throw error;
    return { ok: false, detail: late.aborted ? '' : `no answer within ${readableMs(ATTEMPT_MS)}` };
  }
}

import type { DrillProbe } from '../../../chaos/schema/drill.ts';
import type { JournalEvent, RunStarted } from '../../journal/events.ts';
import { probeTarget } from '../../judge/probes.ts';
import { alertTitle } from '../../report/facts.ts';
import { limits } from '../../report/html/timeline-data.ts';
import { count, duration, offset, rate, share } from '../../report/text/format.ts';
import { plain } from '../../report/text/plain.ts';
import type { LiveTick } from '../../samples/types.ts';
import { createAlertLines } from '../alert-lines.ts';
import { eventLine, type Tone } from '../event-line.ts';
import {
  afterEvent,
  initialState,
  type LiveFault,
  type LiveState,
  type PlannedFault,
  phase,
} from '../state.ts';
import type { Figure, LiveEnd, LiveHead, LiveMessage, LogLine, Row } from './message.ts';
import { createPoints } from './points.ts';
import { createMarks, lanes } from './timeline.ts';
import { waitsFor } from './waiting.ts';

export interface FeedOptions {
  readonly run: string;
  readonly directory: string;
  readonly faults: readonly PlannedFault[];
  /** Of the load, in milliseconds. */
  readonly durationMs?: number;
  readonly k6Dashboard?: string;
  readonly now?: () => number;
}

/** What the live page knows. It grows with the run and is bounded; each browser is told what changed since it was last told. */
export interface Feed {
  event(event: JournalEvent): void;
  tick(tick: LiveTick, load: number): void;
  /** Somebody pressed the button: the page says so before the run does. */
  stopping(): void;
  end(end: LiveEnd): void;
  /** Grows with every change. */
  readonly revision: number;
  /** What changed after `revision`; everything for null. */
  since(revision: number | null): LiveMessage;
}

const MAX_LINES = 500;
const MAX_ALERTS = 5;

export function createFeed(options: FeedOptions): Feed {
  const now = options.now ?? Date.now;
  let state = initialState(options.faults);
  let started: RunStarted | null = null;
  let revision = 1;
  let isStopping = false;
  let end: LiveEnd | null = null;
  let log: (LogLine & { readonly revision: number })[] = [];
  let lineCount = 0;
  const points = createPoints();
  const marks = createMarks();
  const probes = new Map<string, Row>();
  const alerts: string[] = [];
  /** By load. */
  const ticks = new Map<number, LiveTick>();
  const storm = createAlertLines(
    (more) => say('plain', `! and ${count(more)} more ${more === 1 ? 'alert' : 'alerts'}`),
    now,
  );

  function say(tone: Tone, text: string): void {
    revision += 1;
    lineCount += 1;
    log.push({ number: lineCount, at: now(), tone, text: plain(text).slice(0, 2_000), revision });
    if (log.length > MAX_LINES) log = log.slice(-MAX_LINES);
  }

  function head(): LiveHead {
    const at = now();
    const zeroMs = state.zeroMs;
    const isNow = end === null ? phase(state) : 'ended';
    return {
      run: options.run,
      directory: options.directory,
      drill: plain(state.drill),
      environment: plain(state.environment),
      description: plain(started?.drill.description ?? ''),
      now: at,
      zeroMs,
      durationMs: options.durationMs ?? null,
      phase: plain(isNow),
      waitsFor:
        end === null
          ? waitsFor(state, options.durationMs ?? null).map(({ text, until }) => ({
              text: plain(text),
              until,
            }))
          : [],
      stopping: isStopping || state.stopped !== null,
      figures: figures([...ticks.values()], at, state.loadEnded),
      objectives: [...ticks.values()].flatMap((tick) => tick.objectives.map(objectiveRow)),
      faults: state.faults.map((fault) => faultRow(fault, state)),
      probes: [...probes.values()],
      alerts: { count: state.alerts, newest: alerts },
      timeline: {
        first: points.first,
        step: points.step,
        lanes: lanes(state, isNow, zeroMs === null ? 0 : (lastSecond(state, at) - zeroMs) / 1000),
        limits: limits(started?.objectives ?? [], null),
        ...marks.read(zeroMs ?? at),
      },
      k6Dashboard: options.k6Dashboard ?? null,
      end,
    };
  }

  /** When the load has ended, bars do not grow any more. */
  function lastSecond({ loadEnded }: LiveState, at: number): number {
    const newest = Math.max(...[...ticks.values()].map(({ newestSampleAt }) => newestSampleAt));
    return loadEnded && Number.isFinite(newest) ? newest : at;
  }

  return {
    event(event) {
      revision += 1;
      state = afterEvent(state, event);
      marks.event(event, now());
      // What it did last is not what is going on now, as long as others go on.
      if (event.type === 'load-ended' && state.loadsRunning > 0) ticks.delete(event.load);
      if (event.type === 'run-started') {
        started = event;
        for (const probe of event.drill.probes) probes.set(probe.name, pendingProbe(probe));
      }
      if (event.type === 'probe') probes.set(event.name, answeredProbe(event));
      if (event.type === 'alert' && event.alert.status === 'firing') {
        alerts.unshift(plain(alertTitle(event.alert)));
        alerts.splice(MAX_ALERTS);
      }
      const line = eventLine(event);
      if (line === null) return;
      if (event.type === 'alert') storm.alert(() => say(line.tone, line.text));
      else say(line.tone, line.text);
    },
    tick(tick, load) {
      revision += 1;
      ticks.set(load, tick);
      points.add(load, tick.seconds ?? [], revision);
    },
    stopping() {
      revision += 1;
      isStopping = true;
    },
    end(how) {
      storm.end();
      revision += 1;
      end = how;
    },
    get revision() {
      return revision;
    },
    since(told) {
      const full = told === null || told < points.voidBefore;
      const from = full ? 0 : told;
      return {
        full,
        head: head(),
        points: points.since(from),
        log: log.filter((line) => line.revision > from).map(({ revision: _, ...line }) => line),
      };
    },
  };
}

/** Of all loads together; of percentiles the worst. */
function figures(ticks: readonly LiveTick[], now: number, loadEnded: boolean): Figure[] {
  if (ticks.length === 0) return [];
  const sum = (pick: (tick: LiveTick) => number) => ticks.reduce((total, tick) => total + pick(tick), 0);
  const requests = sum((tick) => tick.requestsPerSecond);
  const dropped = sum((tick) => tick.dropped);
  const bad = sum((tick) => tick.errorShare * (tick.requestsPerSecond + tick.dropped));
  const p95 = ticks.flatMap(({ p95Ms }) => p95Ms ?? []);
  const vus = ticks.flatMap((tick) => tick.vus ?? []);
  const ageMs = now - Math.max(...ticks.map(({ newestSampleAt }) => newestSampleAt));
  const stale =
    !loadEnded && ageMs > STALE_MS ? `no samples for ${duration(Math.floor(ageMs / 1000) * 1000)}` : '';
  return [
    { name: 'Requests', text: rate(requests), note: stale },
    {
      name: 'p95',
      text: duration(p95.length === 0 ? null : Math.max(...p95)),
      note: 'of successful requests',
    },
    {
      name: 'Bad events',
      text: share(requests + dropped === 0 ? null : bad / (requests + dropped)),
      note: 'failed or dropped, of what was due',
    },
    { name: 'Dropped', text: count(dropped), note: 'iterations, in the last second' },
    {
      name: 'VUs',
      text: vus.length === 0 ? '–' : count(vus.reduce((total, one) => total + one, 0)),
      note: 'at work',
    },
  ];
}

/** Samples are at most 2 s old while they come. */
const STALE_MS = 3_000;

function objectiveRow({ name, holds, reason, samples }: LiveTick['objectives'][number]): Row {
  return {
    name: plain(name),
    tone: holds === null ? 'plain' : holds ? 'good' : 'bad',
    state: holds === null ? 'too early to say' : holds ? 'holds' : 'broken',
    detail: plain(
      / samples?$/.test(reason)
        ? reason
        : `${reason} · ${count(samples)} ${samples === 1 ? 'sample' : 'samples'}`,
    ),
  };
}

function faultRow(fault: LiveFault, { zeroMs }: LiveState): Row {
  const at = (time: number | null) => (time === null || zeroMs === null ? '' : offset(time, zeroMs));
  const [tone, state, when] = {
    pending: ['plain', 'planned', `at ${offset(fault.at, 0)}`],
    injecting: ['plain', 'going in', ''],
    in: ['bad', 'in', `since ${at(fault.inAt)}`],
    reverting: ['bad', 'going out', `in since ${at(fault.inAt)}`],
    out: ['good', 'out', `${at(fault.inAt)} to ${at(fault.outAt)}`],
    unproven: ['bad', 'no evidence', ''],
  }[fault.stage] as [Tone, string, string];
  const what = `${fault.kind} ${fault.component}`;
  return { name: plain(fault.name), tone, state, detail: plain(when === '' ? what : `${what} · ${when}`) };
}

function pendingProbe(probe: DrillProbe): Row {
  return { name: plain(probe.name), tone: 'plain', state: 'waiting', detail: plain(probeTarget(probe)) };
}

function answeredProbe(event: Extract<JournalEvent, { type: 'probe' }>): Row {
  const state = event.ok ? 'held' : event.unanswered === true ? 'not known' : 'failed';
  return { name: plain(event.name), tone: event.ok ? 'good' : 'bad', state, detail: plain(event.detail) };
}

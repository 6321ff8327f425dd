import picocolors from 'picocolors';
import type { JournalEvent } from '../journal/events.ts';
import { many } from '../objectives/number-text.ts';
import { offset } from '../report/text/format.ts';
import { hanging, terminalLine } from '../report/text/terminal-text.ts';
import type { LiveTick } from '../samples/types.ts';
import { createAlertLines } from './alert-lines.ts';
import { numbersLine, renderBlock } from './block.ts';
import { eventLine, type Tone } from './event-line.ts';
import { createScreen, type Output } from './screen.ts';
import { afterEvent, initialState, type LiveState, type PlannedFault, phase } from './state.ts';

export interface ProgressOptions {
  readonly stdout: Output;
  readonly isTTY: boolean;
  /** Plain lines also when the output claims to be a terminal. */
  readonly ci: boolean;
  /** Of the load, in milliseconds. */
  readonly durationMs?: number;
  readonly faults: readonly PlannedFault[];
  /** Default: colours of the live view follow NO_COLOR; plain lines have none. */
  readonly color?: boolean;
  readonly now?: () => number;
}

export interface Progress {
  tick(tick: LiveTick): void;
  event(event: JournalEvent): void;
  /** Takes the live block away and stops all timers; later calls do nothing. */
  end(): void;
}

/** Live progress: a block that repaints itself in a terminal, else a line for each event and one every 5 s. */
export function createProgress(options: ProgressOptions): Progress {
  const now = options.now ?? Date.now;
  const live = options.isTTY && !options.ci && process.env.TERM !== 'dumb';
  const color = options.color ?? (live && !process.env.NO_COLOR);
  const show = live ? showLive(options, color, now) : showLines(options, now);
  let state = initialState(options.faults);
  let ended = false;
  const timer = setInterval(() => show.beat(state), live ? REPAINT_MS : STATUS_MS);
  timer.unref();
  const alerts = createAlertLines(
    (count) => show.say(stamp(state, now()), `! and ${many(count, 'more alert')}`),
    now,
  );
  return {
    tick(tick) {
      if (ended) return;
      state = { ...state, tick };
    },
    event(event) {
      if (ended) return;
      state = afterEvent(state, event);
      const line = eventLine(event);
      if (line === null) return;
      const say = () => show.say(stamp(state, now()), tone(line.tone, color)(terminalLine(line.text)));
      if (event.type === 'alert') alerts.alert(say);
      else say();
    },
    end() {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      alerts.end();
      show.end();
    },
  };
}

/** At most 4 repaints a second. */
const REPAINT_MS = 250;
const STATUS_MS = 5_000;

interface Show {
  say(stamp: string, text: string): void;
  beat(state: LiveState): void;
  end(): void;
}

function showLive(options: ProgressOptions, color: boolean, now: () => number): Show {
  const screen = createScreen(options.stdout);
  let waiting: string[] = [];
  return {
    // Lines wait for the next beat: a burst of events is one repaint.
    say: (stamp, text) => waiting.push(...hanging(`${stamp} `, text, options.stdout.columns ?? 80)),
    beat(state) {
      const look = {
        width: options.stdout.columns ?? 80,
        height: Math.max(4, (options.stdout.rows ?? 24) - 2),
        color,
        now: now(),
        durationMs: options.durationMs ?? null,
      };
      screen.paint(waiting, renderBlock(state, look));
      waiting = [];
    },
    end() {
      screen.paint(waiting, []);
      waiting = [];
    },
  };
}

function showLines(options: ProgressOptions, now: () => number): Show {
  const say = (stamp: string, text: string) => options.stdout.write(`${stamp} ${text}\n`);
  return {
    say,
    beat(state) {
      if (state.zeroMs === null || state.loadEnded) return;
      say(stamp(state, now()), `${terminalLine(phase(state))} · ${numbersLine(state, { now: now() })}`);
    },
    end() {},
  };
}

/** Time after the first sample, `[1:04.2]`; before it there is none. */
function stamp(state: LiveState, now: number): string {
  return `[${state.zeroMs === null ? '--:--' : offset(now, state.zeroMs)}]`;
}

function tone(kind: Tone, color: boolean): (text: string) => string {
  const c = picocolors.createColors(color);
  return kind === 'good' ? c.green : kind === 'bad' ? c.red : (text) => text;
}

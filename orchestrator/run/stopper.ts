import { existsSync } from 'node:fs';
import { now } from '../clock.ts';
import type { JournalEvent, StopCause } from '../journal/events.ts';

/** The one place that cuts a run short. The first cause counts; later ones change nothing. */
export interface Stopper {
  readonly signal: AbortSignal;
  stop(cause: StopCause, reason: string): void;
  readonly stopped: () => { readonly cause: StopCause; readonly reason: string; readonly at: number } | null;
  /** From now on a stop is recorded when it happens; one that happened earlier is recorded at once. */
  writeTo(write: (event: JournalEvent) => void): void;
  close(): void;
}

export interface StopperOptions {
  /** The kill switch: the run stops when this file appears. */
  readonly stopFile: string;
  /** The same from within this process: aborted with an Error that says who asked. */
  readonly asked?: AbortSignal;
  /** The source of signals: this process, unless a test passes its own. */
  readonly signals?: Pick<NodeJS.Process, 'on' | 'off'>;
}

/** Signals that end a run. SIGTSTP (Ctrl-Z) is among them: a suspended squall could neither remove its fault nor be stopped. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGTSTP'] as const;
const STOP_FILE_POLL_MS = 200;

/**
 * Signals stay caught until `close`, when everything is undone: a second Ctrl-C must not leave a fault behind.
 */
export function createStopper(options: StopperOptions): Stopper {
  const controller = new AbortController();
  const source = options.signals ?? process;
  let first: { cause: StopCause; reason: string } | null = null;
  let firstAt = Number.NaN;
  let write: (event: JournalEvent) => void = () => {};
  const onSignal = (name: NodeJS.Signals) => {
    if (first) write({ type: 'note', text: `${name} received: undoing is under way and goes on` });
    else stop('signal', `${name} received`);
  };
  for (const name of STOP_SIGNALS) source.on(name, onSignal);
  const { asked } = options;
  const onAsked = () =>
    stop('kill-switch', (asked?.reason as Error | undefined)?.message ?? 'it was asked for');
  asked?.addEventListener('abort', onAsked, { once: true });
  if (asked?.aborted) onAsked();
  const poll = setInterval(() => {
    if (existsSync(options.stopFile)) stop('kill-switch', 'squall stop was called');
  }, STOP_FILE_POLL_MS);
  return {
    signal: controller.signal,
    stop,
    stopped: () => first && { ...first, at: firstAt },
    writeTo(journal) {
      write = journal;
      if (first) write({ type: 'stopped', ...first });
    },
    close() {
      clearInterval(poll);
      asked?.removeEventListener('abort', onAsked);
      for (const name of STOP_SIGNALS) source.off(name, onSignal);
    },
  };

  function stop(cause: StopCause, reason: string): void {
    if (first) return;
    first = { cause, reason };
    firstAt = now();
    // Abort first: undoing must not wait for the journal.
    controller.abort(new Error(reason));
    write({ type: 'stopped', ...first });
  }
}

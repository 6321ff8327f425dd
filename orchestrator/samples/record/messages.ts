import type { LiveTick, PartBegun, StreamEnd } from '../types.ts';

/** What the worker thread of a sample stream and its main thread say to each other. */
export type FromWorker =
  /** The pipe is open: k6 may start. */
  | { readonly type: 'ready' }
  | { readonly type: 'first'; readonly at: number }
  /** Of several: all have begun. */
  | { readonly type: 'begun'; readonly parts: readonly PartBegun[] }
  | { readonly type: 'tick'; readonly tick: LiveTick }
  | { readonly type: 'end'; readonly end: StreamEnd };

export type ToWorker =
  | { readonly type: 'finish' }
  | { readonly type: 'offset'; readonly part: number; readonly nanos: number };

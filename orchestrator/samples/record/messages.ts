import type { LiveTick, StreamEnd } from '../types.ts';

/** What the worker thread of a sample stream and its main thread say to each other. */
export type FromWorker =
  /** The pipe is open: k6 may start. */
  | { readonly type: 'ready' }
  | { readonly type: 'first'; readonly at: number }
  | { readonly type: 'tick'; readonly tick: LiveTick }
  | { readonly type: 'end'; readonly end: StreamEnd };

export type ToWorker = { readonly type: 'finish' };

import type { LoadEnded } from '../../orchestrator/journal/events.ts';

/** The journal's line about a load that ended well, with the given changes. */
export function loadEnded(change: Partial<LoadEnded> = {}): LoadEnded {
  return {
    type: 'load-ended',
    load: 0,
    exitCode: 0,
    signal: null,
    streamComplete: true,
    streamDetail: '',
    scriptErrors: 0,
    ...change,
  };
}

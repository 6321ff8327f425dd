import type { TagSet } from '../../samples/recording/tag-sets.ts';

type Count = (tags: TagSet, start: number, end: number, durationMs: number, failed: boolean) => void;

export interface StartFinder {
  /** Keeps a request back whose start k6 does not tell. False: nothing to find, the caller goes on. */
  hold(tags: TagSet, end: number, durationMs: number, blockedMs: number, failed: boolean): boolean;
  /** An iteration ended: the requests of its scenario that ended just before it may be its own. */
  iteration(tags: TagSet, end: number, durationMs: number): void;
  /** Gives up on what is still kept back: it counts at its end. */
  flush(): void;
}

/**
 * A request that never got a connection within its time has duration 0 and blocked 0 in k6's output: it looks as if it had started
 * when it gave up, up to a minute late. Its iteration does know better. The sample `iteration_duration` follows within a
 * millisecond or so, and the iteration began when the request did, or before it. So the request is counted at the start of that
 * iteration: exact for iterations of one request, and never too late. Refused connections fail at once and need none of this.
 */
export function createStartFinder(count: Count): StartFinder {
  const held = new Map<string, { tags: TagSet; end: number }[]>();

  function release(tags: TagSet, start: number, end: number): void {
    count(tags, start, end, 0, true);
  }

  return {
    hold(tags, end, durationMs, blockedMs, failed) {
      if (!failed || durationMs !== 0 || blockedMs !== 0) return false;
      if (!TIMED_OUT.has(tags.tags.error_code ?? '')) return false;
      const scenario = tags.tags.scenario ?? '';
      const queue = held.get(scenario);
      if (queue === undefined) held.set(scenario, [{ tags, end }]);
      else queue.push({ tags, end });
      return true;
    },
    iteration(tags, end, durationMs) {
      const queue = held.get(tags.tags.scenario ?? '');
      if (queue === undefined || queue.length === 0) return;
      const start = end - durationMs;
      const own = queue.findIndex((request) => request.end <= end + 0.001 && request.end >= start);
      if (own >= 0) {
        const [request] = queue.splice(own, 1);
        if (request) release(request.tags, Math.min(start, request.end), request.end);
      }
      // Its iteration went on to other requests, or was interrupted.
      while (queue.length > 0 && (queue[0] as { end: number }).end < end - GIVE_UP_MS) {
        const request = queue.shift();
        if (request) release(request.tags, request.end, request.end);
      }
    },
    flush() {
      for (const queue of held.values()) {
        for (const { tags, end } of queue.splice(0)) release(tags, end, end);
      }
    },
  };
}

/** k6's codes for a request timeout, a dial timeout, and a name that was not resolved in time. */
const TIMED_OUT = new Set(['1050', '1211', '1101']);
const GIVE_UP_MS = 2000;

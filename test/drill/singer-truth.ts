import { readFileSync } from 'node:fs';
import type { FaultResult } from '../../orchestrator/verdict.types.ts';

/** A chunk as the vocal coach itself has written it down (`vocal-record=true`), before it answered. */
interface Heard {
  readonly singer: string;
  readonly seq: number;
  /** Epoch ms, by the coach's clock. */
  readonly at: number;
}

export const CHUNK_MS = 100;

/** The last line may be cut: the coach was killed. */
export function readHeard(file: string): Heard[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Heard];
      } catch {
        return [];
      }
    });
}

/**
 * How long the coach was gone for its singers, by its own record: from the last chunk that it heard before the fault to the next one. Chunks
 * that only come late end it with the first that is heard; where they are lost, it lasts until the last singer is back: at some time in the
 * interval before the first chunk of it that is heard. Epoch ms; null when there was no pause of more than `leastMs` after the injection.
 */
export function trueOutage(
  heard: readonly Heard[],
  fault: Pick<FaultResult, 'injectedAt'>,
  { leastMs, until }: { readonly leastMs: number; readonly until: 'first' | 'last' },
): { readonly from: number; readonly to: number } | null {
  const injectedAt = Date.parse(fault.injectedAt ?? '');
  const singers = [...new Set(heard.map(({ singer }) => singer))];
  const pauses = singers.flatMap((singer) => {
    const times = heard.filter((one) => one.singer === singer).map(({ at }) => at);
    const after = times.findIndex(
      (at, i) => i > 0 && at > injectedAt && at - (times[i - 1] as number) > leastMs,
    );
    return after < 0 ? [] : [{ from: times[after - 1] as number, to: times[after] as number }];
  });
  if (pauses.length === 0) return null;
  const ends = pauses.map(({ to }) => to);
  return {
    from: Math.max(...pauses.map(({ from }) => from)),
    to: until === 'first' ? Math.min(...ends) : Math.max(...ends) - CHUNK_MS / 2,
  };
}

import { z } from 'zod';
import { deadline } from '../../chaos/deadline.ts';
import { sleep } from '../clock.ts';
import type { WritesChecked } from '../journal/events.ts';
import type { HttpClient } from './http-client.ts';

export interface LookUp {
  /** POST {ids: [...]} -> {counts: {id: n}}; an id that is left out counts as absent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly batch: number;
}

const answer = z.object({ counts: z.record(z.string(), z.int().min(0)) });
const TRIES = 5;
const ATTEMPT_TIMEOUT_MS = 20_000;

/**
 * Looks every acknowledged id up in the target: present once is right, absent is lost, more is duplicated. Ids arrive in
 * batches and are not kept, only those that are wrong.
 */
export async function checkWrites(
  acknowledged: AsyncIterable<readonly string[]>,
  lookUp: LookUp,
  http: HttpClient,
  signal: AbortSignal,
): Promise<WritesChecked> {
  const lostIds: string[] = [];
  const duplicatedIds: string[] = [];
  let total = 0;
  let present = 0;
  let failure: string | null = null;
  try {
    for await (const ids of rebatch(acknowledged, lookUp.batch)) {
      const counts = await askWithRetries(ids, lookUp, http, signal);
      total += ids.length;
      for (const id of ids) {
        const count = Object.hasOwn(counts, id) ? (counts[id] ?? 0) : 0;
        if (count === 0) lostIds.push(id);
        else present += 1;
        if (count > 1) duplicatedIds.push(id);
      }
    }
  } catch (error) {
    failure = (error as Error).message;
  }
  return { type: 'writes-checked', acknowledged: total, present, lostIds, duplicatedIds, failure };
}

/** The target may still be recovering when the load ends; a refused look-up is no proof of a lost write. */
async function askWithRetries(
  ids: readonly string[],
  lookUp: LookUp,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask(ids, lookUp, http, signal);
    } catch (cause) {
      if (attempt === TRIES || signal.aborted) {
        throw new Error(
          `looking up ${ids.length} writes failed ${attempt} times: ${(cause as Error).message}`,
          { cause },
        );
      }
      await sleep(500 * attempt);
    }
  }
}

async function ask(
  ids: readonly string[],
  lookUp: LookUp,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const response = await http.ask(lookUp.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...lookUp.headers },
    body: JSON.stringify({ ids }),
    signal: deadline(ATTEMPT_TIMEOUT_MS, signal),
  });
  const text = await response.text();
  if (response.status < 200 || response.status > 299)
    throw new Error(`${new URL(lookUp.url).pathname} answered ${response.status}`);
  return answer.parse(JSON.parse(text)).counts;
}

async function* rebatch(
  source: AsyncIterable<readonly string[]>,
  size: number,
): AsyncIterable<readonly string[]> {
  const pending: string[] = [];
  for await (const ids of source) {
    pending.push(...ids);
    while (pending.length >= size) yield pending.splice(0, size);
  }
  if (pending.length > 0) yield pending;
}

import { z } from 'zod';
import { deadline } from '../../chaos/deadline.ts';
import { sleep } from '../clock.ts';
import type { WritesChecked } from '../journal/events.ts';
import { many } from '../objectives/number-text.ts';
import type { HttpClient } from './http-client.ts';

/** One of three ways; an id that is left out of an answer counts as absent. */
export interface LookUp {
  /** POST {ids: [...]} -> {counts: {id: n}} */
  readonly lookup?: string | undefined;
  /** GET of this URL for each id, which stands for `{id}`: 2xx is there, 404 and 410 are not. */
  readonly each?: string | undefined;
  /** Where in the answer to `each` a list (its length counts) or a number is, e.g. `data.items`; left out: the answer itself. */
  readonly items?: string | undefined;
  /** Reads {ids: [...]} from its standard input and prints {counts: {id: n}}. */
  readonly command?: readonly string[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly batch: number;
  /** Where the command runs. */
  readonly cwd?: string;
}

const answer = z.object({ counts: z.record(z.string(), z.int().min(0)) });
const TRIES = 5;
const ATTEMPT_TIMEOUT_MS = 20_000;
const COMMAND_TIMEOUT_MS = 60_000;
/** Gentle to a target that has just been through something. */
const EACH_AT_ONCE = 8;

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
      const counts = await lookUpAll(ids, lookUp, http, signal);
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
          `looking up ${many(ids.length, 'write')} failed ${many(attempt, 'time')}: ${(cause as Error).message}`,
          { cause },
        );
      }
      await sleep(500 * attempt);
    }
  }
}

type Counts = Record<string, number>;

async function lookUpAll(
  ids: readonly string[],
  lookUp: LookUp,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Counts> {
  if (lookUp.each === undefined) return await askWithRetries(ids, lookUp, http, signal);
  const counts = new Map<string, number>();
  const waiting = [...ids];
  const askNext = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const found = await askWithRetries([id], lookUp, http, signal);
      counts.set(id, found[id] ?? 0);
    }
  };
  await Promise.all(Array.from({ length: EACH_AT_ONCE }, askNext));
  return Object.fromEntries(counts);
}

async function ask(
  ids: readonly string[],
  lookUp: LookUp,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Counts> {
  if (lookUp.command !== undefined) return await askCommand(lookUp.command, ids, lookUp.cwd, signal);
  const bounded = deadline(ATTEMPT_TIMEOUT_MS, signal);
  if (lookUp.each !== undefined) return await askEach(lookUp.each, ids[0] ?? '', lookUp, http, bounded);
  const url = lookUp.lookup ?? '';
  const response = await http.ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...lookUp.headers },
    body: JSON.stringify({ ids }),
    signal: bounded,
  });
  const text = await response.text();
  if (response.status < 200 || response.status > 299)
    throw new Error(`${pathOf(url)} answered ${response.status}`);
  return answer.parse(JSON.parse(text)).counts;
}

async function askEach(
  template: string,
  id: string,
  { headers, items }: LookUp,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Counts> {
  const url = template.replaceAll('{id}', encodeURIComponent(id));
  const response = await http.ask(url, { headers: { accept: 'application/json', ...headers }, signal });
  const text = await response.text();
  if (response.status === 404 || response.status === 410) return { [id]: 0 };
  if (response.status < 200 || response.status > 299)
    throw new Error(`${pathOf(template)} answered ${response.status}`);
  return { [id]: countIn(text, items, pathOf(template)) };
}

/** A list says how many there are, a number does, and anything else that is there is one. */
function countIn(text: string, items: string | undefined, where: string): number {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    if (items === undefined) return 1;
    throw new Error(`${where} answered something that is not JSON, so there is no ${items} in it`);
  }
  for (const key of items?.split('.') ?? []) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }
  if (Array.isArray(value)) return value.length;
  if (items === undefined) return 1;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new Error(`${where} answered without a list or a number at ${items}`);
}

async function askCommand(
  [program = '', ...args]: readonly string[],
  ids: readonly string[],
  cwd: string | undefined,
  signal: AbortSignal,
): Promise<Counts> {
  const { execa } = await import('execa');
  const { stdout, stderr, exitCode, failed, shortMessage } = await execa(program, args, {
    input: JSON.stringify({ ids }),
    cancelSignal: signal,
    timeout: COMMAND_TIMEOUT_MS,
    reject: false,
    ...(cwd !== undefined && { cwd }),
  });
  if (failed) {
    const said = stderr.trim().split('\n').at(-1);
    throw new Error(exitCode === undefined ? shortMessage : `${program} ended with ${exitCode}: ${said}`);
  }
  try {
    return answer.parse(JSON.parse(stdout)).counts;
  } catch {
    throw new Error(`${program} printed something else than {"counts": {"<id>": 1}}`);
  }
}

/** Without the query, in which a token may be. */
function pathOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname);
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

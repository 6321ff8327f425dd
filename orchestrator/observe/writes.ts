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
  /** GET of this URL for each id, which stands for `{id}`: 2xx is there; 404, 410, `null` and `false` are not. */
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
  let seesDuplicates = true;
  let failure: string | null = null;
  try {
    for await (const ids of rebatch(acknowledged, lookUp.batch)) {
      const { counts, seesTwice } = await lookUpAll(ids, lookUp, http, signal);
      total += ids.length;
      seesDuplicates &&= seesTwice;
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
  const found = { acknowledged: total, present, lostIds, duplicatedIds, failure };
  return { type: 'writes-checked', ...found, ...(seesDuplicates ? {} : { seesDuplicates }) };
}

/** The target may still be recovering when the load ends; a refused look-up is no proof of a lost write. */
async function askWithRetries(
  ids: readonly string[],
  lookUp: LookUp,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Found> {
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

interface Found {
  readonly counts: Readonly<Record<string, number>>;
  /** False: an answer was the write itself, which is one however often it is stored. */
  readonly seesTwice: boolean;
}

async function lookUpAll(
  ids: readonly string[],
  lookUp: LookUp,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Found> {
  if (lookUp.each === undefined) return await askWithRetries(ids, lookUp, http, signal);
  const counts = new Map<string, number>();
  let seesTwice = true;
  const waiting = [...ids];
  const askNext = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const found = await askWithRetries([id], lookUp, http, signal);
      counts.set(id, found.counts[id] ?? 0);
      seesTwice &&= found.seesTwice;
    }
  };
  await Promise.all(Array.from({ length: EACH_AT_ONCE }, askNext));
  return { counts: Object.fromEntries(counts), seesTwice };
}

async function ask(
  ids: readonly string[],
  lookUp: LookUp,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Found> {
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
  return { ...answer.parse(JSON.parse(text)), seesTwice: true };
}

async function askEach(
  template: string,
  id: string,
  { headers, items }: LookUp,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Found> {
  const url = template.replaceAll('{id}', encodeURIComponent(id));
  const response = await http.ask(url, { headers: { accept: 'application/json', ...headers }, signal });
  const text = await response.text();
  if (response.status === 404 || response.status === 410) return { counts: { [id]: 0 }, seesTwice: true };
  if (response.status < 200 || response.status > 299)
    throw new Error(`${pathOf(template)} answered ${response.status}`);
  const { count, seesTwice } = countIn(text, items, pathOf(template), response.status);
  return { counts: { [id]: count }, seesTwice };
}

/**
 * A list says how many there are, a number does, `null` and `false` say none, and anything else that is there is one. An answer without a
 * body says nothing: some servers mean "it is there" by it, and others "there is none".
 */
function countIn(
  text: string,
  items: string | undefined,
  where: string,
  status: number,
): { readonly count: number; readonly seesTwice: boolean } {
  if (text.trim() === '')
    throw new Error(
      `${where} answered ${status} without a body, which does not say whether the write is there: ask a URL that answers with it or with a list, or use \`lookup\` or \`command\``,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    if (items === undefined) return { count: 1, seesTwice: false };
    throw new Error(`${where} answered something that is not JSON, so there is no ${items} in it`);
  }
  for (const key of items?.split('.') ?? []) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }
  if (Array.isArray(value)) return { count: value.length, seesTwice: true };
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0)
    return { count: value, seesTwice: true };
  if (value === null || value === false) return { count: 0, seesTwice: true };
  if (items === undefined) return { count: 1, seesTwice: false };
  throw new Error(`${where} answered without a list or a number at ${items}`);
}

async function askCommand(
  [program = '', ...args]: readonly string[],
  ids: readonly string[],
  cwd: string | undefined,
  signal: AbortSignal,
): Promise<Found> {
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
    return { ...answer.parse(JSON.parse(stdout)), seesTwice: true };
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

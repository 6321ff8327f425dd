import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient } from '../observe/http-client.ts';
import { CannotAsk } from '../observe/http-failure.ts';
import { withSettings } from './headers.ts';
import type { FoundRequest, Measurement } from './types.ts';

export interface MeasureRequest {
  readonly baseUrl: string;
  readonly requests: readonly FoundRequest[];
  /** Trusts whom the load trusts, and goes through its proxies. */
  readonly http: HttpClient;
  /** Sent with every request, `${NAME}` filled in. */
  readonly headers: Readonly<Record<string, string>>;
  /** What `${NAME}` in a request itself is. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly count?: number;
  readonly perSecond?: number;
}

/** As the scenarios do: longer has failed. */
const TIMEOUT_MS = 5_000;
/** An answer that does not end must not fill the memory. */
const MAX_BYTES = 20_000_000;

/**
 * Asks at a low rate for some seconds, open loop: the next request does not wait for the one before. Only GET and HEAD, whatever the
 * requests say.
 */
export async function measure(request: MeasureRequest): Promise<Measurement> {
  const { count = 50, perSecond = 10 } = request;
  const harmless = request.requests.filter(isHarmless);
  if (harmless.length === 0) return { asked: 0, failed: 0, limited: 0, p50Ms: 0, p95Ms: 0, maxMs: 0 };
  const startedAt = performance.now();
  const answers = Array.from({ length: count }, async (_, nth) => {
    await sleep(Math.max(0, startedAt + (nth * 1000) / perSecond - performance.now()));
    const one = harmless[nth % harmless.length] as FoundRequest;
    return ask(request, one);
  });
  return summaryOf(await Promise.all(answers));
}

export interface Answer {
  /** 0: no answer. */
  readonly status: number;
  readonly ms: number;
  /** Where a redirect leads, else the reason why there was no answer; null: neither. */
  readonly detail: string | null;
  /** Of an answer with 429: after how many milliseconds it may be asked again. */
  readonly againMs: number;
  /** Why squall could not ask at all, which says nothing about the system; null: it could. */
  readonly unable: string | null;
  /** Those that it sets, by their names. */
  readonly cookies: ReadonlyMap<string, string>;
  /** Its media type, without parameters; empty: it said none. */
  readonly type: string;
}

/** One request, read to its end. Redirects are not followed: they may lead to somebody else. */
export async function ask(
  { baseUrl, headers, http, env }: Pick<MeasureRequest, 'baseUrl' | 'headers' | 'http' | 'env'>,
  request: FoundRequest,
): Promise<Answer> {
  const { method, path, headers: own = {} } = withSettings(request, env);
  const startedAt = performance.now();
  let hasBegun = false;
  try {
    const response = await http.ask(`${baseUrl}${path}`, {
      method: method === 'HEAD' ? 'HEAD' : 'GET',
      headers: { ...headers, ...own },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    hasBegun = true;
    const read = await response.beginning(MAX_BYTES);
    if (Buffer.byteLength(read) > MAX_BYTES - 4)
      throw new Error(`its answer has more than ${MAX_BYTES / 1e6} MB`);
    return {
      status: response.status,
      ms: performance.now() - startedAt,
      detail: response.header('location'),
      againMs: againAfter(response.header('retry-after')),
      unable: null,
      cookies: cookiesIn(response.header('set-cookie') ?? ''),
      type: (response.header('content-type') ?? '').split(';')[0]?.trim() ?? '',
    };
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    const late = `${hasBegun ? 'its answer did not end' : 'no answer'} within ${TIMEOUT_MS / 1000} s`;
    return {
      status: 0,
      ms: performance.now() - startedAt,
      detail: isLate ? late : (error as Error).message,
      againMs: 0,
      unable: error instanceof CannotAsk ? error.message : null,
      cookies: new Map(),
      type: '',
    };
  }
}

/** Several are one text here: `a=1; Path=/, b=2`. The commas of dates have no name and `=` behind them. */
function cookiesIn(header: string): Map<string, string> {
  const found = header.matchAll(/(?:^|,)\s*([^\s=;,]+)=([^;,]*)/g);
  return new Map([...found].map(([, name = '', value = '']) => [name, value]));
}

/** `Retry-After` is seconds or a date; left out, a second is usual. */
function againAfter(header: string | null): number {
  const seconds = Number(header ?? 1);
  const ms = Number.isNaN(seconds) ? Date.parse(header ?? '') - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? 1000 : Math.max(0, ms);
}

export function isHarmless({ method }: Pick<FoundRequest, 'method'>): boolean {
  return method === 'GET' || method === 'HEAD';
}

function summaryOf(answers: readonly Answer[]): Measurement {
  const good = answers.filter(({ status }) => status >= 200 && status < 400).map(({ ms }) => ms);
  good.sort((a, b) => a - b);
  return {
    asked: answers.length,
    failed: answers.length - good.length,
    limited: answers.filter(({ status }) => status === 429).length,
    p50Ms: at(good, 0.5),
    p95Ms: at(good, 0.95),
    maxMs: good.at(-1) ?? 0,
  };
}

/** The value below which this share lies (nearest rank). */
function at(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

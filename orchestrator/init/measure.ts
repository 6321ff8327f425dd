import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient } from '../observe/http-client.ts';
import { CannotAsk } from '../observe/http-failure.ts';
import type { FoundRequest, Measurement } from './types.ts';

export interface MeasureRequest {
  readonly baseUrl: string;
  readonly requests: readonly FoundRequest[];
  /** Trusts whom the load trusts, and goes through its proxies. */
  readonly http: HttpClient;
  /** Sent with every request, `${NAME}` filled in. */
  readonly headers: Readonly<Record<string, string>>;
  readonly count?: number;
  readonly perSecond?: number;
}

/** As the scenarios do: longer has failed. */
const TIMEOUT_MS = 5_000;

/**
 * Asks at a low rate for some seconds, open loop: the next request does not wait for the one before. Only GET and HEAD, whatever the
 * requests say.
 */
export async function measure(request: MeasureRequest): Promise<Measurement> {
  const { count = 50, perSecond = 10 } = request;
  const harmless = request.requests.filter(isHarmless);
  if (harmless.length === 0) return { asked: 0, failed: 0, p50Ms: 0, p95Ms: 0, maxMs: 0 };
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
  /** Why squall could not ask at all, which says nothing about the system; null: it could. */
  readonly unable: string | null;
  /** Its media type, without parameters; empty: it said none. */
  readonly type: string;
}

/** One request, read to its end. Redirects are not followed: they may lead to somebody else. */
export async function ask(
  { baseUrl, headers, http }: Pick<MeasureRequest, 'baseUrl' | 'headers' | 'http'>,
  { method, path, headers: own = {} }: FoundRequest,
): Promise<Answer> {
  const startedAt = performance.now();
  try {
    const response = await http.ask(`${baseUrl}${path}`, {
      method: method === 'HEAD' ? 'HEAD' : 'GET',
      headers: { ...headers, ...own },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.text();
    return {
      status: response.status,
      ms: performance.now() - startedAt,
      detail: response.header('location'),
      unable: null,
      type: (response.header('content-type') ?? '').split(';')[0]?.trim() ?? '',
    };
  } catch (error) {
    return {
      status: 0,
      ms: performance.now() - startedAt,
      detail: (error as Error).message,
      unable: error instanceof CannotAsk ? error.message : null,
      type: '',
    };
  }
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
    p50Ms: at(good, 0.5),
    p95Ms: at(good, 0.95),
    maxMs: good.at(-1) ?? 0,
  };
}

/** The value below which this share lies (nearest rank). */
function at(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

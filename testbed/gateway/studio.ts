import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import CircuitBreaker from 'opossum';
import { Pool } from 'undici';
import { HttpError } from '../lib/service.ts';
import type { Testbed } from '../lib/testbed.ts';
import { type Cloud, type CloudName, createClouds } from './clouds.ts';

export interface StudioRequest {
  /** Requests of one lane share a circuit breaker, so that failures in one lane do not open another's. */
  readonly lane: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

export interface StudioAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export interface Studio {
  /** @throws HttpError 503 or 504 when the studio cannot be reached in time, at once while the breaker is open */
  call(request: StudioRequest): Promise<StudioAnswer>;
  /** How the other cloud looks from here; measured once a second, whether or not there is traffic. */
  reach(): Reach;
  close(): Promise<void>;
}

export interface Reach {
  /** Where requests go. What follows is about the first, wherever they go. */
  readonly cloud: CloudName;
  readonly via: 'direct' | 'link';
  readonly reachable: boolean;
  /** Round trip of the newest ping that was answered, in milliseconds. */
  readonly rttMs: number | undefined;
  readonly breakers: Record<string, 'open' | 'half-open' | 'closed'>;
}

export interface StudioSabotage {
  /** Added to each answer. */
  readonly delayMs: () => number;
  /** Every request waits for the studio, however many have waited in vain. */
  readonly breakerOff: () => boolean;
  readonly neverFailOver: () => boolean;
}

const timeoutMs = 1_500;
/** How long one waits who never gives up. */
const patientMs = 20_000;
const pingEveryMs = 1_000;
const pingTimeoutMs = 900;
const passedOn = [
  'content-type',
  'location',
  'x-instance',
  'server-timing',
  'retry-after',
  'idempotent-replayed',
];

/**
 * The way to the studio, across the "cross-cloud" link. While the link's file exists, requests go to the address in it; otherwise they go
 * to the studio directly. This is checked for each request, at the cost of one stat every 50 ms. While the first studio is out of reach,
 * they go to the second one, where there is one. `switched` hears of each change.
 */
export function connectStudio(
  testbed: Testbed,
  { delayMs, breakerOff, neverFailOver }: StudioSabotage,
  switched?: (to: CloudName) => void,
): Studio {
  const clouds = createClouds(testbed, { neverFailOver }, switched);
  const [first] = clouds.all as [Cloud];
  const pools = new Map<string, Pool>();
  const breakers = new Map<string, CircuitBreaker<[StudioRequest], StudioAnswer>>();
  let reachable = true;
  let rttMs: number | undefined;

  function poolFor(address: string): Pool {
    const known = pools.get(address);
    if (known !== undefined) return known;
    const pool = new Pool(`http://${address}`, {
      connections: 64,
      pipelining: 1,
      connect: { timeout: 1_000 },
    });
    pools.set(address, pool);
    return pool;
  }

  /** Only that there is no answer says something about the way to it. */
  async function ask(cloud: Cloud, address: string, request: StudioRequest): Promise<StudioAnswer> {
    try {
      const answer = await exchange(poolFor(address), request, delayMs());
      cloud.answered();
      return answer;
    } catch (error) {
      cloud.failed();
      throw error;
    }
  }

  async function send(request: StudioRequest): Promise<StudioAnswer> {
    const cloud = clouds.current();
    const address = cloud.address();
    try {
      return await ask(cloud, address, request);
    } catch (error) {
      // The link went away under the request, or there is another cloud; if it may be repeated, it takes the new way at once.
      const next = clouds.after(cloud);
      const now = next.addressNow();
      const repeatable = request.method === 'GET' || request.headers['idempotency-key'] !== undefined;
      if (now === address || !repeatable) throw error;
      return ask(next, now, request);
    }
  }

  async function sendOrFail(request: StudioRequest): Promise<StudioAnswer> {
    const answer = await send(request);
    // For the breaker these are failures of the studio; for the caller they are still its answers.
    if (answer.status === 502 || answer.status === 503 || answer.status === 504)
      throw new StudioFailure(answer);
    return answer;
  }

  function breakerFor(lane: string): CircuitBreaker<[StudioRequest], StudioAnswer> {
    const known = breakers.get(lane);
    if (known !== undefined) return known;
    const breaker = new CircuitBreaker(sendOrFail, {
      timeout: false,
      errorThresholdPercentage: 50,
      volumeThreshold: 5,
      rollingCountTimeout: 2_000,
      rollingCountBuckets: 4,
      rollingPercentilesEnabled: false,
      resetTimeout: 500,
      capacity: 256,
    });
    breakers.set(lane, breaker);
    return breaker;
  }

  const pings = setInterval(async () => {
    await Promise.all(clouds.all.map(ping));
    clouds.current();
  }, pingEveryMs);

  async function ping(cloud: Cloud): Promise<void> {
    const started = performance.now();
    const request: StudioRequest = {
      lane: 'ping',
      method: 'GET',
      path: '/-/health',
      headers: {},
      timeoutMs: pingTimeoutMs,
    };
    const answer = await exchange(poolFor(cloud.addressNow()), request).catch(() => undefined);
    if (answer?.status === 200) cloud.answered();
    else cloud.failed();
    if (cloud !== first) return;
    reachable = answer?.status === 200;
    if (answer !== undefined) rttMs = performance.now() - started;
  }

  return {
    async call(request) {
      try {
        if (breakerOff()) return await sendOrFail({ ...request, timeoutMs: patientMs });
        return await breakerFor(request.lane).fire(request);
      } catch (error) {
        if (error instanceof StudioFailure) return error.answer;
        throw asHttpError(error as Error & { code?: string });
      }
    },
    reach: () => ({
      cloud: clouds.current().name,
      via: first.via(),
      reachable,
      rttMs,
      breakers: Object.fromEntries([...breakers].map(([lane, breaker]) => [lane, stateOf(breaker)])),
    }),
    async close() {
      clearInterval(pings);
      for (const breaker of breakers.values()) breaker.shutdown();
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

class StudioFailure extends Error {
  readonly answer: StudioAnswer;
  constructor(answer: StudioAnswer) {
    super(`the studio answered ${answer.status}`);
    this.answer = answer;
  }
}

async function exchange(pool: Pool, request: StudioRequest, delayMs = 0): Promise<StudioAnswer> {
  const started = performance.now();
  const answer = await pool.request({
    method: request.method,
    path: request.path,
    headers: request.headers,
    body: request.body ?? null,
    signal: AbortSignal.timeout(request.timeoutMs ?? timeoutMs),
  });
  const headers: Record<string, string> = {};
  for (const name of passedOn) {
    const value = answer.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  const body = Buffer.from(await answer.body.arrayBuffer());
  if (delayMs > 0) await sleep(delayMs);
  // The service's own time, and the time there and back; the difference is the link's.
  const upstream = `upstream;dur=${(performance.now() - started).toFixed(2)}`;
  headers['server-timing'] = [headers['server-timing'], upstream].filter(Boolean).join(', ');
  return { status: answer.statusCode, headers, body };
}

function asHttpError(error: Error & { code?: string }): HttpError {
  const retry = { 'retry-after': '1' };
  if (error.code === 'EOPENBREAKER')
    return new HttpError(503, 'the studio is out of reach (circuit open)', retry);
  if (error.code === 'ESEMLOCKED') return new HttpError(503, 'too many requests wait for the studio', retry);
  if (error.name === 'TimeoutError') return new HttpError(504, 'the studio did not answer in time', retry);
  return new HttpError(503, `the studio is out of reach: ${error.code ?? error.message}`, retry);
}

function stateOf(breaker: CircuitBreaker<[StudioRequest], StudioAnswer>) {
  return breaker.halfOpen ? 'half-open' : breaker.opened ? 'open' : 'closed';
}

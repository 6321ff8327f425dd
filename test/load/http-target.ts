import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How to break answers; each function is called for every request. */
export interface Sabotage {
  /** Milliseconds to wait before answering. */
  readonly delayMs?: (request: { readonly url: string; readonly nth: number }) => number;
  /** A status instead of the right one, or null. */
  readonly status?: (request: {
    readonly url: string;
    readonly method: string;
    readonly nth: number;
  }) => number | null;
  /** The id of the session in the answer; null: the right one. */
  readonly session?: (request: { readonly nth: number }) => string | null;
  /** The version that answers, in a header; left out: none. */
  readonly version?: (request: { readonly nth: number }) => string;
}

export interface HttpTarget {
  readonly url: string;
  /** Idempotency keys of the writes that were answered with 201, in order. */
  readonly acknowledged: string[];
  /** Requests by method and path. */
  readonly requests: Map<string, number>;
  /** The headers of that name, in order. */
  readonly traceparents: string[];
  sabotage: Sabotage;
  close(): Promise<void>;
}

/** A small HTTP server in the test's own process: a health check, a login, its session and projects. */
export async function startHttpTarget(): Promise<HttpTarget> {
  const requests = new Map<string, number>();
  const acknowledged: string[] = [];
  const traceparents: string[] = [];
  const server = createServer(async (request, response) => {
    request.resume();
    const { url = '/', method = 'GET' } = request;
    const { traceparent } = request.headers;
    if (traceparent !== undefined) traceparents.push(String(traceparent));
    const name = `${method} ${url}`;
    const nth = (requests.get(name) ?? 0) + 1;
    requests.set(name, nth);
    const delayMs = target.sabotage.delayMs?.({ url, nth }) ?? 0;
    if (delayMs > 0) await sleep(delayMs);
    const wrong = target.sabotage.status?.({ url, method, nth }) ?? null;
    const status = wrong ?? answer(method, url, request.headers.authorization);
    if (status === 201) acknowledged.push(String(request.headers['idempotency-key']));
    const version = target.sabotage.version?.({ nth });
    response
      .writeHead(status, {
        'content-type': 'application/json',
        ...(version === undefined ? {} : { 'x-version': version }),
      })
      .end(body(url, target.sabotage.session?.({ nth }) ?? 'kept'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target: HttpTarget = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    acknowledged,
    requests,
    traceparents,
    sabotage: {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return target;
}

function answer(method: string, url: string, authorization: string | undefined): number {
  if (url === '/health' || url === '/api/login') return 200;
  if (authorization !== 'Bearer good') return 401;
  return method === 'POST' ? 201 : 200;
}

function body(url: string, session: string): string {
  if (url === '/api/login') return '{"token":"good"}';
  return JSON.stringify(url === '/api/session' ? { id: session } : { status: 'ok' });
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { describe, type Replica, type ReplicaSet } from './replicas.ts';
import { createRetryBudget } from './retry-budget.ts';

/** Where requests with this path prefix go. The first match counts. */
export interface Route {
  readonly prefix: string;
  readonly replicas: ReplicaSet;
  /** How long an attempt may wait for the beginning of an answer. A request that is safe to repeat gets a second attempt. */
  readonly attemptTimeoutMs: number;
}

export interface ProxyCounters {
  retried(replica: Replica): void;
  failed(): void;
}

/** Larger bodies are streamed and get one attempt only. */
const maxRepeatableBytes = 256 * 1024;
/** Answers up to this size are forwarded as a whole, so that a replica's death in the middle of one can be made up for. */
const maxWholeBytes = 64 * 1024;
const attempts = 2;

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
]);

const budget = createRetryBudget();

/** Sends the request to a replica of the route, and once more to another if that fails and the request may be repeated. */
export async function forward(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  counters: ProxyCounters,
): Promise<void> {
  const length = Number(request.headers['content-length'] ?? 0);
  const hasBody = length > 0 || request.headers['transfer-encoding'] !== undefined;
  const repeatable = isRepeatable(request) && (!hasBody || (length > 0 && length <= maxRepeatableBytes));
  const body = !hasBody ? null : repeatable ? await readBody(request) : request;
  const headers = requestHeaders(request);
  const tried: Replica[] = [];
  budget.earn();
  let lastError = new Error('no replica');
  for (let attempt = 0; attempt < (repeatable ? attempts : 1); attempt++) {
    const replica = route.replicas.pick(tried);
    if (replica === undefined || response.destroyed) break;
    if (attempt > 0) {
      if (!budget.take()) break;
      counters.retried(replica);
    }
    tried.push(replica);
    const error = await tryReplica({ route, replica, request, response, headers, body });
    if (error === undefined) return;
    lastError = error;
    if (response.headersSent) return;
  }
  if (response.destroyed) return;
  counters.failed();
  const timedOut = lastError instanceof AttemptTimeout;
  answer(
    response,
    timedOut ? 504 : 502,
    timedOut ? lastError.message : `no replica answered: ${describe(lastError)}`,
  );
}

export function answer(response: ServerResponse, status: number, message: string): void {
  const text = JSON.stringify({ error: message, status });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

class AttemptTimeout extends Error {}

/** GET and the like may always be repeated; a write may when its idempotency key makes the second one a no-op. */
function isRepeatable(request: IncomingMessage): boolean {
  const method = request.method ?? 'GET';
  return (
    method === 'GET' ||
    method === 'HEAD' ||
    method === 'OPTIONS' ||
    request.headers['idempotency-key'] !== undefined
  );
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

function requestHeaders(request: IncomingMessage): string[] {
  const raw = request.rawHeaders;
  const headers: string[] = ['x-forwarded-for', request.socket.remoteAddress ?? ''];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    if (!hopByHop.has(name.toLowerCase())) headers.push(name, raw[i + 1] as string);
  }
  return headers;
}

function responseHeaders(raw: readonly Buffer[]): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as Buffer).toString('latin1');
    if (!hopByHop.has(name.toLowerCase())) headers.push(name, (raw[i + 1] as Buffer).toString('latin1'));
  }
  return headers;
}

interface Attempt {
  readonly route: Route;
  readonly replica: Replica;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly headers: string[];
  readonly body: Buffer | Readable | null;
}

/** One attempt. Resolves with undefined when the answer went out, else with what went wrong. */
function tryReplica({
  route,
  replica,
  request,
  response,
  headers,
  body,
}: Attempt): Promise<Error | undefined> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined;
    let aborted: Error | undefined;
    let whole: Buffer[] | undefined;
    let head: { status: number; headers: string[] } | undefined;
    replica.inFlight += 1;

    const abort = (reason: Error): void => {
      aborted ??= reason;
      controller?.abort(reason);
      // It has no connection yet, so nothing else will report; do not wait for it.
      if (controller === undefined) settle(reason);
    };
    const onClientGone = (): void => abort(new Error('the client went away'));
    const timer = setTimeout(
      () => abort(new AttemptTimeout(`${replica.name} did not answer within ${route.attemptTimeoutMs} ms`)),
      route.attemptTimeoutMs,
    );
    replica.waiting.add(abort);
    response.once('close', onClientGone);

    let settled = false;
    function settle(error: Error | undefined): void {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      replica.inFlight -= 1;
      replica.waiting.delete(abort);
      response.off('close', onClientGone);
      resolve(error);
    }

    replica.pool.dispatch(
      { path: request.url ?? '/', method: request.method as Dispatcher.HttpMethod, headers, body },
      {
        onRequestStart(started) {
          controller = started;
          if (aborted !== undefined) started.abort(aborted);
        },
        onResponseStart(started, status, parsed) {
          if (status < 200) return;
          clearTimeout(timer);
          replica.waiting.delete(abort);
          head = { status, headers: responseHeaders((started.rawHeaders ?? []) as Buffer[]) };
          const length = Number(parsed['content-length'] ?? Number.NaN);
          if (length <= maxWholeBytes) whole = [];
          else response.writeHead(head.status, head.headers);
        },
        onResponseData(started, chunk) {
          if (whole !== undefined) whole.push(chunk);
          else if (!response.write(chunk)) {
            started.pause();
            response.once('drain', () => started.resume());
          }
        },
        onResponseEnd() {
          if (!response.destroyed && head !== undefined) {
            if (whole === undefined) response.end();
            else {
              response.writeHead(head.status, head.headers);
              response.end(whole.length === 1 ? whole[0] : Buffer.concat(whole));
            }
          }
          // A body that is refused halfway (413) is read to its end, so that the client sees the answer.
          if (!request.complete) request.resume();
          settle(undefined);
        },
        onResponseError(_, error) {
          const reason = aborted ?? error;
          if (aborted === undefined) route.replicas.reportFailure(replica, error);
          if (response.headersSent) response.destroy();
          settle(reason);
        },
      },
    );
  });
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** How long the coach keeps each answer. */
export const HOLD_MS = 30;
/** A chunk is due this long after the one before it. */
const CHUNK_MS = 100;

export interface TargetReport {
  readonly requests: number;
  /** Epoch ms of the first request. */
  readonly firstAt: number;
  /**
   * p99 of the chunks' latency as the target knows it: from when a chunk was due to when its answer left. Due times count from the most
   * punctual chunk of the connection, so a chunk that k6 sent late is late here, too.
   */
  readonly chunkP99: number;
}

/** Health, login, projects, and a vocal coach that delays each answer and records when it came and went. Ends with its parent. */
export function runTarget(): void {
  let requests = 0;
  let firstAt = Number.NaN;
  let singers: Chunk[][] = [];
  const server = createServer((request, response) => {
    if (requests === 0) firstAt = Date.now();
    requests += 1;
    request.resume();
    const created = request.method === 'POST' && request.url === '/api/projects';
    response
      .writeHead(created ? 201 : 200, { 'content-type': 'application/json' })
      .end('{"token":"t","status":"ok"}');
  });
  new WebSocketServer({ server }).on('connection', (socket) => {
    const chunks: Chunk[] = [];
    singers.push(chunks);
    socket.on('message', (data: Buffer) => {
      const chunk = { seq: data.readUInt32LE(0), cameAt: performance.now(), leftAt: Number.NaN };
      chunks.push(chunk);
      setTimeout(() => {
        socket.send(JSON.stringify({ seq: chunk.seq, hz: null }));
        chunk.leftAt = performance.now();
      }, HOLD_MS);
    });
  });
  process.on('message', (what) => {
    process.send?.({ requests, firstAt, chunkP99: chunkP99(singers) } satisfies TargetReport);
    if (what === 'reset') {
      requests = 0;
      firstAt = Number.NaN;
      singers = [];
    }
  });
  process.on('disconnect', () => process.exit(0));
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
}

interface Chunk {
  readonly seq: number;
  readonly cameAt: number;
  leftAt: number;
}

function chunkP99(singers: readonly Chunk[][]): number {
  const latencies = singers.flatMap((chunks) => {
    const began = chunks.reduce(
      (least, { seq, cameAt }) => Math.min(least, cameAt - seq * CHUNK_MS),
      Infinity,
    );
    return chunks
      .filter(({ leftAt }) => !Number.isNaN(leftAt))
      .map(({ seq, leftAt }) => leftAt - began - seq * CHUNK_MS);
  });
  latencies.sort((a, b) => a - b);
  return latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
}

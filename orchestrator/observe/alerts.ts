import { createServer, type IncomingMessage, type Server } from 'node:http';
import { z } from 'zod';
import { parseHostPort } from '../../chaos/fields/host-port.ts';
import { now } from '../clock.ts';
import type { ReceivedAlert } from '../journal/events.ts';

export interface AlertReceiver {
  readonly port: number;
  close(): Promise<void>;
}

export interface AlertReceiverOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** With all alerts of a call at once: each on its own would cost a sync of the disk. Answered when it resolves; who is refused, because it rejects, sends again. */
  readonly onAlerts: (alerts: readonly ReceivedAlert[]) => void | Promise<void>;
}

/** What one run accepts: a flood of alerts must not fill the journal's disk. */
export const ALERT_LIMITS = { bodyBytes: 1_000_000, allBytes: 20_000_000, alerts: 10_000, connections: 64 };

/** The webhook payload of Alertmanager (version 4), as far as squall reads it. */
const payload = z.object({
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()).default({}),
        startsAt: z.string().optional(),
      }),
    )
    .max(1_000),
});

/** The only port that squall listens on for others. The time of an alert is its arrival. @throws when the address is taken */
export async function receiveAlerts(options: AlertReceiverOptions): Promise<AlertReceiver> {
  let left = ALERT_LIMITS.alerts;
  const pending = new Set<Promise<void>>();
  let bytesLeft = ALERT_LIMITS.allBytes;
  // Time-outs are kept by a look at all connections, by default twice a minute: so long 64 that send nothing would keep all others out.
  const server = createServer({ connectionsCheckingInterval: 1_000 }, (request, response) => {
    const answered = answer(request, now())
      // What could not be written down has not been taken: an acknowledged alert is never lost.
      .catch(() => 500)
      .then((status) => {
        response.writeHead(status, { connection: status === 200 ? 'keep-alive' : 'close' }).end();
        pending.delete(answered);
      });
    pending.add(answered);
  });
  server.maxConnections = ALERT_LIMITS.connections;
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  const { host, port } = parseHostPort(options.listen);
  await listen(server, host, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      // Whoever sent them has been cut off; what had come in whole is still being read, or on its way to the disk.
      await Promise.all(pending);
    },
  };

  async function answer(request: IncomingMessage, receivedAt: number): Promise<number> {
    if (request.method !== 'POST') return 405;
    const body = await readBody(request);
    if (body === null) return 413;
    const parsed = payload.safeParse(parseJson(body));
    if (!parsed.success) return 400;
    bytesLeft -= Buffer.byteLength(body);
    if (bytesLeft < 0) return 429;
    const accepted = parsed.data.alerts.slice(0, left);
    left -= accepted.length;
    if (accepted.length > 0)
      await options.onAlerts(
        accepted.map(({ status, labels, annotations, startsAt }) => ({
          receivedAt,
          status,
          labels,
          annotations,
          startsAt: startsAt ?? null,
        })),
      );
    return accepted.length === parsed.data.alerts.length ? 200 : 429;
  }
}

/** Null when it is too large: the rest is not read. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > ALERT_LIMITS.bodyBytes) return null;
      chunks.push(chunk);
    }
  } catch {
    return ''; // the sender went away: an empty body is refused as malformed
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Error(`cannot listen for alerts on ${host}:${port} (alerts.listen): ${cause.message}`, { cause }),
      ),
    );
    server.listen(port, host, () => resolve());
  });
}

import { createServer, type IncomingMessage, type Server } from 'node:http';
import { parseHostPort } from '../../chaos/fields/host-port.ts';
import { listenTrouble } from '../../chaos/listening.ts';
import { now } from '../clock.ts';
import type { ReceivedAlert } from '../journal/events.ts';
import { RefusalError } from '../refusal.ts';
import { Refusal, readBody } from './alert-body.ts';
import { readAlerts } from './alert-payload.ts';

export interface AlertReceiver {
  readonly port: number;
  close(): Promise<void>;
}

export interface AlertReceiverOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** Takes all alerts of a call at once: one by one, each would cost a sync of the disk. The call is answered when it resolves. */
  readonly onAlerts: (alerts: readonly ReceivedAlert[]) => void | Promise<void>;
  /** Alerts arrived and were not taken; `null`: a whole call, of nobody knows how many. The same reason comes once in 10 s, and at the end. */
  readonly onRefused?: (count: number | null, reason: string) => void;
}

/** What one run accepts, in bytes: a flood of alerts must not fill the journal's disk, nor the memory. */
export const ALERT_LIMITS = {
  callBytes: 16_000_000,
  /** Of all calls that are being read. */
  memoryBytes: 64_000_000,
  /** Of the alerts of the whole run, as the journal has them. */
  allBytes: 64_000_000,
  connections: 64,
};

/** The only port that squall listens on for others. The time of an alert is its arrival. @throws RefusalError when the address is taken */
export async function receiveAlerts(options: AlertReceiverOptions): Promise<AlertReceiver> {
  const refusals = collectRefusals(options.onRefused);
  const pending = new Set<Promise<void>>();
  let bytesLeft = ALERT_LIMITS.allBytes;
  let memoryLeft = ALERT_LIMITS.memoryBytes;
  // Node looks for silent connections twice a minute by default: 64 of them would keep all others out for that long.
  const server = createServer({ connectionsCheckingInterval: 1_000 }, (request, response) => {
    const answered = answer(request, now())
      .catch((error: Error) => {
        if (error instanceof Refusal) refusals.add(null, error.message);
        // What could not be written down has not been taken: an acknowledged alert is never lost.
        return error instanceof Refusal ? error.status : 500;
      })
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
      // The senders have been cut off; what had arrived whole is still being read, or on its way to the disk.
      await Promise.all(pending);
      refusals.flush();
    },
  };

  /** Alertmanager sends again what is answered with 5xx, and nothing else: 4xx where another try would end the same way. */
  async function answer(request: IncomingMessage, receivedAt: number): Promise<number> {
    // Grafana can be told to PUT.
    if (request.method !== 'POST' && request.method !== 'PUT') return 405;
    let held = 0;
    const reserve = (bytes: number) => {
      if (bytes > memoryLeft)
        throw new Refusal(503, 'too many large calls at once; they were asked to come again');
      memoryLeft -= bytes;
      held += bytes;
    };
    try {
      const { alerts, refused } = readAlerts(
        await readBody(request, ALERT_LIMITS.callBytes, reserve),
        receivedAt,
      );
      const fitting = alerts.slice(0, countFitting(alerts));
      if (fitting.length > 0) await options.onAlerts(fitting);
      for (const [reason, count] of refused) refusals.add(count, reason);
      const left = alerts.length - fitting.length;
      if (left > 0)
        refusals.add(left, `the alerts of this run are more than ${ALERT_LIMITS.allBytes / 1e6} MB`);
      if (left > 0) return 429;
      return alerts.length === 0 && refused.size > 0 ? 400 : 200;
    } finally {
      memoryLeft += held;
    }
  }

  function countFitting(alerts: readonly ReceivedAlert[]): number {
    const first = alerts.findIndex((alert) => {
      const bytes = Buffer.byteLength(JSON.stringify(alert)) + LINE_BYTES;
      if (bytes > bytesLeft) return true;
      bytesLeft -= bytes;
      return false;
    });
    return first < 0 ? alerts.length : first;
  }
}

/** What a line of the journal adds to its event: hashes, numbers, times. */
const LINE_BYTES = 250;

/** The first of each reason is told at once, further ones together: calls that are refused must not fill a journal either. */
function collectRefusals(tell: AlertReceiverOptions['onRefused']) {
  const reasons = new Map<string, { told: number; waiting: number | null }>();
  const flush = (reason: string, at: number) => {
    const known = reasons.get(reason);
    if (known === undefined || known.waiting === 0) return;
    tell?.(known.waiting, reason);
    reasons.set(reason, { told: at, waiting: 0 });
  };
  return {
    add(count: number | null, reason: string) {
      const { told, waiting } = reasons.get(reason) ?? { told: Number.NEGATIVE_INFINITY, waiting: 0 };
      reasons.set(reason, { told, waiting: count === null ? null : (waiting ?? 0) + count });
      if (now() - told >= RETELL_MS) flush(reason, now());
    },
    flush() {
      for (const reason of reasons.keys()) flush(reason, now());
    },
  };
}

const RETELL_MS = 10_000;

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new RefusalError(`cannot listen for alerts on ${host}:${port} (alerts.listen): ${cause.message}`, {
          cause,
          fix: listenTrouble(cause, port)?.fix ?? 'choose an address of this machine',
        }),
      ),
    );
    server.listen(port, host, () => resolve());
  });
}

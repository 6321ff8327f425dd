import type { Logger } from 'pino';
import { Pool, request } from 'undici';
import { checkEveryMs, checkTimeoutMs, connectTimeoutMs, healthPath, timeoutsToEject } from './routes.ts';

/** One process behind the load balancer. */
export interface Replica {
  readonly name: string;
  readonly origin: string;
  readonly pool: Pool;
  /** Aborts the attempts that have no answer yet. */
  readonly waiting: Set<(reason: Error) => void>;
  inFlight: number;
  healthy: boolean;
  ejections: number;
  failedChecks: number;
}

export interface ReplicaSet {
  readonly replicas: readonly Replica[];
  /** The least busy healthy replica; any other if none is healthy; undefined if all have been tried. */
  pick(tried: readonly Replica[]): Replica | undefined;
  /** A connection to this replica failed. Refused: no more traffic until a check succeeds. Broken: checked at once. */
  reportFailure(replica: Replica, error: Error): void;
  close(): Promise<void>;
}

/** Replicas with active checks and passive ejection (a failed connection). */
export function createReplicaSet(
  members: readonly { name: string; origin: string }[],
  log: Logger,
  canaryPercent = 0,
): ReplicaSet {
  const replicas = members.map(createReplica);
  let turn = 0;
  let asked = 0;
  const checking = new Set<Replica>();
  const timers = replicas.map((replica) => setInterval(() => void check(replica), checkEveryMs));

  async function check(replica: Replica): Promise<void> {
    if (checking.has(replica)) return;
    checking.add(replica);
    try {
      const { statusCode, body } = await request(`${replica.origin}${healthPath}`, {
        dispatcher: replica.pool,
        signal: AbortSignal.timeout(checkTimeoutMs),
      });
      await body.dump();
      if (statusCode >= 500) throw new Error(`health check answered ${statusCode}`);
      replica.failedChecks = 0;
      if (!replica.healthy) {
        replica.healthy = true;
        log.info({ replica: replica.name }, 'replica is back');
      }
    } catch (error) {
      replica.failedChecks += 1;
      const reason = `health check: ${describe(error)}`;
      if ((error as Error).name !== 'TimeoutError') eject(replica, reason);
      else if (replica.failedChecks >= timeoutsToEject && !isLast(replica)) eject(replica, reason);
    } finally {
      checking.delete(replica);
    }
  }

  /** If nobody answers in time, the machine is slow, and giving up the last replica would not help. */
  function isLast(replica: Replica): boolean {
    return !replicas.some((other) => other !== replica && other.healthy);
  }

  function eject(replica: Replica, reason: string): void {
    if (!replica.healthy) return;
    replica.healthy = false;
    replica.ejections += 1;
    log.warn({ replica: replica.name, reason, waiting: replica.waiting.size }, 'replica ejected');
    // Requests that wait for a replica that is known to be gone can be tried elsewhere now.
    for (const abort of [...replica.waiting]) abort(new Error(`replica ${replica.name} was ejected`));
  }

  /** The canary, the last one, has every so many requests; undefined where nobody has a share, or it cannot be kept. */
  function ofShare(tried: readonly Replica[]): Replica | undefined {
    if (canaryPercent === 0 || replicas.length < 2 || tried.length > 0) return undefined;
    asked += 1;
    const isCanarys = (asked * canaryPercent) % 100 < canaryPercent;
    const chosen = isCanarys ? replicas.at(-1) : replicas[asked % (replicas.length - 1)];
    return chosen?.healthy ? chosen : undefined;
  }

  return {
    replicas,
    pick(tried) {
      let best: Replica | undefined;
      const shared = ofShare(tried);
      if (shared !== undefined) return shared;
      turn = (turn + 1) % replicas.length;
      for (let i = 0; i < replicas.length; i++) {
        const replica = replicas[(turn + i) % replicas.length] as Replica;
        if (tried.includes(replica)) continue;
        if (best === undefined || isBetter(replica, best)) best = replica;
      }
      return best;
    },
    reportFailure(replica, error) {
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') eject(replica, describe(error));
      else void check(replica);
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(replicas.map((replica) => replica.pool.destroy()));
    },
  };
}

export function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : `${code} ${message}`;
}

function createReplica(member: { name: string; origin: string }): Replica {
  const pool = new Pool(member.origin, {
    connections: 256,
    pipelining: 1,
    // Below the services' keep-alive timeout, so that it is never the service that closes a connection in use.
    keepAliveTimeout: 20_000,
    connect: { timeout: connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 60_000,
  });
  return {
    ...member,
    pool,
    waiting: new Set(),
    inFlight: 0,
    healthy: true,
    ejections: 0,
    failedChecks: 0,
  };
}

function isBetter(a: Replica, b: Replica): boolean {
  return a.healthy === b.healthy ? a.inFlight < b.inFlight : a.healthy;
}

import type { Client } from 'pg';
import type { z } from 'zod';
import { many } from '../../../many.ts';
import { type PreparedFault, ProviderError, type Resolution } from '../../../prepared-fault.ts';
import { identify, isAlive, isSame, type ProcessIdentity, signalIfSame } from '../../../process-identity.ts';
import { waitUntil } from '../../../wait-until.ts';
import type { postgresComponent } from '../component.ts';
import { watchDeaths } from '../processes/deaths.ts';
import type { ProcessTarget } from '../processes/find-processes.ts';
import { childrenOf, parentOf } from '../processes/process-facts.ts';
import { noteOwnSession } from '../use/own-connections.ts';
import { failover, nothingTookOver, type StoreNode, selectPrimary, watchReturn } from './data-store.ts';

export type PostgresNodes = z.output<typeof postgresComponent>['nodes'];
type PostgresNode = PostgresNodes[number];

export interface PostgresFailover {
  readonly nodes: PostgresNodes;
  readonly target: ProcessTarget;
  /** kill: the postmaster dies by SIGKILL; demote: it shuts down in order (SIGINT, "fast") and the target promotes the standby. */
  readonly mode: 'kill' | 'demote';
}

/** The node that is not in recovery. @throws ProviderError */
export async function resolvePostgres(
  componentName: string,
  nodes: PostgresNodes,
  signal: AbortSignal,
): Promise<Resolution> {
  const readings = await Promise.all(nodes.map(readNode));
  signal.throwIfAborted();
  return selectPrimary(componentName, readings);
}

/** Squall takes the primary away and watches; to promote the standby is the business of the system under test. */
export function preparePostgresFailover({ nodes, target, mode }: PostgresFailover): PreparedFault {
  const primary = nodes.find(({ pidFile }) => pidFile === target.pidFile);
  if (primary === undefined) throw new ProviderError(`${target.label} is not one of the nodes`);
  const death = watchDeaths([target]);
  let children: ProcessIdentity[] = [];
  let refusedAt: number | undefined;
  let struckAt: number | undefined;
  return failover({
    async strike(signal) {
      children = childrenOf(target.pid);
      struckAt = Date.now();
      if (!signalIfSame(target, mode === 'kill' ? 'SIGKILL' : 'SIGINT')) {
        throw new ProviderError(`${target.label} was gone before the fault could hit`);
      }
      await death.within(100, signal);
    },
    async observe(signal) {
      const goneAt = await waitUntil(
        async () => {
          const gone = death.all()?.[0];
          // An orderly stop refuses clients from its first moment on, long before the process is gone.
          if (gone === undefined && mode === 'demote') refusedAt ??= await refusesAt(primary);
          return gone !== undefined && !children.some(isAlive) ? gone : undefined;
        },
        {
          signal,
          everyMs: 2,
          otherwise: () => `of a failover: ${target.label} or its child processes still run`,
        },
      );
      const withIt =
        children.length > 0
          ? `, its ${many(children.length, 'child process', 'child processes')} with it`
          : '';
      const at = Math.min(goneAt, refusedAt ?? goneAt);
      return { at, withinMs: at - (struckAt ?? at), seen: [`${target.label} is gone${withIt}`] };
    },
    async observeEnd(signal) {
      const seen = new Map<string, string>();
      const returned = watchReturn();
      return waitUntil(
        async (since) => {
          const writable = await writableNodes(nodes, target, seen);
          const other = writable.find(({ name }) => name !== primary.name);
          if (other !== undefined) {
            const story = `${other.name} took over from ${primary.name}; a commit was acknowledged`;
            return { at: other.at, withinMs: other.at - since, seen: [story] };
          }
          const [back] = writable;
          if (back?.process === undefined) return undefined;
          seen.set(primary.name, `is back as pid ${back.process.pid}`);
          if (back.at - returned(back.process, back.at) < SETTLED_MS) return undefined;
          throw nothingTookOver(primary.name, back.process);
        },
        {
          signal,
          everyMs: 25,
          notBefore: struckAt,
          otherwise: () =>
            `that a node took over: ${[...seen].map(([name, what]) => `${name}: ${what}`).join('; ')}`,
        },
      );
    },
  });
}

async function readNode(node: PostgresNode): Promise<StoreNode> {
  const { name, pidFile } = node;
  try {
    const { inRecovery, postmasterPid } = await withNode(node, look, resolvingMs);
    return {
      name,
      pidFile,
      role: inRecovery ? 'standby' : 'primary',
      reportedPid: postmasterPid,
      problem: undefined,
    };
  } catch (error) {
    return { name, pidFile, role: undefined, reportedPid: undefined, problem: (error as Error).message };
  }
}

/** The postmaster is the parent of every server process, this connection's among them. */
async function look(client: Client): Promise<{ inRecovery: boolean; postmasterPid: number | undefined }> {
  const { rows } = await client.query<{ recovering: boolean; pid: number }>(
    'select pg_is_in_recovery() as recovering, pg_backend_pid() as pid',
  );
  const row = rows[0];
  return {
    inRecovery: row?.recovering ?? true,
    postmasterPid: row === undefined ? undefined : parentOf(row.pid),
  };
}

/** A promotion that was under way when the old primary came back has ended by then; PostgreSQL itself cannot tell of one. */
const SETTLED_MS = 2_000;

async function writableNodes(
  nodes: PostgresNodes,
  old: ProcessIdentity,
  seen: Map<string, string>,
): Promise<{ name: string; at: number; process: ProcessIdentity | undefined }[]> {
  const found = await Promise.all(
    nodes.map(async (node) => {
      try {
        return await withNode(node, async (client) => {
          const { inRecovery, postmasterPid } = await look(client);
          const process = postmasterPid === undefined ? undefined : (identify(postmasterPid) ?? undefined);
          seen.set(node.name, inRecovery ? 'in recovery' : 'out of recovery, commits not yet');
          if (inRecovery || (process !== undefined && isSame(process, old))) return undefined;
          await commitNothing(client);
          return { name: node.name, at: Date.now(), process };
        });
      } catch (error) {
        seen.set(node.name, (error as Error).message);
        return undefined;
      }
    }),
  );
  return found.filter((one) => one !== undefined);
}

/**
 * A real commit, synchronous replication included, that leaves no row anywhere: a logical message in the write-ahead log that nobody
 * has asked for.
 */
async function commitNothing(client: Client): Promise<void> {
  await client.query("select pg_logical_emit_message(true, 'squall', 'are commits acknowledged?')");
}

async function refusesAt(node: PostgresNode): Promise<number | undefined> {
  try {
    await withNode(node, async () => {});
    return undefined;
  } catch {
    return Date.now();
  }
}

/** While watching, a node that hangs must not hold up the look at the others. */
const watchingMs = 2000;
/** When resolving there is time: a machine under load answers late. */
const resolvingMs = 5000;

async function withNode<T>(
  { url }: PostgresNode,
  work: (client: Client) => Promise<T>,
  withinMs = watchingMs,
): Promise<T> {
  const { Client } = (await import('pg')).default;
  const client = new Client({
    connectionString: url,
    application_name: 'squall',
    connectionTimeoutMillis: withinMs,
    query_timeout: withinMs,
  });
  client.on('error', () => {}); // The server may go at any time: that is what all this is about.
  noteOwnSession(url);
  try {
    await client.connect();
    return await work(client);
  } finally {
    void client.end().catch(() => {}); // A server that hangs never says goodbye.
  }
}

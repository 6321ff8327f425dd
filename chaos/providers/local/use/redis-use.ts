import type { UseWatch } from '../../../provider.ts';
import { askRedis, nodesOf, type RedisForm, type RedisServer } from '../faults/redis-client.ts';
import { type StoreCounters, type StoreReader, watchStore } from './store-use.ts';

/** Commands of Sentinel, replication, monitoring and squall. They are not the use of a client's data. */
const SUPERVISION = new Set(
  (
    'acl auth client cluster command config dbsize echo hello info latency memory module monitor ping psubscribe psync publish quit ' +
    'replconf replicaof reset role script select sentinel slaveof slowlog subscribe time wait'
  ).split(' '),
);

/** On a replica these come from its master, beside the writes themselves. */
const AROUND_WRITES = ['multi', 'exec'];

/** Commands of clients on each node, from Redis's own statistics: by command since it was started, and by connection. */
export function watchRedis(redis: RedisForm): UseWatch {
  return watchStore({
    nodes: new Map(nodesOf(redis).map((node) => [node.pidFile, createReader(node)])),
    unit: 'commands',
  });
}

function createReader(node: RedisServer): StoreReader {
  let writes: Promise<ReadonlySet<string> | undefined> | undefined;
  return {
    async read() {
      writes ??= writesOf(node);
      const [stats, list] = await Promise.all([
        askRedis(node, ['INFO', 'all']),
        askRedis(node, ['CLIENT', 'LIST']),
      ]);
      const known = await writes;
      if (known === undefined) writes = undefined; // It may have been too busy to answer.
      return countersOf(String(stats), String(list), Date.now(), known);
    },
    async close() {},
  };
}

/** The commands that write; undefined where Redis (before 6) or the user's rights do not tell. */
async function writesOf(node: RedisServer): Promise<ReadonlySet<string> | undefined> {
  const answer = await askRedis(node, ['ACL', 'CAT', 'write']).catch(() => undefined);
  if (!Array.isArray(answer)) return undefined;
  return new Set(answer.map((name) => String(name).split('|')[0]?.toLowerCase() ?? ''));
}

/** From the answers to `INFO all`, `CLIENT LIST` and `ACL CAT write`: a replica repeats what is written to its master. */
export function countersOf(
  info: string,
  list: string,
  now: number,
  writes: ReadonlySet<string> | undefined,
): StoreCounters {
  const isMaster = /^role:master/m.test(info);
  const isOfClients = (name: string) =>
    !SUPERVISION.has(name) &&
    (isMaster || (writes !== undefined && !writes.has(name) && !AROUND_WRITES.includes(name)));
  const clients = list.split('\n').flatMap((line) => {
    const fields = new Map(line.split(' ').map((field) => field.split(/=(.*)/s) as [string, string]));
    const flags = fields.get('flags') ?? '';
    const command = fields.get('cmd')?.split('|')[0] ?? '';
    const isPeer = /[SM]/.test(flags) || (fields.get('name') ?? '').startsWith('sentinel-');
    if (!fields.has('id') || isPeer || command === 'client') return [];
    // Whole seconds, rounded down.
    return [
      {
        at: now - (Number(fields.get('idle')) + 1) * 1_000,
        isUsing: !SUPERVISION.has(command) && command !== 'NULL',
      },
    ];
  });
  const calls = [...info.matchAll(/^cmdstat_([^:|]+)(?:\|[^:]+)?:calls=(\d+)/gm)];
  const done = calls.reduce((sum, [, name = '', count]) => sum + (isOfClients(name) ? Number(count) : 0), 0);
  return {
    role: isMaster ? 'primary' : 'standby',
    clients: clients.length,
    activeAt: Math.max(0, ...clients.filter(({ isUsing }) => isUsing).map(({ at }) => at)),
    done,
    came: done,
    certain: 0,
    blind:
      isMaster || writes !== undefined
        ? undefined
        : 'what came from its master cannot be told from what clients asked; allow the user of `auth` ACL CAT',
  };
}

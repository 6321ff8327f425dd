import type { UseWatch } from '../../../provider.ts';
import { askRedis, type RedisForm } from '../faults/redis-client.ts';
import { type StoreCounters, type StoreReader, watchStore } from './store-use.ts';

/** Commands of Sentinel, replication, monitoring and squall. They are not the use of a client's data. */
const SUPERVISION = new Set(
  (
    'auth client cluster command config dbsize echo hello info latency memory module monitor ping psubscribe psync publish quit ' +
    'replconf replicaof reset role script select sentinel slaveof slowlog subscribe time wait'
  ).split(' '),
);

/** Commands of clients on each node, from Redis's own statistics: by command since it was started, and by connection. */
export function watchRedis({ nodes }: RedisForm): UseWatch {
  return watchStore({
    nodes: new Map(nodes.map(({ address, pidFile }) => [pidFile, createReader(address)])),
    unit: 'commands',
  });
}

function createReader(address: string): StoreReader {
  return {
    async read() {
      const [stats, list] = await Promise.all([
        askRedis(address, ['INFO', 'all']),
        askRedis(address, ['CLIENT', 'LIST']),
      ]);
      return countersOf(String(stats), String(list));
    },
    async close() {},
  };
}

/** From the answers to `INFO all` and `CLIENT LIST`. */
export function countersOf(info: string, list: string, now = Date.now()): StoreCounters {
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
  return {
    role: /^role:master/m.test(info) ? 'primary' : 'standby',
    clients: clients.length,
    activeAt: Math.max(0, ...clients.filter(({ isUsing }) => isUsing).map(({ at }) => at)),
    done: calls.reduce((sum, [, name = '', count]) => sum + (SUPERVISION.has(name) ? 0 : Number(count)), 0),
    certain: 0,
    blind: undefined,
  };
}

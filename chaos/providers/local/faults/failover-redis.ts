import { type PreparedFault, ProviderError, type Resolution } from '../../../prepared-fault.ts';
import { identify, isSame, type ProcessIdentity, signalIfSame } from '../../../process-identity.ts';
import { waitUntil } from '../../../wait-until.ts';
import { watchDeaths } from '../processes/deaths.ts';
import type { ProcessTarget } from '../processes/find-processes.ts';
import { failover, nothingTookOver, type StoreNode, selectPrimary, watchReturn } from './data-store.ts';
import { askRedis, normalize, type RedisForm, redisInfo, resolvingMs, watchingMs } from './redis-client.ts';

type RedisNode = RedisForm['nodes'][number];

export interface RedisFailover {
  readonly redis: RedisForm;
  readonly target: ProcessTarget;
  /** kill: the master's process dies by SIGKILL; demote: SENTINEL FAILOVER. */
  readonly mode: 'kill' | 'demote';
}

/** The master that most sentinels name, if it says so itself. @throws ProviderError */
export async function resolveRedis(
  componentName: string,
  redis: RedisForm,
  signal: AbortSignal,
): Promise<Resolution> {
  const master = await agreedMaster(redis, resolvingMs);
  const nodes = await Promise.all(redis.nodes.map(readNode));
  signal.throwIfAborted();
  if (master.address === undefined) {
    throw new ProviderError(`component ${componentName}: the sentinels name no master (${master.story})`, {
      fix: `start most of them, and let them watch ${redis.master}`,
    });
  }
  const resolution = selectPrimary(componentName, nodes);
  const primary = nodes.find(({ role }) => role === 'primary');
  if (primary?.name !== master.address) {
    throw new ProviderError(
      `component ${componentName}: the sentinels name ${master.address}, but the master is ${primary?.name}`,
      { fix: 'wait until a failover under way is over, or correct the nodes in the environment' },
    );
  }
  return resolution;
}

export function prepareRedisFailover({ redis, target, mode }: RedisFailover): PreparedFault {
  const node = redis.nodes.find(({ pidFile }) => pidFile === target.pidFile);
  if (node === undefined) throw new ProviderError(`${target.label} is not one of the nodes`);
  const old = normalize(node.address);
  const death = watchDeaths([target]);
  let struckAt: number | undefined;
  return failover({
    async strike(signal) {
      struckAt = Date.now();
      if (mode === 'demote') return orderFailover(redis);
      if (!signalIfSame(target, 'SIGKILL')) {
        throw new ProviderError(`${target.label} was gone before the fault could hit`);
      }
      await death.within(100, signal);
    },
    async observe(signal) {
      const otherwise = () =>
        `of a failover: ${target.label} is still ${mode === 'kill' ? 'there' : 'the master'}`;
      if (mode === 'kill') {
        const [at = Date.now()] = await waitUntil(death.all, { signal, everyMs: 1, otherwise });
        return { at, withinMs: at - (struckAt ?? at), seen: [`${target.label} is gone`] };
      }
      const look = async (since: number) => {
        const changed = await roleChange(redis, old);
        return changed && { ...changed, withinMs: changed.at - since };
      };
      return waitUntil(look, { signal, everyMs: 5, notBefore: struckAt, otherwise });
    },
    async observeEnd(signal) {
      let last = '';
      const returned = watchReturn();
      return waitUntil(
        async (since) => {
          const seen = await servingMaster(redis);
          last = seen.story;
          if (seen.at === undefined) return undefined;
          if (seen.name !== old) {
            const story = `${seen.name} took over from ${old}; ${seen.story}`;
            return { at: seen.at, withinMs: seen.at - since, seen: [story] };
          }
          if (seen.process === undefined || isSame(seen.process, target)) return undefined;
          const backAt = returned(seen.process, seen.at);
          if (await areContent(redis, backAt)) throw nothingTookOver(old, seen.process);
          last = `${old} is back as pid ${seen.process.pid}, and the sentinels have not all seen it yet`;
          return undefined;
        },
        {
          signal,
          everyMs: 25,
          notBefore: struckAt,
          otherwise: () => `that a master took over: ${last}`,
        },
      );
    },
  });
}

async function readNode({ address, pidFile }: RedisNode): Promise<StoreNode> {
  const name = normalize(address);
  try {
    const info = await redisInfo(address, resolvingMs);
    const role = info.get('role') === 'master' ? 'primary' : 'standby';
    return { name, pidFile, role, reportedPid: Number(info.get('process_id')), problem: undefined };
  } catch (error) {
    return { name, pidFile, role: undefined, reportedPid: undefined, problem: (error as Error).message };
  }
}

/** What more than half of all sentinels say, not of those that answer. */
async function agreedMaster(
  redis: RedisForm,
  withinMs = watchingMs,
): Promise<{ address: string | undefined; story: string }> {
  const answers = await Promise.all(
    redis.sentinels.map(async (sentinel) => {
      try {
        const reply = await askRedis(
          sentinel,
          ['SENTINEL', 'get-master-addr-by-name', redis.master],
          withinMs,
        );
        return Array.isArray(reply) ? normalize(reply.join(':')) : `does not watch ${redis.master}`;
      } catch (error) {
        return (error as Error).message;
      }
    }),
  );
  const story = redis.sentinels.map((sentinel, index) => `${sentinel}: ${answers[index]}`).join('; ');
  const known = new Set(redis.nodes.map(({ address }) => normalize(address)));
  const address = answers.find(
    (one) => known.has(one) && answers.filter((other) => other === one).length > redis.sentinels.length / 2,
  );
  return { address, story };
}

/**
 * Will no sentinel fail over any more? Each that answers has had a good answer from the master since then, and has begun no failover: a
 * master that is back may still be deposed by those who have not noticed yet.
 */
async function areContent({ sentinels, master }: RedisForm, sinceMs: number): Promise<boolean> {
  const answers = await Promise.all(
    sentinels.map(async (sentinel) => {
      const reply = await askRedis(sentinel, ['SENTINEL', 'MASTER', master]).catch(() => undefined);
      if (!Array.isArray(reply)) return undefined;
      const value = (name: string) => String(reply[reply.indexOf(name) + 1]);
      return value('flags') === 'master' && Number(value('last-ok-ping-reply')) < Date.now() - sinceMs;
    }),
  );
  const content = answers.filter((one) => one === true).length;
  return !answers.includes(false) && content > sentinels.length / 2;
}

/** Any sentinel will do; the next is asked only when one does not answer at all. */
async function orderFailover({ sentinels, master }: RedisForm): Promise<void> {
  const problems: string[] = [];
  for (const sentinel of sentinels) {
    try {
      await askRedis(sentinel, ['SENTINEL', 'FAILOVER', master]);
      return;
    } catch (error) {
      problems.push(`${sentinel}: ${(error as Error).message}`);
    }
  }
  throw new ProviderError(`no sentinel started a failover (${problems.join('; ')})`);
}

async function roleChange(
  { nodes }: RedisForm,
  old: string,
): Promise<{ at: number; seen: readonly string[] } | undefined> {
  const roles = await Promise.all(
    nodes.map(async ({ address }) => ({
      address: normalize(address),
      role: await redisInfo(address).then(
        (info) => info.get('role'),
        () => undefined,
      ),
    })),
  );
  const changed = roles.find(({ address, role }) => role === (address === old ? 'slave' : 'master'));
  if (changed === undefined) return undefined;
  return {
    at: Date.now(),
    seen: [`${changed.address} has become a ${changed.role === 'slave' ? 'replica' : 'master'}`],
  };
}

async function servingMaster(redis: RedisForm): Promise<{
  name: string;
  process: ProcessIdentity | undefined;
  at: number | undefined;
  story: string;
}> {
  const { address: name = '', story } = await agreedMaster(redis);
  const nothing = { name, process: undefined, at: undefined };
  const node = redis.nodes.find(({ address }) => normalize(address) === name);
  if (node === undefined) return { ...nothing, story };
  try {
    const info = await redisInfo(node.address);
    if (info.get('role') !== 'master') return { ...nothing, story: `${name} is not a master yet` };
    // A key of its own that is gone by itself at once; DEL or the like would be taken by a master that refuses to store.
    await askRedis(node.address, ['SET', 'squall:are-writes-accepted', '1', 'PX', '100']);
    const process = identify(Number(info.get('process_id'))) ?? undefined;
    return { name, process, at: Date.now(), story: 'most sentinels name it, and it accepts writes' };
  } catch (error) {
    return { ...nothing, story: `${name}: ${(error as Error).message}` };
  }
}

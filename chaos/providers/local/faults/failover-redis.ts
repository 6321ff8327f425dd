import { formatHostPort, samePort } from '../../../fields/host-port.ts';
import { type PreparedFault, ProviderError, type Resolution } from '../../../prepared-fault.ts';
import { identify, isSame, type ProcessIdentity, signalIfSame } from '../../../process-identity.ts';
import { waitUntil } from '../../../wait-until.ts';
import { watchDeaths } from '../processes/deaths.ts';
import type { ProcessTarget } from '../processes/find-processes.ts';
import { failover, nothingTookOver, type StoreNode, selectPrimary, watchReturn } from './data-store.ts';
import {
  askRedis,
  nodesOf,
  type RedisForm,
  type RedisServer,
  redisInfo,
  resolvingMs,
  sentinelsOf,
  watchingMs,
} from './redis-client.ts';
import { problemOf, wayIn } from './redis-refusal.ts';

type RedisNode = ReturnType<typeof nodesOf>[number];

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
  const nodes = await Promise.all(nodesOf(redis).map(readNode));
  signal.throwIfAborted();
  if (master.address === undefined) throw noMaster(componentName, redis, master);
  for (const { name, problem } of nodes) {
    const fix = wayIn(problem, 'auth');
    if (fix === undefined) continue;
    throw new ProviderError(`component ${componentName}: ${name} does not let squall in: ${problem}`, {
      fix,
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
  const old = samePort(node.address);
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

/** The sentinels are down, or keep squall out, or know the nodes by other addresses: three things to do. */
function noMaster(
  componentName: string,
  redis: RedisForm,
  { answers, majority, story }: Agreed,
): ProviderError {
  const wrong = (what: string, fix: string) =>
    new ProviderError(`component ${componentName}: ${what} (${story})`, { fix });
  const way = answers.map((answer) => wayIn(answer, 'sentinelAuth')).find((one) => one !== undefined);
  if (way !== undefined) return wrong('the sentinels do not let squall in', way);
  if (majority !== undefined) {
    return wrong(
      `the sentinels name ${majority} as the master, which is none of the nodes`,
      'write the addresses of the nodes as the sentinels name them, and check that these are the right sentinels',
    );
  }
  return wrong('the sentinels name no master', `start most of them, and let them watch ${redis.master}`);
}

async function readNode(node: RedisNode): Promise<StoreNode> {
  const { address, pidFile } = node;
  const name = samePort(address);
  try {
    const info = await redisInfo(node, resolvingMs);
    const role = info.get('role') === 'master' ? 'primary' : 'standby';
    return { name, pidFile, role, reportedPid: Number(info.get('process_id')), problem: undefined };
  } catch (error) {
    return { name, pidFile, role: undefined, reportedPid: undefined, problem: (error as Error).message };
  }
}

interface Agreed {
  /** The one of the nodes that the majority names. */
  readonly address: string | undefined;
  /** What the majority names, be it a node of the environment or not. */
  readonly majority: string | undefined;
  /** An address, or what is wrong, in the order of the sentinels. */
  readonly answers: readonly string[];
  readonly story: string;
}

/** What more than half of all sentinels say, not of those that answer. */
async function agreedMaster(redis: RedisForm, withinMs = watchingMs): Promise<Agreed> {
  const sentinels = sentinelsOf(redis);
  const named = await Promise.all(sentinels.map((sentinel) => masterOf(sentinel, redis.master, withinMs)));
  const answers = named.map(({ address, problem }) => address ?? problem);
  const addresses = named.flatMap(({ address }) => address ?? []);
  const majority = addresses.find(
    (one) => addresses.filter((other) => other === one).length > sentinels.length / 2,
  );
  const isNode = redis.nodes.some(({ address }) => samePort(address) === majority);
  return {
    address: isNode ? majority : undefined,
    majority,
    answers,
    story: sentinels.map(({ address }, index) => `${address}: ${answers[index]}`).join('; '),
  };
}

type Named = { address: string; problem?: never } | { address?: never; problem: string };

async function masterOf(sentinel: RedisServer, master: string, withinMs: number): Promise<Named> {
  try {
    const reply = await askRedis(sentinel, ['SENTINEL', 'get-master-addr-by-name', master], withinMs);
    if (!Array.isArray(reply)) return { problem: `does not watch ${master}` };
    return { address: samePort(formatHostPort({ host: String(reply[0]), port: Number(reply[1]) })) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/**
 * Will no sentinel fail over any more? Each that answers has had a good answer from the master since then, and has begun no failover: a
 * master that is back may still be deposed by those who have not noticed yet.
 */
async function areContent(redis: RedisForm, sinceMs: number): Promise<boolean> {
  const answers = await Promise.all(
    sentinelsOf(redis).map(async (sentinel) => {
      const reply = await askRedis(sentinel, ['SENTINEL', 'MASTER', redis.master]).catch(() => undefined);
      if (!Array.isArray(reply)) return undefined;
      const value = (name: string) => String(reply[reply.indexOf(name) + 1]);
      return value('flags') === 'master' && Number(value('last-ok-ping-reply')) < Date.now() - sinceMs;
    }),
  );
  const content = answers.filter((one) => one === true).length;
  return !answers.includes(false) && content > answers.length / 2;
}

/** Any sentinel will do; the next is asked only when one does not answer at all. */
async function orderFailover(redis: RedisForm): Promise<void> {
  const problems: string[] = [];
  for (const sentinel of sentinelsOf(redis)) {
    try {
      await askRedis(sentinel, ['SENTINEL', 'FAILOVER', redis.master]);
      return;
    } catch (error) {
      problems.push(`${sentinel.address}: ${(error as Error).message}`);
    }
  }
  throw new ProviderError(`no sentinel started a failover (${problems.join('; ')})`);
}

async function roleChange(
  redis: RedisForm,
  old: string,
): Promise<{ at: number; seen: readonly string[] } | undefined> {
  const roles = await Promise.all(
    nodesOf(redis).map(async (node) => ({
      address: samePort(node.address),
      role: await redisInfo(node).then(
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
  const node = nodesOf(redis).find(({ address }) => samePort(address) === name);
  if (node === undefined) return { ...nothing, story };
  try {
    const info = await redisInfo(node);
    if (info.get('role') !== 'master') return { ...nothing, story: `${name} is not a master yet` };
    // A key of its own that is gone by itself at once; DEL or the like would be taken by a master that refuses to store.
    await askRedis(node, ['SET', 'squall:are-writes-accepted', '1', 'PX', '100']);
    const process = identify(Number(info.get('process_id'))) ?? undefined;
    return { name, process, at: Date.now(), story: 'most sentinels name it, and it accepts writes' };
  } catch (error) {
    return { ...nothing, story: `${name}: ${(error as Error).message}` };
  }
}

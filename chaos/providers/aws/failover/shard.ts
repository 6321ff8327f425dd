import {
  type Evidence,
  type Patience,
  type PreparedFault,
  ProviderError,
  type Resolution,
  type Target,
} from '../../../provider.ts';
import { type Look, seenBy } from '../../../wait-until.ts';
import type { Account, Caller } from '../account.ts';
import type { CacheCalls, Shard } from '../calls/elasticache.ts';
import type { AwsEvent } from '../calls/parts.ts';
import { refuse } from '../errors.ts';
import { faultOnce, type Speed } from '../once.ts';
import { type Order, orderOnce } from '../order.ts';
import { PACE, QUIET_MINUTES } from '../pace.ts';
import { orderLines, STALE_MS } from './preflight.ts';
import { byEvent, type Sighting, watchEvents } from './sightings.ts';

/** Completed after 63 s where it was recorded; AWS writes "up to two minutes". */
const PATIENCE: Patience = { evidenceMs: 180_000, endMs: 180_000 };
const DAY_MINUTES = 1_440;
/** In any 24 hours, account and region. AWS tells nobody how many are left: events are counted. */
const TEST_FAILOVERS_A_DAY = 15;

export interface ShardForm {
  readonly group: string;
  readonly shard: string;
}

/** The primary of a shard, when AWS would fail it over now. Reads only. @throws ProviderError with the reason */
export async function resolveShard(
  account: Account,
  form: ShardForm,
  caller: Caller,
  signal: AbortSignal,
): Promise<Resolution> {
  const cache = await account.elasticache();
  const shard = await fitShard(account, cache, form, signal);
  const used = usedOfQuota(await cache.events(DAY_MINUTES, signal));
  const name = `${form.group}/${form.shard}`;
  if (used >= TEST_FAILOVERS_A_DAY) {
    throw refuse(
      `${used} test failovers were called within the last 24 hours in this account and region: AWS allows ${TEST_FAILOVERS_A_DAY}`,
      'wait until the oldest is a day old',
    );
  }
  const details = [
    `${shard.engine}, ${shard.nodes.length} nodes in ${[...new Set(shard.nodes.map(({ zone }) => zone))].join(', ')}; a replica becomes the primary`,
    `${used} of ${TEST_FAILOVERS_A_DAY} test failovers of the last 24 hours are used (counted from events)`,
    ...orderLines('elasticache:TestFailover', shard.arn, caller, PACE.shard),
  ];
  const candidates = shard.nodes.map(({ id, role, zone }, index): Target => {
    const isHit = primaryOf(shard) === undefined ? index === 0 : role === 'primary';
    // In cluster mode AWS does not tell which one is the primary: the shard is hit, whichever node that is.
    const label =
      primaryOf(shard) === undefined && isHit
        ? `${name}, its primary`
        : `${id}, ${role ?? 'a node'} in ${zone}`;
    return {
      label,
      identity: {
        group: form.group,
        shard: form.shard,
        node: primaryOf(shard) === undefined && isHit ? 'primary' : id,
      },
      healthy: true,
      ...(isHit && { details }),
    };
  });
  return {
    candidates,
    targets: candidates.filter(({ details: lines }) => lines !== undefined),
    healthy: candidates.length,
  };
}

async function fitShard(
  { settings }: Account,
  cache: CacheCalls,
  form: ShardForm,
  signal: AbortSignal,
): Promise<Shard> {
  const group = await cache.group(form.group, signal);
  if (group === undefined) {
    throw refuse(
      `there is no replication group ${form.group} in ${settings.region}`,
      `${nodeOf(form.group) ?? 'correct `elasticache.group`, or the region of the environment'}; serverless caches and memcached cannot fail over`,
    );
  }
  const shard = group.shards.find(({ id }) => id === form.shard);
  if (shard === undefined) {
    throw refuse(
      `${form.group} has no shard ${form.shard}`,
      `name one of ${group.shards.map(({ id }) => id).join(', ') || 'none'}`,
    );
  }
  const no = (why: string, fix: string) =>
    refuse(`shard ${form.shard} of ${form.group} cannot fail over: ${why}`, fix);
  if (shard.automaticFailover !== 'enabled') {
    throw no(
      `automatic failover is ${shard.automaticFailover}`,
      'enable it: aws elasticache modify-replication-group',
    );
  }
  if (shard.groupStatus !== 'available') {
    throw no(
      `its group is ${shard.groupStatus}`,
      'wait: after a failover AWS replaces the node, which takes minutes',
    );
  }
  if (shard.status !== 'available') throw no(`it is ${shard.status}`, 'wait until it is available');
  if (shard.nodes.length < 2) throw no('it has no replica', 'add a replica: a failover would lose its data');
  return shard;
}

/** TestFailover, once; proven by the change of roles, or by AWS's event where it names no roles. */
export async function prepareShard(
  account: Account,
  form: ShardForm,
  targets: readonly Target[],
  signal: AbortSignal,
  { speed = 1 }: Speed,
): Promise<PreparedFault> {
  const cache = await account.elasticache();
  const shard = await fitShard(account, cache, form, signal);
  const old = primaryOf(shard);
  if (old !== undefined && targets[0]?.identity.node !== old) {
    throw refuse(`the primary of ${form.group}/${form.shard} is ${old} by now`, 'wait until it has settled');
  }
  const ours = new Set([form.group, ...shard.nodes.map(({ id }) => id)]);
  const eventsOf = await watchEvents(
    async (abort) => (await cache.events(QUIET_MINUTES * 2, abort)).filter(({ source }) => ours.has(source)),
    account.clock,
    signal,
  );

  return faultOnce({
    notIn: `no evidence that shard ${form.shard} of ${form.group} failed over`,
    notOut: `no evidence that shard ${form.shard} of ${form.group} is back`,
    patience: PATIENCE,
    speed,
    order: (abort) =>
      orderOnce(
        account,
        { doing: 'elasticache:TestFailover', lastsMs: PATIENCE.evidenceMs + PATIENCE.endMs },
        () => cache.failOverShard(form.group, form.shard, abort),
        abort,
      ),
    // AWS tells of it when it is over: it was in at some time between the order and that.
    lookIn: async (order, since, abort) => {
      const found = await look(order, since, abort);
      return 'missing' in found ? found : { seen: { ...found.seen, withinMs: found.seen.at - order.sentAt } };
    },
    lookOut: look,
  });

  async function look(order: Order, since: number, abort: AbortSignal): Promise<Look<Evidence>> {
    const seen = (await eventsOf(order, abort)).filter(isOfShard);
    const completed = seen.find(({ text }) => COMPLETED.test(text));
    const called = seen.find(({ text }) => CALLED.test(text));
    const more = called === undefined ? [] : [called.sentence];
    const now = primaryOf(await shardNow(abort));
    if (old !== undefined && now !== undefined && now !== old) {
      const sentence = `${now} is the primary now (it was ${old})`;
      return {
        seen:
          completed === undefined
            ? seenBy(since, [sentence, ...more])
            : byEvent(completed, [sentence, ...more]),
      };
    }
    if (completed === undefined) {
      return {
        missing: `${called === undefined ? 'AWS has told of no failover' : called.sentence}, and no role has changed`,
      };
    }
    if (old !== undefined) {
      return {
        missing: `AWS says "${completed.text}", but ${old} is still named the primary`,
        never: Date.now() - completed.at > STALE_MS / speed,
      };
    }
    const unwitnessed = `AWS's events alone say that ${form.group}/${form.shard} failed over: in cluster mode it names no roles`;
    return { seen: { ...byEvent(completed, [...more, unwitnessed]), unwitnessed } };
  }

  /** Of the group, events tell of all shards: by a node's name, or by the shard's. */
  function isOfShard({ text, source }: Sighting): boolean {
    if (source !== form.group) return true;
    if (CALLED.test(text)) return text.includes(form.shard);
    return shard.nodes.some(({ id }) => text.includes(id));
  }

  async function shardNow(abort: AbortSignal): Promise<Shard> {
    const found = (await cache.group(form.group, abort))?.shards.find(({ id }) => id === form.shard);
    if (found === undefined) throw new ProviderError(`aws: ${form.group}/${form.shard} is gone`);
    return found;
  }
}

/** `sessions-001` and, in cluster mode, `sessions-0001-001` are nodes of `sessions`. */
function nodeOf(name: string): string | undefined {
  const group = /^(.+?)(-\d{4})?-\d{3}$/.exec(name)?.[1];
  return group && `${name} has the form of a node: write its group, \`group: ${group}\``;
}

const CALLED = /^Test Failover API called/i;
/** "master" before 2024, "primary" since; also without naming the old one. */
const COMPLETED = /^Failover (from (primary|master) node \S+ )?to replica node \S+ completed/i;

function primaryOf({ nodes }: Shard): string | undefined {
  return nodes.find(({ role }) => role === 'primary')?.id;
}

function usedOfQuota(events: readonly AwsEvent[]): number {
  return events.filter(({ text }) => CALLED.test(text)).length;
}

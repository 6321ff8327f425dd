import type { Evidence, Patience, PreparedFault, Resolution, Target } from '../../../provider.ts';
import { type Look, seenBy } from '../../../wait-until.ts';
import type { Account, Caller } from '../account.ts';
import type { DbCluster, DbInstance, RdsCalls } from '../calls/rds.ts';
import { refuse } from '../errors.ts';
import { faultOnce, type Speed } from '../once.ts';
import { orderOnce } from '../order.ts';
import { PACE, QUIET_MINUTES } from '../pace.ts';
import { orderLines, refuseIfRecent, STALE_MS, untilAvailable } from './preflight.ts';
import { byEvent, type Sighting, watchEvents } from './sightings.ts';

/** AWS writes "under 35 s"; its events may come half a minute later. */
const PATIENCE: Patience = { evidenceMs: 60_000, endMs: 120_000 };
/** DescribeDBClusters may go on naming the old writer for a while, and name the new one too soon: two reads must agree. */
const SECOND_READ_MS = 2_000;

export interface ClusterForm {
  readonly cluster: string;
  readonly to?: string | undefined;
}

interface Chosen {
  readonly cluster: DbCluster;
  readonly writer: string;
  readonly reader: string;
  readonly states: ReadonlyMap<string, DbInstance>;
}

/** The writer of a cluster and the reader that is to take over. Reads only. @throws ProviderError with the reason */
export async function resolveCluster(
  account: Account,
  form: ClusterForm,
  caller: Caller,
  signal: AbortSignal,
): Promise<Resolution> {
  const rds = await account.rds();
  const { cluster, writer, reader, states } = await choose(account, rds, form, signal);
  refuseIfRecent(form.cluster, await rds.events({ cluster: form.cluster }, QUIET_MINUTES, signal));
  const candidates = cluster.members.map(({ instance, isWriter }): Target => {
    const state = states.get(instance);
    return {
      label: `${instance}, ${isWriter ? 'writer' : 'reader'} in ${state?.zone ?? 'unknown'}`,
      identity: { cluster: cluster.resourceId, instance, role: isWriter ? 'writer' : 'reader' },
      healthy: state?.status === 'available',
      ...(instance === writer && {
        details: [
          `${cluster.what}, ${cluster.members.length} members; ${reader} in ${states.get(reader)?.zone ?? 'unknown'} becomes the writer`,
          ...orderLines('rds:FailoverDBCluster', cluster.arn, caller, PACE.cluster),
        ],
      }),
    };
  });
  return {
    candidates,
    targets: candidates.filter(({ identity }) => identity.instance === writer),
    healthy: candidates.filter(({ healthy }) => healthy).length,
  };
}

async function choose(
  { settings }: Account,
  rds: RdsCalls,
  form: ClusterForm,
  signal: AbortSignal,
): Promise<Chosen> {
  const cluster = await rds.cluster(form.cluster, signal);
  if (cluster === undefined) {
    throw refuse(
      `there is no DB cluster ${form.cluster} in ${settings.region}`,
      'correct `rds.cluster` (an instance is written as rds: { instance: NAME }), or the region of the environment',
    );
  }
  const no = (why: string, fix: string) =>
    refuse(`the cluster ${form.cluster} cannot fail over: ${why}`, fix);
  if (cluster.status !== 'available') throw no(`it is ${cluster.status}`, untilAvailable(cluster.status));
  if (cluster.members.length === 0) {
    throw no(
      'it has no instances (one of Aurora Serverless v1 never has)',
      'add a writer and a reader, or hit another',
    );
  }
  const writers = cluster.members.filter(({ isWriter }) => isWriter);
  const [writer] = writers;
  if (writer === undefined) {
    throw no(
      'AWS names no writer',
      'wait until a failover under way is over; of a global database hit the primary cluster, in its region: the others never have one',
    );
  }
  if (writers.length > 1)
    throw no(`AWS names ${writers.length} writers`, 'wait until a failover under way is over');
  const states = new Map((await rds.members(form.cluster, signal)).map((one) => [one.id, one]));
  const readers = cluster.members
    .filter(({ isWriter, instance }) => !isWriter && states.get(instance)?.status === 'available')
    .sort((a, b) => a.tier - b.tier || (a.instance < b.instance ? -1 : 1))
    .map(({ instance }) => instance);
  if (form.to !== undefined && !readers.includes(form.to)) {
    throw no(`${form.to} is not one of its available readers`, `name one of ${readers.join(', ') || 'none'}`);
  }
  const reader = form.to ?? readers[0];
  if (reader === undefined) throw no('no reader is available to take over', 'add a reader, or wait for one');
  return { cluster, writer: writer.instance, reader, states };
}

/** FailoverDBCluster to an explicit reader, once: it can be a no-op, so AWS's events and the role of the writer must both show it. */
export async function prepareCluster(
  account: Account,
  form: ClusterForm,
  targets: readonly Target[],
  signal: AbortSignal,
  { speed = 1 }: Speed,
): Promise<PreparedFault> {
  const rds = await account.rds();
  const id = form.cluster;
  const { writer, reader } = await choose(account, rds, form, signal);
  if (targets[0]?.identity.instance !== writer) {
    throw refuse(`the writer of ${id} is ${writer} by now`, 'wait until the cluster has settled');
  }
  const eventsOf = await watchEvents(
    (abort) => rds.events({ cluster: id }, QUIET_MINUTES * 2, abort),
    account.clock,
    signal,
  );
  let writesSince: number | undefined;

  return faultOnce({
    notIn: `no evidence that the cluster ${id} failed over`,
    notOut: `no evidence that the cluster ${id} is back`,
    patience: PATIENCE,
    speed,
    order: (abort) =>
      orderOnce(
        account,
        { doing: 'rds:FailoverDBCluster', lastsMs: PATIENCE.evidenceMs + PATIENCE.endMs },
        () => rds.failOverCluster(id, reader, abort),
        abort,
      ),
    async lookIn(order, since, abort): Promise<Look<Evidence>> {
      const seen = await eventsOf(order, abort);
      const given = givenUp(seen);
      if (given !== undefined) return given;
      const now = await writerNow(abort);
      const isGone = now !== writer;
      const started = seen.find(({ text }) => STARTED.test(text) || COMPLETED.test(text));
      // The order itself is told as "Started": what proves it is the writer.
      if (started !== undefined && isGone) return { seen: byEvent(started, [gone(now)]) };
      if (isGone) return { seen: { ...seenBy(since, [gone(now)]), withinMs: Date.now() - order.sentAt } };
      const completed = seen.find(({ text }) => COMPLETED.test(text));
      const last = completed ?? started;
      const told = last === undefined ? 'AWS has told of no failover' : `AWS says "${last.text}"`;
      return { missing: `${told}, but ${writer} is still the writer`, never: isStale(completed) };
    },
    async lookOut(order, since, abort): Promise<Look<Evidence>> {
      const seen = await eventsOf(order, abort);
      const given = givenUp(seen);
      if (given !== undefined) return given;
      const now = await writerNow(abort);
      if (now === undefined || now === writer) {
        writesSince = undefined;
        const completed = seen.find(({ text }) => COMPLETED.test(text));
        const told = completed === undefined ? '' : `, though AWS says "${completed.text}"`;
        return { missing: `${now ?? 'nobody'} is the writer${told}`, never: isStale(completed) };
      }
      writesSince ??= Date.now();
      if (Date.now() - writesSince < SECOND_READ_MS / speed)
        return { missing: `${now} was named the writer once, not yet twice` };
      const completed = seen.find(({ text }) => COMPLETED.test(text));
      const sentence = `${now} is the writer, by two reads${now === reader ? '' : ` (asked for was ${reader})`}`;
      return {
        seen:
          completed === undefined
            ? { ...seenBy(since, [sentence]), at: writesSince }
            : byEvent(completed, [sentence]),
      };
    },
  });

  function isStale(completed: Sighting | undefined): boolean {
    return completed !== undefined && Date.now() - completed.at > STALE_MS / speed;
  }

  async function writerNow(abort: AbortSignal): Promise<string | undefined> {
    const cluster = await rds.cluster(id, abort);
    return cluster?.members.find(({ isWriter }) => isWriter)?.instance;
  }

  function gone(now: string | undefined): string {
    return `${writer} is not the writer any more${now === undefined ? '' : `, ${now} is`}`;
  }
}

const STARTED = /^Started (same|cross) AZ failover/i;
const COMPLETED = /^Completed failover to DB instance/i;
const GIVEN_UP = /^(Cluster failover failed|Promoting previous primary again)/i;

function givenUp(seen: readonly Sighting[]): { missing: string; never: true } | undefined {
  const failed = seen.find(({ text }) => GIVEN_UP.test(text));
  return failed && { missing: `AWS gave it up: "${failed.text}"`, never: true };
}

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
import type { DbInstance } from '../calls/rds.ts';
import { refuse } from '../errors.ts';
import { faultOnce, type Speed } from '../once.ts';
import { orderOnce } from '../order.ts';
import { PACE, QUIET_MINUTES } from '../pace.ts';
import { orderLines, refuseIfRecent, untilAvailable } from './preflight.ts';
import { atMostEarlier, byEvent, type Sighting, watchEvents } from './sightings.ts';

/** "started" was recorded 7 to 17 s after the order and "completed" after up to 71 s; both may be told of half a minute later. */
const PATIENCE: Patience = { evidenceMs: 90_000, endMs: 150_000 };
/** Recorded: writes stopped up to 5 s before "failover started". */
const FELT_BEFORE_MS = 5_000;
/** AWS names the new zone 1 to 9 minutes after the order: no drill waits for that. */
const ZONE_MS = 20_000;

/** The primary of a Multi-AZ instance, when AWS would fail it over now. Reads only. @throws ProviderError with the reason */
export async function resolveInstance(
  account: Account,
  id: string,
  caller: Caller,
  signal: AbortSignal,
): Promise<Resolution> {
  const rds = await account.rds();
  const found = await rds.instance(id, signal);
  if (found === undefined) {
    throw refuse(
      `there is no DB instance ${id} in ${account.settings.region}`,
      'correct `rds.instance` (Aurora and a Multi-AZ cluster are written as rds: { cluster: NAME }), or the region of the environment',
    );
  }
  refuseUnfit(found);
  refuseIfRecent(id, await rds.events({ instance: id }, QUIET_MINUTES, signal));
  const target: Target = {
    label: `${id}, primary in ${found.zone}`,
    identity: { resource: found.resourceId, zone: found.zone },
    healthy: true,
    details: [
      `${found.what}; its standby is in ${found.standbyZone}`,
      `the standby in ${found.standbyZone} becomes the primary, and the database is not shut down in order: it recovers as after a crash`,
      ...orderLines('rds:RebootDBInstance', found.arn, caller, PACE.instance),
    ],
  };
  const standby: Target = {
    label: `${id}, standby in ${found.standbyZone}`,
    identity: { resource: found.resourceId, zone: found.standbyZone ?? 'unknown' },
    healthy: true,
  };
  return { candidates: [target, standby], targets: [target], healthy: 2 };
}

function refuseUnfit(one: DbInstance): void {
  const no = (why: string, fix: string) => refuse(`${one.id} cannot fail over: ${why}`, fix);
  if (one.cluster !== undefined) {
    throw no(`it is a member of the cluster ${one.cluster}`, `write rds: { cluster: ${one.cluster} }`);
  }
  if (!one.isMultiAz)
    throw no('it is not Multi-AZ, so it has no standby', 'make it Multi-AZ, or hit another');
  if (one.status !== 'available') throw no(`it is ${one.status}`, untilAvailable(one.status));
  if (one.standbyZone === undefined || one.standbyZone === one.zone) {
    throw no('AWS names no zone of a standby', 'wait until the standby has been made');
  }
  if (one.pending.length > 0) {
    throw no(
      `changes are pending (${one.pending.join(', ')}), which a restart would apply`,
      'apply them first: aws rds modify-db-instance --apply-immediately',
    );
  }
}

/** RebootDBInstance with ForceFailover, once; proven by AWS's events, and by the zone where it shows in time. */
export async function prepareInstance(
  account: Account,
  id: string,
  targets: readonly Target[],
  signal: AbortSignal,
  { speed = 1 }: Speed,
): Promise<PreparedFault> {
  const rds = await account.rds();
  const [target] = targets;
  const zone = String(target?.identity.zone);
  const eventsOf = await watchEvents(
    (abort) => rds.events({ instance: id }, QUIET_MINUTES * 2, abort),
    account.clock,
    signal,
  );
  let completedSeenAt: number | undefined;

  return faultOnce({
    notIn: `no evidence that ${id} failed over`,
    notOut: `no evidence that ${id} is back`,
    patience: PATIENCE,
    speed,
    order: (abort) =>
      orderOnce(
        account,
        { doing: 'rds:RebootDBInstance', lastsMs: PATIENCE.evidenceMs + PATIENCE.endMs },
        () => rds.failOverInstance(id, abort),
        abort,
      ),
    async lookIn(order, since, abort): Promise<Look<Evidence>> {
      const seen = await eventsOf(order, abort);
      const given = givenUp(seen);
      if (given !== undefined) return given;
      const started = seen.find(({ text }) => STARTED.test(text) || COMPLETED.test(text));
      if (started !== undefined)
        return { seen: atMostEarlier(byEvent(started), FELT_BEFORE_MS / speed, order) };
      const now = await look(abort);
      if (now.zone !== zone) return { seen: seenBy(since, [moved(now)]) };
      return { missing: `AWS has told of no failover, and ${id} is ${now.status} in ${now.zone}` };
    },
    async lookOut(order, since, abort): Promise<Look<Evidence>> {
      const seen = await eventsOf(order, abort);
      const given = givenUp(seen);
      if (given !== undefined) return given;
      const completed = seen.find(({ text }) => COMPLETED.test(text));
      const now = await look(abort);
      if (now.zone !== zone) {
        if (completed !== undefined) return { seen: byEvent(completed, [moved(now)]) };
        if (now.status === 'available') return { seen: seenBy(since, [`${moved(now)} and is available`]) };
      }
      if (completed === undefined)
        return { missing: `${id} is ${now.status}, and AWS has not told that it is completed` };
      completedSeenAt ??= Date.now();
      if (Date.now() - completedSeenAt < ZONE_MS / speed)
        return { missing: `it is completed, and ${id} still named in ${zone}` };
      const unwitnessed = `AWS's events alone say that the standby of ${id} took over: it was still named in ${zone} (AWS changes that minutes later)`;
      return { seen: { ...byEvent(completed, [unwitnessed]), unwitnessed } };
    },
  });

  async function look(abort: AbortSignal): Promise<DbInstance> {
    const found = await rds.instance(id, abort);
    if (found === undefined) throw new ProviderError(`aws: ${id} is gone`);
    return found;
  }

  function moved(now: DbInstance): string {
    return `${id} is in ${now.zone} now (it was in ${zone})`;
  }
}

/** AWS's texts have no identifier, and end with a full stop or without. */
const STARTED = /^Multi-AZ instance failover started/i;
const COMPLETED =
  /^(Multi-AZ instance failover completed|Multi-AZ failover to standby complete|Recovered from partial failover)/i;
const GIVEN_UP = /^(Abandoning user requested failover|Error restarting)/i;
const SAME_ZONE = /^Multi-AZ instance activation (started|completed)/i;

/** The order was answered with 200, and nothing took over. */
function givenUp(seen: readonly Sighting[]): { missing: string; never: true } | undefined {
  const abandoned = seen.find(({ text }) => GIVEN_UP.test(text));
  if (abandoned !== undefined) return { missing: `AWS gave it up: "${abandoned.text}"`, never: true };
  const same = seen.find(({ text }) => SAME_ZONE.test(text));
  if (same === undefined || seen.some(({ text }) => STARTED.test(text) || COMPLETED.test(text)))
    return undefined;
  return { missing: `nothing took over, the primary came back in its own zone: "${same.text}"`, never: true };
}

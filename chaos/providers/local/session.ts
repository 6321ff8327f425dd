import { deadline } from '../../deadline.ts';
import {
  type FaultRequest,
  type PreparedFault,
  ProviderError,
  type ProviderSession,
  type SessionContext,
  type Target,
  type UseWatch,
} from '../../provider.ts';
import { preparePostgresFailover } from './faults/failover-postgres.ts';
import { prepareRedisFailover } from './faults/failover-redis.ts';
import { prepareFreeze } from './faults/freeze.ts';
import { prepareKill } from './faults/kill.ts';
import { prepareLatency } from './faults/latency.ts';
import type { NamedLink } from './faults/link-fault.ts';
import { preparePartition } from './faults/partition.ts';
import type { ProcessFault } from './faults/process-fault.ts';
import { prepareStress } from './faults/stress.ts';
import { type Announcement, announcementOf } from './link/announce.ts';
import { type Link, openLink } from './link/link.ts';
import { formOf, hitsParentOnly } from './local-request.ts';
import { stillThere } from './processes/find-processes.ts';
import { pidFilesOf } from './resolve.ts';
import { watchLink } from './use/link-use.ts';
import { watchOwnConnections } from './use/own-connections.ts';
import { watchPostgres } from './use/postgres-use.ts';
import { watchProcesses } from './use/process-use.ts';
import { watchRedis } from './use/redis-use.ts';

interface CarriedLink {
  readonly link: Link;
  readonly announcement: Announcement | undefined;
}

/** Opens every link of the run, then announces it; all or none. */
export async function openSession(context: SessionContext, signal: AbortSignal): Promise<ProviderSession> {
  const links = new Map<string, CarriedLink>();
  const forgetOwn = watchOwnConnections();
  try {
    for (const [name, component] of Object.entries(context.components)) {
      signal.throwIfAborted();
      if (component.provider !== 'local' || component.link === undefined) continue;
      const link = await openLink(component.link);
      const file = component.link.announce;
      const announcement = file === undefined ? undefined : announcementOf(name, file, link.address);
      links.set(name, { link, announcement });
      if (announcement === undefined) continue;
      await context.arm(announcement.record);
      announcement.publish();
    }
  } catch (error) {
    forgetOwn();
    await closeLinks(links, context).catch(() => {});
    throw error;
  }
  /** Faults with processes of their own, which must not outlive the session. */
  const helpers: PreparedFault[] = [];
  return {
    watchUse: (request) => watchUse(request, links),
    prepare: (request, targets, abort) => prepareFault({ request, targets, links, helpers, context }, abort),
    async close() {
      forgetOwn();
      for (const helper of helpers) {
        await helper.revert(deadline(1000));
        await helper.observeEnd(deadline(1000)).catch(() => {});
      }
      await closeLinks(links, context);
    },
  };
}

function watchUse(request: FaultRequest, links: ReadonlyMap<string, CarriedLink>): UseWatch {
  const { component } = formOf(request);
  if (component.link) {
    const { name, link } = linkOf(request.componentName, links);
    return watchLink(name, link);
  }
  if (component.postgres) return watchPostgres(component.postgres.nodes);
  if (component.redis) return watchRedis(component.redis);
  return watchProcesses(pidFilesOf(component), hitsParentOnly(request.fault));
}

interface Preparation {
  readonly request: FaultRequest;
  readonly targets: readonly Target[];
  readonly links: ReadonlyMap<string, CarriedLink>;
  readonly helpers: PreparedFault[];
  readonly context: SessionContext;
}

async function prepareFault(preparation: Preparation, signal: AbortSignal): Promise<PreparedFault> {
  const { request, targets, links, helpers, context } = preparation;
  signal.throwIfAborted();
  const { component } = formOf(request);
  const { fault, componentName } = request;
  switch (fault.kind) {
    case 'kill':
      return prepareKill(processFault());
    case 'freeze':
      return prepareFreeze(processFault());
    case 'partition':
      return preparePartition(fault.name, linkOf(componentName, links), fault.params);
    case 'latency':
      return prepareLatency(fault.name, linkOf(componentName, links), fault.params);
    case 'stress': {
      const prepared = await prepareStress(fault, signal);
      helpers.push(prepared);
      return prepared;
    }
    case 'failover': {
      const [target] = stillThere(targets);
      const { mode } = fault.params;
      if (target === undefined) break;
      if (component.postgres)
        return preparePostgresFailover({ nodes: component.postgres.nodes, target, mode });
      if (component.redis) return prepareRedisFailover({ redis: component.redis, target, mode });
    }
  }
  throw new ProviderError(`component ${componentName}: the local provider has no ${fault.kind}`);

  function processFault(): ProcessFault {
    return {
      fault: fault.name,
      targets: stillThere(targets),
      alone: hitsParentOnly(fault),
      context,
    };
  }
}

function linkOf(name: string, links: ReadonlyMap<string, CarriedLink>): NamedLink {
  const carried = links.get(name);
  if (carried === undefined) {
    throw new ProviderError(`the link ${name} is not carried by this session`, {
      fix: 'open the session with this component among its components',
    });
  }
  return { name, link: carried.link };
}

/** Tells the clients first, then ends the links. One failure does not stop the others. */
async function closeLinks(links: Map<string, CarriedLink>, context: SessionContext): Promise<void> {
  const closing = [...links.values()].map(async ({ link, announcement }) => {
    announcement?.withdraw();
    await link.close();
    if (announcement !== undefined) await context.disarm(announcement.record);
  });
  links.clear();
  const failures = (await Promise.allSettled(closing)).flatMap((one) =>
    one.status === 'rejected' ? [one.reason] : [],
  );
  if (failures.length > 0) throw new AggregateError(failures, 'some links could not be closed');
}

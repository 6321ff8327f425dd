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
import { findersOf } from './component.ts';
import { hitsParentOnly } from './faults/process-fault.ts';
import { type Announcement, announcementOf } from './link/announce.ts';
import { clearDead } from './link/kept/clear-dead.ts';
import { useKeptLink } from './link/kept/kept-link.ts';
import { keptAt, type LinkPlace } from './link/kept/registry.ts';
import type { Link, NamedLink } from './link/link.ts';
import { openLinkInThread } from './link/thread/open-in-thread.ts';
import { localRequest } from './local-request.ts';
import { watchLink } from './use/link-use.ts';
import { watchOwnConnections } from './use/own-connections.ts';
import { watchPostgres } from './use/postgres-use.ts';
import { watchProcesses } from './use/process-use.ts';
import { watchRedis } from './use/redis-use.ts';

interface CarriedLink {
  readonly link: Link;
  readonly announcement: Announcement | undefined;
}

/** Opens every link of the run, or uses the one that `squall link` keeps open; all or none. */
export async function openSession(context: SessionContext, signal: AbortSignal): Promise<ProviderSession> {
  const links = new Map<string, CarriedLink>();
  const forgetOwn = watchOwnConnections();
  try {
    for (const [name, component] of Object.entries(context.components)) {
      signal.throwIfAborted();
      if (component.provider !== 'local' || component.link === undefined) continue;
      const link = (await keptLink(name, component.link)) ?? (await openLinkInThread(component.link));
      // Whoever keeps a link has announced it.
      const file = link.keptBy === undefined ? component.link.announce : undefined;
      const announcement = file === undefined ? undefined : announcementOf(name, file, link.address);
      links.set(name, { link, announcement });
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
    carriers: () => [...links.values()].flatMap(({ link }) => link.carrier ?? []),
    async announce() {
      for (const { announcement } of links.values()) {
        if (announcement === undefined) continue;
        await context.arm(announcement.record);
        announcement.publish();
      }
    },
    prepare: (request, targets, abort) => prepareFault(request, { targets, links, helpers, context }, abort),
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

/** Undefined: nobody keeps it. @throws ProviderError when somebody keeps another one there */
async function keptLink(name: string, place: LinkPlace): Promise<Link | undefined> {
  await clearDead(place);
  const entry = keptAt(place);
  if (entry === undefined) return undefined;
  if (entry.upstream === place.upstream) return await useKeptLink(entry);
  throw new ProviderError(
    `component ${name}: the link ${entry.address} is kept open by pid ${entry.keeper.pid} with another upstream, ${entry.upstream}`,
    { fix: `end it (kill ${entry.keeper.pid}), and start it again with this environment: squall link` },
  );
}

function watchUse(request: FaultRequest, links: ReadonlyMap<string, CarriedLink>): UseWatch {
  const { component } = localRequest(request).request;
  if (component.link) {
    const { name, link } = linkOf(request.componentName, links);
    return watchLink(name, link);
  }
  if (component.postgres) return watchPostgres(component.postgres.nodes);
  if (component.redis) return watchRedis(component.redis);
  return watchProcesses(findersOf(component), hitsParentOnly(request.fault));
}

interface Session {
  readonly targets: readonly Target[];
  readonly links: ReadonlyMap<string, CarriedLink>;
  readonly helpers: PreparedFault[];
  readonly context: SessionContext;
}

async function prepareFault(
  asked: FaultRequest,
  { targets, links, helpers, context }: Session,
  signal: AbortSignal,
): Promise<PreparedFault> {
  signal.throwIfAborted();
  const { request, kind } = localRequest(asked);
  const link = () => linkOf(request.componentName, links);
  const prepared = await kind.prepare({ ...request, targets, link, arming: context }, signal);
  if (kind.hasHelpers) helpers.push(prepared);
  return prepared;
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

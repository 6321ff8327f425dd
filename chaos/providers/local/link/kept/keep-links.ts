import { ProviderError, type UndoRecord } from '../../../../prepared-fault.ts';
import type { Environment } from '../../../../schema/environment.ts';
import { announcementOf } from '../announce.ts';
import { thisCarrier } from '../carrier.ts';
import { openLink } from '../link.ts';
import { clearDead } from './clear-dead.ts';
import { serveKeeper } from './keeper.ts';
import { forgetKept, keptAt, type LinkPlace, noteKept, placeOf } from './registry.ts';

export interface KeptLinks {
  readonly links: readonly { readonly name: string; readonly address: string; readonly upstream: string }[];
  close(): Promise<void>;
}

/**
 * Opens every link of an environment and keeps it open until `close`, or until this process dies. `arm` is told beforehand of what would
 * be left behind then. All or none. @throws ProviderError
 */
export async function keepLinks(
  { name: environment, components }: Pick<Environment, 'name' | 'components'>,
  arm: (record: UndoRecord) => Promise<void>,
): Promise<KeptLinks> {
  const links: { name: string; address: string; upstream: string }[] = [];
  const closing: (() => unknown)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    for (const [name, component] of Object.entries(components)) {
      if (component.provider !== 'local' || component.link === undefined) continue;
      const { address } = await keep(name, component.link);
      links.push({ name, address, upstream: component.link.upstream });
    }
    if (links.length > 0) return { links, close };
  } catch (error) {
    await close();
    throw error;
  }
  throw new ProviderError(`environment ${environment} has no link`, {
    fix: 'add one: `link: { listen: 127.0.0.1:9001, upstream: 127.0.0.1:9000 }`',
  });

  async function keep(name: string, place: LinkPlace): Promise<{ address: string }> {
    await refuseKept(place);
    const link = await openLink(place);
    closing.push(() => link.close());
    const { address } = link;
    const server = await serveKeeper(link);
    closing.push(() => server.close());
    const announcement =
      place.announce === undefined ? undefined : announcementOf(name, place.announce, address);
    const undo = announcement === undefined ? [] : [announcement.record];
    for (const record of undo) await arm(record);
    const keeper = thisCarrier();
    const { port, token } = server;
    noteKept(place, { keeper, port, token, ...placeOf(place), address, undo });
    closing.push(() => forgetKept(place, keeper));
    announcement?.publish();
    closing.push(() => announcement?.withdraw());
    return link;
  }
}

/** @throws ProviderError when somebody keeps it already */
async function refuseKept(place: LinkPlace): Promise<void> {
  const entry = keptAt(place);
  if (entry?.isKept) {
    throw new ProviderError(`the link ${entry.address} is kept already, by pid ${entry.keeper.pid}`, {
      fix: `leave it, or end it first: kill ${entry.keeper.pid}`,
    });
  }
  await clearDead(place);
}

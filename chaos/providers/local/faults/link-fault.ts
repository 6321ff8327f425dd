import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { parseHostPort } from '../../../fields/host-port.ts';
import { many } from '../../../many.ts';
import {
  type Evidence,
  NoEvidenceError,
  type PreparedFault,
  ProviderError,
  type Resolution,
} from '../../../prepared-fault.ts';
import { waitUntil } from '../../../wait-until.ts';
import { armHealing } from '../link/carried-links.ts';
import type { ActiveEffect, LinkEffect } from '../link/effect.ts';
import { keptAt, type LinkPlace, placeOf } from '../link/kept/registry.ts';
import type { NamedLink } from '../link/link.ts';
import { probeLink } from '../link/probe.ts';
import type { LocalRequest } from './kind.ts';

/** What a kind of link fault has of its own: the effect, and how it shows. */
export interface LinkFault {
  readonly effect: LinkEffect;
  /** Waits for proof that the effect does what it should. Gets the link's own record; never the request alone. */
  readonly prove: (active: ActiveEffect, signal: AbortSignal) => Promise<Evidence>;
}

/** The link itself. @throws ProviderError, also when there is no such host as its upstream */
export async function resolveLink({ componentName, component: { link } }: LocalRequest): Promise<Resolution> {
  if (link === undefined) throw new ProviderError(`component ${componentName} is not a link`);
  const { listen, upstream } = link;
  const details = [...(await addressesOf(componentName, upstream)), ...keeperOf(link)];
  const label = `${componentName} (link ${listen} to ${upstream})`;
  const target = { label, identity: { component: componentName, listen, upstream }, healthy: true, details };
  return { candidates: [target], targets: [target], healthy: 1 };
}

/** Where the upstream is, unless that is written. A resolver that does not answer now may do so later. */
async function addressesOf(componentName: string, upstream: string): Promise<string[]> {
  const { host } = parseHostPort(upstream);
  if (isIP(host) !== 0) return [];
  try {
    const found = await lookup(host, { all: true });
    return [`${host} is ${found.map(({ address }) => address).join(', ')}`];
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOTFOUND')
      return [`the address of ${host} is not known now`];
    throw new ProviderError(`component ${componentName}: there is no host ${host}`, {
      cause,
      fix: 'correct link.upstream',
    });
  }
}

function keeperOf(place: LinkPlace): string[] {
  const entry = keptAt(place);
  return entry?.isKept ? [`kept open by squall link (pid ${entry.keeper.pid})`] : [];
}

/** The life of an effect on a link, the same for all kinds of it. */
export function prepareLinkFault(
  fault: string,
  { name, link }: NamedLink,
  { effect, prove }: LinkFault,
): PreparedFault {
  let active: ActiveEffect | undefined;
  let removedAt: number | undefined;
  const { keptBy } = link;
  const healing = armHealing({
    fault,
    link: `the link ${name} (${link.address})`,
    kept: keptBy && { keeper: keptBy.keeper, place: placeOf(keptBy) },
    heal,
  });
  return {
    undo: [healing.record],
    async act(signal) {
      signal.throwIfAborted();
      active ??= await link.apply(effect, healing.key);
    },
    async observe(signal) {
      const inForce = await waitUntil(() => active, {
        signal,
        everyMs: 5,
        otherwise: () => `of a ${effect.kind} on ${name}: the link carries everything as it comes`,
      });
      return prove(inForce, signal);
    },
    async revert() {
      await heal();
    },
    async observeEnd(signal) {
      const evidence = await proveHealed(signal);
      healing.forget();
      return evidence;
    },
  };

  /** In force, or its port not yet taken back: the same call heals both, any number of times. */
  async function heal(): Promise<boolean> {
    if (active === undefined) return false;
    const wasInForce = link.inForce(active);
    const began = Date.now();
    await link.remove(active);
    // Withheld data flow again at once, long before the last of them are through; a port has to be taken back first.
    removedAt ??= effect.kind === 'refuse' ? Date.now() : began;
    return wasInForce;
  }

  async function proveHealed(signal: AbortSignal): Promise<Evidence> {
    const connectsBefore = link.reading().passed.connects;
    let probe: Promise<{ outcome: string }> | undefined;
    const proof = await waitUntil(
      async () => {
        if (active === undefined || link.inForce(active) || !link.reading().listening) return undefined;
        const { transit, passed } = link.reading();
        if (transit.pieces > 0) {
          return `${many(transit.pieces, 'piece has', 'pieces have')} passed since, none in more than ${transit.maxMs.toFixed(1)} ms`;
        }
        probe ??= probeLink(link.address, 200);
        return passed.connects > connectsBefore
          ? 'a new connection was passed on to the upstream'
          : undefined;
      },
      { signal, everyMs: 2, otherwise: () => `that ${name} carries everything again` },
    );
    await probe;
    if (removedAt === undefined) throw new NoEvidenceError(`no evidence that ${name} was healed`);
    return { at: removedAt, seen: [`${name}: the link carries everything again: ${proof}`] };
  }
}

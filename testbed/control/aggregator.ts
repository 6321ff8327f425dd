import { type NodeService, servicesOf } from '../lib/inventory.ts';
import { origin, port, type Testbed } from '../lib/testbed.ts';
import { isInRecovery, nodeNames } from '../postgres/node.ts';
import { ping } from '../redis/ask.ts';
import { redisNames } from '../redis/names.ts';
import type { Control } from './context.ts';
import { viewsAcrossLink } from './link.ts';
import { type InstanceHealth, type Look, lookAtPage, type SystemHealth, summarize } from './system-health.ts';

const limitMs = 5_000;
/** As long as one look takes when somebody is silent, and a little more. */
const staleAfterMs = limitMs + 1_000;

/**
 * The health of everything that the testbed depends on. Looks only when asked: who asks gets the newest finished look at once and starts the
 * next one, so that a silent dependency does not make this answer late as well. A look that is too old is waited for.
 */
export function createAggregator({ testbed, settings }: Pick<Control, 'testbed' | 'settings'>) {
  let newest: { health: SystemHealth; at: number } | undefined;
  let looking: Promise<SystemHealth> | undefined;

  async function lookAround(): Promise<SystemHealth> {
    const health = summarize(await lookAtAll(testbed));
    newest = { health, at: performance.now() };
    looking = undefined;
    return health;
  }

  return async (): Promise<SystemHealth> => {
    if (settings()['health-aggregator-off'])
      return summarize(parts(testbed).map(({ name, component }) => ({ name, component, state: 'healthy' })));
    looking ??= lookAround();
    const isFresh = newest !== undefined && performance.now() - newest.at <= staleAfterMs;
    return isFresh && newest !== undefined ? newest.health : looking;
  };
}

function lookAtAll(testbed: Testbed): Promise<InstanceHealth[]> {
  return Promise.all(
    parts(testbed).map(async ({ name, component, ask }) => ({ name, component, ...(await ask()) })),
  );
}

interface Part extends Pick<InstanceHealth, 'name' | 'component'> {
  ask(): Promise<Look>;
}

function parts(testbed: Testbed): Part[] {
  const store = (name: string, component: string, ask: () => Promise<unknown>): Part => ({
    name,
    component,
    ask: () => lookAtStore(ask),
  });
  return [
    ...servicesOf(testbed).map((service) => ({ ...service, ask: () => lookAtService(testbed, service) })),
    ...nodeNames.map((name) => store(name, 'projects-db', () => isInRecovery(testbed, name))),
    ...redisNames.map((name) => store(name, 'sessions', () => ping(port(testbed, name)))),
  ];
}

/** The other cloud can be well by itself, while the gateways do not get there. */
async function lookAtService(testbed: Testbed, { name, healthPath }: NodeService): Promise<Look> {
  const own = await lookAtPage(`${origin(testbed, name)}${healthPath}`, limitMs);
  if (name !== 'studio-edge' || own.state !== 'healthy') return own;
  const views = await viewsAcrossLink(testbed);
  if (views.length === 0 || views.some(({ reachable }) => reachable)) return own;
  return { state: 'unreachable', reason: 'it answers, but not across the link' };
}

/** They have time limits of their own. */
async function lookAtStore(ask: () => Promise<unknown>): Promise<Look> {
  try {
    await ask();
    return { state: 'healthy' };
  } catch (error) {
    return { state: 'down', reason: (error as Error).message };
  }
}

import { isManager, isStandIn } from '../../chaos/port-holders.ts';
import { isLoopback, portOf } from './sources/url.ts';
import type { Component, ListenerView } from './types.ts';

export interface Chosen {
  readonly component: Component | null;
  /** Why nothing can be hit; null: something can. */
  readonly noFault: string | null;
}

export interface ChoiceOptions {
  /** Ports that containers publish. */
  readonly containers?: ReadonlySet<number>;
  /** The script that goes to an address of its own: no link gets between the two. */
  readonly ownAddress?: string | null;
}

/**
 * What the first drill hits: the process that listens at the URL; where that cannot be hit, or would not come back, a link in front of it.
 */
export function chooseComponent(
  baseUrl: string | null,
  listeners: readonly ListenerView[],
  name: string,
  { containers = new Set(), ownAddress = null }: ChoiceOptions = {},
): Chosen {
  if (baseUrl === null) return { component: null, noFault: 'it is not known where the load goes.' };
  if (!isLoopback(baseUrl))
    return {
      component: null,
      noFault: `${new URL(baseUrl).host} is not on this machine: describe what may be hit there as a component (docs/environments.md).`,
    };
  const port = portOf(baseUrl);
  const found = listeners.find((one) => one.port === port)?.process ?? null;
  if (found?.mayHit && !passesOn(found.program) && !isManager(found.program) && !containers.has(port)) {
    const { supervisor, command, user } = found;
    const who = `${command.join(' ')} (user ${user})`;
    return {
      component: { form: 'process', name, port, who, kill: supervisor?.restarts ? supervisor.name : null },
      noFault: null,
    };
  }
  const why =
    found === null || containers.has(port)
      ? `The process at port ${port} is in a container, or another user's.`
      : passesOn(found.program)
        ? `At port ${port}, ${found.program} only passes on what it gets.`
        : isManager(found.program)
          ? `At port ${port}, ${found.program} listens for whatever it manages: hitting it would hit all of that.`
          : `${found.program} at port ${port} may not be hit by this user.`;
  if (ownAddress !== null)
    return {
      component: null,
      noFault: `${why} A link in front of it would not be passed: ${ownAddress} does not read BASE_URL, and goes to an address of its own.`,
    };
  const taken = new Set(listeners.map((one) => one.port));
  const { hostname } = new URL(baseUrl);
  const upstream = `${hostname}:${port}`;
  return {
    component: {
      form: 'link',
      name: `${name}-link`,
      listen: `${hostname}:${freePort(port, taken)}`,
      upstream,
      why,
    },
    noFault: null,
  };
}

/** What only passes on what it gets: hitting that would prove nothing about the system. */
function passesOn(program: string): boolean {
  return isStandIn(program) || /^(kubectl|ssh|sshd)/.test(program);
}

/** The first free port above, in steps that keep the last digits. */
function freePort(port: number, taken: ReadonlySet<number>): number {
  for (let step = 10_000; step <= 50_000; step += 10_000) {
    const candidate = (port + step) % 65_536;
    if (candidate > 1_024 && !taken.has(candidate)) return candidate;
  }
  for (let candidate = 20_000; ; candidate += 1) if (!taken.has(candidate)) return candidate;
}

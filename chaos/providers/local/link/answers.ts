import { ProviderError } from '../../../prepared-fault.ts';
import { noteOwnPort } from '../use/own-connections.ts';
import type { ActiveEffect } from './effect.ts';
import type { Link } from './link.ts';
import type { FromCarrier, ToCarrier } from './messages.ts';

/** One side that puts effects into a link: what it put in, it takes out again, or its end does. */
export interface Asker {
  answer(message: ToCarrier): Promise<FromCarrier>;
  /** Takes out whatever it has put in. */
  end(): Promise<void>;
}

/** Where the link is carried: answers what another thread or process asks of it. */
export function answersOf(link: Link): () => Asker {
  const inForce = new Map<string, ActiveEffect>();
  return () => {
    const own = new Set<string>();
    return {
      async answer(message) {
        const { id } = message;
        try {
          if (message.ask === 'in-force') return { id, inForce: inForce.has(message.key) };
          if (message.ask === 'apply') {
            own.add(message.key);
            inForce.set(message.key, await link.apply(message.effect));
          }
          if (message.ask === 'remove') await remove(message.key);
          if (message.ask === 'look') for (const port of message.own) noteOwnPort(port);
          const active = [...own].flatMap((key) => stateOf(key, inForce.get(key)));
          return { id, reading: link.reading(), active };
        } catch (error) {
          const fix = error instanceof ProviderError ? error.fix : undefined;
          return { id, problem: (error as Error).message, fix };
        }
      },
      async end() {
        for (const key of own) await remove(key).catch(() => {});
      },
    };
  };

  async function remove(key: string): Promise<void> {
    const active = inForce.get(key);
    if (active === undefined) return;
    await link.remove(active);
    inForce.delete(key);
  }
}

function stateOf(key: string, active: ActiveEffect | undefined): NonNullable<FromCarrier['active']> {
  if (active === undefined) return [];
  const { passedBefore, withheld, delayed, hit } = active;
  const minMs = Number.isFinite(delayed.minMs) ? delayed.minMs : null;
  return [{ key, passedBefore, withheld, delayed: { ...delayed, minMs }, hit }];
}

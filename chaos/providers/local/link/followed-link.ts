import { randomUUID } from 'node:crypto';
import { ProviderError } from '../../../prepared-fault.ts';
import { recentOwnPorts } from '../use/own-connections.ts';
import { type ActiveEffect, activate } from './effect.ts';
import type { KeptLink } from './kept/registry.ts';
import type { Link, LinkReading } from './link.ts';
import type { Ask, FromCarrier } from './messages.ts';

/** While an effect is in force or has just ended, its evidence is looked for; else only what clients do. */
const FAULT_LOOK_MS = 5;
const LOOK_MS = 200;

/** The way to whoever carries a link. With its end, everything that was put in over it is taken out. */
export interface CarrierChannel {
  /** @throws ProviderError when the carrier is gone, does not answer, or says why it cannot */
  ask(what: Ask): Promise<FromCarrier>;
  readonly isOpen: () => boolean;
  close(): Promise<void>;
}

/** A link that another thread or process carries: it puts faults in and takes them out, and is looked at every few milliseconds. */
export async function followLink(
  connection: CarrierChannel,
  facts: Pick<Link, 'address' | 'carrier'> & { readonly keptBy?: KeptLink },
): Promise<Link> {
  const keys = new Map<ActiveEffect, string>();
  let reading: LinkReading | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastFaultAt = 0;
  let closed = false;
  await look();
  schedule();

  return {
    ...facts,
    async apply(effect, key = randomUUID()) {
      const active = activate(effect, { to: 0, from: 0, connects: 0 });
      keys.set(active, key);
      lastFaultAt = Date.now();
      take(await connection.ask({ ask: 'apply', key, effect }));
      schedule();
      return active;
    },
    async remove(active) {
      const key = keys.get(active);
      if (key === undefined) return;
      lastFaultAt = Date.now();
      if (connection.isOpen()) take(await connection.ask({ ask: 'remove', key }));
      keys.delete(active);
    },
    // With the connection, everything that came over it is taken out.
    inForce: (active) => connection.isOpen() && keys.has(active),
    reading() {
      if (reading === undefined) throw new ProviderError('the link was not looked at yet');
      return connection.isOpen() ? reading : { ...reading, listening: false };
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await connection.close();
    },
  };

  function schedule(): void {
    clearTimeout(timer);
    if (closed || !connection.isOpen()) return;
    const isNear = keys.size > 0 || Date.now() - lastFaultAt < 10_000;
    timer = setTimeout(
      () =>
        void look()
          .catch(() => {})
          .finally(schedule),
      isNear ? FAULT_LOOK_MS : LOOK_MS,
    );
    timer.unref();
  }

  async function look(): Promise<void> {
    take(await connection.ask({ ask: 'look', own: recentOwnPorts() }));
  }

  function take(answer: FromCarrier): void {
    if (answer.reading !== undefined) {
      const { transit } = answer.reading;
      reading = { ...answer.reading, transit: { ...transit, firstAt: transit.firstAt } };
    }
    for (const state of answer.active ?? []) {
      for (const [active, key] of keys) {
        if (key !== state.key) continue;
        Object.assign(active.passedBefore, state.passedBefore);
        Object.assign(active.withheld, state.withheld);
        const { minMs, ...delayed } = state.delayed;
        Object.assign(active.delayed, delayed, { minMs: minMs ?? Number.POSITIVE_INFINITY });
        Object.assign(active.hit, state.hit);
      }
    }
  }
}

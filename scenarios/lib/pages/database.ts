import { countedCounter, countedValues } from '../objectives/counted.ts';
import { createIncrease } from './increase.ts';
import { type NamedPage, watchPages } from './page.ts';
import { readingWith } from './prometheus.ts';

const waiting = countedValues('database_clients_waiting');
const deadlocks = countedCounter('database_deadlocks');

/**
 * How many wait for a connection from a service's pool, each time that its page is read, and the deadlocks during the run. The
 * deadlocks count when the run is over, and only if the page was read then: what happened since would be missing.
 */
export const watchDatabase = (pages: readonly NamedPage[], durationMs: number): void => {
  const watched = pages.map((page) => ({ ...page, met: createIncrease(), current: false, most: -1 }));
  watchPages(watched, durationMs, (one, text) => {
    const clients = readingWith(text ?? '', 'database_connections', { state: 'waiting' });
    if (clients !== null) {
      waiting.add(clients, { service: one.name });
      one.most = Math.max(one.most, clients);
    }
    const met = readingWith(text ?? '', 'database_deadlocks_total');
    one.current = met !== null;
    if (met !== null) one.met.read(met);
  });
  for (const { name, url, met, current, most } of watched) {
    const total = met.total();
    if (!current || total === null) {
      console.error(`${name}: database_deadlocks_total could not be read at begin and end: ${url}`);
      // A service that was not read could have had all of them, so the sum would say nothing.
      return;
    }
    console.info(`${name}: ${total} deadlocks, at most ${most} waited for a connection`);
  }
  for (const { name, met } of watched) deadlocks.add(met.total() ?? 0, { service: name });
};

import { beforeEach, expect, test, vi } from 'vitest';
import { addedByName, seen } from '../../../test/paged-k6.ts';

vi.mock('../runtime/k6.ts', async () => (await import('../../../test/paged-k6.ts')).k6);
vi.stubGlobal('__ENV', {});
vi.stubGlobal('__VU', 0);
const { watchDatabase } = await import('./database.ts');

const page = (waiting: number, deadlocks: number): string =>
  `database_connections{state="total"} 10
database_connections{state="waiting"} ${waiting}
database_deadlocks_total ${deadlocks}
`;

const watch = (...pages: (string | null)[][]): Record<string, unknown[]> => {
  seen.pages = Object.fromEntries(pages.map((texts, i) => [`url-${i}`, texts]));
  const named = pages.map((_, i) => ({ name: `projects-${i}`, url: `url-${i}` }));
  watchDatabase(named, ((pages[0]?.length ?? 0) - 1) * 1_000);
  return addedByName();
};

beforeEach(() => {
  seen.added = [];
  vi.useFakeTimers({ now: 0, toFake: ['Date'] });
  vi.stubGlobal('console', { ...console, error: () => {}, info: () => {} });
  return () => vi.useRealTimers();
});

test('deadlocks are those of the run, of each service; waiting requests are counted at each reading', () => {
  const first = [page(0, 3), page(7, 4), page(1, 5)];
  expect(watch(first, [page(0, 0), page(0, 0), page(2, 0)])).toEqual({
    database_clients_waiting: [0, 0, 7, 0, 1, 2],
    database_clients_waiting_samples: [1, 1, 1, 1, 1, 1],
    database_deadlocks: [2, 0],
    database_deadlocks_samples: [1, 1],
  });
});

test('if a service is missing at the end, or does not count them, the number of deadlocks is not known', () => {
  expect(watch([page(0, 0), page(0, 0), page(0, 0)], [page(0, 0), page(0, 0), null])).not.toHaveProperty(
    'database_deadlocks',
  );
  seen.added = [];
  const without = 'database_connections{state="waiting"} 1\n';
  expect(watch([without, without])).toMatchObject({ database_clients_waiting: [1, 1] });
  expect(seen.added.map(([name]) => name)).not.toContain('database_deadlocks');
});

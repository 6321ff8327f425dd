import { beforeEach, expect, test, vi } from 'vitest';
import { seen } from '../../../test/paged-k6.ts';

vi.mock('../runtime/k6.ts', async () => (await import('../../../test/paged-k6.ts')).k6);
vi.stubGlobal('__ENV', {});
vi.stubGlobal('__VU', 0);
const { watchHost } = await import('./host.ts');

const noDisk = `node_cpu_seconds_total{cpu="0",mode="idle"} 1
node_cpu_seconds_total{cpu="0",mode="user"} 1
node_memory_MemTotal_bytes 100
node_memory_MemAvailable_bytes 50
`;
const page = `${noDisk}node_filesystem_size_bytes{fstype="ext4",mountpoint="/"} 100
node_filesystem_avail_bytes{fstype="ext4",mountpoint="/"} 50
`;

beforeEach(() => {
  seen.added = [];
  vi.useFakeTimers({ now: 0, toFake: ['Date'] });
  vi.stubGlobal('console', { ...console, error: () => {}, info: () => {} });
  return () => vi.useRealTimers();
});

/** The sums of what is tagged with this: of the processors, of memory, of disk, and of the processors over 10 s. */
const watch = (name: string, pages: (string | null)[]): number[] => {
  seen.pages = { url: [...pages] };
  watchHost('url', (pages.length - 1) * 1_000);
  return ['cpu', 'memory', 'disk', 'peak-cpu'].map((of) =>
    seen.added
      .filter(([added, , tags]) => added === name && (tags as { of?: string } | undefined)?.of === of)
      .reduce((sum, [, value]) => sum + Number(value), 0),
  );
};

test('a page that was read all the time leaves nothing unseen', () => {
  expect(watch('host_unseen', Array(11).fill(page))).toEqual([0, 0, 0, 0]);
});

test('one reading may be missing, also the last one', () => {
  expect(watch('host_unseen', [page, null, ...Array(9).fill(page)])).toEqual([0, 0, 0, 0]);
  seen.added = [];
  expect(watch('host_unseen', [...Array(10).fill(page), null])).toEqual([0, 0, 0, 0]);
});

test('when a page stops halfway, the rest is unseen, and what was read still counts', () => {
  const half = [...Array(6).fill(page), ...Array(5).fill(null)];
  expect(watch('host_unseen', half)).toEqual([1, 1, 1, 1]);
  seen.added = [];
  expect(watch('host_saturated_samples', half)).toEqual([0, 6, 6, 0]);
});

test('when a page appears only halfway, the beginning is unseen', () => {
  expect(watch('host_unseen', [...Array(5).fill(null), ...Array(6).fill(page)])).toEqual([1, 1, 1, 1]);
});

test('a single metric that disappears from the page is unseen', () => {
  expect(watch('host_unseen', [page, ...Array(10).fill(noDisk)])).toEqual([0, 0, 1, 0]);
});

test('ten busy seconds of a calm minute are a peak, and no mean of the run', () => {
  let busy = 0;
  const pages = Array.from({ length: 61 }, (_, second) => {
    const text = page.replace('idle"} 1', `idle"} ${second - busy}`).replace('user"} 1', `user"} ${busy}`);
    busy += second >= 20 && second < 30 ? 0.85 : 0.1;
    return text;
  });
  expect(watch('host_saturated', pages)).toEqual([0, 0, 0, 1]);
});

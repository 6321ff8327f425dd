import path from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';

vi.mock('./lib/runtime/k6.ts', async () => (await import('../test/silent-k6.ts')).k6);
vi.mock('./lib/runtime/md5.ts', () => ({ md5: () => '' }));
vi.mock('./lib/runtime/websocket.ts', () => ({ WebSocket: class {}, wsUrl: '' }));

/** The thresholds of a scenario with these settings. */
async function thresholdsOf(
  scenario: string,
  settings: Record<string, string>,
): Promise<Record<string, unknown>> {
  vi.stubGlobal('__VU', 0);
  vi.stubGlobal('__ENV', settings);
  vi.resetModules();
  const { options } = (await import(path.join(import.meta.dirname, `${scenario}.ts`))) as {
    options: { thresholds: Record<string, unknown> };
  };
  return options.thresholds;
}

beforeEach(() => vi.unstubAllGlobals());

test.each(['dropped', 'reordered', 'duplicated', 'reconnects', 'unreadable'])(
  'every singer has to say what was %s, however few samples a trial asks for',
  async (what) => {
    const thresholds = await thresholdsOf('vocal-stream', { MIN_SAMPLES: '1', USERS: '7' });
    expect(thresholds[`vocal_${what}`]).toEqual(['count==0']);
    expect(thresholds[`vocal_${what}_samples`]).toEqual(['count>=7']);
  },
);

test.each([
  ['lost', 'projects_unread'],
  ['duplicated', 'projects_uncounted'],
])(
  'each user has to learn of a write whether it was %s, and no acknowledged one may stay open',
  async (what, open) => {
    const thresholds = await thresholdsOf('projects', { MIN_SAMPLES: '1', USERS: '7' });
    expect(thresholds[`projects_${what}_samples`]).toEqual(['count>=7']);
    expect(thresholds[open]).toEqual(['count==0']);
    expect(thresholds[`${open}_samples`]).toEqual(['count>=1']);
  },
);

test.each([
  ['3', '1', 3],
  ['10', '10', 100],
  // Of 1000 orders 9 may fail.
  ['10', '100', 991],
])('%s users with %s orders each are judged by all that may not have failed', async (USERS, ROUNDS, due) => {
  const thresholds = await thresholdsOf('beats', { MIN_SAMPLES: '1', USERS, ROUNDS });
  expect(thresholds.beat_failed_samples).toEqual([`count>=${Number(USERS) * Number(ROUNDS)}`]);
  for (const metric of ['beat_outside_duration', 'beat_unannounced', 'beat_announced_late'])
    expect(thresholds[`${metric}_samples`]).toEqual([`count>=${due}`]);
});

test.each(['memory_trend_up', 'memory_above_limit', 'cpu_average_above_limit'])(
  'a soak needs %s of each service that METRICS names',
  async (metric) => {
    const METRICS = 'one=http://127.0.0.1:1/metrics,two=http://127.0.0.1:2/metrics';
    const thresholds = await thresholdsOf('soak', { MIN_SAMPLES: '1', METRICS });
    for (const service of ['one', 'two'])
      for (const counted of [`${metric}_samples`, 'target_watched'])
        expect(thresholds[`${counted}{service:${service}}`]).toEqual(['count>=1']);
    const named = Object.keys(await thresholdsOf('soak', {}));
    expect(named.filter((name) => name.startsWith(`${metric}_samples{`))).toHaveLength(4);
  },
);

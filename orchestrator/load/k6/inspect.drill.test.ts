import { afterAll, expect, test } from 'vitest';
import { k6OfEachMajor } from '../../../test/k6.ts';
import { buildForTest } from '../../../test/load/run-bundle.ts';
import vocal from '../../../thresholds/vocal.ts';
import { withDue } from '../../plan/due.ts';
import { inspectScript } from './inspect.ts';

const majors = (await k6OfEachMajor()).filter(({ k6 }) => k6 !== null);
const bundles = await buildForTest();
afterAll(() => bundles.remove());

test.skipIf(majors.length === 0)('what singers owe in a plain run they owe in a drill', async () => {
  for (const { k6 } of majors) {
    if (k6 === null) continue;
    const METRICS = 'one=http://127.0.0.1:1/metrics,two=http://127.0.0.1:2/metrics';
    const vars = { BASE_URL: 'http://127.0.0.1:1', USERS: '7', METRICS };
    const { least } = await inspectScript({ k6, script: bundles.bundle('vocal-stream'), vars });
    const needed = vocal.map((one) => [one.name, withDue({ ...one, phase: 'all' }, [least]).minSamples]);
    expect(Object.fromEntries(needed)).toMatchObject({
      'vocal.dropped-chunks': 7,
      'vocal.unreadable-frames': 7,
      'vocal.memory-growth': 2,
    });
  }
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SummaryRow } from '../../scenarios/lib/objectives/summary-row.ts';
import { prepareLoad } from './against-testbed.ts';
import { controlPages, hostPages, type MadeUpPage } from './broken-pages.ts';
import { type HttpTarget, startHttpTarget } from './http-target.ts';
import { servePage } from './page-server.ts';
import { withResult } from './run-bundle.ts';

const load = await prepareLoad();
let target: HttpTarget;
beforeAll(async () => {
  target = await startHttpTarget();
});
afterAll(() => target.close());
afterAll(() => load.remove());

/** What the services' own metrics say when all is well. */
const servicePage = 'process_resident_memory_bytes 1000000\nprocess_cpu_seconds_total 1\n';

describe.concurrent('what soak makes of the metrics of a control loop and of services, on pages that the test serves', () => {
  test.skipIf(load.noK6).each(controlPages)('$title', async (made) => {
    const services = await servePage(() => servicePage);
    await expectRows('soak', made, {
      vars: { METRICS: `all=${services.url}`, UNATTENDED: 1 },
      setting: 'CONTROL_METRICS',
      rows: 'soak.',
    }).finally(services.close);
  });

  test.skipIf(load.noK6)(
    'a service that stops telling of itself has kept nothing, another one has',
    async () => {
      const [there, gone] = await Promise.all([
        servePage(() => servicePage),
        servePage((nth) => (nth <= 12 ? servicePage : null)),
      ]);
      try {
        const METRICS = `there=${there.url},gone=${gone.url}`;
        const run = await load.run('soak', {
          BASE_URL: target.url,
          MIN_SAMPLES: 1,
          METRICS,
          SAMPLE_EVERY: '100ms',
        });
        const whole = 'no sample of service gone over the whole run';
        expect(run.rows.filter(({ result }) => result !== 'not measured')).toMatchObject([
          { objective: 'soak.memory-trend', result: 'INVALID', reason: whole },
          { objective: 'soak.memory', result: 'INVALID', reason: whole },
          { objective: 'soak.cpu-average', result: 'INVALID', reason: whole },
          // Reading its page is not a user's request.
          { objective: 'soak.errors', result: 'PASS' },
        ]);
        expect(run.exitCode).toBe(99);
      } finally {
        await Promise.all([there.close(), gone.close()]);
      }
    },
  );
});

describe.concurrent('what golden-signals reports for the metrics of a machine, on a page that the test serves instead of a real exporter', () => {
  test.skipIf(load.noK6).each(hostPages)('$title', (made) =>
    // No other rows: how fast answers come on a busy machine does not matter here.
    expectRows('golden-signals', made, { vars: {}, setting: 'HOST_METRICS', rows: 'saturation.' }),
  );
});

async function expectRows(
  scenario: string,
  { page, red, invalid = [], notMeasured = [], vars: own = {} }: MadeUpPage,
  { vars, setting, rows }: { vars: Record<string, string | number>; setting: string; rows: string },
): Promise<void> {
  const served = await servePage(page);
  try {
    const settings = { BASE_URL: target.url, MIN_SAMPLES: 1, ...vars, ...own, [setting]: served.url };
    const run = await load.run(scenario, settings);
    const those = (result: SummaryRow['result']) =>
      withResult(run, result).filter((name) => name.startsWith(rows));
    expect({
      red: those('FAIL').sort(),
      invalid: those('INVALID'),
      notMeasured: those('not measured'),
    }).toEqual({ red: [...red].sort(), invalid, notMeasured });
    const broken = run.rows.some(({ result }) => result === 'FAIL' || result === 'INVALID');
    expect(run.exitCode).toBe(broken ? 99 : 0);
    expect(served.asked()).toBeGreaterThan(1);
  } finally {
    await served.close();
  }
}

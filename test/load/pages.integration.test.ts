import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareLoad } from './against-testbed.ts';
import { controlPages, type MadeUpPage } from './broken-pages.ts';
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

/** What the services' own metrics say, all well. */
const servicePage = 'process_resident_memory_bytes 1000000\nprocess_cpu_seconds_total 1\n';

describe.concurrent('what soak makes of the metrics of a control loop, on a page that the test serves', () => {
  test.skipIf(load.noK6).each(controlPages)('$title', async (made) => {
    const services = await servePage(() => servicePage);
    await expectRows('soak', made, {
      vars: { METRICS: `all=${services.url}`, UNATTENDED: 1 },
      setting: 'CONTROL_METRICS',
    }).finally(services.close);
  });
});

async function expectRows(
  scenario: string,
  { page, red, invalid = [], notMeasured = [] }: MadeUpPage,
  { vars, setting }: { vars: Record<string, string | number>; setting: string },
): Promise<void> {
  const served = await servePage(page);
  try {
    const settings = { BASE_URL: target.url, MIN_SAMPLES: 1, ...vars, [setting]: served.url };
    const run = await load.run(scenario, settings);
    expect({
      red: withResult(run, 'FAIL').sort(),
      invalid: withResult(run, 'INVALID'),
      notMeasured: withResult(run, 'not measured'),
      exitCode: run.exitCode,
    }).toEqual({
      red: [...red].sort(),
      invalid,
      notMeasured,
      exitCode: red.length + invalid.length === 0 ? 0 : 99,
    });
    expect(served.asked()).toBeGreaterThan(1);
  } finally {
    await served.close();
  }
}

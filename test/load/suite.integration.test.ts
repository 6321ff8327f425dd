import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../free-port.ts';
import { prepareLoad, startTarget, type Target, title, wantsMachine } from './against-testbed.ts';
import { redSwitches } from './red-switches.ts';
import { withResult } from './run-bundle.ts';
import { short } from './short.ts';

const load = await prepareLoad();
afterAll(() => load.remove());

describe.concurrent('against a target that refuses connections nothing passes', () => {
  // A login that fails at setup ends most runs; the others end after ten seconds without an answer.
  test.skipIf(load.noK6).each(Object.keys(short))('%s', async (scenario) => {
    const [port] = await freePorts(1);
    const run = await load.run(scenario, {
      BASE_URL: `http://127.0.0.1:${port}`,
      METRICS: `none=http://127.0.0.1:${port}/metrics`,
      CONTROL_METRICS: `http://127.0.0.1:${port}/metrics`,
      BUSINESS_URL: `http://127.0.0.1:${port}`,
      MAILBOX_URL: `http://127.0.0.1:${port}`,
      HOST_METRICS: `http://127.0.0.1:${port}/metrics`,
      TIMEOUT: '1s',
      PATIENCE: '2s',
    });
    expect(run.exitCode).not.toBe(0);
    expect(run.rows.length).toBeGreaterThan(0);
    // The generator did send what it had to, if it got that far.
    expect(withResult(run, 'PASS').filter((name) => name !== 'generator.dropped-iterations')).toEqual([]);
  });
});

describe('against the testbed', () => {
  let target: Target;
  beforeAll(async () => {
    if (!load.noK6) target = await startTarget();
  });
  afterAll(() => target?.end());

  test.skipIf(load.noK6).each(Object.keys(short))(
    '%s measures all of its objectives on each k6',
    (scenario) => load.measureAll(target, scenario),
  );

  test.skipIf(load.noK6)(
    'breakpoint does not blame the target for what the generator cannot send',
    async () => {
      await target.only();
      // No generator sends thousands a second without ever being a millisecond late.
      const asked = { RATE_FROM: 20_000, RATE_MAX: 20_000, AT_LEAST: 20_000 };
      const run = await load.run('breakpoint', {
        ...asked,
        BASE_URL: target.url,
        STEP: '500ms',
        PRECISION: '100%',
        LATE: '0%',
        LATE_AFTER: '1ms',
      });
      expect(run.rows).toMatchObject([{ objective: 'gateway.throughput', result: 'INVALID', samples: 0 }]);
      expect(run.rows[0]?.reason).toContain('the limit is the generator at ');
      expect(run.exitCode).toBe(99);
    },
  );

  // switches.integration.test.ts throws the others; red-switches.test.ts checks that each objective has a row.
  for (const row of redSwitches.filter(wantsMachine))
    test.skipIf(load.noK6)(title(row), { retry: 1 }, () => load.throwSwitch(target, row));
});

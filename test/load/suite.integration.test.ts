import { afterAll, beforeAll, describe, expect, test as plain, vi } from 'vitest';
import { freePorts } from '../free-port.ts';
import { cannotMeasure } from '../kept-runs.ts';
import { companyOf, companyToMeasure, prepareLoad, startTargets, title } from './against-testbed.ts';
import { nodeExporter, withNodeExporter } from './node-exporter.ts';
import { redSwitches } from './red-switches.ts';
import { withResult } from './run-bundle.ts';
import { alone, short } from './short.ts';

// Those against nothing wait for time-outs; the others wait for a testbed.
vi.setConfig({ maxConcurrency: 8 });
const load = await prepareLoad();
afterAll(() => load.remove());

describe.concurrent('against a target that refuses connections nothing passes', () => {
  // A login that fails at setup ends most runs; the others end after ten seconds without an answer.
  plain.skipIf(load.noK6).each(Object.keys(short))('%s', async (scenario) => {
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
  let targets: Awaited<ReturnType<typeof startTargets>>;
  beforeAll(async () => {
    if (!load.noK6) targets = await startTargets(2);
  });
  afterAll(() => targets?.end());
  const test = plain.skipIf(load.noK6);

  // switches.integration.test.ts has the other scenarios and switches; red-switches.test.ts checks that each objective has a row.
  describe.concurrent('two at a time', () => {
    for (const scenario of Object.keys(short).filter((one) => companyToMeasure(one) === 'quiet'))
      test(`${scenario} measures all of its objectives on each k6`, () =>
        targets.use((target) => load.measureAll(target, scenario)));

    for (const row of redSwitches.filter((one) => companyOf(one) === 'quiet'))
      test(title(row), { retry: 1 }, () => targets.use((target) => load.throwSwitch(target, row)));
  });

  test('breakpoint does not blame the target for what the generator cannot send', () =>
    targets.use(async (target) => {
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
    }));

  // Whether it is reached is up to the machine.
  test('at the rate that is promised the throughput is measured, too', { retry: 1 }, () =>
    targets.use((target) => load.measure(target, ...alone.throughput, ['gateway.throughput.open-loop'])),
  );

  // Nothing beside them, because the machine is what they tell of. Whether it is busy is up to the machine.
  const saturation = ['cpu', 'memory', 'disk', 'peak-cpu'].map((of) => `saturation.${of}`);
  for (const scenario of alone.saturation) {
    if (nodeExporter === null)
      cannotMeasure([`scenario ${scenario}: saturation.`], 'this machine has no node_exporter');
    plain.skipIf(load.noK6 || nodeExporter === null)(
      `${scenario} measures how busy the machine is, by its node_exporter`,
      () =>
        targets.use((target) =>
          withNodeExporter(String(nodeExporter), (HOST_METRICS) =>
            load.measure(target, scenario, { HOST_METRICS }, saturation),
          ),
        ),
    );
  }

  for (const row of redSwitches.filter((one) => companyOf(one) === 'none'))
    test(title(row), { retry: 1 }, () => targets.use((target) => load.throwSwitch(target, row)));
});

import { afterAll, beforeAll, test as plain, vi } from 'vitest';
import { companyOf, companyToMeasure, prepareLoad, startTargets, title } from './against-testbed.ts';
import { redSwitches } from './red-switches.ts';
import { short } from './short.ts';

// The scenarios and switches that do not mind company, two at a time; suite.integration.test.ts has the others. Three take more than a
// small machine has.
const AT_ONCE = 2;
vi.setConfig({ maxConcurrency: AT_ONCE });
const load = await prepareLoad();
let targets: Awaited<ReturnType<typeof startTargets>>;
beforeAll(async () => {
  if (!load.noK6) targets = await startTargets(AT_ONCE);
});
afterAll(async () => {
  load.remove();
  await targets?.end();
});
const test = plain.skipIf(load.noK6);

// First, because some switches leave memory behind.
for (const scenario of Object.keys(short).filter((one) => companyToMeasure(one) === 'any'))
  test(`${scenario} measures all of its objectives on each k6`, { concurrent: true }, () =>
    targets.use((target) => load.measureAll(target, scenario)),
  );

for (const row of redSwitches.filter((one) => companyOf(one) === 'any'))
  test(title(row), { concurrent: true, retry: 1 }, () =>
    targets.use((target) => load.throwSwitch(target, row)),
  );

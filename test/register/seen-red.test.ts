import path from 'node:path';
import { expect, test } from 'vitest';
import { loadRegister } from '../../chaos/definitions/load-register.ts';
import { packageRoot } from '../../chaos/package-root.ts';
import type { RegisterMeasure } from '../../chaos/schema/register.ts';
import { measureText } from '../../orchestrator/promises/measure-text.ts';
import { code } from '../../orchestrator/report/text/markdown-text.ts';
import { askedAlone, controlDrills, onCluster, shippedDrills } from '../drill/drill-switches.ts';
import { short } from '../load/short.ts';
import { askedByName, redBy } from './red-by.ts';
import { statesOf } from './resolve.ts';

/**
 * What measures the promises is run by the test command, and a switch shows that it can fail. Of scenarios, red-switches.test.ts holds
 * that each objective is turned red. seen-red.md has the table of all.
 */
const own = await loadRegister(path.join(packageRoot(), 'thresholds', 'register.yaml'));
const states = statesOf(own.value);
const measured = states.filter(({ by }) => by.length > 0);
const whole = new Set([...shippedDrills, ...controlDrills].map(([name]) => name));

function isRun(measure: RegisterMeasure): boolean {
  const { drill = '', scenario, probe = '' } = measure;
  if (scenario !== undefined) return scenario in short;
  if (askedAlone.includes(drill)) return askedByName(probe, 'asked');
  return measure.drill === undefined || whole.has(drill) || onCluster.includes(drill);
}

test('each promise is measured by something that the test command runs', () => {
  const never = measured.flatMap(({ name, by }) =>
    by.some(isRun) ? [] : [`${name}: ${by.map(measureText).join('; ')}`],
  );
  expect(never).toEqual([]);
});

/** No test turns these red. Who adds a switch takes its row out; who adds a promise gives it a switch, or a reason here. */
const neverRed: Readonly<Record<string, string>> = {
  'stable-after, saturation': 'a busy machine hides how busy a gateway is',
  'pod.recovery': 'on a cluster',
  'rds.failover, recovery': 'longer than 30 s',
  'kubernetes.deploy': 'on a cluster',
  'kubernetes.hpa, out': 'no switch, but a load that three replicas carry, on a cluster',
  'kubernetes.hpa, before': 'on a cluster',
  'kubernetes.hpa, after': 'on a cluster',
};

const redOf = (by: readonly RegisterMeasure[]) => [...new Set(by.flatMap(redBy))];

test('each promise that is measured was seen broken, or it says here why not', () => {
  expect(measured.filter(({ by }) => redOf(by).length === 0).map(({ name }) => name)).toEqual(
    Object.keys(neverRed),
  );
});

/** `-u` writes it. */
test('the page has what turns each promise red', async () => {
  const promises = measured.map(({ name, by }) => [
    code(name),
    codes(by.map(measureText)),
    redOf(by).length > 0 ? codes(redOf(by)) : `nothing: ${neverRed[name]}`,
  ]);
  const drills = [...shippedDrills, ...controlDrills].map(([name, , { by, broken }]) => [
    code(name),
    by,
    codes(broken),
  ]);
  const page = [
    ['# What turns each promise red', ''],
    [
      'From the tables that the tests run: `test/load/red-switches.ts` and the files beside it for scenarios,',
    ],
    [
      '`test/drill/drill-switches.ts` for drills, and `testbed/control-plane.testbed.test.ts` for the probes of the',
    ],
    ['control loop. Made by `npx vitest run --project unit test/register/seen-red.test.ts -u`.', ''],
    ['## Promises', '', ...table(['promise', 'measured by', 'turned red by'], promises), ''],
    ['## Drills', '', 'What of each drill its switch breaks when it runs whole.', ''],
    table(['drill', 'switch', 'broken'], drills),
  ];
  await expect(`${page.flat().join('\n')}\n`).toMatchFileSnapshot('./seen-red.md');
});

const codes = (texts: readonly string[]) => texts.map(code).join('<br>');

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

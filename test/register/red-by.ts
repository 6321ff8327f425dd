import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../chaos/package-root.ts';
import type { RegisterMeasure } from '../../chaos/schema/register.ts';
import { askedAlone, controlDrills, shippedDrills } from '../drill/drill-switches.ts';
import { madeUpDeployments } from '../load/broken-deployment.ts';
import { controlPages, hostPages } from '../load/broken-pages.ts';
import { brokenSpikes } from '../load/broken-spike.ts';
import { redSwitches } from '../load/red-switches.ts';

const CONTROL = 'testbed/control-plane.testbed.test.ts';
const control = readFileSync(path.join(packageRoot(), CONTROL), 'utf8');

/** The tests and switches that turn a measurement red; none: nothing does. */
export function redBy(measure: RegisterMeasure): string[] {
  const { drill, scenario, told, page, gate, objective = '' } = measure;
  if (scenario !== undefined) return inScenario(scenario, objective);
  if (drill === undefined)
    return [told ?? page ?? gate ?? ''].map((what) => `a test of what tells or shows it: ${what}`);
  if (askedAlone.includes(drill)) return askedByName(measure.probe ?? '') ? [CONTROL] : [];
  const own = [...shippedDrills, ...controlDrills].filter(
    ([name, , { broken }]) => name === drill && broken.includes(nameInRun(measure)),
  );
  if (own.length > 0) return own.map(([, , { by }]) => `${drill}: ${by}`);
  // A drill has the objectives of the scenario that is its load.
  return objective === 'redis.failover.sessions-lost' ? inScenario('spike', objective) : [];
}

/** As shared-testbed.ts names what is broken. */
export function nameInRun({ objective, probe, expectation }: RegisterMeasure): string {
  return objective ?? probe ?? expectation?.replace('.', ': ') ?? 'writes';
}

/** That this probe is asked there at all; `broken`: and that a switch makes it fail. */
export function askedByName(probe: string, broken: 'broken' | 'asked' = 'broken'): boolean {
  if (broken === 'asked') return control.includes(`'${probe}'`);
  // `probe: 'FAIL…`, `seen['probe']).toMatch(/^FAIL…`
  return new RegExp(`\\b${probe}'?\\]?(:|\\)\\.to\\w+\\().*FAIL`).test(control);
}

interface MadeUp {
  readonly title: string;
  readonly red: readonly string[];
}

/** Targets and pages that a test makes up where no switch of the testbed does it. */
const madeUp: Readonly<Record<string, readonly MadeUp[]>> = {
  spike: brokenSpikes,
  soak: controlPages,
  'golden-signals': hostPages,
  'deployment-watch': [
    ...hostPages,
    ...madeUpDeployments,
    { title: 'a target with one version, which is INVALID', red: ['deployment.evidence'] },
  ],
};

/** `x.*` stands for each of the levels of x. */
function inScenario(scenario: string, objective: string): string[] {
  const isMeant = (name: string) =>
    objective.endsWith('.*') ? name.startsWith(objective.slice(0, -1)) : name === objective;
  const switches = redSwitches
    .filter((row) => row.scenario === scenario && row.red.some(isMeant))
    .map(({ set, vars }) => [...set, ...Object.entries(vars).map(([name, value]) => `${name}=${value}`)]);
  const pages = (madeUp[scenario] ?? []).filter(({ red }) => red.some(isMeant));
  return [...switches.map((one) => one.join(' ')), ...pages.map(({ title }) => title)].map(
    (text) => `${scenario}: ${text}`,
  );
}

import { suggest } from '../../chaos/definitions/issues/suggest.ts';
import type { RegisterMeasure } from '../../chaos/schema/register.ts';
import { listed } from '../objectives/number-text.ts';
import type { MeasuredRun } from './measured-run.ts';

/** Is this one of the runs that a measurement may come from? */
export function isFrom(run: MeasuredRun, { drill, scenario, gate, environment }: RegisterMeasure): boolean {
  const { kind, name } = run;
  if (environment !== undefined && environment !== run.environment) return false;
  if (drill !== undefined) return kind === 'drill' && name === drill;
  if (scenario !== undefined) return kind === 'scenario' && name === scenario;
  return gate === undefined || (kind === 'gate' && name === gate);
}

/** `drill spike in staging: gateway-lost.recoverWithin`. */
export function measureText(measure: RegisterMeasure): string {
  const {
    drill,
    scenario,
    gate,
    environment,
    objective,
    expectation,
    probe,
    writes,
    check,
    told,
    page,
    phase,
  } = measure;
  const where = drill
    ? `drill ${drill}`
    : scenario
      ? `scenario ${scenario}`
      : gate
        ? `gate ${gate}`
        : page
          ? 'squall register'
          : 'any run';
  const named = Object.entries({ probe, writes, told, page }).find(([, value]) => value !== undefined);
  const what = objective ?? expectation ?? check ?? named?.join(' ');
  const place = environment === undefined ? '' : ` in ${environment}`;
  return `${where}${place}: ${what}${phase === undefined ? '' : ` (${phase})`}`;
}

/** Why nothing was found: no such run here, or runs that have no such row, with the name that was perhaps meant. */
export function neverSeen(by: readonly RegisterMeasure[], runs: readonly MeasuredRun[]): string {
  const without = by.flatMap((measure) => {
    const run = runs.find((one) => isFrom(one, measure));
    if (run === undefined) return [];
    const what = (['objective', 'expectation', 'probe', 'writes', 'check', 'told'] as const).find(
      (one) => measure[one] !== undefined,
    );
    if (what === undefined) return [];
    const wanted = measure[what] ?? '';
    const close = suggest(
      wanted,
      run.rows.filter((row) => row.what === what).map((row) => row.name),
    );
    return [`${run.run} has no ${what} ${wanted}${close === undefined ? '' : ` (did you mean ${close}?)`}`];
  });
  if (without.length > 0) return [...new Set(without)].join('; ');
  const places = [...new Set(by.map((measure) => measureText(measure).split(':')[0] ?? ''))];
  return `never measured: no run here of ${listed(places)}`;
}

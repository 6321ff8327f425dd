import { drill as drillSchema } from '../schema/drill.ts';
import { environment as environmentSchema } from '../schema/environment.ts';
import { DefinitionError, issueAt } from './issues/definition-error.ts';
import type { Parsed } from './read/load-definition.ts';

/** What a YAML file may be. */
export type Told = 'drill' | 'environment' | 'suite' | 'register' | 'requests' | 'game day';

/** By the keys that only one of them has. @throws DefinitionError when it is none */
export function tellApart({ data, source }: Pick<Parsed, 'data' | 'source'>): Told {
  const keys = isObject(data) && !Array.isArray(data) ? Object.keys(data) : [];
  const count = (own: readonly string[]) => keys.filter((key) => own.includes(key)).length;
  // `load` is in both: the loads of a drill are a list, and an environment names the runner that makes them.
  const runner = isObject(data) && 'load' in data && isObject(data.load) && 'runner' in data.load ? 1 : 0;
  const drill = count(['load', 'steady', 'faults', 'objectives', 'probes', 'stop']) - runner;
  const environment = count(ENVIRONMENT_KEYS) + runner;
  if (count(['systems', 'areas']) > Math.max(drill, environment)) return 'register';
  if (count(['requests']) > Math.max(drill, environment)) return 'requests';
  if (count(['parts', 'people']) > Math.max(drill, environment)) return 'game day';
  if (count(['budget', 'checks', 'compare']) > Math.max(drill, environment)) return 'suite';
  if (drill !== environment) return drill > environment ? 'drill' : 'environment';
  throw new DefinitionError([
    issueAt(source, [], {
      rule: 'this is neither a drill, an environment, a suite, a register, a file of requests nor a game day',
      fix: 'a drill has `load` and `objectives`, an environment has `components`, a suite has `budget`, a register has `areas`, a file of requests has `requests`, a game day has `parts`',
    }),
  ]);
}

/** `vars` are in both; those of a drill are outnumbered by its load and its objectives. */
const ENVIRONMENT_KEYS = Object.keys(environmentSchema.shape).filter(
  (key) => key === 'vars' || !(key in drillSchema.shape),
);

function isObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null;
}

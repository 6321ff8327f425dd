import type { Loaded } from '../../../chaos/definitions/issues/source.ts';
import type { Environment } from '../../../chaos/schema/environment.ts';
import { commandLine } from '../../run/testbed.ts';
import type { Side } from './slot-order.ts';
import { PREFIX } from './switching-script.ts';

/**
 * One environment of two: the variables of each side under its own prefix, and testbed commands that do for both what each says for one.
 * Nothing of it can be hit by a fault.
 * @param first which side is started first; it is the last to be taken down
 */
export function bothSides(
  baseline: Loaded<Environment>,
  candidate: Loaded<Environment>,
  first: Side = 'baseline',
): Loaded<Environment> {
  const vars = {
    // What a script reads while it is only looked at; each copy of it then has the variables of its side.
    ...candidate.value.vars,
    ...prefixed(PREFIX.baseline, baseline.value.vars),
    ...prefixed(PREFIX.candidate, candidate.value.vars),
  };
  const [one, other] = first === 'baseline' ? [baseline, candidate] : [candidate, baseline];
  const testbed = bothTestbeds(one.value.testbed, other.value.testbed);
  return {
    ...candidate,
    value: {
      name: candidate.value.name,
      vars,
      components: {},
      ...(testbed === undefined ? {} : { testbed }),
    },
  };
}

/** The candidate alone, for a run that is compared with those of the past. */
export function oneSide(candidate: Loaded<Environment>): Loaded<Environment> {
  const { name, vars, testbed } = candidate.value;
  return {
    ...candidate,
    value: {
      name,
      vars: { ...vars, ...prefixed(PREFIX.candidate, vars) },
      components: {},
      ...(testbed === undefined ? {} : { testbed }),
    },
  };
}

type Testbed = NonNullable<Environment['testbed']>;

/** Can both sides be started again? */
export function restartable(baseline: Environment, candidate: Environment): boolean {
  return baseline.testbed !== undefined && candidate.testbed !== undefined;
}

/** 75: one of the two is there and the other is not, or it is not complete. */
const STATUS =
  'first=0; second=0; FIRST || first=$?; SECOND || second=$?; [ $first -eq $second ] && exit $first; exit 75';
const UP = 'FIRST && SECOND';
const DOWN = 'SECOND; second=$?; FIRST && exit $second';

function bothTestbeds(first: Testbed | undefined, second: Testbed | undefined): Testbed | undefined {
  if (first === undefined || second === undefined) return undefined;
  const joined = (text: string, action: keyof Testbed) => [
    '/bin/sh',
    '-c',
    text
      .replace('FIRST', () => commandLine(resolved(first[action])))
      .replace('SECOND', () => commandLine(resolved(second[action]))),
  ];
  return { up: joined(UP, 'up'), down: joined(DOWN, 'down'), status: joined(STATUS, 'status') };
}

/** As for the commands of one environment, `node` is the one that runs squall. */
function resolved([program = '', ...args]: readonly string[]): string[] {
  return [program === 'node' ? process.execPath : program, ...args];
}

function prefixed(prefix: string, vars: Environment['vars']): Environment['vars'] {
  return Object.fromEntries(Object.entries(vars).map(([name, value]) => [`${prefix}${name}`, value]));
}

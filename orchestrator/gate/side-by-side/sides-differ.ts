import path from 'node:path';
import { RefusalError } from '../../refusal.ts';
import { namesRead } from './names-read.ts';

type Vars = Readonly<Record<string, string>>;

export interface Sides {
  /** With the values of `${env:NAME}` in place, and without what the suite itself sets. */
  readonly baseline: { readonly name: string; readonly vars: Vars };
  readonly candidate: { readonly name: string; readonly vars: Vars };
}

/**
 * A script knows its side by the variables alone. Where it reads none in which the two differ, a candidate would be compared with itself,
 * and always pass.
 * @param comparison its name
 * @returns what should be known of a difference that is none of addresses; null: nothing
 * @throws RefusalError
 */
export async function checkSides(comparison: string, script: string, sides: Sides): Promise<string | null> {
  const { baseline, candidate } = sides;
  const names = [...new Set([...Object.keys(baseline.vars), ...Object.keys(candidate.vars)])];
  const differing = names.filter((name) => baseline.vars[name] !== candidate.vars[name]);
  const both = `the environments of the baseline (${baseline.name}) and of the candidate (${candidate.name})`;
  if (differing.length === 0)
    throw new RefusalError(
      `comparison ${comparison}: ${both} have the same variables (those that the suite sets do not count), so one target would be compared with itself`,
      { fix: 'give each its own address, for example `vars: { BASE_URL: http://127.0.0.1:8081 }`' },
    );
  const read = await namesRead(script);
  const told = read === null ? differing : differing.filter((name) => read.has(name));
  if (told.length === 0)
    throw new RefusalError(
      `comparison ${comparison}: ${path.basename(script)} reads none of the variables in which ${both} differ (${differing.join(', ')}), so one target would be compared with itself; ${readText(read)}`,
      { fix: `let the script take its address from one of them, for example \`__ENV.${differing[0]}\`` },
    );
  if (told.some((name) => isAddress(name, [baseline.vars[name], candidate.vars[name]]))) return null;
  return `comparison ${comparison}: the sides differ in ${told.join(', ')} alone, which is no address: if both go to the same target, that target is compared with itself`;
}

function readText(read: ReadonlySet<string> | null): string {
  return read === null || read.size === 0
    ? 'it reads no variable'
    : `it reads ${[...read].sort().join(', ')}`;
}

/** In doubt it is one. */
function isAddress(name: string, values: readonly (string | undefined)[]): boolean {
  return (
    /url|uri|host|port|addr|target|endpoint|base|server|domain/i.test(name) ||
    values.some((value = '') => /:\/\/|^[\w.-]+:\d+|^\[?[\w-]+([.:][\w-]+)+/.test(value))
  );
}

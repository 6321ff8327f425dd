import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';

type Variables = Readonly<Record<string, string | undefined>>;

/** What Compose fills in: the shell, and where that says nothing the `.env` beside the file. */
export function composeVariables(file: string, shell: Variables): Variables {
  const found: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(parseEnv(textOf(path.join(path.dirname(file), '.env')))))
    found[name] = interpolated(value ?? '', { ...found, ...shell });
  return { ...found, ...shell };
}

/** The same with all variables in its texts filled in, however deep; keys stay as they are. */
export function filledIn(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return interpolated(value, variables);
  if (Array.isArray(value)) return value.map((one) => filledIn(one, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledIn(one, variables)]));
}

/** A variable with what stands behind its name, in which there are no others; `$$` is a dollar sign. */
const INNERMOST = /\$\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])((?:(?!\$\{)[^}])*))?\})/g;
/** Stands for `$$` while there may be more to fill in. */
const DOLLAR = '\u0000';
const DEEPEST = 10;

/**
 * `$X`, `${X}`, `${X:-usual}`, `${X-usual}`, `${X:+other}`, `${X+other}`; of `${X:?message}` without a value Compose ends, and nothing
 * is there. A colon takes an empty value for none.
 */
function interpolated(text: string, variables: Variables): string {
  let at = text;
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const next = at.replace(INNERMOST, (whole, plain, braced, sign = '', behind = '') => {
      if (whole === '$$') return DOLLAR;
      const value = variables[plain ?? braced];
      const isThere = sign.startsWith(':') ? Boolean(value) : value !== undefined;
      if (sign.endsWith('+')) return isThere ? behind : '';
      // What is in a value is not filled in again.
      return isThere ? (value ?? '').replaceAll('$', DOLLAR) : sign.endsWith('-') ? behind : '';
    });
    if (next === at) break;
    at = next;
  }
  return at.replaceAll(DOLLAR, '$');
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

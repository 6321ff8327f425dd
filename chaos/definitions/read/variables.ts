import { type DefinitionIssue, issueAt, refuseIf } from '../issues/definition-error.ts';
import { describeValue, UNSAFE } from '../issues/inert.ts';
import type { Path } from '../issues/source.ts';
import { suggestOrList } from '../issues/suggest.ts';
import type { Parsed } from './load-definition.ts';

/** Values from the command line, by name. */
export type Variables = Readonly<Record<string, string>>;

/** `${NAME}`. A secret's reference (`${env:NAME}`) is none. */
const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]{0,99})\}/g;

/**
 * Puts the values of a drill's `vars` in place of `${NAME}` in all of its texts; `given` changes them. The drill has the values that were
 * used in its `vars`. One without `vars` stays as it is.
 * @throws DefinitionError for a name that the drill does not have, there or in `given`
 */
export function withVariables(parsed: Parsed, given: Variables): Parsed {
  const { data, source } = parsed;
  const own = isRecord(data) && isRecord(data.vars) ? data.vars : {};
  const known = Object.keys(own);
  const issues: DefinitionIssue[] = Object.entries(given).flatMap(([name, value]) => {
    const rule = !known.includes(name)
      ? { rule: `this drill has no variable ${name}`, fix: suggestOrList(name, known, 'variables') }
      : value.length > 8_192 || value.search(UNSAFE) !== -1
        ? { rule: `the value of ${name} is not short, visible text`, fix: 'give another one' }
        : undefined;
    return rule === undefined ? [] : [issueAt(source, ['vars'], { ...rule, value: describeValue(value) })];
  });
  refuseIf(issues);
  // What the schema will refuse is left to it.
  if (!isRecord(data) || known.length === 0 || Object.values(own).some((value) => typeof value !== 'string'))
    return parsed;
  const values: Variables = { ...(own as Variables), ...given };
  for (const [name, value] of Object.entries(values)) {
    const [reference] = value.match(REFERENCE) ?? [];
    if (reference !== undefined)
      issues.push(
        issueAt(source, ['vars', name], {
          rule: `a variable is not made of others, and the value of ${name} has ${reference}`,
          fix: 'write the whole value, or put both references where it is used',
          value: describeValue(value),
        }),
      );
  }
  const { vars: _, ...rest } = data;
  const filled = fill(rest, []) as Record<string, unknown>;
  refuseIf(issues);
  return { ...parsed, data: { ...filled, vars: values } };

  function fill(value: unknown, path: Path): unknown {
    if (typeof value === 'string') {
      return value.replace(REFERENCE, (reference, name: string) => {
        if (Object.hasOwn(values, name)) return values[name] as string;
        const fix = suggestOrList(name, known, 'variables');
        issues.push(
          issueAt(source, path, { rule: `this drill has no variable ${name}`, fix, value: reference }),
        );
        return reference;
      });
    }
    if (Array.isArray(value)) return value.map((item, i) => fill(item, [...path, i]));
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, [...path, key])]));
  }
}

/** Of the given values those that differ from the drill's own, by name. */
export function changedVariables({ data }: Parsed, given: Variables): Variables {
  const own = isRecord(data) && isRecord(data.vars) ? data.vars : {};
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => own[name] !== value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { z } from 'zod';
import { message } from '../../fields/message.ts';
import { many } from '../../many.ts';
import { describeValue } from './inert.ts';
import { suggestOrList } from './suggest.ts';

/** The words for what a schema refuses, where the schema has none of its own: the rule, and after a semicolon the fix. */
export function schemaMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? missing(issue) : wrongType(issue.expected, issue.input);
    case 'invalid_value':
      return oneOf(issue.values.map(String), issue.input);
    case 'invalid_union':
      return discriminated(issue);
    case 'unrecognized_keys':
      return message('unknown key', knownKeys(issue.inst).join(', '));
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum), issue.inclusive !== false);
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum), issue.inclusive !== false);
    default:
      return undefined;
  }
}

function missing(issue: z.core.$ZodRawIssue): string {
  const key = String(issue.path?.at(-1) ?? 'it');
  const example = EXAMPLES[key];
  return message(
    'is required',
    example === undefined ? `add \`${key}\`` : `add it, for example \`${key}: ${example}\``,
  );
}

const EXAMPLES: Readonly<Record<string, string>> = {
  name: 'redis-failover',
  load: '[{ scenario: spike }]',
  at: '20s',
  for: '15s',
  kind: 'kill',
  component: 'gateway',
  objectives: '[{ use: gateway }]',
  within: '60s',
  after: 'primary-lost',
  match: '{ component: gateway }',
  provider: 'local',
  delay: '80ms',
  params: '{ delay: 80ms }',
  above: '50%',
  below: '100ms',
  window: '30d',
  listen: '127.0.0.1:9001',
  upstream: '127.0.0.1:9000',
  pidFile: 'gateway.pid',
  kinds: '[kill, freeze]',
  url: 'http://127.0.0.1:9000/health',
  lost: '0',
  account: '"123456789012"',
  region: 'eu-central-1',
};

function wrongType(expected: string, input: unknown): string {
  const scalar = typeof input === 'number' || typeof input === 'boolean';
  switch (expected) {
    case 'string':
      return message('must be a text', scalar ? 'put it in quotes' : 'write a text');
    case 'array':
      return message('must be a list', 'begin each entry with "- ", or write [a, b]');
    case 'object':
    case 'record':
      return message('must be a mapping', 'write `key: value` lines below it, or { key: value }');
    case 'int':
      return message('must be a whole number', 'write it without quotes and without a fraction');
    case 'number':
      return message('must be a number', 'write it without quotes');
    case 'never':
      return message('must not be here', 'remove it');
    default:
      return message(`must be a ${expected}`, `write a ${expected}`);
  }
}

function oneOf(values: readonly string[], input: unknown): string {
  if (input === undefined) return message('is required', `write ${values.slice(0, 30).join(' or ')}`);
  const [only] = values;
  if (values.length === 1 && only !== undefined) return message(`must be ${only}`, `write ${only}`);
  const given = typeof input === 'string' ? input : '';
  return message('is not one of the known values', suggestOrList(given, values));
}

function discriminated(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string | undefined {
  const { discriminator, options } = issue as { discriminator?: string; options?: readonly unknown[] };
  if (discriminator === undefined) return undefined;
  const input: unknown = (issue.input as Record<string, unknown> | null)?.[discriminator];
  const known = (options ?? []).map(String);
  if (input === undefined) return message('is required', `write one of ${known.join(', ')}`);
  return message(
    `is no known ${discriminator}`,
    suggestOrList(typeof input === 'string' ? input : describeValue(input), known),
  );
}

function knownKeys(schema: unknown): readonly string[] {
  const shape = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape;
  return Object.keys(shape ?? {});
}

function tooSmall(origin: string, minimum: number, inclusive: boolean): string {
  if (origin === 'array' && minimum === 1)
    return message('must not be empty', 'add an entry, or remove the key');
  if (origin === 'array')
    return message(`needs at least ${many(minimum, 'entry', 'entries')}`, 'add what is missing');
  if (origin === 'string' && minimum === 1) return message('must not be empty', 'write something');
  const bound = inclusive ? `at least ${minimum}` : `more than ${minimum}`;
  return message(`must be ${bound}`, 'write a larger number');
}

function tooBig(origin: string, maximum: number, inclusive: boolean): string {
  if (origin === 'array') return message(`has more than ${many(maximum, 'entry', 'entries')}`, 'remove some');
  if (origin === 'string') return message(`is longer than ${many(maximum, 'character')}`, 'shorten it');
  return message(`must be ${inclusive ? 'at most' : 'less than'} ${maximum}`, 'write a smaller number');
}

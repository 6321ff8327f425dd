import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkDrill } from '../../chaos/definitions/check/check-drill.ts';
import { checkEnvironment } from '../../chaos/definitions/check/check-environment.ts';
import {
  DefinitionError,
  type DefinitionIssue,
  formatIssues,
} from '../../chaos/definitions/issues/definition-error.ts';
import { toDrill } from '../../chaos/definitions/load-drill.ts';
import { loadEnvironment, toEnvironment } from '../../chaos/definitions/load-environment.ts';
import { applySchema } from '../../chaos/definitions/read/load-definition.ts';
import { parseYaml } from '../../chaos/definitions/read/parse-yaml.ts';
import { MAX_BYTES } from '../../chaos/definitions/read/read-text.ts';
import { drill } from '../../chaos/schema/drill.ts';
import { environment } from '../../chaos/schema/environment.ts';
import { countOf, holds } from '../trials.ts';

const good = (file: string) => new URL(`./good/${file}`, import.meta.url);
const drillText = readFileSync(good('drill.yaml'), 'utf8');
const labText = readFileSync(good('lab.yaml'), 'utf8');
const dataOf = (text: string) => parseYaml({ file: '/x', shown: 'x', text }).data as object;
const drillData = dataOf(drillText);
const labData = dataOf(labText);
const lab = await loadEnvironment(good('lab.yaml').pathname, '/');

/** Loads a text as a drill and as an environment. Returns the messages, and throws for anything but a refusal. */
async function load(text: string): Promise<{ issues: readonly DefinitionIssue[]; accepted: boolean }> {
  const issues: DefinitionIssue[] = [];
  let accepted = false;
  try {
    const parsed = parseYaml({ file: '/fuzz/x.yaml', shown: 'x.yaml', text });
    for (const as of [
      async () => checkDrill(await toDrill(parsed), lab, [100_000]),
      async () => checkEnvironment(toEnvironment(parsed)),
    ]) {
      const found = await as().catch(refusal);
      issues.push(...found);
      if (found.length === 0) accepted = true;
    }
  } catch (error) {
    issues.push(...refusal(error));
  }
  return { issues, accepted };
}

/** A refusal is an answer; anything else is a defect. */
function refusal(error: unknown): readonly DefinitionIssue[] {
  if (error instanceof DefinitionError) return error.issues;
  throw error;
}

/** Each refusal has a place in the file, a rule and a fix, and is safe to print anywhere. */
function expectInert(issues: readonly DefinitionIssue[], text: string): void {
  const lines = text.split('\n').length;
  for (const issue of issues) {
    if (issue.line < 1 || issue.line > lines || issue.column < 1)
      throw new Error(`no such place: ${JSON.stringify(issue)}`);
    if (issue.rule === '' || issue.fix === '') throw new Error(`nothing said: ${JSON.stringify(issue)}`);
  }
  const printed = formatIssues(issues);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(printed))
    throw new Error(`not inert: ${JSON.stringify(printed)}`);
  if (printed.length > 250_000) throw new Error(`${printed.length} characters of messages`);
}

/** Processor time, not clock time, because other tests share the machine. */
async function within1s(work: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  if (user + system > 1_000_000) throw new Error(`took ${(user + system) / 1000} ms of processor time`);
}

const survives = (text: string) =>
  within1s(async () => {
    const { issues } = await load(text);
    expectInert(issues, text);
  });

const fragments = fc.constantFrom(
  '- ',
  '? ',
  ': ',
  ':',
  ',',
  '[',
  ']',
  '{',
  '}',
  '&a ',
  '*a',
  '!',
  '!!str ',
  '!<x>',
  '|',
  '>',
  '|+2',
  '"',
  "'",
  '\\',
  '#',
  '%',
  '@',
  '`',
  '\n',
  '\n  ',
  '\n    ',
  '\r\n',
  '\t',
  ' ',
  '---\n',
  '...\n',
  '<<: ',
  '__proto__',
  'constructor',
  '~',
  'null',
  '.nan',
  '.inf',
  '0x1F',
  '1e400',
  '0o7',
  'name: ',
  'load:',
  'faults:',
  'kind: kill',
  'at: -5s',
  '${env:',
  '\u0000',
  '\u001b[31m',
  '\ufeff',
  '\u202e',
  '\ud800',
  '🌩',
  'é',
  'x'.repeat(200),
);
const soup = fc
  .array(fc.oneof(fragments, fc.string({ maxLength: 5 })), { maxLength: 60 })
  .map((parts) => parts.join(''));

/** A good text with a few pieces cut out, doubled, or replaced. */
const mutated = fc
  .record({
    base: fc.constantFrom(drillText, labText),
    edits: fc.array(
      fc.record({
        at: fc.nat(),
        cut: fc.nat(12),
        put: fc.oneof(fc.constant(''), fragments, fc.string({ maxLength: 6 })),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ base, edits }) =>
    edits.reduce((text, { at, cut, put }) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + put + text.slice(from + cut);
    }, base),
  );

/** Data of the right shape with wrong values in it. */
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      null,
      true,
      0,
      -1,
      1e308,
      '',
      '15s',
      '-15s',
      '1%',
      'kill',
      'gateway',
      'toString',
      '127.0.0.1:1',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write
      '${env:X}',
      '\u001b]0;x\u0007',
    ),
    fc.string({ maxLength: 10 }),
    fc.double(),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(key(), fc.string({ maxLength: 8 })), tie('any'), { maxKeys: 6 }),
  ),
})).any;
function key() {
  return fc.constantFrom(
    'name',
    'load',
    'scenario',
    'script',
    'vars',
    'steady',
    'for',
    'faults',
    'kind',
    'component',
    'at',
    'params',
    'expect',
    'objectives',
    'use',
    'percentile',
    'below',
    'errors',
    'phase',
    'probes',
    'match',
    'within',
    'after',
    'writes',
    'lost',
    'stop',
    'above',
    'alert',
    'alerts',
    'listen',
    'allow',
    'kinds',
    'components',
    'provider',
    'process',
    'pidFile',
    'link',
    'upstream',
    'postgres',
    'redis',
    'nodes',
    'testbed',
    'up',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  );
}
const structured = fc.dictionary(key(), value, { maxKeys: 8 });
/** A good drill or environment with one value, anywhere, replaced by something else. */
const replaced = fc
  .record({ base: fc.constantFrom(drillText, labText), pick: fc.nat(), put: value })
  .map(({ base, pick, put }) => {
    const data = structuredClone(base === labText ? labData : drillData);
    const places: [object, string][] = [];
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const name of Object.keys(node)) {
        places.push([node, name]);
        visit((node as Record<string, unknown>)[name]);
      }
    };
    visit(data);
    const [parent, name] = places[pick % places.length] ?? [data, 'name'];
    Object.defineProperty(parent, name, { value: put, enumerable: true, writable: true, configurable: true });
    return stringify(data);
  });

it('every broken text is refused with a place, within a second', async () => {
  const texts = fc.oneof(
    soup,
    mutated,
    mutated,
    replaced,
    replaced,
    structured.map((data) => stringify(data)),
  );
  let accepted = 0;
  let refused = 0;
  await holds(
    'fuzzed YAML and environments',
    fc.asyncProperty(texts, async (text) => {
      await within1s(async () => {
        const result = await load(text);
        expectInert(result.issues, text);
        if (result.accepted) accepted += 1;
        else refused += 1;
      });
    }),
    { full: 125_000, sample: 2_500 },
  );
  // Both answers must have been common, or the generators miss their mark.
  expect(Math.min(accepted, refused) / (accepted + refused)).toBeGreaterThan(0.02);
}, 3_600_000);

it('no data, whatever its shape, makes a schema throw', async () => {
  await holds(
    'fuzzed structures',
    fc.asyncProperty(fc.oneof(structured, value, fc.anything()), async (data) => {
      const source = { file: '/x', shown: 'x', text: '', placeOf: () => ({ line: 1, column: 1 }) };
      for (const schema of [drill, environment]) {
        await within1s(async () => {
          try {
            applySchema(schema, { data, source });
          } catch (error) {
            if (!(error instanceof DefinitionError)) throw error;
            expectInert(error.issues, '');
          }
        });
      }
    }),
    { full: 125_000, sample: 2_500 },
  );
}, 3_600_000);

it('texts made to exhaust the parser’s time or stack are refused within a second, at the largest size', async () => {
  const pieces = [
    '[',
    '{a: ',
    '- ',
    '? ',
    ': ',
    'a:\n',
    '- 1\n',
    'a: b\n ',
    '#\n',
    ' ',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '"',
    "'",
    '!',
    '%a\n',
    '---\n',
    '1,',
    ']',
    ',',
    '&a ',
    '*a\n',
    '- *a\n',
    '"\\',
    '@\n',
    '|\n',
    '- >\n',
    '{?:,',
    'a: |\n x\n',
    '\ta\n',
    '🌩',
    'a',
    '[]',
    '{}',
    '- - ',
    '...\n',
    '%YAML 1.2\n',
    'a: &a [*a]\n',
    '<<: {}\n',
    '"a": "b",',
  ];
  for (const piece of pieces) {
    // With the full counts, all ways to begin.
    const begin = ['', 'name: ', '- [', '"', 'a: |\n  ', '{'];
    for (const before of begin.slice(0, countOf({ full: begin.length, sample: 1 }))) {
      const text = before + piece.repeat(Math.floor((MAX_BYTES - before.length) / piece.length));
      try {
        await survives(text);
      } catch (cause) {
        throw new Error(`${JSON.stringify(before)} and then ${JSON.stringify(piece)} again and again`, {
          cause,
        });
      }
    }
  }
}, 600_000);

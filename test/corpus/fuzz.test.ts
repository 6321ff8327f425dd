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
import { toEnvironment } from '../../chaos/definitions/load-environment.ts';
import { applySchema } from '../../chaos/definitions/read/load-definition.ts';
import { parseYaml } from '../../chaos/definitions/read/parse-yaml.ts';
import { MAX_BYTES } from '../../chaos/definitions/read/read-text.ts';
import { drill } from '../../chaos/schema/drill.ts';
import { environment } from '../../chaos/schema/environment.ts';
import { countOf, holds } from '../trials.ts';
import { lab, mutated, replaced, soup, structured, value } from './random-definitions.ts';

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

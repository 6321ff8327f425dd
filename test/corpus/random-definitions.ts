import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { parseYaml } from '../../chaos/definitions/read/parse-yaml.ts';

const good = (file: string) => new URL(`./good/${file}`, import.meta.url);
const drillText = readFileSync(good('drill.yaml'), 'utf8');
const labText = readFileSync(good('lab.yaml'), 'utf8');
const dataOf = (text: string) => parseYaml({ file: '/x', shown: 'x', text }).data as object;
const drillData = dataOf(drillText);
const labData = dataOf(labText);
export const lab = await loadEnvironment(good('lab.yaml').pathname, '/');

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
/** Pieces of YAML in any order. */
export const soup = fc
  .array(fc.oneof(fragments, fc.string({ maxLength: 5 })), { maxLength: 60 })
  .map((parts) => parts.join(''));

/** A good text with a few pieces cut out, doubled, or replaced. */
export const mutated = fc
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
export const value = fc.letrec((tie) => ({
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
export const structured = fc.dictionary(key(), value, { maxKeys: 8 });
/** A good drill or environment with one value, anywhere, replaced by something else. */
export const replaced = fc
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

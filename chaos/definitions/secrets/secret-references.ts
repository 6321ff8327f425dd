import { factsOf } from '../../providers/definitions.ts';
import type { Environment } from '../../schema/environment.ts';
import { type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import type { Path, Source } from '../issues/source.ts';

/** `${env:NAME}`: the value comes from squall's own environment when the run starts, and is redacted everywhere. */
export const REFERENCE = /\$\{env:([A-Za-z_][A-Za-z0-9_]{0,199})\}/g;

/** The texts of an environment in which references count, with the way to set each. */
export function referenceTexts(environment: Environment): { path: Path; text: string }[] {
  const texts: { path: Path; text: string }[] = [];
  for (const [name, text] of Object.entries(environment.vars)) texts.push({ path: ['vars', name], text });
  if (environment.http?.proxy !== undefined) {
    texts.push({ path: ['http', 'proxy'], text: environment.http.proxy });
  }
  if (environment.writes !== undefined) {
    for (const key of ['lookup', 'each'] as const) {
      const text = environment.writes[key];
      if (text !== undefined) texts.push({ path: ['writes', key], text });
    }
    for (const [name, text] of Object.entries(environment.writes.headers)) {
      texts.push({ path: ['writes', 'headers', name], text });
    }
  }
  if (environment.slo !== undefined) {
    texts.push({ path: ['slo', 'prometheus'], text: environment.slo.prometheus });
    for (const [name, text] of Object.entries(environment.slo.headers)) {
      texts.push({ path: ['slo', 'headers', name], text });
    }
  }
  texts.push(...textsIn(environment.integrations, ['integrations']));
  for (const [name, component] of Object.entries(environment.components)) {
    for (const { path, text } of factsOf(component).secrets) {
      texts.push({ path: ['components', name, ...path], text });
    }
  }
  return texts;
}

/** Every text in a value, wherever it stands. */
function textsIn(value: unknown, path: Path): { path: Path; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    textsIn(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** References that are written wrongly would go to the target as they stand. */
export function badReferences(loaded: Source & { readonly value: Environment }): DefinitionIssue[] {
  return referenceTexts(loaded.value)
    .filter(({ text }) => text.replace(REFERENCE, '').includes('${env'))
    .map(({ path }) =>
      issueAt(loaded, path, {
        rule: 'this is no reference to an environment variable',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write
        fix: 'write ${env:NAME} with letters, digits and _ in the name',
      }),
    );
}

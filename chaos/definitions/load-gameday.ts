import path from 'node:path';
import { type Gameday, gameday } from '../schema/gameday.ts';
import { findDefinition } from './find-definition.ts';
import { DefinitionError, type DefinitionIssue, issueAt, refuseIf } from './issues/definition-error.ts';
import { describeValue } from './issues/inert.ts';
import type { Loaded } from './issues/source.ts';
import { loadDrill } from './load-drill.ts';
import { applySchema, type Parsed, parseDefinition } from './read/load-definition.ts';

const GAMEDAYS = { folder: 'gamedays', what: 'game day', example: './autumn.yaml' };

/** A game day whose parts have names, and whose paths are absolute. */
export type LoadedGameday = Omit<Gameday, 'parts'> & {
  readonly parts: readonly (Gameday['parts'][number] & { readonly name: string })[];
};

/**
 * Reads a game day by its name (in `chaos/gamedays/`) or by its path: checked against the schema and in itself, its drills with it.
 * @throws DefinitionError with everything that is wrong
 */
export async function loadGameday(nameOrPath: string, cwd: string): Promise<Loaded<LoadedGameday>> {
  return toGameday(await parseDefinition(await findDefinition(GAMEDAYS, nameOrPath, cwd)));
}

/** The same, from a text that has been parsed. @throws DefinitionError */
export async function toGameday(parsed: Parsed): Promise<Loaded<LoadedGameday>> {
  const loaded = applySchema(gameday, parsed);
  const directory = path.dirname(loaded.file);
  const issues: DefinitionIssue[] = [];
  const parts: LoadedGameday['parts'][number][] = [];
  for (const [index, one] of loaded.value.parts.entries()) {
    const drill = path.resolve(directory, one.drill);
    const env =
      one.env === undefined || !/[/\\]|\.ya?ml$/.test(one.env) ? one.env : path.resolve(directory, one.env);
    try {
      const { value } = await loadDrill(drill, one.vars);
      parts.push({ ...one, drill, ...(env === undefined ? {} : { env }), name: one.name ?? value.name });
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      issues.push(...error.issues);
      continue;
    }
    const { name } = parts.at(-1) as { name: string };
    if (parts.some((other, at) => at < parts.length - 1 && other.name === name))
      issues.push(
        issueAt(loaded, ['parts', index, one.name === undefined ? 'drill' : 'name'], {
          rule: 'another part has this name',
          value: describeValue(name),
          fix: 'give each part its own `name:`',
        }),
      );
  }
  refuseIf(issues);
  return { ...loaded, value: { ...loaded.value, parts } };
}

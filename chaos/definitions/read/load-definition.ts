import path from 'node:path';
import type { z } from 'zod';
import { DefinitionError } from '../issues/definition-error.ts';
import { checkSchema } from '../issues/schema-issues.ts';
import type { Loaded } from '../issues/source.ts';
import { parseYaml } from './parse-yaml.ts';
import { readText } from './read-text.ts';

/** What has been read, before anyone has said whether it is a drill or an environment. */
export type Parsed = ReturnType<typeof parseYaml>;

/** @throws DefinitionError when the file cannot be read or is not acceptable YAML */
export async function parseDefinition(file: string): Promise<Parsed> {
  return parseYaml(await readText(path.resolve(file)));
}

/** @throws DefinitionError when the data does not fit the schema */
export function applySchema<Schema extends z.ZodType>(
  schema: Schema,
  parsed: Parsed,
): Loaded<z.output<Schema>> {
  const result = checkSchema(schema, parsed.data, parsed.source);
  if ('issues' in result) throw new DefinitionError(result.issues);
  return { ...parsed.source, value: result.value };
}

import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Register, register } from '../schema/register.ts';
import { checkRegister } from './check/check-register.ts';
import { refuseIf } from './issues/definition-error.ts';
import type { Loaded } from './issues/source.ts';
import { applySchema, type Parsed, parseDefinition } from './read/load-definition.ts';

/** Where a repository keeps its register. */
export const REGISTER_FILE = path.join('thresholds', 'register.yaml');

/** Reads a register: checked against its schema and in itself. @throws DefinitionError with everything that is wrong */
export async function loadRegister(file: string): Promise<Loaded<Register>> {
  return toRegister(await parseDefinition(file));
}

/** The register of a working directory; null where there is none. Never the one that comes with squall: it is of other systems. */
export async function registerOf(cwd: string): Promise<Loaded<Register> | null> {
  const file = path.join(cwd, REGISTER_FILE);
  return existsSync(file) ? loadRegister(file) : null;
}

/** The same, from a text that has been parsed. @throws DefinitionError */
export function toRegister(parsed: Parsed): Loaded<Register> {
  const loaded = applySchema(register, parsed);
  refuseIf(checkRegister(loaded));
  return loaded;
}

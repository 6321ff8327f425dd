import { type RequestFile, requestFile } from '../schema/requests.ts';
import { DefinitionError, issueAt } from './issues/definition-error.ts';
import type { Loaded } from './issues/source.ts';
import { applySchema, type Parsed, parseDefinition } from './read/load-definition.ts';

/** The kernel takes no variable of a program above 128 KiB, and this one is handed to k6 as a variable. */
export const MAX_REQUEST_BYTES = 120_000;

/** Reads a file of requests. @throws DefinitionError with everything that is wrong */
export async function loadRequests(file: string): Promise<Loaded<RequestFile>> {
  return toRequests(await parseDefinition(file));
}

/** The same, from a text that has been parsed. @throws DefinitionError */
export function toRequests(parsed: Parsed): Loaded<RequestFile> {
  const loaded = applySchema(requestFile, parsed);
  const bytes = Buffer.byteLength(JSON.stringify(loaded.value));
  if (bytes <= MAX_REQUEST_BYTES) return loaded;
  throw new DefinitionError([
    issueAt(loaded, ['requests'], {
      rule: `the requests take ${bytes} bytes, and k6 can be given ${MAX_REQUEST_BYTES}`,
      fix: 'leave some out, or shorten their bodies',
    }),
  ]);
}

/** The names of the settings that a file asks for with `${NAME}`, in the order in which they appear. */
export function settingsAskedFor(file: RequestFile): string[] {
  return wordsIn(file).filter((name) => name !== UNIQUE);
}

/** The names of all `${NAME}` in some plain data, each once. */
export function wordsIn(data: unknown): string[] {
  const found = (JSON.stringify(data) ?? '').matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g);
  return [...new Set([...found].map(([, name = '']) => name))];
}

/** The load itself fills this one in, for each request anew. */
const UNIQUE = 'unique';

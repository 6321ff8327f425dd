import { readFile } from 'node:fs/promises';
import { RefusalError } from '../../refusal.ts';
import { parsedText } from './parsed-text.ts';
import { asRecord, type Plain } from './plain.ts';
import { withoutAnswers } from './without-answers.ts';

/** Some documents take minutes: each mention of what goes in circles is followed anew. */
const PATIENCE_MS = 20_000;

/**
 * The document with its references resolved, as far as requests of these methods are made from it. References to other files are followed.
 * What lies in the network is not fetched: nothing is known of it. @throws RefusalError
 */
export async function dereferenced(file: string, data: Plain, methods: readonly string[]): Promise<Plain> {
  try {
    return await resolved(file, withoutAnswers(data, methods));
  } catch {
    // Another file may refer to what was left out.
  }
  try {
    return await resolved(file, data);
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new RefusalError(
      `init: ${file} cannot be read as ${'swagger' in data ? 'Swagger' : 'OpenAPI'}: ${reason}`,
      {
        cause,
        fix: 'correct the document, or give the URL of the system instead',
      },
    );
  }
}

async function resolved(file: string, document: Plain): Promise<Plain> {
  const { dereference } = await import('./openapi-libraries.ts');
  let main: string | undefined;
  const reader = {
    order: 1,
    canRead: ({ url }: { readonly url: string }) => !/^https?:/i.test(url),
    read: async ({ url }: { readonly url: string }) => {
      main ??= url;
      // The library changes what it gets; and by itself it would lose the merge keys (`<<`) of YAML.
      return withoutNetwork(url === main ? structuredClone(document) : await otherFile(url));
    },
  };
  // The file's own path, so that references are relative to it.
  const options = {
    dereference: { circular: 'ignore' },
    resolve: { file: reader },
    timeoutMs: PATIENCE_MS,
  };
  return asRecord(await dereference(file, options as never));
}

async function otherFile(url: string): Promise<unknown> {
  const file = decodeURIComponent(url.replace(/^file:\/\//i, ''));
  return parsedText(file, await readFile(file, 'utf8'));
}

/** The library fetches what lies in the network, whatever it is told: so there is no reference of that kind. */
function withoutNetwork<Value>(value: Value): Value {
  return withoutReferences(value, /^(https?:)?\/\//i);
}

/** Changes it: where a reference was to what fits `which`, nothing is known. */
export function withoutReferences<Value>(value: Value, which: RegExp, seen = new Set<unknown>()): Value {
  if (typeof value !== 'object' || value === null || seen.has(value)) return value;
  seen.add(value);
  for (const [key, one] of Object.entries(value)) {
    if (which.test(String(asRecord(one).$ref ?? ''))) (value as Record<string, unknown>)[key] = {};
    else withoutReferences(one, which, seen);
  }
  return value;
}

import { createHttpClient } from '../../observe/http-client.ts';
import type { SourceOptions } from '../types.ts';
import { withoutReferences } from './openapi-document.ts';
import { parsedText } from './parsed-text.ts';
import { asRecord, type Plain } from './plain.ts';

/** What addresses of documents look like; nobody else is asked for one. */
const DOCUMENT = /\.(json|ya?ml)$|openapi|swagger|api-docs/i;
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 20_000_000;

/**
 * The OpenAPI document at a URL, as frameworks serve that of a service; null: it is something else, or nobody answers. What it says of
 * files is not followed: they would be those of this machine.
 */
export async function fetchedDocument(url: URL, { env }: Pick<SourceOptions, 'env'>): Promise<Plain | null> {
  if (!DOCUMENT.test(url.pathname)) return null;
  const http = createHttpClient({}, env);
  try {
    const answer = await http.ask(url.href, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await answer.beginning(MAX_BYTES);
    if (answer.status !== 200) return null;
    const data = asRecord(parsedText(url.href, text));
    return 'openapi' in data || 'swagger' in data ? withoutReferences(data, /^[^#]/) : null;
  } catch {
    // Whoever asks it next says what is wrong with it.
    return null;
  } finally {
    await http.close();
  }
}

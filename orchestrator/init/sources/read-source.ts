import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { RefusalError } from '../../refusal.ts';
import type { Source, SourceOptions } from '../types.ts';
import { fromCompose } from './compose.ts';
import { fetchedDocument } from './fetched-document.ts';
import { fromHar } from './har.ts';
import { fromOpenApi } from './openapi.ts';
import { parsedText } from './parsed-text.ts';
import { fromScript } from './script.ts';
import { fromUrl, HOST_AND_PORT, isLoopback, urlOf } from './url.ts';
import { usable } from './usable.ts';

/** More is no document that a person wrote, and a recording of minutes. */
const MAX_BYTES = 50_000_000;

/**
 * What a URL, an OpenAPI document, a compose file, a HAR recording or a k6 script says about the system. Reads only that.
 * @throws RefusalError that says what is wrong with it
 */
export async function readSource(given: string, options: SourceOptions): Promise<Source> {
  return usable(await sourceOf(given, options));
}

async function sourceOf(given: string, options: SourceOptions): Promise<Source> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) return sourceAt(given, options);
  const file = path.resolve(options.cwd, given);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined && HOST_AND_PORT.test(given)) return sourceAt(given, options);
  if (found === undefined)
    throw new RefusalError(`init: there is no file ${file}`, {
      fix: 'give a URL (http://127.0.0.1:8080), an OpenAPI document, a compose file, a k6 script or a HAR file',
    });
  if (!found.isFile()) throw new RefusalError(`init: ${file} is not a file`);
  if (found.size > MAX_BYTES)
    throw new RefusalError(`init: ${file} has more than ${MAX_BYTES / 1e6} MB`, {
      fix: 'of a recording only the requests count: record fewer pages, or save it without the contents of the answers',
    });
  const text = await readFile(file, 'utf8');
  if (/\.[cm]?[jt]s$/.test(file)) return fromScript(file, text, options);
  const data = parsedText(file, text);
  if (isRecord(data)) {
    if (isRecord(data.log) && Array.isArray(data.log.entries))
      return fromHar(file, data.log.entries, options);
    if ('openapi' in data || 'swagger' in data) return fromOpenApi(file, data, options);
    if (isRecord(data.services)) return fromCompose(file, data, options);
  }
  throw new RefusalError(`init: ${file} is none of the kinds that it knows`, {
    fix: 'an OpenAPI document has `openapi` or `swagger`, a compose file `services`, a HAR file `log.entries`',
  });
}

/** A service on this machine is where its document is; one that somebody else publishes says where that is, or `--url` does. */
async function sourceAt(given: string, options: SourceOptions): Promise<Source> {
  const url = urlOf(given);
  const document = await fetchedDocument(url, options);
  if (document === null) return fromUrl(given);
  const where = options.url ?? (isLoopback(url.href) ? url.origin : undefined);
  return fromOpenApi(path.join(options.cwd, 'openapi.json'), document, { ...options, url: where });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

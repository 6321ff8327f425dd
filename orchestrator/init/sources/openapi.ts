import path from 'node:path';
import { RefusalError } from '../../refusal.ts';
import type { FoundAuth, FoundRequest, Source, SourceOptions } from '../types.ts';
import { authOf } from './openapi-auth.ts';
import { type Sampler, sampleOf } from './openapi-sample.ts';
import { asList, asRecord, asText, type Plain } from './plain.ts';
import { slug } from './slug.ts';
import { parseUrl } from './url.ts';

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const;
/** A first load does not need every operation of a large interface. */
const MOST = 40;

/**
 * The operations of an OpenAPI (3.x) or Swagger (2.0) document as requests, with values from its examples, else made up from its schemas.
 * References to other files are followed, references into the network are not. @throws RefusalError
 */
export async function fromOpenApi(file: string, data: Plain, options: SourceOptions): Promise<Source> {
  const { dereference, sample } = await import('./openapi-libraries.ts');
  const document = await dereferenced(file, data, dereference);
  const sampler = sample as Sampler;
  const leftOut: string[] = [];
  const requests: FoundRequest[] = [];
  const auths: { auth: FoundAuth; secrets: string[] }[] = [];
  let changing = 0;
  let beyond = 0;
  for (const [route, item] of Object.entries(asRecord(document.paths))) {
    const shared = asList(asRecord(item).parameters);
    for (const method of METHODS) {
      const operation = asRecord(item)[method];
      if (typeof operation !== 'object' || operation === null) continue;
      const own = asRecord(operation);
      if (own.deprecated === true) continue;
      if (method !== 'get' && method !== 'head' && !options.writes) {
        changing += 1;
        continue;
      }
      if (requests.length >= MOST) {
        beyond += 1;
        continue;
      }
      const security = authOf(document, own);
      const made = requestFor({
        method,
        route,
        parameters: [...shared, ...asList(own.parameters)],
        operation: own,
        sampler,
      });
      if (typeof made === 'string') leftOut.push(`${method.toUpperCase()} ${route}: ${made}`);
      else requests.push({ ...made, path: withQuery(made.path, security?.query) });
      if (security?.auth) auths.push({ auth: security.auth, secrets: security.secrets });
      else if (security?.query) auths.push({ auth: null as never, secrets: security.secrets });
    }
  }
  if (changing > 0) leftOut.push(`what changes data: ${changing} of the operations (--writes takes them)`);
  if (beyond > 0) leftOut.push(`${beyond} more operations: the first ${MOST} are enough for a start`);
  const auth = auths.find((one) => one.auth !== null)?.auth ?? null;
  return {
    kind: 'openapi',
    name: slug(asText(asRecord(document.info).title) ?? path.basename(file).replace(/\.\w+$/, '')),
    baseUrl: baseUrlOf(document, options.url),
    urlIsGiven: options.url !== undefined,
    requests,
    auth,
    secrets: [...new Set(auths.flatMap((one) => one.secrets))],
    script: null,
    compose: null,
    leftOut,
  };
}

async function dereferenced(
  file: string,
  data: Plain,
  dereference: (file: string, options: never) => Promise<unknown>,
): Promise<Plain> {
  try {
    // The file's own path, so that references are relative to it. What was read before is not trusted to be the same.
    const options = { dereference: { circular: 'ignore' }, resolve: { file: true, http: false } };
    return asRecord(await dereference(file, options as never));
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

interface Operation {
  readonly method: string;
  readonly route: string;
  readonly parameters: readonly unknown[];
  readonly operation: Plain;
  readonly sampler: Sampler;
}

/** The request, or why there can be none. */
function requestFor({ method, route, parameters, operation, sampler }: Operation): FoundRequest | string {
  const byPlace = new Map<string, Plain>();
  for (const one of parameters.map(asRecord)) byPlace.set(`${one.in} ${one.name}`, one);
  const query: string[] = [];
  const headers: Record<string, string> = {};
  let filled = route;
  for (const parameter of byPlace.values()) {
    const name = asText(parameter.name) ?? '';
    const isPath = parameter.in === 'path';
    if (!isPath && parameter.required !== true) continue;
    const value = sampleOf(parameter, sampler);
    if (value === undefined) return `nothing says what ${name} may be`;
    if (isPath) filled = filled.replaceAll(`{${name}}`, encodeURIComponent(value));
    else if (parameter.in === 'query') query.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    else if (parameter.in === 'header') headers[name.toLowerCase()] = value;
  }
  const [open] = /\{[^}]*\}/.exec(filled) ?? [];
  if (open !== undefined) return `nothing says what ${open.slice(1, -1)} may be`;
  if (!filled.startsWith('/') || /\s/.test(filled)) return 'it is not a path';
  const name = `${method.toUpperCase()} ${route.replace(/\{([^}]*)\}/g, ':$1')}`;
  const body = bodyOf(operation, [...byPlace.values()], sampler);
  return {
    method: method.toUpperCase(),
    path: query.length === 0 ? filled : `${filled}?${query.join('&')}`,
    weight: 1,
    ...(body === undefined ? {} : { body }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(name.includes(':') && !/[{},]/.test(name) ? { name } : {}),
  };
}

function bodyOf(operation: Plain, parameters: readonly Plain[], sampler: Sampler): unknown {
  const content = asRecord(asRecord(operation.requestBody).content);
  const json = Object.entries(content).find(([type]) => /json/.test(type))?.[1];
  const media = json === undefined ? parameters.find((one) => one.in === 'body') : asRecord(json);
  if (media === undefined) return undefined;
  if (media.example !== undefined) return media.example;
  const [first] = Object.values(asRecord(media.examples));
  const example = asRecord(first).value;
  if (example !== undefined) return example;
  try {
    return sampler(media.schema, { skipReadOnly: true });
  } catch {
    return undefined;
  }
}

/** The first server, with the defaults of its variables. @throws RefusalError for a wrong `--url` */
function baseUrlOf(document: Plain, given: string | undefined): string | null {
  const [server] = asList(document.servers);
  const named = asText(asRecord(server).url)?.replace(/\{([^}]*)\}/g, (whole, name) => {
    return asText(asRecord(asRecord(asRecord(server).variables)[name]).default) ?? whole;
  });
  const swagger = asText(document.host);
  const scheme = asText(asList(document.schemes)[0]) ?? 'https';
  const whole =
    named ??
    (swagger === undefined
      ? asText(document.basePath)
      : `${scheme}://${swagger}${asText(document.basePath) ?? ''}`);
  const base = /^https?:\/\//.test(whole ?? '') ? whole : undefined;
  if (given === undefined) return base === undefined ? null : trimmed(base);
  const url = parseUrl(given);
  // A URL without a path takes the base path of the document: `--url http://127.0.0.1:8080` for /api/v3.
  const below =
    url.pathname !== '/'
      ? url.pathname
      : base !== undefined
        ? new URL(base).pathname
        : whole?.startsWith('/')
          ? whole
          : '/';
  return trimmed(`${url.origin}${below}`);
}

function trimmed(url: string): string | null {
  try {
    const { origin, pathname } = new URL(url);
    return `${origin}${pathname}`.replace(/\/+$/, '');
  } catch {
    return null;
  }
}

function withQuery(at: string, query: string | undefined): string {
  return query === undefined ? at : `${at}${at.includes('?') ? '&' : '?'}${query}`;
}

import path from 'node:path';
import { many } from '../../objectives/number-text.ts';
import type { FoundRequest, Source, SourceOptions } from '../types.ts';
import { commonAuth, ownHeaders, type Proof, proofsOf } from './openapi-auth.ts';
import { bodyOf } from './openapi-body.ts';
import { dereferenced } from './openapi-document.ts';
import { fillIn } from './openapi-parameters.ts';
import type { Sampler } from './openapi-sample.ts';
import { baseUrlOf, serversOf } from './openapi-servers.ts';
import { asList, asRecord, asText, type Plain } from './plain.ts';
import { slug } from './slug.ts';

const READING = ['get', 'head'];
const METHODS = [...READING, 'post', 'put', 'patch', 'delete'];
/** A first load does not need every operation of a large interface. */
const MOST = 40;
/** Of a body: deeper ones grow without end. */
const DEEPEST = 8;
/** More reasons than that are not read. */
const MOST_REASONS = 20;

/**
 * The operations of an OpenAPI (3.x) or Swagger (2.0) document as requests, with values from its examples, else made up from its schemas.
 * Of many, those are taken of which the least is made up. @throws RefusalError
 */
export async function fromOpenApi(file: string, data: Plain, options: SourceOptions): Promise<Source> {
  const methods = options.writes ? METHODS : READING;
  const document = await dereferenced(file, data, methods);
  const { sample } = await import('./openapi-libraries.ts');
  // With the document, for what goes in circles and is a reference still.
  const usual = { quiet: true, maxSampleDepth: DEEPEST };
  const sampler: Sampler = (schema, more) => sample(schema as never, { ...usual, ...more }, document);
  const all = operationsOf(document).filter(({ own }) => own.deprecated !== true);
  const made = all.flatMap((one) =>
    methods.includes(one.method) ? [requestFor(one, document, sampler)] : [],
  );
  const possible = made.filter((one) => typeof one !== 'string');
  const reasons = made.filter((one) => typeof one === 'string');
  const known = [...possible].sort((a, b) => a.guesses - b.guesses).slice(0, MOST);
  const kept = possible.filter((one) => known.includes(one));
  const auth = commonAuth(kept.flatMap(({ proofs }) => proofs));
  const changing = all.length - made.length;
  const beyond = possible.length - kept.length;
  return {
    kind: 'openapi',
    name: slug(asText(asRecord(document.info).title) ?? path.basename(file).replace(/\.\w+$/, '')),
    baseUrl: baseUrlOf(document, options.url),
    urlIsGiven: options.url !== undefined,
    requests: kept.map(({ request, proofs }) => withHeaders(request, ownHeaders(proofs, auth))),
    auth,
    secrets: [...new Set(kept.flatMap(({ secrets }) => secrets))],
    script: null,
    compose: null,
    leftOut: [
      ...reasons.slice(0, MOST_REASONS),
      ...(reasons.length > MOST_REASONS ? [`${reasons.length - MOST_REASONS} more for such reasons`] : []),
      ...(changing > 0 ? [`what changes data: ${changing} of the operations (--writes takes them)`] : []),
      ...(beyond > 0 ? [`${many(beyond, 'more operation')}: ${MOST} are enough for a start`] : []),
    ],
  };
}

interface Operation {
  readonly method: string;
  readonly route: string;
  readonly own: Plain;
  /** Those of its path, and its own, which win. */
  readonly parameters: readonly unknown[];
  /** The first server that it, or its path, has of its own. */
  readonly server: string | undefined;
}

function operationsOf(document: Plain): Operation[] {
  return Object.entries(asRecord(document.paths)).flatMap(([route, item]) => {
    const { parameters, servers, ...operations } = asRecord(item);
    return METHODS.flatMap((method) => {
      if (typeof operations[method] !== 'object' || operations[method] === null) return [];
      const own = asRecord(operations[method]);
      const [server] = serversOf({ servers: own.servers ?? servers });
      const all = [...asList(parameters), ...asList(own.parameters)];
      return [{ method, route, own, parameters: all, server }];
    });
  });
}

interface Made {
  readonly request: FoundRequest;
  readonly proofs: readonly Proof[];
  readonly secrets: readonly string[];
  readonly guesses: number;
}

/** The request; a text: which operation has none, and why. */
function requestFor(operation: Operation, document: Plain, sampler: Sampler): Made | string {
  const { method, route, own, parameters, server } = operation;
  const without = (why: string) => `${method.toUpperCase()} ${route}: ${why}`;
  if (server !== undefined && !serversOf(document).includes(server)) return without(`it is at ${server}`);
  const proofs = proofsOf(document, own);
  if (typeof proofs === 'string') return without(proofs);
  const filled = fillIn(route, parameters, sampler);
  if (typeof filled === 'string') return without(filled);
  // Some describe an empty form for each GET.
  const mayGoWithout = READING.includes(method) && asRecord(own.requestBody).required !== true;
  const body = mayGoWithout ? {} : bodyOf(own, parameters.map(asRecord), sampler);
  if (typeof body === 'string') return without(body);
  const query = [...filled.query, ...proofs.flatMap((proof) => proof.query ?? [])];
  const name = `${method.toUpperCase()} ${route.replace(/\{([^}]*)\}/g, ':$1')}`;
  const request = {
    method: method.toUpperCase(),
    path: withQuery(filled.path, query.join('&')),
    weight: 1,
    ...(body.body !== undefined && { body: body.body }),
    ...(name.includes(':') && !/[{},]/.test(name) && { name }),
  };
  return {
    request: withHeaders(request, { ...filled.headers, ...body.headers }),
    proofs,
    secrets: [...filled.secrets, ...proofs.flatMap(({ secrets }) => secrets)],
    guesses: filled.guesses,
  };
}

function withHeaders(request: FoundRequest, more: Readonly<Record<string, string>>): FoundRequest {
  const cookies = [request.headers?.cookie, more.cookie].filter((one) => one !== undefined);
  const headers = {
    ...request.headers,
    ...more,
    ...(cookies.length > 0 && { cookie: cookies.join('; ') }),
  };
  return Object.keys(headers).length === 0 ? request : { ...request, headers };
}

function withQuery(at: string, query: string): string {
  return query === '' ? at : `${at}${at.includes('?') ? '&' : '?'}${query}`;
}

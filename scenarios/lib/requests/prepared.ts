import type { Params } from 'k6/http';
import { baseUrl, request } from '../runtime/target.ts';
import { base64 } from './base64.ts';
import type { Auth, Expected, OneRequest, RequestFile } from './request-file.ts';

/** A request that is ready to be sent, many times. */
export interface Prepared {
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
  readonly params: Params;
  readonly name: string;
  readonly contains: string | undefined;
  /** What `responseCallback` says to k6, for a status. */
  readonly isExpected: (status: number) => boolean;
  /** The share of all requests up to and with this one, from 0 to 1. */
  readonly upTo: number;
}

export interface Tools {
  /** k6's http.expectedStatuses(). */
  readonly expectedStatuses: (...statuses: (number | { min: number; max: number })[]) => unknown;
}

/** The requests of a file in which `${…}` is filled in. */
export const preparedFrom = (file: RequestFile, tools: Tools): Prepared[] => {
  const requests = file.requests.map(asRequest);
  const total = requests.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let sum = 0;
  return requests.map((one) => {
    const { method = 'GET', path, weight = 1, body, expect = {}, redirects } = one;
    sum += weight / total;
    const isText = typeof body === 'string';
    const headers = {
      ...(body === undefined || isText ? {} : { 'content-type': 'application/json' }),
      ...lowerCase(file.headers),
      ...authHeaders(file.auth),
      ...lowerCase(one.headers),
    };
    const params = request({ name: nameOf(one) }, headers);
    const statuses = expect.status === undefined ? USUAL : statusesOf(expect.status);
    if (expect.status !== undefined) params.responseCallback = tools.expectedStatuses(...statuses) as never;
    if (redirects !== undefined) params.redirects = redirects;
    if (expect.contains !== undefined) params.responseType = 'text';
    return {
      method,
      url: `${baseUrl}${path}`,
      body: body === undefined ? null : isText ? body : JSON.stringify(body),
      params,
      name: nameOf(one),
      contains: expect.contains,
      isExpected: (status) =>
        statuses.some((one) =>
          typeof one === 'number' ? one === status : status >= one.min && status <= one.max,
        ),
      upTo: sum,
    };
  });
};

/** `GET /users/:id`: without the query, and without what k6's thresholds cannot hold. */
export const nameOf = ({
  method = 'GET',
  path,
  name,
}: Pick<OneRequest, 'method' | 'path' | 'name'>): string =>
  name ?? `${method} ${(path.split('?')[0] ?? '').replace(/\{([^{}/]*)\}/g, ':$1').replace(/[{},$]/g, '')}`;

/** `GET /products` as an object. */
export const asRequest = (one: string | OneRequest): OneRequest => {
  if (typeof one !== 'string') return one;
  const at = one.indexOf(' ');
  return { method: one.slice(0, at), path: one.slice(at + 1) };
};

/** Names of headers are the same in upper and lower case, so that one of a request can replace one of the file. */
const lowerCase = (headers: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** What k6 expects by itself. */
const USUAL = [{ min: 200, max: 399 }];

const authHeaders = (auth: Auth | undefined): Record<string, string> => {
  if (auth === undefined) return {};
  if ('bearer' in auth) return { authorization: `Bearer ${auth.bearer}` };
  if ('basic' in auth) return { authorization: `Basic ${base64(auth.basic)}` };
  return { [auth.header.toLowerCase()]: auth.value };
};

const statusesOf = (status: NonNullable<Expected['status']>): (number | { min: number; max: number })[] =>
  (Array.isArray(status) ? status : [status]).map((one: number | string) => {
    if (typeof one === 'number') return one;
    if (!one.endsWith('xx')) return Number(one);
    const hundreds = Number(one[0]) * 100;
    return { min: hundreds, max: hundreds + 99 };
  });

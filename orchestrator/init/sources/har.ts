import path from 'node:path';
import { RefusalError } from '../../refusal.ts';
import type { FoundRequest, Source, SourceOptions } from '../types.ts';
import { asList, asRecord, asText, type Plain } from './plain.ts';
import { setting } from './setting.ts';
import { slug } from './slug.ts';
import { parseUrl } from './url.ts';

/** What a browser fetches once and keeps. */
const STATIC = /^(image|font|audio|video)\/|css|javascript|font/;
const STATIC_NAME = /\.(js|mjs|css|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|eot|mp4|webm)$/i;
/** Parts of queries and bodies that may be secret. */
const SECRET =
  /(^|[^a-z])(token|passw(or)?d|pwd|secret|api_?key|key|signature|sig|auth|code|session|sid|jwt)([^a-z]|$)/i;
const MOST = 40;

/**
 * The requests of a recording (HAR 1.2): those to the host that most went to, each as often as it was sent. What was an error, is static,
 * or may hold a secret is left out; cookies and authorization become settings.
 */
export function fromHar(file: string, entries: readonly unknown[], options: SourceOptions): Source {
  const recorded = entries.flatMap((entry) => {
    const one = recordedIn(asRecord(entry));
    return one === null ? [] : [one];
  });
  const origin = mostFrequent(recorded.map(({ url }) => url.origin));
  if (origin === undefined)
    throw new RefusalError(`init: ${file} has no request to a http or https URL that was answered`);
  const counts = { others: 0, static: 0, failed: 0, changing: 0, secret: 0, beyond: 0 };
  const found = new Map<string, FoundRequest>();
  const secrets = new Set<string>();
  for (const one of recorded) {
    const why = reasonAgainst(one, origin, options.writes);
    if (why !== null) {
      counts[why] += 1;
      continue;
    }
    const key = `${one.method} ${one.url.pathname}${one.url.search} ${one.body ?? ''}`;
    const known = found.get(key);
    if (known === undefined && found.size >= MOST) counts.beyond += 1;
    else found.set(key, known === undefined ? requestOf(one) : { ...known, weight: known.weight + 1 });
    for (const [name] of one.secretHeaders) secrets.add(name);
  }
  const auth = secrets.has('authorization')
    ? { header: 'authorization', value: setting('AUTHORIZATION') }
    : secrets.has('cookie')
      ? { header: 'cookie', value: setting('COOKIE') }
      : null;
  return {
    kind: 'har',
    name: slug(path.basename(file).replace(/\.\w+$/, '')),
    baseUrl: options.url === undefined ? origin : parseUrl(options.url).origin,
    urlIsGiven: options.url !== undefined,
    requests: [...found.values()],
    auth,
    secrets: auth === null ? [] : [auth.header.toUpperCase()],
    script: null,
    compose: null,
    leftOut: [
      [counts.others, 'to other hosts'],
      [counts.static, 'for images, scripts, styles and fonts'],
      [counts.failed, 'that were not answered with 2xx or 3xx'],
      [counts.changing, 'that change data (--writes takes them)'],
      [counts.secret, 'with something that may be a secret in the URL or the body'],
      [counts.beyond, `beyond the first ${MOST}`],
    ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} request${count === 1 ? '' : 's'} ${what}`])),
  };
}

interface Recorded {
  readonly method: string;
  readonly url: URL;
  readonly status: number;
  readonly type: string;
  readonly body: string | undefined;
  readonly headers: ReadonlyMap<string, string>;
  readonly secretHeaders: readonly (readonly [string, string])[];
}

function recordedIn({ request, response }: Plain): Recorded | null {
  const { method, url, headers, postData } = asRecord(request);
  try {
    const all = asList(headers).map((one) => {
      const { name, value } = asRecord(one);
      return [(asText(name) ?? '').toLowerCase(), asText(value) ?? ''] as const;
    });
    const parsed = new URL(asText(url) ?? '');
    if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') return null;
    return {
      method: (asText(method) ?? 'GET').toUpperCase(),
      url: parsed,
      status: Number(asRecord(response).status),
      type: asText(asRecord(asRecord(response).content).mimeType) ?? '',
      body: asText(asRecord(postData).text),
      headers: new Map(all),
      secretHeaders: all.filter(([name]) => name === 'authorization' || name === 'cookie'),
    };
  } catch {
    return null;
  }
}

function reasonAgainst(
  { method, url, status, type, body }: Recorded,
  origin: string,
  writes: boolean,
): 'others' | 'static' | 'failed' | 'changing' | 'secret' | null {
  if (url.origin !== origin) return 'others';
  if (!(status >= 200 && status < 400)) return 'failed';
  if (STATIC.test(type) || STATIC_NAME.test(url.pathname)) return 'static';
  if (method === 'OPTIONS') return 'others';
  if (!['GET', 'HEAD'].includes(method) && !writes) return 'changing';
  if (SECRET.test(url.search) || SECRET.test(body ?? '') || url.username !== '') return 'secret';
  return null;
}

function requestOf({ method, url, body, headers }: Recorded): FoundRequest {
  const kept = ['accept', 'content-type', 'x-requested-with'].flatMap((name) => {
    const value = headers.get(name);
    return value === undefined || value === '' || value === '*/*' ? [] : [[name, value] as const];
  });
  return {
    method,
    path: `${url.pathname}${url.search}`,
    weight: 1,
    ...(body === undefined ? {} : { body }),
    ...(kept.length === 0 ? {} : { headers: Object.fromEntries(kept) }),
  };
}

function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

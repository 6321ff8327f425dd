import path from 'node:path';
import { many } from '../../objectives/number-text.ts';
import { RefusalError } from '../../refusal.ts';
import type { FoundAuth, FoundRequest, Source, SourceOptions } from '../types.ts';
import { type Recorded, recordedIn } from './har-entry.ts';
import { withoutBusting, withoutIds } from './har-path.ts';
import { asRecord } from './plain.ts';
import { holdsSecret } from './secret.ts';
import { setting, settingName } from './setting.ts';
import { slug } from './slug.ts';
import { parseUrl } from './url.ts';

/** What a browser fetches once and keeps. */
const STATIC = /^(image|font|audio|video)\/|css|javascript|font/;
const STATIC_NAME = /\.(js|mjs|css|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|eot|mp4|webm|wasm)$/i;
/** Said about the connection, of a proxy, or by a browser on its own. */
const NO_LOAD = ['OPTIONS', 'CONNECT', 'TRACE'];
const MOST = 40;

/**
 * The requests of a recording (HAR 1.2): those to one host, each as often as it was sent. The host is that of `--url`, if it was recorded,
 * else the one that most requests went to that would be a load. What was an error, is static, or may hold a secret is left out; cookies,
 * authorization and other keys become settings.
 */
export function fromHar(file: string, entries: readonly unknown[], options: SourceOptions): Source {
  const recorded = entries.flatMap((entry) => recordedIn(asRecord(entry)) ?? []);
  const given = options.url === undefined ? null : parseUrl(options.url).origin;
  const origin = originOf(recorded, given, options.writes);
  if (origin === undefined)
    throw new RefusalError(`init: ${file} has no request to a http or https URL that was answered`);
  const counts = {
    others: 0,
    leaving: 0,
    static: 0,
    failed: 0,
    changing: 0,
    secret: 0,
    bodiless: 0,
    beyond: 0,
  };
  const found = new Map<string, { readonly one: Recorded; weight: number }>();
  for (const one of recorded) {
    const why = one.url.origin === origin ? reasonAgainst(one, options.writes) : 'others';
    if (why !== null) {
      counts[why] += 1;
      continue;
    }
    const key = `${one.method} ${pathOf(one)} ${one.body ?? ''}`;
    const known = found.get(key);
    if (known !== undefined) known.weight += 1;
    else found.set(key, { one, weight: 1 });
  }
  // The most frequent ones, in the order of the recording.
  const frequent = [...found.values()].sort((a, b) => b.weight - a.weight).slice(0, MOST);
  const kept = [...found.values()].filter((one) => frequent.includes(one));
  counts.beyond = found.size - kept.length;
  const auth = authOf(kept.map(({ one }) => one));
  const requests = kept.map(({ one, weight }) => requestOf(one, weight, auth));
  const names = kept.flatMap(({ one }) => one.secretHeaders);
  return {
    kind: 'har',
    name: slug(path.basename(file).replace(/\.\w+$/, '')),
    baseUrl: given ?? origin,
    urlIsGiven: given !== null,
    requests,
    auth,
    secrets: [...new Set(names.map(settingName))],
    script: null,
    compose: null,
    leftOut: leftOutOf(counts),
  };
}

type Reason = 'others' | 'leaving' | 'static' | 'failed' | 'changing' | 'secret' | 'bodiless';

function leftOutOf(counts: Readonly<Record<Reason | 'beyond', number>>): string[] {
  const reasons = [
    [counts.others, 'to other hosts'],
    [counts.leaving, 'that lead to another host'],
    [counts.static, 'for images, scripts, styles and fonts'],
    [counts.failed, 'not answered with 2xx or 3xx'],
    [counts.changing, 'to change data (--writes takes such)'],
    [counts.secret, 'with something that may be a secret in the URL or the body'],
    [counts.bodiless, 'with a body that is no text, or was not recorded'],
    [counts.beyond, `beyond the ${MOST} most frequent`],
  ] as const;
  return reasons.flatMap(([count, what]) => (count === 0 ? [] : [`${many(count, 'request')} ${what}`]));
}

/** Pages fetch most from other hosts: pictures, fonts, what counts visitors. */
function originOf(recorded: readonly Recorded[], given: string | null, writes: boolean): string | undefined {
  const good = recorded.filter((one) => reasonAgainst(one, writes) === null);
  const origins = (good.length > 0 ? good : recorded).map(({ url }) => url.origin);
  return given !== null && recorded.some(({ url }) => url.origin === given) ? given : mostFrequent(origins);
}

function reasonAgainst(one: Recorded, writes: boolean): Reason | null {
  const { method, url, status, type, body, lacksBody } = one;
  // Some write down what was asked and nothing of the answers.
  if (!Number.isNaN(status) && !(status >= 200 && status < 400)) return 'failed';
  // Where k6 would follow, with the headers of this one.
  if (one.leadsTo !== null && one.leadsTo.origin !== url.origin) return 'leaving';
  if (STATIC.test(type) || STATIC_NAME.test(url.pathname)) return 'static';
  if (NO_LOAD.includes(method)) return 'others';
  if (!['GET', 'HEAD'].includes(method) && !writes) return 'changing';
  const isSecret = url.username !== '' || url.password !== '' || holdsSecret(`${url.pathname}${url.search}`);
  if (isSecret || holdsSecret(body ?? '')) return 'secret';
  return lacksBody ? 'bodiless' : null;
}

/** What all requests have in common: the header that most of them prove by who asks. */
function authOf(kept: readonly Recorded[]): FoundAuth | null {
  const names = kept.flatMap(({ secretHeaders }) => secretHeaders);
  const name = ['authorization', 'cookie'].find((one) => names.includes(one)) ?? mostFrequent(names);
  return name === undefined ? null : { header: name, value: setting(settingName(name)) };
}

function requestOf(one: Recorded, weight: number, auth: FoundAuth | null): FoundRequest {
  const { method, body, headers, secretHeaders } = one;
  const common = auth !== null && 'header' in auth ? auth.header : '';
  const kept = ['accept', 'content-type', 'x-requested-with'].flatMap((name) => {
    const value = headers.get(name);
    return value === undefined || value === '' || value === '*/*' ? [] : [[name, value] as const];
  });
  const proofs = secretHeaders
    .filter((name) => name !== common)
    .map((name) => [name, setting(settingName(name))] as const);
  const all = Object.fromEntries([...kept, ...proofs]);
  const name = withoutIds(one.url.pathname);
  return {
    method,
    path: pathOf(one),
    weight,
    ...(body !== undefined && { body }),
    ...(Object.keys(all).length > 0 && { headers: all }),
    ...(name !== one.url.pathname && { name: `${method} ${name}` }),
  };
}

function pathOf({ url }: Recorded): string {
  return `${url.pathname}${withoutBusting(url.search)}`;
}

function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

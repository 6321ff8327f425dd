import type { FoundAuth } from '../types.ts';
import { asList, asRecord, asText, type Plain } from './plain.ts';
import { setting, settingName } from './setting.ts';

/** One of the things that prove who asks. */
export interface Proof {
  /** Null: it goes into the URL. */
  readonly auth: FoundAuth | null;
  /** `key=${API_KEY}`, for keys that go into the URL. */
  readonly query?: string;
  readonly secrets: readonly string[];
}

/**
 * What an operation asks for to know who asks: of several ways the first that a load can go; nothing where one of them is "nobody needs to
 * know". A text: why there is no way.
 */
export function proofsOf(document: Plain, operation: Plain): readonly Proof[] | string {
  const ways = asList(operation.security ?? document.security).map(asRecord);
  if (ways.some((way) => Object.keys(way).length === 0)) return [];
  const schemes = asRecord(asRecord(document.components).securitySchemes ?? document.securityDefinitions);
  for (const way of ways) {
    const proofs = Object.keys(way).map((name) => byScheme(name, schemes));
    if (proofs.every((one) => one !== null)) return proofs;
  }
  const [name = ''] = Object.keys(ways[0] ?? {});
  return ways.length === 0 ? [] : `no load can prove who asks in the way "${name}"`;
}

/** What most ask for, for all of them: what others ask for is a header of their own. Only the file itself can hold a password. */
export function commonAuth(proofs: readonly Proof[]): FoundAuth | null {
  const counts = new Map<string, number>();
  for (const { auth } of proofs) {
    if (auth === null) continue;
    const text = JSON.stringify(auth);
    counts.set(text, (counts.get(text) ?? 0) + ('basic' in auth ? 1e6 : 1));
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most === undefined ? null : (JSON.parse(most[0]) as FoundAuth);
}

/** What a request needs beside the proof that all of the file have. */
export function ownHeaders(proofs: readonly Proof[], common: FoundAuth | null): Record<string, string> {
  const others = proofs.flatMap(({ auth }) =>
    auth === null || 'basic' in auth || JSON.stringify(auth) === JSON.stringify(common) ? [] : [auth],
  );
  return Object.fromEntries(
    others.map((auth) =>
      'bearer' in auth ? ['authorization', `Bearer ${auth.bearer}`] : [auth.header.toLowerCase(), auth.value],
    ),
  );
}

/** Secrets are settings: they come from `vars` of the environment, and never stand in a file. Null: no load can do that. */
function byScheme(name: string, schemes: Plain): Proof | null {
  const scheme = asRecord(schemes[name]);
  const kind = asText(scheme.scheme)?.toLowerCase();
  if (scheme.type === 'basic' || (scheme.type === 'http' && kind === 'basic'))
    return {
      auth: { basic: `${setting('USER_NAME')}:${setting('PASSWORD')}` },
      secrets: ['USER_NAME', 'PASSWORD'],
    };
  if (scheme.type === 'apiKey') return byKey(scheme, keyName(name, schemes));
  // One that the document does not describe is most often a bearer token.
  const isBearer =
    scheme.type === undefined ||
    scheme.type === 'oauth2' ||
    scheme.type === 'openIdConnect' ||
    (scheme.type === 'http' && kind === 'bearer');
  return isBearer ? { auth: { bearer: setting('TOKEN') }, secrets: ['TOKEN'] } : null;
}

function byKey(scheme: Plain, key: string): Proof | null {
  const name = asText(scheme.name) ?? 'x-api-key';
  const secrets = [key];
  if (scheme.in === 'query')
    return { auth: null, query: `${encodeURIComponent(name)}=${setting(key)}`, secrets };
  if (scheme.in === 'cookie')
    return { auth: { header: 'cookie', value: `${name}=${setting(key)}` }, secrets };
  return HEADER.test(name) ? { auth: { header: name, value: setting(key) }, secrets } : null;
}

/** What HTTP takes for the name of a header, and a file of requests, too. */
const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** The only key is API_KEY; several are told apart by what the document calls them. */
function keyName(name: string, schemes: Plain): string {
  const keys = Object.values(schemes).filter((one) => asRecord(one).type === 'apiKey');
  return keys.length === 1 ? 'API_KEY' : settingName(name);
}

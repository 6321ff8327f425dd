import type { FoundAuth } from '../types.ts';
import { asList, asRecord, asText, type Plain } from './plain.ts';
import { setting } from './setting.ts';

export interface Security {
  readonly auth: FoundAuth | null;
  /** `key=${API_KEY}`, for keys that go into the URL. */
  readonly query?: string;
  readonly secrets: string[];
}

/** What an operation asks for to know who asks: of several ways the first; null where one of them is "nobody needs to know". */
export function authOf(document: Plain, operation: Plain): Security | null {
  const ways = asList(operation.security ?? document.security);
  if (ways.length === 0 || ways.some((way) => Object.keys(asRecord(way)).length === 0)) return null;
  const schemes = asRecord(asRecord(document.components).securitySchemes ?? document.securityDefinitions);
  const [name = ''] = Object.keys(asRecord(ways[0]));
  return byScheme(asRecord(schemes[name]));
}

/** Secrets are settings: they come from `vars` of the environment, and never stand in a file. */
function byScheme(scheme: Plain): Security {
  if (scheme.type === 'basic' || (scheme.type === 'http' && asText(scheme.scheme)?.toLowerCase() === 'basic'))
    return {
      auth: { basic: `${setting('USER_NAME')}:${setting('PASSWORD')}` },
      secrets: ['USER_NAME', 'PASSWORD'],
    };
  if (scheme.type === 'apiKey') {
    const name = asText(scheme.name) ?? 'x-api-key';
    const secrets = ['API_KEY'];
    if (scheme.in === 'query')
      return { auth: null, query: `${encodeURIComponent(name)}=${setting('API_KEY')}`, secrets };
    if (scheme.in === 'cookie')
      return { auth: { header: 'cookie', value: `${name}=${setting('API_KEY')}` }, secrets };
    return { auth: { header: name, value: setting('API_KEY') }, secrets };
  }
  return { auth: { bearer: setting('TOKEN') }, secrets: ['TOKEN'] };
}

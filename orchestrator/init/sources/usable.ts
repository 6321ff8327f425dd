import { DefinitionError } from '../../../chaos/definitions/issues/definition-error.ts';
import { UNSAFE } from '../../../chaos/definitions/issues/inert.ts';
import { MAX_REQUEST_BYTES, toRequests, wordsIn } from '../../../chaos/definitions/load-requests.ts';
import { parseYaml } from '../../../chaos/definitions/read/parse-yaml.ts';
import { many } from '../../objectives/number-text.ts';
import type { FoundRequest, Source } from '../types.ts';

const LOGOUT = /\/(log|sign)[-_]?(out|off)\b/i;
const ENDS = 'to a logout, which would end the session of all others';
const TOO_LONG = 'with a URL, a header or a name that a file of requests cannot hold';
const NO_SETTING = 'with $ and a name in braces in it, which would be taken for a setting';
const INVISIBLE = 'with invisible characters in it, which a file of requests refuses';
const TOO_MANY_BYTES = 'for which the file of requests has no room';

/**
 * The same without the requests that a load cannot have: recordings have URLs and bodies of any length, and whoever was recorded has
 * logged out in the end.
 */
export function usable(source: Source): Source {
  // What a person names is meant.
  if (source.kind !== 'openapi' && source.kind !== 'har') return source;
  const counts = new Map<string, number>();
  let bytes = 0;
  const requests = source.requests.flatMap((found) => {
    const one = found.name === undefined ? found : { ...found, name: found.name.slice(0, 200) };
    const size = Buffer.byteLength(JSON.stringify(one)) + 2;
    const why = reasonAgainst(one, source.secrets) ?? (bytes + size > ROOM ? TOO_MANY_BYTES : null);
    if (why !== null) {
      counts.set(why, (counts.get(why) ?? 0) + 1);
      return [];
    }
    bytes += size;
    return [one];
  });
  const left = [...counts].map(([why, count]) => `${many(count, 'request')} ${why}`);
  return { ...source, requests, leftOut: [...source.leftOut, ...left] };
}

/** Some is for the rest of the file. */
const ROOM = MAX_REQUEST_BYTES - 10_000;

function reasonAgainst(one: FoundRequest, secrets: readonly string[]): string | null {
  if (LOGOUT.test(one.path)) return ENDS;
  if (wordsIn(one).some((word) => !secrets.includes(word))) return NO_SETTING;
  const text = JSON.stringify({ requests: [{ ...one, weight: 1 }] });
  if (text.search(UNSAFE) !== -1 || ESCAPED.test(text)) return INVISIBLE;
  return isAccepted(text) ? null : TOO_LONG;
}

/** What JSON itself writes as an escape and a definition refuses: not line breaks and tabs. */
const ESCAPED = /(?:^|[^\\])(?:\\\\)*\\(?:u|[bf])/;

/** As it will be read: not only by its schema. */
function isAccepted(text: string): boolean {
  try {
    toRequests(parseYaml({ file: 'requests.yaml', shown: 'requests.yaml', text }));
    return true;
  } catch (error) {
    if (error instanceof DefinitionError) return false;
    throw error;
  }
}

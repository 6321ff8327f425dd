import { KNOWN_TOKEN } from '../../../chaos/secret-texts.ts';

/** Words that mean a secret wherever they stand in a name, alone or grown together: `accessToken`, `csrfmiddlewaretoken`, `X-Amz-Signature`. */
const WORD =
  /token(?!s\b|i[sz])|jwt|secret(?!ar)|password|passwort|passwd|passphrase|credential|signature|authorization|csrf|xsrf|apikey|passcode|\bsaml|pwd\b|\b(pw|pswd|otp|totp|cvv|cvc)\b/;
/** Words that mean one only as a whole name: `code` is one, `countryCode` is none. */
const NAME = /^(key|sig|auth|code|session|sid|nonce|pass|pin|cookie|ticket)$/;
/** Two words that mean one together, with or without a space: `apiKey`, `session_id`, `phpsessid`, `creditcardnumber`. */
const PAIR =
  /\b(x ?)?(api|access|account|encryption|master|private|shared|signing|secret|client|license|subscription|functions?|auth) ?key\b|(session|\bsess|php ?sess) ?id|\b(o ?)?auth ?code\b|(account|card|iban) ?number\b|\b(user|login|my|db) ?pass\b/;

/** Whether a name, of a header, a field or a part of a query, is that of a secret. */
export function looksSecret(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  const text = words.filter((word) => word !== '').join(' ');
  return WORD.test(text) || NAME.test(text) || PAIR.test(text);
}

/** Steps of a path behind which a secret stands: `/reset/3f9a…`. */
const PATH =
  /\/(token|reset|verify|verification|confirm|activate|invite|invitation|session|share|unsubscribe|magic)s?(-\w+)?\/[^/?]{12,}/i;
/** Such a word between others, also in a value: recordings hold more than anybody knows, and a request less costs nothing. */
const ANYWHERE =
  /(^|[^a-z])(token|passw(or)?d|pwd|secret|api_?key|key|signature|sig|auth|code|session|sid|jwt)([^a-z]|$)/i;

/** What of a URL that a person names may be a secret: the name of a part of its query, or `a part of its path`, settings apart; null: nothing. */
export function secretIn({ pathname, searchParams }: URL): string | null {
  for (const [name, value] of searchParams)
    if (value !== '' && !isSetting(value) && (looksSecret(name) || KNOWN_TOKEN.test(value))) return name;
  const path = pathname.replace(/\$(\{|%7B)\w+(\}|%7D)/gi, '');
  return KNOWN_TOKEN.test(path) || PATH.test(path) ? 'a part of its path' : null;
}

function isSetting(value: string): boolean {
  return /^\$\{\w+\}$/.test(value);
}

/** A longer body fits into no file of requests. */
const LONGEST = 200_000;

/** Whether a URL without its host, or a body, may have a secret in it. */
export function holdsSecret(whole: string): boolean {
  const text = whole.slice(0, LONGEST);
  if (KNOWN_TOKEN.test(text) || PATH.test(text)) return true;
  const plain = decoded(text);
  // `a=b`, `"a": "b"`, the same inside of another text, and `<a>b</a>`.
  for (const [, name = ''] of plain.matchAll(/["']?([\w.$[\]-]{1,60})\\*["']?\s*[:=]\s*\\*["'\w%+/-]/g))
    if (looksSecret(name)) return true;
  for (const [, name = ''] of plain.matchAll(/<(?:[\w.-]{1,60}:)?([\w.-]{1,60})[^<>]*>[^<\s]/g))
    if (looksSecret(name)) return true;
  return ANYWHERE.test(text.startsWith('/') ? text.replace(/^[^?]*/, '') : text);
}

/** Forms hold JSON, and URLs hold URLs: some are encoded twice. */
function decoded(text: string, times = 3): string {
  try {
    const plain = decodeURIComponent(text.replaceAll('+', ' '));
    return plain === text || times === 1 ? plain : decoded(plain, times - 1);
  } catch {
    return text;
  }
}

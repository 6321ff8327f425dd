/** Words that mean a secret wherever they stand in a name: `accessToken`, `X-Amz-Signature`, `new_password`. */
const WORD =
  /\b(token|jwt|secret|password|passwort|passwd|passphrase|pwd|credentials?|signature|authorization|csrf|xsrf|otp|cvv|cvc|apikey|phpsessid|jsessionid)\b/;
/** Words that mean one only as a whole name: `code` is one, `countryCode` is none. */
const NAME = /^(key|sig|auth|code|session|sid|nonce|pass|pin|cookie)$/;
/** Two words that mean one together: `apiKey`, `session_id`. */
const PAIR =
  /\b(api|access|private|secret|client|license|subscription|functions?) key\b|\b(session|sess) id\b|\bauth (code|key)\b|\b(account|card|iban) number\b/;

/** Whether a name, of a header, a field or a part of a query, is that of a secret. */
export function looksSecret(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  const text = words.filter((word) => word !== '').join(' ');
  return WORD.test(text) || NAME.test(text) || PAIR.test(text);
}

/** A token as it is: a JWT, or a well-known beginning with a long rest. */
const TOKEN =
  /\beyJ[\w-]{8,}\.[\w-]{8,}|\b(sk|pk|rk|ghp|gho|ghs|glpat|xox[abp])[-_][\w-]{16,}|\bAKIA[A-Z0-9]{16}\b/;
/** Steps of a path behind which a secret stands: `/reset/3f9a…`. */
const PATH =
  /\/(token|reset|verify|verification|confirm|activate|invite|invitation|session|share|unsubscribe|magic)s?(-\w+)?\/[^/?]{12,}/i;
/** Such a word between others, also in a value: recordings hold more than anybody knows, and a request less costs nothing. */
const ANYWHERE =
  /(^|[^a-z])(token|passw(or)?d|pwd|secret|api_?key|key|signature|sig|auth|code|session|sid|jwt)([^a-z]|$)/i;

/** A longer body fits into no file of requests. */
const LONGEST = 200_000;

/** Whether a URL without its host, or a body, may have a secret in it. */
export function holdsSecret(whole: string): boolean {
  const text = whole.slice(0, LONGEST);
  if (TOKEN.test(text) || PATH.test(text)) return true;
  const plain = decoded(text);
  for (const [, name = ''] of plain.matchAll(/["']?([\w.$[\]-]{1,60})["']?\s*[:=]\s*["'\w%+/-]/g))
    if (looksSecret(name)) return true;
  return ANYWHERE.test(text.startsWith('/') ? text.replace(/^[^?]*/, '') : text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

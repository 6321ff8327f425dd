/** What secrets look like: the names that announce one, and every form one takes in logs, URLs and files. One list for all maskers. */

/** Stands where a secret stood. */
export const HIDDEN = '[hidden]';

/** For regular expressions; case does not matter. `author` is no `auth`, and a `PRIVATE_PORT` is a setting. */
export const TELLING_NAME =
  '(?:passw|passphrase|pwd|secret|token|credential|cookie|dsn|api[-_]?key|access[-_]?key|' +
  '(?:auth(?!or(?!i))|private)(?![-_a-z]*(?:url|uri|host|port|mode|type|enabled|endpoint|server)(?![a-z])))';

const TELLING = new RegExp(TELLING_NAME, 'i');

/** Does the name of a variable, header or key say that its value is a secret? */
export function isTellingName(name: string): boolean {
  return TELLING.test(name);
}

/** A token as it is: a JWT, or a well-known beginning with a long rest. */
export const KNOWN_TOKEN =
  /\beyJ[\w-]{8,}\.[\w-]{8,}|\b(sk|pk|rk|ghp|gho|ghs|glpat|xox[abp])[-_][\w-]{16,}|\bAKIA[A-Z0-9]{16}\b/;

/** The password of a URL, as written, as the standard encodes it and decoded; empty where there is none. */
export function passwordsOf(text: string): string[] {
  if (!text.includes('://') || !URL.canParse(text)) return [];
  const { password } = new URL(text);
  if (password === '') return [];
  const written = /:\/\/[^/@]*?:([^/@]*)@/.exec(text)?.[1] ?? password;
  return [...new Set([password, written, decoded(password)])];
}

/**
 * Every form of these secrets that must not be seen, longest first: replaced in this order, a secret that contains another one goes
 * as a whole.
 */
export function secretTexts(secrets: readonly string[]): string[] {
  const texts = secrets.filter((secret) => secret.length > 0).flatMap(formsOf);
  return [...new Set(texts)].sort((a, b) => b.length - a.length);
}

function formsOf(secret: string): string[] {
  const json = inJson(secret);
  return [
    secret,
    json,
    goJson(json),
    // A JSON answer in a JSON log is escaped twice.
    inJson(json),
    goJson(inJson(json)),
    goJson(inJson(goJson(json))),
    secret.replaceAll('"', '""'),
    ...urlForms(secret),
    ...base64Forms(secret),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Go escapes a few more: k6 writes its log so. */
function goJson(json: string): string {
  return json.replace(
    /[&<>\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A path, a query, and a form; JavaScript leaves `!'()*` as they are, Go does not; the digits may be in either case. */
function urlForms(secret: string): string[] {
  // Half a character cannot be encoded.
  const text = new TextDecoder().decode(new TextEncoder().encode(secret));
  const component = encodeURIComponent(text);
  const strict = component.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const all = [
    encodeURI(text),
    component,
    strict,
    component.replaceAll('%20', '+'),
    strict.replaceAll('%20', '+'),
  ];
  return all.flatMap((form) => [form, form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

/** What is always there when the secret is a part of a text in base64, whatever comes before and after it. */
function base64Forms(secret: string): string[] {
  const bytes = String.fromCharCode(...new TextEncoder().encode(secret));
  return [0, 1, 2].flatMap((before) => {
    const text = btoa('\0'.repeat(before) + bytes).replace(/=+$/, '');
    const first = [0, 2, 3][before];
    const last = (before + bytes.length) % 3 === 0 ? text.length : text.length - 1;
    const inner = text.slice(first, last);
    if (inner.length < SHORTEST_BASE64) return [];
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(inner)];
  });
}

/** Fewer letters than this stand anywhere by chance. */
const SHORTEST_BASE64 = 8;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

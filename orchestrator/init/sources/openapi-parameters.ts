import { type Sampler, sampleOf } from './openapi-sample.ts';
import { asRecord, asText, type Plain } from './plain.ts';
import { looksSecret } from './secret.ts';
import { setting, settingName } from './setting.ts';

/** Where the parameters of an operation go. */
export interface Filled {
  /** With its values, and the query that the document has in it. */
  readonly path: string;
  readonly query: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** How many values are made up. */
  readonly guesses: number;
}

/** Of these the interface says by other means what they are. */
const NOT_PARAMETERS = ['accept', 'content-type'];

/** The parameters that a request needs, with values; a text: why there can be none. */
export function fillIn(route: string, parameters: readonly unknown[], sampler: Sampler): Filled | string {
  const byPlace = new Map<string, Plain>();
  for (const one of parameters.map(asRecord)) byPlace.set(`${one.in} ${one.name}`, one);
  const query: string[] = [];
  const headers: Record<string, string> = {};
  const secrets: string[] = [];
  let path = route;
  let guesses = 0;
  for (const parameter of byPlace.values()) {
    const name = asText(parameter.name) ?? '';
    const place = asText(parameter.in) ?? '';
    const header = name.toLowerCase();
    if (place !== 'path' && parameter.required !== true) continue;
    if (!['path', 'query', 'header', 'cookie'].includes(place)) continue;
    if (place === 'header' && NOT_PARAMETERS.includes(header)) continue;
    if (place !== 'path' && place !== 'query' && looksSecret(name)) {
      secrets.push(settingName(name));
      add(headers, place, name, setting(settingName(name)));
      continue;
    }
    const sampled = sampleOf(parameter, sampler);
    if (sampled === undefined) return `nothing says what ${name} may be`;
    const { texts, isGuess } = sampled;
    if (isGuess) guesses += 1;
    const all = texts.map(encodeURIComponent);
    if (place === 'path') path = path.replaceAll(`{${name}}`, all.join(','));
    else if (place !== 'query') add(headers, place, name, texts.join(','));
    else if (isRepeated(parameter)) query.push(...all.map((one) => `${encodeURIComponent(name)}=${one}`));
    else query.push(`${encodeURIComponent(name)}=${all.join(',')}`);
  }
  const [open] = /\{[^}]*\}/.exec(path) ?? [];
  if (open !== undefined) return `nothing says what ${open.slice(1, -1)} may be`;
  if (!path.startsWith('/') || /[\s#]/.test(path)) return 'it is not a path';
  return { path, query, headers, secrets, guesses };
}

/** A list as `a=1&a=2`: what OpenAPI 3 means unless it says otherwise, and Swagger 2.0 where it says so. */
function isRepeated({ schema, style, explode, collectionFormat }: Plain): boolean {
  if (schema === undefined) return collectionFormat === 'multi';
  return (style ?? 'form') === 'form' && explode !== false;
}

/** Cookies share one header. */
function add(headers: Record<string, string>, place: string, name: string, value: string): void {
  if (place === 'header') headers[name.toLowerCase()] = value;
  else
    headers.cookie = [...(headers.cookie === undefined ? [] : [headers.cookie]), `${name}=${value}`].join(
      '; ',
    );
}

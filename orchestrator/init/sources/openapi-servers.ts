import { asList, asRecord, asText, type Plain } from './plain.ts';
import { HOST_AND_PORT, isLoopback, parseUrl, toAsk } from './url.ts';

/**
 * Where the document says that the system is, without a slash at the end: of several servers the first on this machine, else the first.
 * Null: it does not say, or only below a host that it does not name. @throws RefusalError for a wrong `--url`
 */
export function baseUrlOf(document: Plain, given: string | undefined): string | null {
  const servers = serversOf(document);
  const [first] = servers;
  if (given === undefined)
    return servers.map(trimmed).find(isHere) ?? (first === undefined ? null : trimmed(first));
  const { origin, pathname } = parseUrl(given);
  // A URL without a path takes the base path of the document: `--url http://127.0.0.1:8080` for /api/v3.
  if (pathname !== '/') return trimmed(`${origin}${pathname}`);
  const meant = servers.find((one) => trimmed(one)?.startsWith(origin)) ?? first;
  return trimmed(meant === undefined ? origin : `${origin}${pathOf(meant)}`);
}

/** The servers of the document, a path or an operation as texts, with the defaults of their variables. */
export function serversOf(place: Plain): string[] {
  const host = asText(place.host);
  const basePath = asText(place.basePath);
  // Swagger 2.0.
  if (host !== undefined) return [`${schemeFor(place, host)}://${host}${basePath ?? ''}`];
  if (basePath !== undefined) return [basePath];
  return asList(place.servers).flatMap((server) => {
    const { url, variables } = asRecord(server);
    const filled = asText(url)?.replace(/\{([^}]*)\}/g, (whole, name) => {
      const { default: usual, enum: allowed } = asRecord(asRecord(variables)[name]);
      return String(usual ?? asList(allowed)[0] ?? whole);
    });
    if (filled === undefined) return [];
    // What people write when they mean http, and what leaves the scheme open.
    if (HOST_AND_PORT.test(filled)) return [`http://${filled}`];
    return [filled.startsWith('//') ? `https:${filled}` : filled];
  });
}

/** Left out, it is that by which the document was fetched: nobody has a certificate for a machine of one's own. */
function schemeFor({ schemes }: Plain, host: string): string {
  const named = asList(schemes).find((one) => one === 'http' || one === 'https');
  return asText(named) ?? (isHere(trimmed(`http://${host}`)) ? 'http' : 'https');
}

/** Of a relative server, too: `/v1`, `./v1` and `v1` are the same below a host. */
function pathOf(server: string): string {
  return URL.canParse(server, 'http://host/') ? new URL(server, 'http://host/').pathname : '/';
}

function isHere(url: string | null): url is string {
  return url !== null && isLoopback(url);
}

/** Null: it is no URL of a host. */
function trimmed(url: string): string | null {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return null;
  const { origin, pathname } = toAsk(new URL(url));
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

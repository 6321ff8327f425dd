import { BlockList, isIP, isIPv6 } from 'node:net';

export interface ProxySettings {
  readonly proxy?: string | undefined;
  readonly noProxy?: readonly string[] | undefined;
}

/**
 * Through which proxy a request goes; null: none. The environment's own settings first, then the variables of the caller, read as
 * k6 reads them (Go's rules): HTTPS_PROXY for https, HTTP_PROXY for http, never for this machine, and not where NO_PROXY says so.
 */
export function proxyFor(url: URL, settings: ProxySettings, env: NodeJS.ProcessEnv): string | null {
  const host = hostOf(url);
  if (settings.noProxy !== undefined && isExempt(url, settings.noProxy)) return null;
  if (settings.proxy !== undefined) return settings.proxy;
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = env[name] || env[name.toLowerCase()];
  if (!proxy || host === 'localhost' || isLoopback(host)) return null;
  if (isExempt(url, (env.NO_PROXY || env.no_proxy || '').split(','))) return null;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** `*`, a host, a domain with all below it, `.domain` for only those below it, an address, a range of addresses; each with a port. */
function isExempt(url: URL, entries: readonly string[]): boolean {
  const host = hostOf(url);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return entries.some((entry) => {
    const text = entry.trim().toLowerCase();
    if (text === '') return false;
    if (text === '*') return true;
    if (text.includes('/')) return isInRange(host, text);
    const [, name = text, only] = isIPv6(text) ? [] : (/^(.+):(\d+)$/.exec(text) ?? []);
    if (only !== undefined && only !== port) return false;
    const bare = name.replace(/^\[|\]$/g, '').replace(/^\*(?=\.)/, '');
    if (bare.startsWith('.')) return host.endsWith(bare);
    return host === bare || (isIP(bare) === 0 && host.endsWith(`.${bare}`));
  });
}

function isInRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  if (isIP(host) === 0 || isIP(network) !== isIP(host) || !/^\d{1,3}$/.test(bits)) return false;
  const family = isIPv6(host) ? 'ipv6' : 'ipv4';
  if (Number(bits) > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(host, family);
}

function isLoopback(host: string): boolean {
  return isInRange(host, '127.0.0.0/8') || host === '::1';
}

function hostOf(url: URL): string {
  return url.hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

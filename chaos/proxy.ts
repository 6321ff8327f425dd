import { BlockList, isIP } from 'node:net';

/**
 * The proxy that HTTPS_PROXY and NO_PROXY want for a server, by the rules of Go, which are kubectl's; undefined: none. Clients of
 * Kubernetes and AWS read neither.
 */
export function proxyFor(server: string): string | undefined {
  const { env } = process;
  const proxy = namedProxy();
  if (proxy === undefined || !URL.canParse(server)) return undefined;
  const { protocol, hostname, port } = new URL(server);
  if (protocol !== 'https:') return undefined;
  const host = bare(hostname);
  if (host === 'localhost' || isWithin('127.0.0.0', 8, host) || isWithin('::1', 128, host)) return undefined;
  const exceptions = (env.NO_PROXY || env.no_proxy || '').toLowerCase().split(',');
  if (exceptions.some((entry) => covers(entry.trim(), host, port || '443'))) return undefined;
  return proxy;
}

/** The proxy that HTTPS_PROXY names, whatever NO_PROXY says. It may have a password in it. */
export function namedProxy(): string | undefined {
  const proxy = process.env.HTTPS_PROXY || process.env.https_proxy;
  if (!proxy) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** `*`, 10.0.0.0/8, an address, example.com (with all below it) or .example.com (only those); all but the first two may have a port. */
function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [network = '', bits] = entry.split('/');
  if (bits !== undefined) return isWithin(network, Number(bits), host);
  const [, name = '', only] = isIP(entry) ? [entry, entry] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  if (name === '' || (only !== undefined && only !== port)) return false;
  const address = bare(name);
  if (isIP(address)) return isWithin(address, isIP(address) === 4 ? 32 : 128, host);
  const domain = name.replace(/^\*\./, '.');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function isWithin(network: string, bits: number, host: string): boolean {
  const family = isIP(network) === 4 ? 'ipv4' : 'ipv6';
  const isRange = Number.isInteger(bits) && bits >= 0 && bits <= (family === 'ipv4' ? 32 : 128);
  if (!isRange || isIP(network) === 0) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(host, family);
}

/** An IPv6 address without its brackets. */
const bare = (host: string) => host.replace(/^\[(.*)\]$/, '$1').toLowerCase();

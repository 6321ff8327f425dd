import { BlockList, isIP } from 'node:net';

/**
 * The proxy that HTTPS_PROXY and NO_PROXY want for a server that is asked over TLS, as proxyByVariables has it. Clients of Kubernetes and
 * AWS read neither.
 */
export function proxyFor(server: string): string | undefined {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  return url?.protocol === 'https:' ? proxyByVariables(url, process.env) : undefined;
}

/**
 * The proxy that the variables of the caller want, by the rules of Go, which are k6's and kubectl's: HTTPS_PROXY for https, HTTP_PROXY for
 * http, never for this machine, and not where NO_PROXY says so. Undefined: none.
 */
export function proxyByVariables(url: URL, env: NodeJS.ProcessEnv): string | undefined {
  const proxy = namedProxy(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY', env);
  if (proxy === undefined || isThisMachine(hostOf(url))) return undefined;
  return isExempt(url, (env.NO_PROXY || env.no_proxy || '').split(',')) ? undefined : proxy;
}

/** The proxy that a variable names, whatever NO_PROXY says. It may have a password in it. */
export function namedProxy(name = 'HTTPS_PROXY', env = process.env): string | undefined {
  const proxy = env[name] || env[name.toLowerCase()];
  if (!proxy) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** Whether one of these covers it: `*`, 10.0.0.0/8, an address, example.com (with all below it) or .example.com (only those); with a port. */
export function isExempt(url: URL, entries: readonly string[]): boolean {
  const host = hostOf(url);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return entries.some((entry) => covers(entry.trim().toLowerCase(), host, port));
}

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

function isThisMachine(host: string): boolean {
  return host === 'localhost' || isWithin('127.0.0.0', 8, host) || isWithin('::1', 128, host);
}

/** Without the brackets of an address, and the dot that ends a full name. */
function hostOf(url: URL): string {
  return bare(url.hostname).replace(/\.$/, '');
}

/** An IPv6 address without its brackets. */
const bare = (host: string) => host.replace(/^\[(.*)\]$/, '$1').toLowerCase();

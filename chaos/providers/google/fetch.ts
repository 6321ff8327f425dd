import type { ProxyAgent } from 'undici';
import { exportsOf } from '../../exports-of.ts';
import { proxyFor } from '../../proxy.ts';

/** Sends a request, by the proxy that HTTPS_PROXY and NO_PROXY want for its host: Google's own library reads them, and fetch does not. */
export function proxiedFetch() {
  const agents = new Map<string, ProxyAgent>();
  return async (
    url: URL,
    options: Pick<RequestInit, 'redirect'> & {
      readonly method?: string;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly signal: AbortSignal;
    },
  ): Promise<Pick<Response, 'status' | 'text'>> => {
    const proxy = proxyFor(url.href);
    if (proxy === undefined) return await fetch(url, options);
    const undici = exportsOf(await import('undici'));
    const dispatcher = agents.get(proxy) ?? new undici.ProxyAgent(proxy);
    agents.set(proxy, dispatcher);
    return await undici.fetch(url, { ...options, dispatcher });
  };
}

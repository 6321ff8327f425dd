import { namedProxy } from '../../proxy.ts';
import { refuse } from './errors.ts';

/** The proxy that HTTPS_PROXY names; undefined: none. The SDK does not read it. @throws ProviderError when what is named is no proxy */
export function proxyOfShell(): string | undefined {
  const proxy = namedProxy();
  if (proxy === undefined) return undefined;
  // Not the text itself: it may have a password in it.
  if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol))
    throw refuse(
      'HTTPS_PROXY in this shell is not the URL of a proxy',
      'write http://HOST:PORT, or unset it',
    );
  return proxy;
}

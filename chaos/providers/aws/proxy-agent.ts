import type { Socket } from 'node:net';
import tls from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { namedProxy, proxyFor } from '../../proxy.ts';
import { PROXY_REFUSED, refuse } from './errors.ts';

/**
 * Takes calls to AWS through the proxy of HTTPS_PROXY, and those to hosts of NO_PROXY (an endpoint in the own VPC, say) past it. The SDK reads
 * neither. Undefined: no proxy is named.
 * @throws ProviderError when what is named is no proxy
 */
export function proxyAgent(): HttpsProxyAgent<string> | undefined {
  const proxy = namedProxy();
  if (proxy === undefined) return undefined;
  // Not the text itself: it may have a password in it.
  if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol))
    throw refuse(
      'HTTPS_PROXY in this shell is not the URL of a proxy',
      'write http://HOST:PORT, or unset it',
    );
  return new AwsProxyAgent(proxy, { keepAlive: true });
}

type Connect = HttpsProxyAgent<string>['connect'];

class AwsProxyAgent extends HttpsProxyAgent<string> {
  override async connect(...[request, options]: Parameters<Connect>): Promise<Socket> {
    if (proxyFor(`https://${options.host}:${options.port}`) === undefined)
      return tls.connect(options as tls.ConnectionOptions);
    let status = 0;
    request.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
      status = statusCode;
    });
    const socket = await super.connect(request, options);
    if (status === 200) return socket;
    // What it says would be taken for an answer of AWS.
    socket.destroy();
    const why = status === 407 ? 'wants other credentials' : 'refuses to connect';
    const said = `the proxy ${this.proxy.host} ${why} (HTTP ${status} for ${options.host})`;
    throw Object.assign(new Error(said), { code: PROXY_REFUSED });
  }
}

import type { Socket } from 'node:net';
import tls from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { proxyFor } from '../../proxy.ts';
import { PROXY_REFUSED } from './errors.ts';

type Connect = HttpsProxyAgent<string>['connect'];

/** Takes calls to AWS through a proxy, and those to hosts of NO_PROXY (an endpoint in the own VPC, say) past it. */
export class AwsProxyAgent extends HttpsProxyAgent<string> {
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

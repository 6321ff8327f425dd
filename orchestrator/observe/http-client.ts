import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import { CannotAsk, explain, wantsHttp2 } from './http-failure.ts';
import { type ProxySettings, proxyFor } from './proxy.ts';
import { trusted } from './trust.ts';

/** How squall's own requests go out (`http` of an environment). Left out: as the caller's environment says. */
export interface HttpSettings extends ProxySettings {
  /** A PEM file of certificates to trust beside the usual ones. */
  readonly ca?: string | undefined;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface HttpClient {
  /**
   * Redirects are answers, too.
   * @throws CannotAsk where squall could not ask, NoAnswer where the target did not answer, or the reason of the signal
   */
  ask(url: string, request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export interface HttpAnswer {
  readonly status: number;
  /** Null: the answer does not have it. */
  header(name: string): string | null;
  /** The body. @throws like `ask` */
  text(): Promise<string>;
  /** The beginning of the body, at most so many bytes of it. @throws like `ask` */
  beginning(maxBytes: number): Promise<string>;
  /** Leaves the body unread: it may have no end. One of the three has to be called. */
  drop(): void;
}

/** @throws when the certificates cannot be read */
export function createHttpClient(
  settings: HttpSettings = {},
  env: NodeJS.ProcessEnv = process.env,
): HttpClient {
  const tls = { secureContext: trusted(settings.ca, env) };
  const direct = new Agent({ connect: tls });
  /** For hosts that speak nothing but HTTP/2; null: none was asked yet. */
  let newer: Agent | null = null;
  const needNewer = new Set<string>();
  const proxies = new Map<string, Dispatcher>();
  return {
    async ask(text, { method = 'GET', headers, body, signal }) {
      const { url, authorization } = withoutCredentials(text);
      const proxy = proxyFor(url, settings, env);
      await resolvable(proxy === null ? url : new URL(proxy), signal);
      const all = { ...authorization, ...headers };
      try {
        const sent = { method, headers: all, body: body ?? null, signal };
        const answer = await (proxy === null
          ? directly(url, sent)
          : request(url, { dispatcher: through(proxy), ...sent }));
        return {
          status: answer.statusCode,
          header: (name) => [answer.headers[name] ?? []].flat().join(', ') || null,
          text: () => answer.body.text().catch(failed),
          beginning: (maxBytes) => beginningOf(answer.body, maxBytes).catch(failed),
          drop: () => void answer.body.on('error', () => {}).destroy(),
        };
      } catch (error) {
        return failed(error);
      }

      function failed(error: unknown): never {
        signal.throwIfAborted();
        throw explain(error, url.host, proxy === null ? null : hostOf(proxy));
      }
    },
    close: async () =>
      void (await Promise.all(
        [direct, ...(newer === null ? [] : [newer]), ...proxies.values()].map((one) => one.destroy()),
      )),
  };

  /** HTTP/1.1 first: it is what most speak. A host that refuses it in the handshake has not seen the request yet. */
  async function directly(url: URL, sent: Sent) {
    if (!needNewer.has(url.origin)) {
      try {
        return await request(url, { dispatcher: direct, ...sent });
      } catch (error) {
        if (!wantsHttp2(error)) throw error;
        needNewer.add(url.origin);
      }
    }
    newer ??= new Agent({ connect: tls, allowH2: true });
    return request(url, { dispatcher: newer, ...sent });
  }

  function through(proxy: string): Dispatcher {
    const known = proxies.get(proxy);
    if (known !== undefined) return known;
    // Plain http is forwarded, not tunnelled: most proxies allow CONNECT to port 443 only.
    const agent = new ProxyAgent({ uri: proxy, proxyTunnel: false, requestTls: tls, proxyTls: tls });
    proxies.set(proxy, agent);
    return agent;
  }
}

type Sent = Omit<NonNullable<Parameters<typeof request>[1]>, 'dispatcher'>;

async function beginningOf(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop destroys the stream.
  for await (const piece of body) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, maxBytes).toString('utf8');
}

/** A resolver that is slow or gone must not look like a target that is silent. */
async function resolvable({ hostname }: URL, signal: AbortSignal): Promise<void> {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return;
  let late = () => {};
  const aborted = new Promise<never>((_, reject) => {
    late = () => reject(new CannotAsk(`cannot ask: the name of ${hostname} was not resolved in time`));
    signal.addEventListener('abort', late, { once: true });
    if (signal.aborted) late();
  });
  try {
    await Promise.race([aborted, lookup(host)]);
  } catch (error) {
    throw error instanceof CannotAsk ? error : explain(error, hostname, null);
  } finally {
    signal.removeEventListener('abort', late);
  }
}

function hostOf(proxy: string): string {
  return URL.canParse(proxy) ? new URL(proxy).host : 'of the environment';
}

/** Credentials in the URL go as Basic authentication: in an error message they would be seen. */
function withoutCredentials(text: string): { url: URL; authorization: Readonly<Record<string, string>> } {
  const url = new URL(text);
  if (url.username === '' && url.password === '') return { url, authorization: {} };
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url, authorization: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } };
}

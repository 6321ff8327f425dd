import { deadline } from '../../deadline.ts';
import { exportsOf } from '../../exports-of.ts';
import { refuseElsewhere } from './clients.ts';
import type { AwsClock } from './clock.ts';
import type { AwsSettings } from './component.ts';

/** One signed request of a REST service that speaks JSON. Sent once. @throws AwsError, or what fetch throws */
export type SignedRequest = (request: {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: object | undefined;
  readonly signal: AbortSignal;
}) => Promise<unknown>;

type Sts = import('@aws-sdk/client-sts').STSClient;

/** An answer of AWS that is none of 2xx, in the shape of the SDK's own errors. */
class AwsError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
  constructor(name: string, message: string, httpStatusCode: number) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode };
  }
}

/** With the credentials and the hash of an SDK client, for services that have no client here. */
export async function signedRequests(
  service: string,
  settings: AwsSettings,
  { config }: Pick<Sts, 'config'>,
  clock: AwsClock,
  timeoutMs: number,
): Promise<SignedRequest> {
  const { SignatureV4 } = exportsOf(await import('@smithy/signature-v4'));
  const signer = new SignatureV4({
    service,
    region: settings.region,
    credentials: config.credentials,
    sha256: config.sha256,
  });
  const origin = new URL(settings.endpoint ?? `https://${service}.${settings.region}.amazonaws.com`);
  refuseElsewhere(origin.hostname, settings);

  return async ({ method, path, body, signal }) => {
    const url = new URL(path, origin);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const signed: unknown = await signer.sign(
      {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { host: url.host, ...(text !== undefined && { 'content-type': 'application/json' }) },
        body: text,
      } as never,
      // As with the SDK's clients that give orders.
      { signingDate: new Date(Date.now() + clock.offsetMs()) },
    );
    const { host: _, ...headers } = (signed as { headers: Record<string, string> }).headers;
    const sentAt = Date.now();
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'error',
      signal: deadline(timeoutMs, signal),
      ...(text !== undefined && { body: text }),
    });
    clock.note(sentAt, Date.now(), response.headers.get('date') ?? undefined);
    const answer = await response.text();
    if (!response.ok) throw errorOf(response, answer);
    return answer === '' ? {} : JSON.parse(answer);
  };
}

function errorOf(response: Response, text: string): AwsError {
  let body: { message?: unknown; Message?: unknown; __type?: unknown } = {};
  try {
    body = JSON.parse(text);
  } catch {
    // Of something between AWS and here, perhaps: its text is the message.
  }
  const type = response.headers.get('x-amzn-errortype') ?? body.__type ?? `HTTP ${response.status}`;
  const name = String(type).split(':')[0]?.split('#').at(-1) ?? 'unknown';
  return new AwsError(name, String(body.message ?? body.Message ?? text.slice(0, 300)), response.status);
}

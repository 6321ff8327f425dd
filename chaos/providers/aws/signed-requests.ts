import { deadline } from '../../deadline.ts';
import { exportsOf } from '../../exports-of.ts';
import { refuseElsewhere } from './clients.ts';
import type { AwsClock } from './clock.ts';
import type { AwsSettings } from './component.ts';
import { type RawAnswer, rawRequests } from './raw-requests.ts';
import { tryAgain } from './try-again.ts';

/** One signed request of a REST service that speaks JSON. An order is sent once, all else again where that may help. @throws AwsError, or what the SDK's sender throws */
export type SignedRequest = (request: {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: object | undefined;
  /** Its answer is waited for as long as an order's. */
  readonly isOrder?: boolean;
  readonly signal: AbortSignal;
}) => Promise<unknown>;

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
  { config }: Pick<import('@aws-sdk/client-sts').STSClient, 'config'>,
  clock: AwsClock,
  timeouts: { readonly requestTimeoutMs: number; readonly orderTimeoutMs: number },
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
  const send = rawRequests(config);

  return async (request) => {
    const once = () => sendOnce(request);
    return request.isOrder === true ? await once() : await tryAgain(once, request.signal);
  };

  async function sendOnce({
    method,
    path,
    body,
    isOrder = false,
    signal,
  }: Parameters<SignedRequest>[0]): Promise<unknown> {
    const url = new URL(path, origin);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const signed: unknown = await signer.sign(
      {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port !== '' && { port: Number(url.port) }),
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { host: url.host, ...(text !== undefined && { 'content-type': 'application/json' }) },
        body: text,
      } as never,
      // As with the SDK's clients that give orders.
      { signingDate: new Date(Date.now() + clock.offsetMs()) },
    );
    const timeoutMs = isOrder ? timeouts.orderTimeoutMs : timeouts.requestTimeoutMs;
    const sentAt = Date.now();
    const { status, headers, body: bytes } = await send(signed, deadline(timeoutMs, signal));
    clock.note(sentAt, Date.now(), headers.date);
    const answer = bytes.toString('utf8');
    if (status < 200 || status >= 300) throw errorOf({ status, headers }, answer);
    return answer === '' ? {} : JSON.parse(answer);
  }
}

function errorOf({ status, headers }: Omit<RawAnswer, 'body'>, text: string): AwsError {
  let body: { message?: unknown; Message?: unknown; __type?: unknown } = {};
  try {
    body = JSON.parse(text);
  } catch {
    // Of something between AWS and here, perhaps: its text is the message.
  }
  const type = headers['x-amzn-errortype'] ?? body.__type ?? `HTTP ${status}`;
  const name = String(type).split(':')[0]?.split('#').at(-1) ?? 'unknown';
  return new AwsError(name, String(body.message ?? body.Message ?? text.slice(0, 300)), status);
}

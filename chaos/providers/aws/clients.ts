import type { AwsClock } from './clock.ts';
import type { AwsSettings } from './component.ts';
import { refuse } from './errors.ts';
import type { AwsProxyAgent } from './proxy-agent.ts';

type Credentials = import('@aws-sdk/client-sts').STSClientConfig['credentials'];

/** Settings that all clients share. Reads are tried again by the SDK; an order never: it would be carried out twice. */
export interface ClientOptions {
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly credentials?: NonNullable<Credentials>;
  readonly maxAttempts: number;
  readonly systemClockOffset: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
    readonly httpsAgent?: AwsProxyAgent;
  };
}

const READ_ATTEMPTS = 4;

export function clientOptions(
  { region, profile, endpoint }: AwsSettings,
  more: {
    readonly orders: boolean;
    readonly clock: AwsClock;
    readonly requestTimeoutMs: number;
    readonly proxy: AwsProxyAgent | undefined;
    readonly credentials?: Credentials;
  },
): ClientOptions {
  return {
    region,
    ...(profile !== undefined && { profile }),
    ...(endpoint !== undefined && { endpoint }),
    ...(more.credentials !== undefined && { credentials: more.credentials }),
    maxAttempts: more.orders ? 1 : READ_ATTEMPTS,
    // A client that is not allowed to try again cannot learn it from a refusal.
    systemClockOffset: more.orders ? more.clock.offsetMs() : 0,
    // Without throwOnRequestTimeout the SDK only warns, and waits for ever.
    requestHandler: {
      connectionTimeout: 3_000,
      requestTimeout: more.requestTimeoutMs,
      throwOnRequestTimeout: true,
      ...(more.proxy !== undefined && { httpsAgent: more.proxy }),
    },
  };
}

/** The SDK warns on standard error that it will need a newer Node one day: that is for squall to follow, not for its users. */
export function silenceSdk(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
}

interface Stack {
  // The SDK's own types differ for each client, and only in what is not used here.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  add(middleware: (next: any) => (args: any) => Promise<any>, options: any): void;
}

/**
 * Nothing is sent but to AWS, or to the endpoint that the environment names: the SDK silently obeys AWS_ENDPOINT_URL and `endpoint_url` of
 * ~/.aws/config. And each answer tells AWS's time.
 */
export function watchClient(
  client: { readonly middlewareStack: unknown },
  settings: AwsSettings,
  clock: AwsClock,
): void {
  const stack = client.middlewareStack as Stack;
  stack.add(
    (next) => async (args) => {
      refuseElsewhere(String(args.request?.hostname ?? ''), settings);
      return await next(args);
    },
    { step: 'build', name: 'squallPlace', override: true },
  );
  stack.add(
    (next) => async (args) => {
      const sentAt = Date.now();
      const result = await next(args);
      const headers: Record<string, string> = result.response?.headers ?? {};
      const date = Object.entries(headers).find(([name]) => name.toLowerCase() === 'date')?.[1];
      clock.note(sentAt, Date.now(), date);
      return result;
    },
    { step: 'deserialize', name: 'squallClock', priority: 'low', override: true },
  );
}

const OF_AWS = /(^|\.)(amazonaws\.com(\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)$/;

/** @throws ProviderError for a host that is neither AWS's nor the environment's endpoint */
export function refuseElsewhere(hostname: string, { endpoint }: AwsSettings): void {
  if (endpoint !== undefined) {
    if (new URL(endpoint).hostname.replace(/^\[|\]$/g, '') === hostname.replace(/^\[|\]$/g, '')) return;
  } else if (OF_AWS.test(hostname)) return;
  throw refuse(
    `a call would have gone to ${hostname}, which is not AWS`,
    'remove endpoint_url from ~/.aws/config, and AWS_ENDPOINT_URL from the shell',
  );
}

/** @throws ProviderError when the shell steers calls elsewhere: a drill goes where its environment says, and nowhere else */
export function refuseShellEndpoints(env: Readonly<Record<string, string | undefined>>): void {
  const found = Object.keys(env).filter((name) => /^AWS_ENDPOINT_URL(_|$)/.test(name) && env[name] !== '');
  if (found.length === 0) return;
  throw refuse(
    `${found.join(', ')} in this shell would send calls elsewhere`,
    `unset ${found.join(' ')}; for tests, write \`endpoint\` into the \`aws:\` part of the environment`,
  );
}

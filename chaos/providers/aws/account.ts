import { exportsOf } from '../../exports-of.ts';
import { type CloudWatchCalls, cloudWatchCalls } from './calls/cloudwatch.ts';
import { type CostCalls, costCalls } from './calls/costs.ts';
import { type EcsCalls, ecsCalls } from './calls/ecs.ts';
import { type CacheCalls, cacheCalls } from './calls/elasticache.ts';
import { type RdsCalls, rdsCalls } from './calls/rds.ts';
import { type S3Calls, s3Calls } from './calls/s3.ts';
import { clientOptions, refuseShellEndpoints, silenceSdk, watchClient } from './clients.ts';
import { type AwsClock, createClock } from './clock.ts';
import type { AwsSettings } from './component.ts';
import { credentialsOf, refuseTooShort } from './credentials.ts';
import { explain, refuse } from './errors.ts';
import { type FisCalls, fisCalls } from './fis/client.ts';
import { proxyOfShell } from './proxy-of-shell.ts';
import { signedRequests } from './signed-requests.ts';

/** One account and region, with clients that are loaded when they are first used. */
export interface Account {
  readonly settings: AwsSettings;
  readonly clock: AwsClock;
  /**
   * Asks STS who we are. First of all calls, and again before each order.
   * @param lastsMs how long the credentials must still be valid, counted from `inMs` on
   * @throws ProviderError for another account, and for credentials that end too soon
   */
  check(signal: AbortSignal, lastsMs: number, inMs?: number): Promise<Caller>;
  rds(): Promise<RdsCalls>;
  elasticache(): Promise<CacheCalls>;
  ecs(): Promise<EcsCalls>;
  fis(): Promise<FisCalls>;
  cloudWatch(): Promise<CloudWatchCalls>;
  s3(): Promise<S3Calls>;
  costs(): Promise<CostCalls>;
}

export interface Caller {
  /** Who calls, e.g. `arn:aws:sts::123456789012:assumed-role/drills/anna`. */
  readonly arn: string;
}

export interface AccountOptions {
  /** Of a single call that reads, and of an order; left out: 10 s each. */
  readonly requestTimeoutMs?: number;
  readonly orderTimeoutMs?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const ANSWER_MS = 10_000;

/** Makes no call yet. @throws ProviderError when the shell would send calls elsewhere */
export function openAccount(settings: AwsSettings, options: AccountOptions = {}): Account {
  refuseShellEndpoints(options.env ?? process.env);
  silenceSdk();
  const clock = createClock();
  const { requestTimeoutMs = ANSWER_MS, orderTimeoutMs = ANSWER_MS } = options;
  // An endpoint is on this machine.
  const proxyUrl = settings.endpoint === undefined ? proxyOfShell() : undefined;
  const proxyAgent = once(async () => {
    if (proxyUrl === undefined) return undefined;
    const { AwsProxyAgent } = await import('./proxy-agent.ts');
    return new AwsProxyAgent(proxyUrl, { keepAlive: true });
  });
  const sts = once(async () => {
    const { STSClient, GetCallerIdentityCommand } = exportsOf(await import('@aws-sdk/client-sts'));
    const proxy = await proxyAgent();
    const common = clientOptions(settings, { orders: false, clock, requestTimeoutMs, proxy });
    const client = new STSClient({ ...common, credentials: await credentialsOf(settings, common) });
    watchClient(client, settings, clock);
    return { client, GetCallerIdentityCommand };
  });
  const parts = once(async () => {
    const { client } = await sts();
    const proxy = await proxyAgent();
    const optionsFor = (orders: boolean) =>
      clientOptions(settings, {
        orders,
        clock,
        proxy,
        requestTimeoutMs: orders ? orderTimeoutMs : requestTimeoutMs,
        credentials: client.config.credentials,
      });
    return {
      clock,
      optionsFor,
      watch: (one: { readonly middlewareStack: unknown }) => watchClient(one, settings, clock),
      explain: (cause: unknown, doing: string) => explain(cause, doing, settings),
      signedRequests: (service: string) =>
        signedRequests(service, settings, client, clock, { requestTimeoutMs, orderTimeoutMs }),
    };
  });
  return {
    settings,
    clock,
    async check(signal, lastsMs, inMs = 0) {
      signal.throwIfAborted();
      const { client, GetCallerIdentityCommand } = await sts();
      try {
        await refuseTooShort(client.config.credentials, { inMs, lastsMs }, settings, signal);
        const { Account: account, Arn: arn } = await client.send(new GetCallerIdentityCommand({}), {
          abortSignal: signal,
        });
        if (account !== settings.account) {
          throw refuse(
            `these are credentials of account ${account ?? 'unknown'}, and the environment means ${settings.account}`,
            'log in to the right account, or correct `aws.account` of the environment',
          );
        }
        return { arn: arn ?? 'unknown' };
      } catch (cause) {
        throw explain(cause, 'sts:GetCallerIdentity', settings);
      }
    },
    rds: once(async () => rdsCalls(await parts())),
    elasticache: once(async () => cacheCalls(await parts())),
    ecs: once(async () => ecsCalls(await parts())),
    fis: once(async () => fisCalls(await parts())),
    cloudWatch: once(async () => cloudWatchCalls(await parts())),
    s3: once(async () => s3Calls(await parts())),
    costs: once(async () => costCalls(await parts(), settings.account)),
  };
}

/** Loaded at the first use; a failed attempt is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

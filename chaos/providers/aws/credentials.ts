import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { deadline } from '../../deadline.ts';
import { exportsOf } from '../../exports-of.ts';
import { pause } from '../../wait-until.ts';
import type { ClientOptions } from './clients.ts';
import type { AwsSettings } from './component.ts';
import { profileOf, refuse } from './errors.ts';

type Provider = Exclude<NonNullable<ClientOptions['credentials']>, { readonly accessKeyId: string }>;

/**
 * Those of the profile that the environment or the shell names, and no others: the SDK's ordinary chain would go on to the role of this
 * machine where a profile is mistyped, and would not say why. Without a profile it is that chain.
 */
export async function credentialsOf(
  settings: AwsSettings,
  { requestHandler }: Pick<ClientOptions, 'requestHandler'>,
): Promise<Provider> {
  // The chain's own clients (of SSO, say) would use neither the proxy nor the deadlines.
  const clientConfig = { requestHandler };
  const profile = profileOf(settings);
  if (profile === undefined) {
    const { defaultProvider } = exportsOf(await import('@aws-sdk/credential-provider-node'));
    return defaultProvider({ clientConfig });
  }
  const { fromIni } = exportsOf(await import('@aws-sdk/credential-provider-ini'));
  const ofProfile = fromIni({ profile, clientConfig });
  return async (properties) => {
    try {
      return await ofProfile(properties);
    } catch (cause) {
      const unresolved = UNRESOLVED.exec(cause instanceof Error ? cause.message : '')?.[1];
      throw unresolved === undefined ? cause : whyUnresolved(unresolved, profile);
    }
  };
}

/** A program that credentials come from may wait for somebody in a browser. Less than the time that a plan has. */
const CREDENTIALS_MS = 25_000;

/** What a client has of its credentials. */
export type CredentialSource = (options?: {
  forceRefresh?: boolean;
}) => Promise<{ readonly expiration?: Date }>;

/** What credentials are needed for: for so long, from `inMs` on. */
export interface Need {
  readonly inMs: number;
  readonly lastsMs: number;
}

/** Expirations come in whole seconds: a role that is taken on twice within one has not visibly been renewed. */
const NEXT_SECOND_MS = 1_100;

/**
 * Credentials that end in the middle would leave a fault that nobody can see any more. Those that end sooner are renewed; where that gives
 * later ones, it does so again when the fault is due, and they only have to last from then on.
 * @throws ProviderError for those that end too soon, and where there are none
 */
export async function refuseTooShort(
  credentials: CredentialSource,
  { inMs, lastsMs }: Need,
  settings: AwsSettings,
  signal: AbortSignal,
): Promise<void> {
  const leftOf = (expiration: Date | undefined) => (expiration?.getTime() ?? Infinity) - Date.now();
  const renewed = () => inTime(credentials({ forceRefresh: true }), settings, signal);
  const { expiration: first } = await inTime(credentials(), settings, signal);
  if (leftOf(first) >= inMs + lastsMs) return;
  let { expiration } = await renewed();
  if (leftOf(expiration) >= inMs + lastsMs) return;
  if (expiration?.getTime() === first?.getTime()) {
    await pause(NEXT_SECOND_MS, signal);
    ({ expiration } = await renewed());
  }
  const renewsItself = (expiration?.getTime() ?? 0) > (first?.getTime() ?? 0);
  const neededMs = renewsItself ? lastsMs : inMs + lastsMs;
  if (leftOf(expiration) >= neededMs) return;
  const left = Math.max(0, Math.round(leftOf(expiration) / 1_000));
  const profile = profileOf(settings);
  throw refuse(
    `the credentials end in ${left} s, and the drill needs them for another ${Math.round(neededMs / 1_000)} s`,
    profile === undefined
      ? 'renew them'
      : `renew them: aws sso login --profile ${profile}; where it takes on a role, raise its duration_seconds`,
  );
}

async function inTime<T>(work: Promise<T>, settings: AwsSettings, signal: AbortSignal): Promise<T> {
  const over = deadline(CREDENTIALS_MS, signal);
  const never = new Promise<never>((_, reject) => {
    const give = () => reject(over.reason?.name === 'TimeoutError' ? late(settings) : over.reason);
    if (over.aborted) give();
    over.addEventListener('abort', give, { once: true });
  });
  return await Promise.race([work, never]);
}

function late(settings: AwsSettings): Error {
  const profile = profileOf(settings);
  return refuse(
    `the credentials${profile === undefined ? '' : ` of profile ${profile}`} do not come in time`,
    profile === undefined
      ? 'see what `aws sts get-caller-identity` waits for'
      : `see what they wait for: aws configure export-credentials --profile ${profile}`,
  );
}

/** The SDK's words for a profile that is not there as well as for one that says nothing of use. */
const UNRESOLVED = /Could not resolve credentials using profile: \[([^\]]*)\]/;

function whyUnresolved(name: string, profile: string): Error {
  const { files, names } = profilesHere();
  const taken = name === profile ? '' : `profile ${profile} takes its credentials from ${name}, and `;
  if (names.includes(name)) {
    return refuse(
      `${taken}profile ${name} has no credentials`,
      'give it an sso_session, a role_arn with its source_profile, a credential_process or keys: aws configure sso',
    );
  }
  return refuse(
    `${taken}there is no profile ${name} in ${files.join(' and ')}`,
    names.length === 0 ? 'make one: aws configure sso' : `write one of ${names.join(', ')}`,
  );
}

function profilesHere(): { readonly files: readonly string[]; readonly names: readonly string[] } {
  const folder = path.join(os.homedir(), '.aws');
  const config = process.env.AWS_CONFIG_FILE || path.join(folder, 'config');
  const credentials = process.env.AWS_SHARED_CREDENTIALS_FILE || path.join(folder, 'credentials');
  const files = [config, credentials];
  const heads = files.flatMap((file) => [...textOf(file).matchAll(/^\s*\[([^\]\n]+)\]/gm)]);
  const names = heads
    .map(([, head = '']) => head.trim())
    .filter((head) => !/^(sso-session|services)\s/.test(head))
    .map((head) => head.replace(/^profile\s+/, '').replace(/^(["'])(.*)\1$/, '$2'));
  return { files, names: [...new Set(names)].sort() };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

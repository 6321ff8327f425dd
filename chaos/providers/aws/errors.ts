import { ProviderError, refusedBy } from '../../provider-error.ts';
import type { AwsSettings } from './component.ts';

/** A definition or a request that this provider will not carry out. */
export function refuse(message: string, fix: string): ProviderError {
  return refusedBy('aws', message, fix);
}

/** The profile that the environment names, else the shell; undefined: none. */
export function profileOf({ profile }: Pick<AwsSettings, 'profile'>): string | undefined {
  return profile ?? (process.env.AWS_PROFILE || undefined);
}

/** What a failed call means, in words. `doing` names the call, e.g. `rds:DescribeDBInstances`. */
export function explain(cause: unknown, doing: string, settings: AwsSettings): ProviderError {
  if (cause instanceof ProviderError) return cause;
  const { text, fix } = meaningOf(cause, settings);
  return new ProviderError(`aws: cannot ${doing}: ${text}`, { cause, fix });
}

/** The name of AWS's error, such as `DBInstanceNotFoundFault`; undefined for what is none of AWS's. */
export function codeOf(cause: unknown): string | undefined {
  const error = cause instanceof ProviderError ? cause.cause : cause;
  return statusOf(error) === undefined ? undefined : (error as Error).name;
}

/**
 * Was the order certainly not carried out? AWS refuses with 4xx, and some errors come before anything is sent. Whatever else
 * happened (5xx, a reset, no answer in time), it may have been: then only what is seen afterwards tells.
 */
export function isRefusal(cause: unknown): boolean {
  const error = cause instanceof ProviderError && cause.cause !== undefined ? cause.cause : cause;
  if (error instanceof ProviderError) return true;
  const status = statusOf(error);
  if (status !== undefined) return status >= 400 && status < 500;
  return NOT_SENT.test(`${nameOf(error)} ${systemCode(error)}`);
}

/** Another attempt may do better: AWS is broken or busy, or the way there is. */
export function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return status >= 500 || status === 429 || THROTTLED.test(nameOf(error));
  return /TimeoutError|AbortError/.test(nameOf(error)) || BROKEN_WAY.test(systemCode(error));
}

const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/;
const BROKEN_WAY = /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** The code of an error of ours: nothing came past the proxy. */
export const PROXY_REFUSED = 'EPROXY';
const NOT_SENT = /CredentialsProviderError|TokenProviderError|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EPROXY/;

function statusOf(cause: unknown): number | undefined {
  if (typeof cause !== 'object' || cause === null || !('$metadata' in cause)) return undefined;
  // The SDK counts an answer that it cannot parse as an error of its own, with the status of that answer.
  const metadata = cause.$metadata as { httpStatusCode?: unknown } | undefined;
  return typeof metadata?.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

function nameOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : '';
}

function systemCode(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
}

interface Meaning {
  readonly text: string;
  readonly fix: string;
}

function meaningOf(cause: unknown, settings: AwsSettings): Meaning {
  const { account, region, endpoint } = settings;
  const name = nameOf(cause);
  const text = cause instanceof Error ? cause.message : String(cause);
  const login = loginText(settings);
  if (/CredentialsProviderError|TokenProviderError/.test(name)) return withoutCredentials(text, settings);
  if (/ExpiredToken|RequestExpired|TokenRefreshRequired/.test(name)) {
    return { text: `the credentials have expired (${name}: ${text})`, fix: login };
  }
  if (/InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|IncompleteSignature/.test(name)) {
    return {
      text: `AWS does not accept the credentials (${name}: ${text})`,
      fix: `${login}. A region that has to be enabled first answers in the same words: see whether ${region} is enabled in account ${account}`,
    };
  }
  if (/RequestTimeTooSkewed|InvalidSignature/.test(name)) {
    return {
      text: `the clock of this machine is too far from AWS's (${name}: ${text})`,
      fix: 'set the clock (NTP)',
    };
  }
  if (/AccessDenied|UnauthorizedOperation|NotAuthorized/.test(name)) {
    return { text: `the credentials may not (${name}: ${text})`, fix: grantText(text, settings) };
  }
  if (/^APICallRateForCustomerExceeded/.test(name)) {
    return { text: `${name}: ${text}`, fix: 'wait: AWS allows 15 test failovers in 24 hours' };
  }
  if (THROTTLED.test(name)) {
    return {
      text: `AWS throttles this account (${name}: ${text})`,
      fix: 'wait, and see what else calls the same API',
    };
  }
  if (/TimeoutError|AbortError/.test(name)) {
    return {
      text: `no answer in time from ${endpoint ?? region}`,
      fix: 'see whether AWS can be reached from here',
    };
  }
  if (systemCode(cause) === PROXY_REFUSED) {
    return { text, fix: 'see what HTTPS_PROXY and NO_PROXY in this shell say' };
  }
  if (statusOf(cause) === undefined) {
    return {
      text: `${endpoint ?? `AWS in ${region}`} cannot be reached (${systemCode(cause) || name}: ${text})`,
      fix: 'see whether the region exists and AWS can be reached from here: `aws sts get-caller-identity`',
    };
  }
  return { text: `${name}: ${text}`, fix: `see what AWS says about ${name}` };
}

function loginText(settings: AwsSettings): string {
  const profile = profileOf(settings);
  return profile === undefined
    ? 'log in again, or renew the credentials of this shell; `aws sts get-caller-identity` must show the account'
    : `log in again: aws sso login --profile ${profile}, or renew its credentials`;
}

/** Why there are none, by the SDK's words. */
function withoutCredentials(text: string, settings: AwsSettings): Meaning {
  const profile = profileOf(settings);
  if (/requires multi-factor authentication/.test(text)) {
    return {
      text,
      fix: 'squall asks nobody for a code: get a session with one (`aws sts get-session-token`, or a login of SSO), and use its credentials or profile',
    };
  }
  // The program's command and what it printed may have a secret in them.
  const isOfProgram = /^Command failed: /.test(text);
  if (isOfProgram || /credential_process/.test(text)) {
    return {
      text: isOfProgram ? 'the credential_process of the profile fails' : text,
      fix: `run it by hand: aws configure export-credentials${profile === undefined ? '' : ` --profile ${profile}`}`,
    };
  }
  const meaning = { text: `there are no usable credentials (${text})`, fix: loginText(settings) };
  if (/ForbiddenException/.test(text)) {
    return {
      ...meaning,
      fix: `see whether you have been given the role of profile ${profile}: its sso_account_id and sso_role_name`,
    };
  }
  if (profile === undefined && /from any providers/.test(text)) {
    return {
      ...meaning,
      fix: 'name a profile, as `profile` in the `aws:` part of the environment or as AWS_PROFILE, and log in: aws sso login --profile PROFILE',
    };
  }
  return meaning;
}

function grantText(text: string, { account }: AwsSettings): string {
  if (/sts:AssumeRole/.test(text))
    return 'a role is given only to whom its trust policy names, and who may call sts:AssumeRole on it: correct role_arn or source_profile of the profile, or grant both';
  if (/CreateServiceLinkedRole/.test(text))
    return 'the first experiment of an account makes the role AWSServiceRoleForFIS; let somebody who may do so make it once: aws iam create-service-linked-role --aws-service-name fis.amazonaws.com';
  if (/service control policy/.test(text))
    return 'the organization forbids it, whatever the account grants: ask who keeps its policies, or use another account';
  return `grant it in account ${account}: chaos/providers/aws/policies/ has the smallest policy for each fault and probe`;
}

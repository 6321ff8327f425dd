import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { explain } from './errors.ts';

const settings = { account: '123456789012', region: 'eu-south-2' };
beforeEach(() => vi.stubEnv('AWS_PROFILE', undefined));
afterEach(() => vi.unstubAllEnvs());

/** As the SDK throws what AWS answers. */
function answered(name: string, message: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

const noCredentials = (message: string) =>
  Object.assign(new Error(message), { name: 'CredentialsProviderError' });

test.each([
  [
    'a region that has to be enabled first answers as if the credentials were wrong',
    answered('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
    /does not accept the credentials/,
    /see whether eu-south-2 is enabled in account 123456789012/,
  ],
  [
    'a role that is not given to these credentials',
    answered(
      'AccessDenied',
      'User: anna is not authorized to perform: sts:AssumeRole on resource: drill',
      403,
    ),
    /the credentials may not .*sts:AssumeRole/,
    /its trust policy names.*source_profile/,
  ],
  [
    'the organization, whose policies no grant of the account overcomes',
    answered('AccessDeniedException', 'with an explicit deny in a service control policy', 403),
    /service control policy/,
    /ask who keeps its policies/,
  ],
  [
    'an order without its right',
    answered('AccessDenied', 'not authorized to perform: rds:RebootDBInstance', 403),
    /the credentials may not/,
    /grant it in account 123456789012: .*policies\//,
  ],
  [
    'the first experiment of an account',
    answered('AccessDeniedException', 'not authorized to perform: iam:CreateServiceLinkedRole', 403),
    /the credentials may not/,
    /aws iam create-service-linked-role --aws-service-name fis\.amazonaws\.com/,
  ],
  [
    'a quota of ElastiCache that other people have used up',
    answered('APICallRateForCustomerExceededFault', 'The number of allowed requests has been exceeded.'),
    /APICallRateForCustomerExceededFault/,
    /15 test failovers in 24 hours/,
  ],
  [
    'a role of SSO that one has not been given',
    noCredentials('ForbiddenException: No access'),
    /no usable credentials \(ForbiddenException: No access\)/,
    /the role of profile drill: its sso_account_id and sso_role_name/,
  ],
])('%s: said, with the way out', (_, cause, says, fix) => {
  const error = explain(cause, 'do it', { ...settings, profile: 'drill' });
  expect(error.message).toMatch(says);
  expect(error.fix).toMatch(fix);
});

test('the profile to log in to is the one that counts: of the environment, else of the shell', () => {
  const fixOf = (profile?: string) =>
    explain(
      answered('ExpiredToken', 'expired'),
      'do it',
      profile === undefined ? settings : { ...settings, profile },
    ).fix;
  expect(fixOf()).toContain('aws sts get-caller-identity');
  vi.stubEnv('AWS_PROFILE', 'shell');
  expect(fixOf()).toContain('aws sso login --profile shell');
  expect(fixOf('drill')).toContain('aws sso login --profile drill');
});

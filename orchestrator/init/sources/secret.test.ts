// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is what people write
import { expect, test } from 'vitest';
import { fromHar } from './har.ts';
import { holdsSecret, looksSecret } from './secret.ts';
import { fromUrl } from './url.ts';

test.each([
  ...['authtoken', 'sessionid', 'accesstoken', 'securitytoken', 'csrfmiddlewaretoken', 'AccessToken'],
  ...['SessionId', 'phpsessid', 'clientsecret', 'newpassword2', 'passwordConfirm', 'xapikey', 'x_api_key'],
  ...['subscriptionkey', 'creditcardnumber', 'OAuthCode', 'userpwd', 'tokenvalue', 'X-Amz-Signature'],
])('%s is the name of a secret', (name) => {
  expect([looksSecret(name), looksSecret(name.toLowerCase())]).toEqual([true, true]);
});

test.each([
  'max_tokens',
  'tokenizer',
  'monkey',
  'secretary',
  'countryCode',
  'process_id',
  'assessmentid',
  'author',
])('%s is none', (name) => {
  expect([looksSecret(name), looksSecret(name.toLowerCase())]).toEqual([false, false]);
});

test.each([
  '/a?authtoken=x1',
  '/a?next=%252Fb%253Fsessionid%253Dx1',
  '{"outer":"{\\"accesstoken\\":\\"x1\\"}"}',
  '<s:Envelope><s:AccessToken type="a">x1</s:AccessToken></s:Envelope>',
  'csrfmiddlewaretoken=x1&page=2',
])('a secret is seen in %s', (text) => {
  expect(holdsSecret(text)).toBe(true);
});

test('a recording: keys in headers are settings, in whatever case their names are written', () => {
  const headers = ['accesstoken', 'SessionId', 'UserPass'].map((name) => ({ name, value: 's3cret' }));
  const entry = (url: string) => ({ request: { method: 'GET', url, headers }, response: { status: 200 } });
  const entries = [entry('http://a.test/x'), entry('http://a.test/x?authtoken=s3cret')];
  const found = fromHar('a.har', entries, { cwd: '/', url: undefined, writes: false, env: {} });
  expect(found.secrets).toEqual(
    ['ACCESSTOKEN', 'SESSIONID', 'USER_PASS'].map((one) => expect.stringContaining(one.slice(0, 4))),
  );
  expect(found.leftOut).toEqual(['1 request with something that may be a secret in the URL or the body']);
  expect(JSON.stringify(found)).not.toContain('s3cret');
});

test('a URL that a person types: a secret in it is refused with what to write instead, which is taken', () => {
  const typed = 'http://127.0.0.1:8080/feed?page=2&api_key=s3cret';
  const refused = expect.objectContaining({
    message: 'init: api_key in the URL may be a secret, which would end up in files',
    fix: expect.stringMatching(/^write \$\{API_KEY\} in the place of its value, .*export API_KEY=…$/),
  });
  expect(() => fromUrl(typed)).toThrow(refused);
  expect(() => fromUrl('http://127.0.0.1/reset/3f9ac01b55de77')).toThrow('a part of its path in the URL');
  expect(fromUrl(typed.replace('s3cret', '${API_KEY}'))).toMatchObject({
    requests: [{ path: '/feed?page=2&api_key=${API_KEY}' }],
    secrets: ['API_KEY'],
  });
  expect(fromUrl('http://127.0.0.1/reset/${RESET_CODE}')).toMatchObject({
    requests: [{ path: '/reset/${RESET_CODE}' }],
    secrets: ['RESET_CODE'],
  });
});

test.each(['pw', 'pswd', 'passcode', 'totp', 'ticket', 'SAMLResponse', 'encryptionKey', 'account_key'])(
  '%s is the name of a secret',
  (name) => expect(looksSecret(name)).toBe(true),
);

test.each(['sort_key', 'primaryKey', 'publicKey', 'idempotencyKey', 'ticketId'])(
  '%s is no name of a secret',
  (name) => expect(looksSecret(name)).toBe(false),
);

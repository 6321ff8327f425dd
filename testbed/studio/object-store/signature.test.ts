import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, test } from 'vitest';
import { type ObjectRequest, refusalOf } from './signature.ts';

const keys = { accessKeyId: 'studio', secretAccessKey: 'secret' };
const body = Buffer.from('sound');

/** What AWS's own client would send. */
async function sentBy(credentials = keys): Promise<ObjectRequest> {
  let sent: ObjectRequest | undefined;
  const client = clientWith(credentials, async (request) => {
    const { method, path, query, headers } = request;
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    sent = { method, url: `${path}?${new URLSearchParams(query)}`, headers: Object.fromEntries(lower), body };
    return { response: { statusCode: 200, headers: {} } };
  });
  await client.send(new PutObjectCommand({ Bucket: 'studio', Key: 'audio/a b.wav', Body: body }));
  return sent as ObjectRequest;
}

async function signedUrl(credentials = keys): Promise<ObjectRequest> {
  const command = new GetObjectCommand({ Bucket: 'studio', Key: 'audio/a.wav' });
  const url = new URL(await getSignedUrl(clientWith(credentials), command, { expiresIn: 300 }));
  return {
    method: 'GET',
    url: url.pathname + url.search,
    headers: { host: url.host },
    body: Buffer.alloc(0),
  };
}

type Handle = (request: {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
}) => Promise<unknown>;

function clientWith(credentials: typeof keys, handle?: Handle): S3Client {
  return new S3Client({
    ...(handle && { requestHandler: { handle } as never }),
    endpoint: 'http://127.0.0.1:9080',
    region: 'us-east-1',
    credentials,
    forcePathStyle: true,
  });
}

test('an upload and a signed URL of AWS’s own client are allowed', async () => {
  expect(await refusalOf(await sentBy(), keys)).toBeNull();
  expect(await refusalOf(await signedUrl(), keys)).toBeNull();
});

const wrongSecret = { ...keys, secretAccessKey: 'another' };
const stranger = { ...keys, accessKeyId: 'stranger' };

test.each([
  ['with another secret', () => sentBy(wrongSecret), 'SignatureDoesNotMatch'],
  ['by somebody else', () => sentBy(stranger), 'InvalidAccessKeyId'],
  [
    'of other bytes',
    async () => ({ ...(await sentBy()), body: Buffer.from('noise') }),
    'XAmzContentSHA256Mismatch',
  ],
  [
    'to another place',
    async () => ({ ...(await sentBy()), url: '/studio/audio/b.wav' }),
    'SignatureDoesNotMatch',
  ],
  ['without a signature', async () => ({ ...(await sentBy()), headers: {} }), 'AccessDenied'],
])('an upload %s is refused', async (_, request, code) => {
  expect(await refusalOf(await request(), keys)).toBe(code);
});

test('an upload that was signed 16 minutes ago is refused', async () => {
  expect(await refusalOf(await sentBy(), keys, Date.now() + 16 * 60_000)).toBe('RequestTimeTooSkewed');
});

const change = async (one: string, other: string) => {
  const request = await signedUrl();
  expect(request.url).toContain(one);
  return { ...request, url: request.url.replace(one, other) };
};

test.each([
  ['with another secret', () => signedUrl(wrongSecret), 'SignatureDoesNotMatch'],
  ['for another object', () => change('a.wav', 'b.wav'), 'SignatureDoesNotMatch'],
  ['for longer', () => change('Expires=300', 'Expires=301'), 'SignatureDoesNotMatch'],
  ['without an end', () => change('Expires=300', 'Expires=x'), 'AccessDenied'],
  ['to write', async () => ({ ...(await signedUrl()), method: 'PUT' }), 'SignatureDoesNotMatch'],
  [
    'on another host',
    async () => ({ ...(await signedUrl()), headers: { host: 'x' } }),
    'SignatureDoesNotMatch',
  ],
  ['that signs no host', () => change('SignedHeaders=host', 'SignedHeaders=date'), 'AccessDenied'],
])('a signed URL %s is refused', async (_, request, code) => {
  expect(await refusalOf(await request(), keys)).toBe(code);
});

test('a signed URL is good until it expires', async () => {
  const request = await signedUrl();
  expect(await refusalOf(request, keys, Date.now() + 298_000)).toBeNull();
  expect(await refusalOf(request, keys, Date.now() + 301_000)).toBe('AccessDenied');
});

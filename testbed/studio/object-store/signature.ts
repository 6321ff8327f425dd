import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

export interface ObjectRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** S3's own codes. */
export type Refusal =
  | 'AccessDenied'
  | 'InvalidAccessKeyId'
  | 'RequestTimeTooSkewed'
  | 'SignatureDoesNotMatch'
  | 'XAmzContentSHA256Mismatch';

/** As in S3. */
const skewMs = 15 * 60_000;
const unsigned = 'UNSIGNED-PAYLOAD';

/**
 * Whether AWS Signature Version 4 allows a request, in its header `Authorization` or, for a signed URL, in its query. The request is
 * signed once more with AWS's own library, and has to come out the same. Null: it is allowed.
 */
export async function refusalOf(
  request: ObjectRequest,
  keys: Keys,
  now = Date.now(),
): Promise<Refusal | null> {
  const url = new URL(request.url, 'http://store');
  const claim = url.searchParams.has('X-Amz-Signature') ? inQuery(url) : inHeader(request);
  if (claim === null) return 'AccessDenied';
  if (claim.accessKeyId !== keys.accessKeyId) return 'InvalidAccessKeyId';
  const age = now - claim.at.getTime();
  if (age < -skewMs || (claim.expiresIn === null && age > skewMs)) return 'RequestTimeTooSkewed';
  if (claim.expiresIn !== null && age > claim.expiresIn * 1_000) return 'AccessDenied';
  if (claim.hash !== unsigned && claim.hash !== createHash('sha256').update(request.body).digest('hex'))
    return 'XAmzContentSHA256Mismatch';
  return (await isSignedBy(keys, request, url, claim)) ? null : 'SignatureDoesNotMatch';
}

interface Claim {
  readonly accessKeyId: string;
  readonly region: string;
  readonly at: Date;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** Of the body, in hexadecimal. */
  readonly hash: string;
  /** Seconds; null: not a signed URL. */
  readonly expiresIn: number | null;
}

function inHeader({ headers }: ObjectRequest): Claim | null {
  const part = (name: string): string =>
    new RegExp(`[ ,]${name}=([^, ]+)`).exec(text(headers.authorization))?.[1] ?? '';
  return claimFrom({
    credential: part('Credential'),
    date: text(headers['x-amz-date']),
    signedHeaders: part('SignedHeaders'),
    signature: part('Signature'),
    hash: text(headers['x-amz-content-sha256']),
    expiresIn: null,
  });
}

function inQuery({ searchParams }: URL): Claim | null {
  const part = (name: string): string => searchParams.get(`X-Amz-${name}`) ?? '';
  return claimFrom({
    credential: part('Credential'),
    date: part('Date'),
    signedHeaders: part('SignedHeaders'),
    signature: part('Signature'),
    hash: unsigned,
    expiresIn: Number(part('Expires') || Number.NaN),
  });
}

function claimFrom(said: {
  credential: string;
  date: string;
  signedHeaders: string;
  signature: string;
  hash: string;
  expiresIn: number | null;
}): Claim | null {
  const [accessKeyId, , region] = said.credential.split('/');
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(said.date);
  if (!accessKeyId || !region || date === null || said.signature === '') return null;
  const [, year, month, day, hours, minutes, seconds] = date;
  const signedHeaders = said.signedHeaders.split(';');
  // Otherwise a signature for one host would do for another.
  if (!signedHeaders.includes('host') || Number.isNaN(said.expiresIn)) return null;
  return {
    accessKeyId,
    region,
    at: new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`),
    signedHeaders,
    signature: said.signature,
    hash: said.hash,
    expiresIn: said.expiresIn,
  };
}

async function isSignedBy(keys: Keys, request: ObjectRequest, url: URL, claim: Claim): Promise<boolean> {
  const signer = new SignatureV4({
    service: 's3',
    region: claim.region,
    credentials: keys,
    sha256: Sha256 as never,
    uriEscapePath: false,
    applyChecksum: false,
  });
  const headers: Record<string, string> = { 'x-amz-content-sha256': claim.hash };
  for (const name of claim.signedHeaders) headers[name] = text(request.headers[name]);
  const query = Object.fromEntries(
    [...url.searchParams].filter(([name]) => claim.expiresIn === null || !isSet(name)),
  );
  const again = {
    method: request.method,
    protocol: 'http:',
    hostname: 'store',
    path: url.pathname,
    query,
    headers,
  };
  const options = { signingDate: claim.at, signableHeaders: new Set(claim.signedHeaders) };
  if (claim.expiresIn === null) {
    const signed = (await signer.sign(again as never, options)) as unknown as {
      headers: Record<string, string>;
    };
    return isSame(text(signed.headers.authorization).split('Signature=')[1] ?? '', claim.signature);
  }
  const { 'x-amz-content-sha256': hash = '', ...others } = headers;
  const signed = await signer.presign(
    // In the case in which it stands in the query of a signed URL.
    { ...again, headers: { ...others, 'X-Amz-Content-Sha256': hash } } as never,
    { ...options, expiresIn: claim.expiresIn },
  );
  return isSame(String(signed.query?.['X-Amz-Signature']), claim.signature);
}

/** What signing sets by itself. */
function isSet(name: string): boolean {
  return /^X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Content-Sha256)$/.test(name);
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function text(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}

/** The hash in the shape that the library asks for. */
class Sha256 {
  readonly #hash;
  constructor(secret?: Uint8Array | string) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

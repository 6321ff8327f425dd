import { origin, type Secrets, type Testbed } from '../../lib/testbed.ts';

export interface Objects {
  put(key: string, body: Buffer, type: string): Promise<void>;
  /** Whoever has it may read this object, and do nothing else, until it expires. */
  signedUrl(key: string): Promise<string>;
}

export const urlSeconds = 300;
const Bucket = 'studio';
const timeoutMs = 5_000;

/**
 * The object store, by AWS's own client; null where there is no store. Call it before the first request comes: loading the client holds
 * everything else up for so long that the gateways' circuits would open.
 */
export async function connectObjects(testbed: Testbed, { objectStore }: Secrets): Promise<Objects | null> {
  if (!testbed.objectStore || objectStore === undefined) return null;
  const [{ S3Client, PutObjectCommand, GetObjectCommand }, { getSignedUrl }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/s3-request-presigner'),
  ]);
  const client = new S3Client({
    endpoint: origin(testbed, 'object-store'),
    region: 'us-east-1',
    credentials: objectStore,
    forcePathStyle: true,
  });
  return {
    async put(Key, Body, ContentType) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType }), {
        abortSignal: AbortSignal.timeout(timeoutMs),
      });
    },
    signedUrl: (Key) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: urlSeconds }),
  };
}

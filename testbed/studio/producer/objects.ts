import { origin, type Secrets, type Testbed } from '../../lib/testbed.ts';

export interface Objects {
  /** Loads the client, if that has not been done yet. */
  load(): void;
  put(key: string, body: Buffer, type: string): Promise<void>;
  /** Whoever has it may read this object, and do nothing else, until it expires. */
  signedUrl(key: string): Promise<string>;
}

export const urlSeconds = 300;
const Bucket = 'studio';
const timeoutMs = 5_000;

/**
 * The object store, by AWS's own client. It is loaded with the first order, because it takes longer than all the rest of the producer.
 * Null where there is no store.
 */
export function connectObjects(testbed: Testbed, secrets: Secrets): Objects | null {
  const { objectStore: credentials } = secrets;
  if (credentials === undefined) return null;
  let loaded: ReturnType<typeof load> | undefined;

  async function load() {
    const [sdk, { getSignedUrl }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/s3-request-presigner'),
    ]);
    const client = new sdk.S3Client({
      endpoint: origin(testbed, 'object-store'),
      region: 'us-east-1',
      credentials: credentials as NonNullable<typeof credentials>,
      forcePathStyle: true,
    });
    return { sdk, client, getSignedUrl };
  }
  const parts = () => {
    loaded ??= load();
    return loaded;
  };

  return {
    load: () => void parts().catch(() => {}),
    async put(Key, Body, ContentType) {
      const { sdk, client } = await parts();
      await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body, ContentType }), {
        abortSignal: AbortSignal.timeout(timeoutMs),
      });
    },
    async signedUrl(Key) {
      const { sdk, client, getSignedUrl } = await parts();
      return getSignedUrl(client, new sdk.GetObjectCommand({ Bucket, Key }), { expiresIn: urlSeconds });
    },
  };
}

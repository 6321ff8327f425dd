import { exportsOf } from '../../../exports-of.ts';
import { many } from '../../../many.ts';
import { codeOf, refuse } from '../errors.ts';
import { rawRequests } from '../raw-requests.ts';
import { type ClientParts, everyPage } from './parts.ts';

export interface S3Calls {
  /** @throws ProviderError where it is not there, or elsewhere */
  mustExist(bucket: string, signal: AbortSignal): Promise<void>;
  /** The version that was made; undefined in a bucket without versions. */
  put(object: S3Object, body: Uint8Array, signal: AbortSignal): Promise<string | undefined>;
  /** Reads it without credentials, by a URL that is good for a minute and for nothing else. */
  getBySignedUrl(
    object: S3Object,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: Buffer }>;
  /** Without a version, a bucket with versions keeps the object and only hides it. */
  delete(object: S3Object, signal: AbortSignal, version?: string): Promise<void>;
  /** All that is stored below a prefix: also hidden versions, and the marks that hide them. */
  versions(bucket: string, prefix: string, signal: AbortSignal): Promise<readonly S3Version[]>;
  /** What the enabled rules do, e.g. `expires after 30 days`. */
  lifecycle(bucket: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Where the enabled rules copy to. */
  replication(bucket: string, signal: AbortSignal): Promise<readonly string[]>;
}

export interface S3Object {
  readonly bucket: string;
  readonly key: string;
}

export interface S3Version {
  readonly key: string;
  /** `null`, as a text, of what was stored while the bucket kept no versions. */
  readonly version: string;
}

const URL_SECONDS = 60;

/** Loads the client of S3. */
export async function s3Calls(parts: ClientParts): Promise<S3Calls> {
  const sdk = exportsOf(await import('@aws-sdk/client-s3'));
  const options = parts.optionsFor(false);
  // On an endpoint for tests there is no name for each bucket.
  const client = new sdk.S3Client({ ...options, forcePathStyle: options.endpoint !== undefined });
  parts.watch(client);

  /** `none`: AWS's way of saying that there is no such configuration. */
  async function call<T>(doing: string, send: () => Promise<T>, none?: string): Promise<T | undefined> {
    try {
      return await send();
    } catch (cause) {
      if (none !== undefined && codeOf(cause) === none) return undefined;
      throw parts.explain(cause, doing);
    }
  }

  return {
    async mustExist(bucket, signal) {
      try {
        await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal });
      } catch (cause) {
        // To a HEAD request AWS answers without words.
        const code = codeOf(cause);
        if (code === 'NotFound' || code === 'NoSuchBucket') {
          throw refuse(`there is no bucket ${bucket}`, 'correct `s3.bucket` of the component');
        }
        if (code === '403' || code === 'Forbidden') {
          throw refuse(
            `bucket ${bucket} is not to be looked at with these credentials, or is somebody else's`,
            'grant s3:ListBucket on it, or correct `s3.bucket` of the component',
          );
        }
        throw parts.explain(cause, 's3:ListBucket');
      }
    },
    async put({ bucket, key }, body, signal) {
      const made = await call('s3:PutObject', () =>
        client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: body }), {
          abortSignal: signal,
        }),
      );
      return made?.VersionId;
    },
    async getBySignedUrl({ bucket, key }, signal) {
      const { getSignedUrl } = exportsOf(await import('@aws-sdk/s3-request-presigner'));
      const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key });
      // By AWS's clock: signed by one that is behind, the URL would have expired before it is used.
      const signingDate = new Date(Date.now() + parts.clock.offsetMs());
      const url = new URL(await getSignedUrl(client, command, { expiresIn: URL_SECONDS, signingDate }));
      const { protocol, hostname, port, pathname, search, host } = url;
      const place = { protocol, hostname, ...(port !== '' && { port: Number(port) }) };
      const request = { ...place, method: 'GET', path: `${pathname}${search}`, headers: { host } };
      try {
        return await rawRequests(client.config)(request, signal);
      } catch (cause) {
        throw parts.explain(cause, 'read by a signed URL');
      }
    },
    async delete({ bucket, key }, signal, version) {
      const which = { Bucket: bucket, Key: key, ...(version !== undefined && { VersionId: version }) };
      await call(version === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion', () =>
        client.send(new sdk.DeleteObjectCommand(which), { abortSignal: signal }),
      );
    },
    versions: (bucket, prefix, signal) =>
      everyPage(async (marker) => {
        const after: Record<string, string> = marker === undefined ? {} : JSON.parse(marker);
        const page = await call('s3:ListBucketVersions', () =>
          client.send(new sdk.ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...after }), {
            abortSignal: signal,
          }),
        );
        // Two markers say where the next page begins.
        const next = { KeyMarker: page?.NextKeyMarker, VersionIdMarker: page?.NextVersionIdMarker };
        return {
          items: [...(page?.Versions ?? []), ...(page?.DeleteMarkers ?? [])].flatMap(
            ({ Key: key, VersionId: version }) =>
              key === undefined || version === undefined ? [] : [{ key, version }],
          ),
          marker: page?.IsTruncated === true ? JSON.stringify(next) : undefined,
        };
      }),
    async lifecycle(bucket, signal) {
      const found = await call(
        's3:GetLifecycleConfiguration',
        () =>
          client.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket: bucket }), {
            abortSignal: signal,
          }),
        'NoSuchLifecycleConfiguration',
      );
      return (found?.Rules ?? [])
        .filter(({ Status }) => Status === 'Enabled')
        .flatMap((rule) => [
          ...(rule.Expiration?.Days === undefined
            ? []
            : [`expires after ${many(rule.Expiration.Days, 'day')}`]),
          ...(rule.Expiration?.Date === undefined
            ? []
            : [`expires on ${rule.Expiration.Date.toISOString().slice(0, 10)}`]),
          ...(rule.Transitions ?? []).map(
            ({ Days, StorageClass }) =>
              `moves to ${StorageClass}${Days === undefined ? '' : ` after ${many(Days, 'day')}`}`,
          ),
        ]);
    },
    async replication(bucket, signal) {
      const found = await call(
        's3:GetReplicationConfiguration',
        () => client.send(new sdk.GetBucketReplicationCommand({ Bucket: bucket }), { abortSignal: signal }),
        'ReplicationConfigurationNotFoundError',
      );
      return (found?.ReplicationConfiguration?.Rules ?? [])
        .filter(({ Status }) => Status === 'Enabled')
        .map(({ Destination }) => Destination?.Bucket?.split(':').at(-1) ?? 'unknown');
    },
  };
}

import { readFileSync } from 'node:fs';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { drillProbe } from '../../../probes/index.ts';
import type { UndoRecord } from '../../../provider.ts';
import type { ComponentProbe } from '../../../schema/drill.ts';
import { environment as anyEnvironment } from '../../../schema/environment.ts';
import { component as anyComponent } from '../../definitions.ts';
import { type Moto, motoServer, startMoto } from '../fixtures/moto.ts';
import { type Exchange, startRecorder } from '../fixtures/recorder.ts';
import { TEST_CREDENTIALS } from '../fixtures/world.ts';
import { createAwsProvider } from '../provider.ts';

describe.skipIf(motoServer === null)('(moto) a bucket of S3', () => {
  let moto: Moto;
  let s3: S3Client;
  let bucket: string;
  let made = 0;
  const provider = createAwsProvider();
  const signal = () => AbortSignal.timeout(20_000);

  beforeAll(async () => {
    for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
    moto = await startMoto();
    s3 = new S3Client({
      region: 'eu-central-1',
      endpoint: moto.endpoint,
      forcePathStyle: true,
      credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    });
  }, 60_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await moto?.close();
  });
  beforeEach(async () => {
    made += 1;
    bucket = `songs-${made}`;
    await s3.send(
      new CreateBucketCommand({
        Bucket: bucket,
        CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
      }),
    );
  });

  const stored = async () =>
    ((await s3.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).map(({ Key }) => Key);

  const keepVersions = () =>
    s3.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
  /** Also what is hidden, and what hides it. */
  async function kept() {
    const found = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    return [...(found.Versions ?? []), ...(found.DeleteMarkers ?? [])].map(({ Key }) => Key);
  }

  function inEnvironment(form: object = { bucket, prefix: 'drills/' }, endpoint = moto.endpoint) {
    const described = { provider: 'aws', s3: form };
    return {
      component: anyComponent.parse(described),
      environment: anyEnvironment.parse({
        name: 'staging',
        aws: { account: '123456789012', region: 'eu-central-1', endpoint },
        components: { store: described },
      }),
    };
  }

  async function ask(
    probe: object,
    since?: number,
    form?: object,
    endpoint?: string,
    leave?: (record: UndoRecord) => Promise<void>,
  ) {
    const parsed = drillProbe.parse({
      name: 'stored',
      component: 'store',
      within: '1min',
      ...probe,
    }) as ComponentProbe;
    return await provider.probe?.(
      {
        run: 'r1',
        probe: parsed,
        ...inEnvironment(form, endpoint),
        ...(since !== undefined && { since }),
        ...(leave && { leave }),
      },
      signal(),
    );
  }

  test('a round trip stores, reads by a signed URL, and leaves nothing; beforehand it only looks', async () => {
    const put = vi.spyOn(S3Client.prototype, 'send');
    expect(await ask({ kind: 'round-trip' })).toEqual({ ok: true, detail: `bucket ${bucket} is there` });
    expect(put.mock.calls.map(([command]) => command.constructor.name)).toEqual(['HeadBucketCommand']);
    put.mockRestore();
    expect(await ask({ kind: 'round-trip' }, Date.now())).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^1024 bytes stored and read again by a signed URL in \d+ ms$/),
    });
    expect(await stored()).toEqual([]);
  });

  test('a bucket that is not there is refused beforehand', async () => {
    await expect(ask({ kind: 'round-trip' }, undefined, { bucket: 'nowhere' })).rejects.toThrow(
      /there is no bucket nowhere/,
    );
    await expect(
      ask({ kind: 'storage-settings', lifecycle: true }, undefined, { bucket: 'nowhere' }),
    ).rejects.toThrow(/there is no bucket nowhere/);
  });

  test('settings hold when an enabled rule is there', async () => {
    expect(await ask({ kind: 'storage-settings', lifecycle: true, replication: true }, Date.now())).toEqual({
      ok: false,
      detail: 'lifecycle: no enabled rule; replication: no enabled rule',
    });
    const rule = (Status: 'Enabled' | 'Disabled') =>
      s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: bucket,
          LifecycleConfiguration: {
            Rules: [{ ID: 'old', Status, Filter: { Prefix: '' }, Expiration: { Days: 30 } }],
          },
        }),
      );
    await rule('Disabled');
    expect((await ask({ kind: 'storage-settings', lifecycle: true }, Date.now()))?.ok).toBe(false);
    await rule('Enabled');
    expect(await ask({ kind: 'storage-settings', lifecycle: true }, Date.now())).toEqual({
      ok: true,
      detail: 'lifecycle: expires after 30 days',
    });
  });

  test('(by a recording proxy) probe-s3-bucket.json allows what its probes call, all of it and nothing else', async () => {
    const recorder = await startRecorder(moto.endpoint);
    const through = (probe: object, since?: number) => ask(probe, since, undefined, recorder.endpoint);
    await through({ kind: 'round-trip' });
    expect((await through({ kind: 'round-trip' }, Date.now()))?.ok).toBe(true);
    await keepVersions();
    expect((await through({ kind: 'round-trip' }, Date.now()))?.ok).toBe(true);
    await through({ kind: 'storage-settings', lifecycle: true, replication: true }, Date.now());
    const { environment } = inEnvironment(undefined, recorder.endpoint);
    await provider.findResidue?.({ environment }, signal());
    await recorder.close();
    const ofS3 = recorder.exchanges.filter(({ path }) => path !== '/');
    const file = new URL('../policies/probe-s3-bucket.json', import.meta.url);
    const { Statement } = JSON.parse(readFileSync(file, 'utf8')) as {
      Statement: { Action: string[]; Resource: string }[];
    };
    expect([...new Set(ofS3.map(rightOf))].sort()).toEqual(Statement.flatMap(({ Action }) => Action).sort());
    for (const one of ofS3) {
      const { Resource } = Statement.find(({ Action }) => Action.includes(rightOf(one))) ?? { Resource: '' };
      const pattern = Resource.replace('NAME', bucket).replace('PREFIX', 'drills/').replace('*', '[\\w.-]+');
      expect(`arn:aws:s3:::${one.path.slice(1)}`).toMatch(new RegExp(`^${pattern}/?$`));
    }
  });

  test('a bucket that keeps versions keeps none of a round trip', async () => {
    await keepVersions();
    expect((await ask({ kind: 'round-trip' }, Date.now()))?.ok).toBe(true);
    expect(await kept()).toEqual([]);
  });

  test('what an older squall has only hidden is found with its versions, and deleted', async () => {
    await keepVersions();
    const Key = 'drills/squall-round-trip-r0-stored';
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    const found =
      (await provider.findResidue?.({ environment: inEnvironment().environment }, signal())) ?? [];
    expect(found.map(({ command }) => command.split('; ').length)).toEqual([2]);
    expect(found[0]?.command).toMatch(/^aws s3api delete-object .*--version-id \S+ --region eu-central-1;/);
    expect((await provider.undo(found[0] as UndoRecord, signal())).state).toBe('undone');
    expect(await kept()).toEqual([]);
  });

  test('an object that cannot be deleted is handed on, with the command that deletes it', async () => {
    const left: UndoRecord[] = [];
    const recorder = await startRecorder(moto.endpoint, { refuse: 'DELETE' });
    const asking = ask({ kind: 'round-trip' }, Date.now(), undefined, recorder.endpoint, async (record) => {
      left.push(record);
    });
    await expect(asking).rejects.toThrow(/cannot s3:DeleteObject/);
    await recorder.close();
    const key = 'drills/squall-round-trip-r1-stored';
    expect(left.map(({ command }) => command)).toEqual([
      `aws s3 rm s3://${bucket}/${key} --region eu-central-1`,
    ]);
    expect(await stored()).toEqual([key]);
  });

  test('a URL is signed by the clock of AWS, ten minutes from ours', async () => {
    const skewMs = 600_000;
    const recorder = await startRecorder(moto.endpoint, { skewMs });
    expect((await ask({ kind: 'round-trip' }, Date.now(), undefined, recorder.endpoint))?.ok).toBe(true);
    await recorder.close();
    const dates = recorder.exchanges.flatMap(({ query }) => query.get('X-Amz-Date') ?? []);
    expect(dates).toHaveLength(1);
    const signedAt = Date.parse(
      String(dates[0]).replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'),
    );
    expect(Math.abs(signedAt - Date.now() - skewMs)).toBeLessThan(60_000);
  });

  test('what a killed squall left is found and deleted, and nothing else', async () => {
    for (const Key of ['drills/squall-round-trip-r1-stored', 'drills/song.wav', 'squall-round-trip-r1-other'])
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
    const { environment } = inEnvironment();
    const found = (await provider.findResidue?.({ environment }, signal())) ?? [];
    expect(found.map(({ describe }) => describe)).toEqual([
      `delete s3://${bucket}/drills/squall-round-trip-r1-stored`,
    ]);
    const [record] = found;
    if (record === undefined) throw new Error('nothing was found');
    expect((await provider.undo(record, signal())).state).toBe('undone');
    expect((await provider.undo(record, signal())).state).toBe('nothing-to-undo');
    expect(await stored()).toEqual(['drills/song.wav', 'squall-round-trip-r1-other']);
    const hostile = { ...record, data: { ...record.data, key: 'drills/song.wav' } };
    expect((await provider.undo(hostile, signal())).state).toBe('failed');
    const song = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'drills/song.wav' }));
    expect(await song.Body?.transformToString()).toBe('x');
  });
});

/** The right that S3 asks for a call, which does not have the call's name. */
function rightOf({ method, path, query }: Exchange): string {
  if (query.has('lifecycle')) return 's3:GetLifecycleConfiguration';
  if (query.has('replication')) return 's3:GetReplicationConfiguration';
  if (query.has('versions')) return 's3:ListBucketVersions';
  if (method === 'DELETE' && query.has('versionId')) return 's3:DeleteObjectVersion';
  if (path.split('/').filter(Boolean).length === 1) return 's3:ListBucket';
  return { PUT: 's3:PutObject', GET: 's3:GetObject', DELETE: 's3:DeleteObject' }[method] ?? method;
}

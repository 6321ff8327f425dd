import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { deadline } from '../../../deadline.ts';
import type { ComponentProbe } from '../../../probes/index.ts';
import type { ProbeReading, ProbeRequest, UndoOutcome, UndoRecord } from '../../../provider.ts';
import { shellWord } from '../../../shell-word.ts';
import { readUndoData } from '../../../undo-data.ts';
import type { Account } from '../account.ts';
import type { S3Calls, S3Object } from '../calls/s3.ts';
import { type AwsSettings, awsSettings } from '../component.ts';

export interface Bucket {
  readonly bucket: string;
  readonly prefix: string;
}

/** The name of squall's own objects: what begins so is squall's to delete. */
const OWN = 'squall-round-trip-';
export const DELETE_OBJECT = 'delete-object';
const OBJECT_BYTES = 1_024;
const FETCH_MS = 5_000;
const DELETE_MS = 5_000;

export async function readSettings(
  account: Account,
  probe: Extract<ComponentProbe, { kind: 'storage-settings' }>,
  { bucket }: Bucket,
  signal: AbortSignal,
): Promise<ProbeReading> {
  const s3 = await account.s3();
  await s3.mustExist(bucket, signal);
  const seen: { readonly ok: boolean; readonly detail: string }[] = [];
  if (probe.lifecycle) {
    const rules = await s3.lifecycle(bucket, signal);
    seen.push({ ok: rules.length > 0, detail: `lifecycle: ${rules.join(', ') || 'no enabled rule'}` });
  }
  if (probe.replication) {
    const targets = await s3.replication(bucket, signal);
    seen.push({ ok: targets.length > 0, detail: `replication: ${targets.join(', ') || 'no enabled rule'}` });
  }
  return { ok: seen.every(({ ok }) => ok), detail: seen.map(({ detail }) => detail).join('; ') };
}

/** Stores an object, reads it by a signed URL as somebody without credentials does, and deletes it. Beforehand it only looks for the bucket. */
export async function readRoundTrip(
  account: Account,
  { probe, run, since, leave }: Pick<ProbeRequest, 'probe' | 'run' | 'since' | 'leave'>,
  { bucket, prefix }: Bucket,
  signal: AbortSignal,
): Promise<ProbeReading> {
  const s3 = await account.s3();
  if (since === undefined) {
    await s3.mustExist(bucket, signal);
    return { ok: true, detail: `bucket ${bucket} is there` };
  }
  // One key per probe: whatever happens, no more than one object is left.
  const object = { bucket, key: `${prefix}${OWN}${run}-${probe.name}` };
  const body = randomBytes(OBJECT_BYTES);
  const beganAt = performance.now();
  let isStored = false;
  let version: string | undefined;
  try {
    version = await s3.put(object, body, signal);
    isStored = true;
    const answer = await s3.getBySignedUrl(object, deadline(FETCH_MS, signal));
    if (answer.status !== 200) return { ok: false, detail: `the signed URL answers ${answer.status}` };
    const same = answer.body.equals(body);
    const took = `${Math.round(performance.now() - beganAt)} ms`;
    return same
      ? { ok: true, detail: `${OBJECT_BYTES} bytes stored and read again by a signed URL in ${took}` }
      : { ok: false, detail: 'the signed URL gave other bytes than were stored' };
  } finally {
    await remove(AbortSignal.timeout(DELETE_MS));
  }

  async function remove(late: AbortSignal): Promise<void> {
    try {
      // A put that failed may have been carried out.
      if (isStored) await s3.delete(object, late, version);
      else await deleteVersions(s3, object, late);
    } catch (error) {
      await leave?.(recordOf(account.settings, object, version === undefined ? [] : [version]));
      throw error;
    }
  }
}

/** All that is stored with exactly this key. Returns how many that were. */
async function deleteVersions(s3: S3Calls, object: S3Object, signal: AbortSignal): Promise<number> {
  const found = (await s3.versions(object.bucket, object.key, signal)).filter(
    ({ key }) => key === object.key,
  );
  for (const { version } of found) await s3.delete(object, signal, version);
  return found.length;
}

const undoData = z.object({
  aws: awsSettings,
  bucket: z.string(),
  /** Never anything but squall's own objects. */
  key: z.string().regex(/squall-round-trip-[\w.-]+$/),
});

/** Objects of round trips that were never deleted. */
export async function findObjects(
  account: Account,
  { bucket, prefix }: Bucket,
  run: string | undefined,
  signal: AbortSignal,
): Promise<UndoRecord[]> {
  const found = await (await account.s3()).versions(bucket, `${prefix}${OWN}${run ?? ''}`, signal);
  return [...new Set(found.map(({ key }) => key))].map((key) =>
    recordOf(
      account.settings,
      { bucket, key },
      found.flatMap((one) => (one.key === key ? one.version : [])),
    ),
  );
}

function recordOf(aws: AwsSettings, { bucket, key }: S3Object, versions: readonly string[]): UndoRecord {
  const profile = aws.profile === undefined ? '' : ` --profile ${aws.profile}`;
  const at = `--region ${aws.region}${profile}`;
  const each = versions.filter((version) => version !== 'null');
  const commands = each.map(
    (version) =>
      `aws s3api delete-object --bucket ${bucket} --key ${shellWord(key)} --version-id ${shellWord(version)} ${at}`,
  );
  return {
    id: `s3:${bucket}/${key}`,
    provider: 'aws',
    fault: 'none',
    action: DELETE_OBJECT,
    data: { aws, bucket, key },
    describe: `delete s3://${bucket}/${key}`,
    command:
      commands.length === 0 ? `aws s3 rm ${shellWord(`s3://${bucket}/${key}`)} ${at}` : commands.join('; '),
    deadlineMs: 2 * DELETE_MS,
  };
}

export async function deleteObject(
  record: UndoRecord,
  accountOf: (settings: AwsSettings) => Account,
  signal: AbortSignal,
): Promise<UndoOutcome> {
  try {
    const { aws, ...object } = readUndoData(undoData, record);
    const account = accountOf(aws);
    await account.check(signal, 0);
    const s3 = await account.s3();
    if ((await deleteVersions(s3, object, signal)) === 0) {
      return { state: 'nothing-to-undo', detail: `${object.key} is not there` };
    }
    return { state: 'undone', detail: `deleted s3://${object.bucket}/${object.key}` };
  } catch (error) {
    return { state: 'failed', detail: (error as Error).message, sight: 'out-of-reach' };
  }
}

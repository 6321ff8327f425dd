import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { deadline } from '../../../deadline.ts';
import type { ComponentProbe } from '../../../probes/index.ts';
import type { ProbeReading, UndoOutcome, UndoRecord } from '../../../provider.ts';
import { readUndoData } from '../../../undo-data.ts';
import type { Account } from '../account.ts';
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
  probe: { readonly name: string },
  { bucket, prefix }: Bucket,
  run: string,
  signal: AbortSignal,
  since?: number,
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
  try {
    await s3.put(object, body, signal);
    const answer = await s3.getBySignedUrl(object, deadline(FETCH_MS, signal));
    if (answer.status !== 200) return { ok: false, detail: `the signed URL answers ${answer.status}` };
    const same = answer.body.equals(body);
    const took = `${Math.round(performance.now() - beganAt)} ms`;
    return same
      ? { ok: true, detail: `${OBJECT_BYTES} bytes stored and read again by a signed URL in ${took}` }
      : { ok: false, detail: 'the signed URL gave other bytes than were stored' };
  } finally {
    await s3.delete(object, AbortSignal.timeout(DELETE_MS));
  }
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
  const keys = await (await account.s3()).keys(bucket, `${prefix}${OWN}${run ?? ''}`, signal);
  return keys.map((key) => recordOf(account.settings, bucket, key));
}

function recordOf(aws: AwsSettings, bucket: string, key: string): UndoRecord {
  const profile = aws.profile === undefined ? '' : ` --profile ${aws.profile}`;
  return {
    id: `s3:${bucket}/${key}`,
    provider: 'aws',
    fault: 'none',
    action: DELETE_OBJECT,
    data: { aws, bucket, key },
    describe: `delete s3://${bucket}/${key}`,
    command: `aws s3 rm s3://${bucket}/${key} --region ${aws.region}${profile}`,
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
    if (!(await s3.keys(object.bucket, object.key, signal)).includes(object.key)) {
      return { state: 'nothing-to-undo', detail: `${object.key} is not there` };
    }
    await s3.delete(object, signal);
    return { state: 'undone', detail: `deleted s3://${object.bucket}/${object.key}` };
  } catch (error) {
    return { state: 'failed', detail: (error as Error).message, sight: 'out-of-reach' };
  }
}

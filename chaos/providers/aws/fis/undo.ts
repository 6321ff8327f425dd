import { z } from 'zod';
import type { UndoOutcome, UndoRecord } from '../../../provider.ts';
import { readUndoData } from '../../../undo-data.ts';
import { pause } from '../../../wait-until.ts';
import type { Account } from '../account.ts';
import { type AwsSettings, awsSettings } from '../component.ts';
import { LOOK_EVERY_MS } from '../once.ts';
import type { FisCalls } from './client.ts';
import { findLeft, hasEnded, stateText } from './experiments.ts';

export const STOP_EXPERIMENT = 'stop-experiment';
/** A stop was recorded to take half a minute. */
const UNDO_MS = 90_000;

const data = z.object({ aws: awsSettings, run: z.string(), fault: z.string() });

/** On disk before the template is there: what has to go is found by its tags. */
export function undoRecord(aws: AwsSettings, run: string, fault: string): UndoRecord {
  const profile = aws.profile === undefined ? '' : ` --profile ${aws.profile}`;
  const at = `--region ${aws.region}${profile}`;
  return {
    id: `fis:${fault}`,
    provider: 'aws',
    fault,
    action: STOP_EXPERIMENT,
    data: { aws, run, fault },
    describe: `stop the FIS experiment of ${fault}, and delete its template`,
    command: `aws fis list-experiments ${at} --query "experiments[?tags.\\"squall-run\\"=='${run}'].[id,state.status]"  # then: aws fis stop-experiment --id ID ${at}; FIS ends it by itself, too`,
    deadlineMs: UNDO_MS,
  };
}

/** Any number of times, in whatever process. */
export async function undoExperiment(
  record: UndoRecord,
  accountOf: (aws: AwsSettings) => Account,
  signal: AbortSignal,
  lookEveryMs = LOOK_EVERY_MS,
): Promise<UndoOutcome> {
  let fis: FisCalls;
  let found: Awaited<ReturnType<typeof findLeft>>;
  try {
    const { aws, run, fault } = readUndoData(data, record);
    const account = accountOf(aws);
    await account.check(signal, 0);
    fis = await account.fis();
    found = await findLeft(fis, { run, fault }, signal);
  } catch (error) {
    return { state: 'failed', detail: (error as Error).message, sight: 'out-of-reach' };
  }
  const { experiments, templates } = found;
  if (experiments.length === 0 && templates.length === 0) {
    return { state: 'nothing-to-undo', detail: 'no experiment of it runs, and no template of it is there' };
  }
  try {
    for (const { id } of experiments) await stopToTheEnd(fis, id, signal, lookEveryMs);
    for (const { id } of templates) await fis.deleteTemplate(id, signal);
    const ids = [...experiments, ...templates].map(({ id }) => id).join(', ');
    return { state: 'undone', detail: `stopped and deleted: ${ids}` };
  } catch (error) {
    return { state: 'failed', detail: (error as Error).message, sight: 'there' };
  }
}

async function stopToTheEnd(fis: FisCalls, id: string, signal: AbortSignal, everyMs: number): Promise<void> {
  await fis.stop(id, signal);
  for (;;) {
    const now = await fis.experiment(id, signal);
    if (hasEnded(now)) return;
    if (signal.aborted) throw new Error(`${stateText(now)}, and has not ended in time`);
    await pause(everyMs, signal);
  }
}

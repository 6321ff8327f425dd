import { z } from 'zod';
import type { UndoOutcome, UndoRecord } from '../../../provider.ts';
import { readUndoData } from '../../../undo-data.ts';
import { pause } from '../../../wait-until.ts';
import type { Account } from '../account.ts';
import { type AwsSettings, awsSettings } from '../component.ts';
import { LOOK_EVERY_MS } from '../once.ts';
import type { Experiment, FisCalls } from './client.ts';
import { allDone, deleteTemplates, findLeft, hasEnded, stateText } from './experiments.ts';

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
    await allDone([
      ...experiments.map((one) => stopToTheEnd(fis, one, signal, lookEveryMs)),
      deleteTemplates(fis, templates, signal),
    ]);
    const ids = [...experiments, ...templates].map(({ id }) => id).join(', ');
    return { state: 'undone', detail: `stopped and deleted: ${ids}` };
  } catch (error) {
    return { state: 'failed', detail: (error as Error).message, sight: 'there' };
  }
}

/** What fails is tried again until the signal ends: the experiment may end by itself meanwhile, and nobody else stops it. */
async function stopToTheEnd(
  fis: FisCalls,
  found: Experiment,
  signal: AbortSignal,
  everyMs: number,
): Promise<void> {
  const { id } = found;
  let isStopping = found.state.status === 'stopping';
  let last = stateText(found);
  for (;;) {
    try {
      if (!isStopping) await fis.stop(id, signal);
      isStopping = true;
    } catch (error) {
      if (!signal.aborted) last = (error as Error).message;
    }
    try {
      const now = await fis.experiment(id, signal);
      if (hasEnded(now)) return;
      if (isStopping) last = stateText(now);
    } catch (error) {
      if (!signal.aborted) last = (error as Error).message;
    }
    if (signal.aborted) throw new Error(`${id} has not ended in time: ${last}`);
    await pause(everyMs, signal);
  }
}

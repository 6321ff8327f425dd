import { codeOf } from '../errors.ts';
import type { Experiment, FisCalls, Tags, Template } from './client.ts';

export const RUN_TAG = 'squall-run';
export const FAULT_TAG = 'squall-fault';

/** By these, an undo in another process and `squall recover` find what a run has left, with or without an identifier. */
export function tagsOf(run: string, fault: string): Tags {
  return { [RUN_TAG]: run, [FAULT_TAG]: fault };
}

export interface Left {
  /** Those that have not ended. */
  readonly experiments: readonly Experiment[];
  readonly templates: readonly Template[];
}

/** Left out: of any run, of any fault. */
export async function findLeft(
  fis: FisCalls,
  wanted: { readonly run?: string | undefined; readonly fault?: string | undefined },
  signal: AbortSignal,
): Promise<Left> {
  const [experiments, templates] = await Promise.all([fis.experiments(signal), fis.templates(signal)]);
  const isWanted = ({ tags }: { readonly tags: Tags }) =>
    tags[RUN_TAG] !== undefined &&
    (wanted.run === undefined || tags[RUN_TAG] === wanted.run) &&
    (wanted.fault === undefined || tags[FAULT_TAG] === wanted.fault);
  return {
    experiments: experiments.filter(isWanted).filter((one) => !hasEnded(one)),
    templates: templates.filter(isWanted),
  };
}

/** One that is gone already is gone: another process may undo the same, and a call that failed may have been carried out. */
export async function deleteTemplates(
  fis: FisCalls,
  templates: readonly Template[],
  signal: AbortSignal,
): Promise<void> {
  for (const { id } of templates) {
    try {
      await fis.deleteTemplate(id, signal);
    } catch (error) {
      if (codeOf(error) !== 'ResourceNotFoundException') throw error;
    }
  }
}

/** Waits for all of them: what fails keeps nothing else from being done. @throws what failed first */
export async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}

const ENDED = ['completed', 'stopped', 'failed', 'cancelled'];

export function hasEnded({ state }: Pick<Experiment, 'state'>): boolean {
  return ENDED.includes(state.status);
}

export function stateText({ id, state }: Pick<Experiment, 'id' | 'state'>): string {
  return `experiment ${id} is ${state.status}${state.reason === undefined ? '' : ` ("${state.reason}")`}`;
}

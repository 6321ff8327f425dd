import type { FaultRequest, ProviderSession, Target, Use, UseWatch } from '../../chaos/provider.ts';
import { sleep } from '../clock.ts';
import type { JournalEvent } from '../journal/events.ts';
import { readableMs } from '../objectives/number-text.ts';

/** Whether anything used the targets of a fault: the leg of evidence between "in" and "out". */
export interface UseOfFault {
  /** Asks what used the targets before the fault was injected. Returns at once; the answer is recorded when it arrives. */
  before(targets: readonly Target[], injecting: number): void;
  /** Asks what used them during the fault. Call it once the fault is out: a slow answer must not keep it in. */
  during(targets: readonly Target[], from: number, to: number): void;
  /** Waits for the answers, but not for long, and ends the watch. Never rejects. */
  close(): Promise<void>;
}

export interface UseContext {
  readonly zeroAt: number;
  readonly write: (event: JournalEvent) => void;
}

/** How long before a fault its targets must have been in use. */
const STEADY_USE_MS = 20_000;
const ANSWER_MS = 5_000;

/** Starts watching, if the provider can. */
export function watchUseOf(
  request: FaultRequest,
  provider: string,
  session: Pick<ProviderSession, 'watchUse'>,
  { zeroAt, write }: UseContext,
): UseOfFault {
  const fault = request.fault.name;
  const answers: Promise<void>[] = [];
  let watch: UseWatch | null = null;
  let unable = `the provider ${provider} cannot measure use`;
  try {
    watch = session.watchUse?.(request) ?? null;
  } catch (error) {
    unable = `the provider ${provider} could not watch what uses it: ${(error as Error).message}`;
  }

  return {
    before(targets, injecting) {
      const from = Math.max(zeroAt, injecting - STEADY_USE_MS);
      answers.push(ask('steady', targets, from, injecting));
    },
    during(targets, from, to) {
      if (watch !== null) answers.push(ask('in', targets, from, to));
    },
    async close() {
      await Promise.all(answers);
      const problem = await withinTime(closing(), `it did not end within ${readableMs(ANSWER_MS)}`);
      if (problem !== null)
        write({ type: 'note', text: `the watch of what uses the targets of ${fault}: ${problem}` });
    },
  };

  async function closing(): Promise<string | null> {
    try {
      await watch?.close();
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  async function ask(
    when: 'steady' | 'in',
    targets: readonly Target[],
    from: number,
    to: number,
  ): Promise<void> {
    const use = watch === null ? unmeasured(unable) : await answerOf(watch, targets, from, to);
    write({ type: 'fault-use', fault, when, from, to, use });
  }

  async function answerOf(one: UseWatch, targets: readonly Target[], from: number, to: number): Promise<Use> {
    const late = unmeasured(
      `the provider ${provider} did not say what used it within ${readableMs(ANSWER_MS)}`,
    );
    try {
      return await withinTime(one.between(targets, from, to), late);
    } catch (error) {
      return unmeasured(`the provider ${provider} could not say what used it: ${(error as Error).message}`);
    }
  }
}

function unmeasured(why: string): Use {
  return { inUse: null, seen: [why] };
}

async function withinTime<T>(answer: Promise<T>, late: T): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([answer, sleep(ANSWER_MS, over.signal).then(() => late)]);
  } finally {
    over.abort();
  }
}

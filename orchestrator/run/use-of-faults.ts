import { firstOf } from '../../chaos/deadline.ts';
import type {
  FaultRequest,
  Provider,
  ProviderSession,
  Span,
  Target,
  Use,
  UseWatch,
  UseWindow,
} from '../../chaos/provider.ts';
import { now, sleep } from '../clock.ts';
import type { JournalEvent } from '../journal/events.ts';
import { readableMs } from '../objectives/number-text.ts';
import type { LoadPace } from './load-pace.ts';

/** Whether anything used the targets of a fault: the leg of evidence between "in" and "out". */
export interface UseOfFault {
  /** Resolves when what goes on without the load has been seen. Never rejects. */
  readonly ready: Promise<void>;
  /** Asks what used the targets before the fault was injected. Returns at once; the answer is recorded when it arrives. */
  before(targets: readonly Target[], injecting: number, load: LoadBegin): void;
  /** Asks what used them during the fault. Call it once the fault is out: a slow answer must not keep it in. */
  during(targets: readonly Target[], window: Span, load: LoadBegin): void;
  /** Waits for the answers, but not for long, and ends the watch. Never rejects; again, it does nothing. */
  close(): Promise<void>;
}

/** Epoch ms. */
export interface LoadBegin {
  /** When the load was let go: until then nothing of it can have used anything. */
  readonly quietUntil: number;
  /** Start of its first request. */
  readonly zeroAt: number;
  /** Left out: its requests come evenly. */
  readonly pace?: Pick<LoadPace, 'madeBy'>;
}

type Write = (event: JournalEvent) => void;

interface Watchable {
  readonly request: FaultRequest;
  readonly provider: Pick<Provider, 'name'>;
  readonly session: Pick<ProviderSession, 'watchUse'>;
}

/** How long before a fault its targets must have been in use. */
const STEADY_USE_MS = 20_000;
const ANSWER_MS = 5_000;
/** A load is not kept waiting for longer than this: what was not seen is unknown. */
const READY_MS = 6_000;

/** Begins to watch, before the load does, what uses the targets of these faults. */
export function watchUses<Fault extends Watchable>(
  faults: readonly Fault[],
  write: Write,
): (Fault & { readonly use: UseOfFault })[] {
  return faults.map((fault) => ({ ...fault, use: watchUseOf(fault, write) }));
}

/** Waits until what goes on without the load has been seen; no longer than a load can wait, or until the run is stopped. */
export async function quietSeen(
  faults: readonly { readonly use: Pick<UseOfFault, 'ready'> }[],
  stop: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const seen = Promise.all(faults.map(({ use }) => use.ready));
  await Promise.race([seen, sleep(READY_MS, firstOf(stop, over.signal))]);
  over.abort();
}

/** Starts watching, if the provider can. */
function watchUseOf({ request, provider, session }: Watchable, write: Write): UseOfFault {
  const fault = request.fault.name;
  const since = now();
  const answers: Promise<void>[] = [];
  let watch: UseWatch | null = null;
  let unable = `the provider ${provider.name} cannot measure use`;
  try {
    watch = session.watchUse?.(request) ?? null;
  } catch (error) {
    unable = `the provider ${provider.name} could not watch what uses it: ${(error as Error).message}`;
  }
  let closing: Promise<void> | undefined;

  return {
    ready: (watch?.ready ?? Promise.resolve()).catch(() => {}),
    before(targets, injecting, load) {
      const from = Math.max(load.zeroAt, injecting - STEADY_USE_MS);
      answers.push(ask('steady', targets, { from, to: injecting }, load));
    },
    during(targets, window, load) {
      if (watch !== null) answers.push(ask('in', targets, window, load));
    },
    close() {
      closing ??= end();
      return closing;
    },
  };

  async function end(): Promise<void> {
    await Promise.all(answers);
    const problem = await withinTime(ended(), `it did not end within ${readableMs(ANSWER_MS)}`);
    if (problem !== null)
      write({ type: 'note', text: `the watch of what uses the targets of ${fault}: ${problem}` });
  }

  async function ended(): Promise<string | null> {
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
    { from, to }: Span,
    { quietUntil, pace }: LoadBegin,
  ): Promise<void> {
    const window = {
      from,
      to,
      quiet: { from: since, to: quietUntil },
      ...(pace && { madeBy: (share: number) => pace.madeBy({ from, to }, share) }),
    };
    const use = watch === null ? unmeasured(unable) : await answerOf(watch, targets, window);
    write({ type: 'fault-use', fault, when, from, to, use });
  }

  async function answerOf(one: UseWatch, targets: readonly Target[], window: UseWindow): Promise<Use> {
    const late = unmeasured(
      `the provider ${provider.name} did not say what used it within ${readableMs(ANSWER_MS)}`,
    );
    try {
      return await withinTime(one.between(targets, window), late);
    } catch (error) {
      return unmeasured(
        `the provider ${provider.name} could not say what used it: ${(error as Error).message}`,
      );
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

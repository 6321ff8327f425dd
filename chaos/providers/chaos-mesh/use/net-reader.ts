import { deadline } from '../../../deadline.ts';
import type { ExecPlace } from '../../../kubernetes/exec.ts';
import type { ExecStream } from '../../../kubernetes/exec-stream.ts';
import { ProviderError } from '../../../provider-error.ts';
import type { Cluster } from '../cluster.ts';
import { READ_NET } from './net-tables.ts';

/** Reads one pod's network, as often as it is asked. */
export interface NetReader {
  /** @returns what the kernel prints. @throws ProviderError when it could not be read, or not in time */
  read(signal: AbortSignal): Promise<string>;
  close(): void;
}

const TIMEOUT_MS = 4_000;
const END = 'squall-end-of-look';
/**
 * A line in, a reading out. To start a program in a container costs a node so much (containerd and runc start a dozen processes) that one
 * look a second and a half at six pods took 0.4 of a core. It ends with its standard input, so also when squall is killed.
 */
const LOOP = [
  'sh',
  '-c',
  `while read -r _; do ${READ_NET.join(' ')} 2>/dev/null; echo; echo ${END}; done`,
] as const;
/** What comes after is dropped: a pod must not fill this memory. */
const MAX_CHARACTERS = 1_000_000;

/** One shell that stays, and where there is none a program for each look. */
export function createNetReader(to: Pick<Cluster, 'exec' | 'execStream'>, at: ExecPlace): NetReader {
  let shell: Promise<Shell> | null = null;
  let hasShell: boolean | null = null;
  const close = () => {
    shell?.then((one) => one.close()).catch(() => {});
    shell = null;
  };
  const ask = async (signal: AbortSignal) => {
    try {
      shell ??= startShell(to, at);
      const text = await inTime(
        shell.then((one) => one.ask()),
        signal,
      );
      hasShell = true;
      return text;
    } catch (error) {
      close();
      throw error;
    }
  };
  return {
    close,
    async read(signal) {
      if (hasShell === false) return await to.exec(at, READ_NET, signal);
      try {
        return await ask(signal);
      } catch (error) {
        if (hasShell || signal.aborted) throw error;
        const text = await to.exec(at, READ_NET, signal);
        hasShell = false;
        return text;
      }
    },
  };
}

interface Shell {
  ask(): Promise<string>;
  close(): void;
}

async function startShell(to: Pick<Cluster, 'execStream'>, at: ExecPlace): Promise<Shell> {
  const where = `${at.namespace}/${at.pod}`;
  let text = '';
  let tail = '';
  let ended: ProviderError | null = null;
  let settle: { done: (text: string) => void; fail: (why: Error) => void } | null = null;
  const stream: ExecStream = await to.execStream(at, LOOP, {
    onOutput(piece) {
      const more = piece.toString('latin1');
      if (text.length < MAX_CHARACTERS) text += more;
      tail = (tail + more).slice(-END.length - 1);
      if (tail === `${END}\n`) settle?.done(text.replace(`\n${END}\n`, ''));
      return true;
    },
    onEnd({ message }) {
      ended = new ProviderError(`the reading of ${where} ended: ${message}`);
      settle?.fail(ended);
    },
  });
  return {
    async ask() {
      if (ended !== null) throw ended;
      [text, tail] = ['', ''];
      const answer = new Promise<string>((done, fail) => {
        settle = { done, fail };
      });
      stream.write('\n');
      return await answer;
    },
    close: () => stream.close(),
  };
}

async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const bounded = deadline(TIMEOUT_MS, signal);
  return await new Promise<T>((resolve, reject) => {
    const giveUp = () => reject(new ProviderError('the network of the pod was not read in time'));
    bounded.addEventListener('abort', giveUp, { once: true });
    if (bounded.aborted) giveUp();
    work.then(resolve, reject).finally(() => bounded.removeEventListener('abort', giveUp));
  });
}

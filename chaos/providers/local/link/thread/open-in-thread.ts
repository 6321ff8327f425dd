import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../../../package-root.ts';
import { ProviderError } from '../../../../prepared-fault.ts';
import { type CarrierChannel, followLink } from '../followed-link.ts';
import type { Link } from '../link.ts';
import type { FromCarrier, ToCarrier } from '../messages.ts';
import type { FromThread, ToThread } from './messages.ts';

const CLOSE_MS = 5_000;

/**
 * Opens a link that a thread of its own carries. Whatever squall does meanwhile (reading /proc before a kill, collecting garbage) would
 * otherwise be time that each request through the link takes. The thread ends with this process. @throws ProviderError
 */
export async function openLinkInThread({
  listen,
  upstream,
}: {
  readonly listen: string;
  readonly upstream: string;
}): Promise<Link> {
  const worker = new Worker(
    path.join(packageRoot(), 'dist', 'chaos', 'providers', 'local', 'link', 'thread', 'worker.js'),
    { workerData: { listen, upstream } },
  );
  const waiting = new Map<number, (answer: FromCarrier | Error) => void>();
  let failure = new ProviderError(`the thread that carries the link ${listen} has ended`);
  let isOpen = true;
  const post = (message: ToThread) => worker.postMessage(message);
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      isOpen = false;
      for (const settle of waiting.values()) settle(failure);
      resolve();
    });
  });
  const opened = await new Promise<Extract<FromThread, { opened: string }>>((resolve, reject) => {
    worker.on('error', (cause) => {
      failure = cannotCarry(listen, cause);
      reject(failure);
    });
    worker.on('message', (message: FromThread) => {
      if ('opened' in message) resolve(message);
      else if ('problem' in message) reject(new ProviderError(message.problem, { fix: message.fix }));
      else waiting.get(message.answer.id)?.(message.answer);
    });
    void ended.then(() => reject(failure));
  });

  let asked = 0;
  const channel: CarrierChannel = {
    isOpen: () => isOpen,
    async ask(what) {
      if (!isOpen) throw failure;
      asked += 1;
      const id = asked;
      const answer = await new Promise<FromCarrier | Error>((resolve) => {
        waiting.set(id, resolve);
        post({ ...what, id } as ToCarrier);
      });
      waiting.delete(id);
      if (answer instanceof Error) throw answer;
      if (answer.problem !== undefined) throw new ProviderError(answer.problem, { fix: answer.fix });
      return answer;
    },
    async close() {
      post({ ask: 'close' });
      const timer = setTimeout(() => void worker.terminate(), CLOSE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
  return await followLink(channel, { address: opened.opened, carrier: opened.thread });
}

function cannotCarry(listen: string, cause: Error): ProviderError {
  return new ProviderError(`the thread that carries the link ${listen} failed: ${cause.message}`, {
    cause,
    fix: 'compile squall: npm run build',
  });
}

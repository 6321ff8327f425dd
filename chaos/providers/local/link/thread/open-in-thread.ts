import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../../../package-root.ts';
import { ProviderError } from '../../../../prepared-fault.ts';
import { type CarrierChannel, followLink } from '../followed-link.ts';
import type { Link } from '../link.ts';
import { createQuestions } from '../questions.ts';
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
  let failure = new ProviderError(`the thread that carries the link ${listen} has ended`);
  const post = (message: ToThread) => worker.postMessage(message);
  const questions = createQuestions({ send: post, gone: () => failure });
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      questions.end();
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
      else questions.answered(message.answer);
    });
    void ended.then(() => reject(failure));
  });
  const channel: CarrierChannel = {
    isOpen: questions.isOpen,
    ask: questions.ask,
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

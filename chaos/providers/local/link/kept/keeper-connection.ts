import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { ProviderError } from '../../../../prepared-fault.ts';
import type { CarrierChannel } from '../followed-link.ts';
import { type FromCarrier, fromCarrier } from '../messages.ts';
import { createQuestions } from '../questions.ts';
import type { KeptLink } from './registry.ts';

const ANSWER_MS = 5_000;

/** @throws ProviderError when it cannot be reached */
export async function connectToKeeper({ port, token, keeper, address }: KeptLink): Promise<CarrierChannel> {
  const gone = (cause?: Error) =>
    new ProviderError(`the keeper of the link ${address} (pid ${keeper.pid}) does not answer`, {
      cause,
      fix: `end it (kill ${keeper.pid}) and start it again: squall link`,
    });
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(gone()), ANSWER_MS);
    socket.once('error', (error) => reject(gone(error))).once('connect', resolve);
    socket.once('close', () => clearTimeout(timer)).once('connect', () => clearTimeout(timer));
  });
  const questions = createQuestions({
    send: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    gone,
    withinMs: ANSWER_MS,
  });
  socket.on('error', () => {}).on('close', questions.end);
  createInterface({ input: socket })
    .on('line', (line) => {
      const answer = parse(line);
      if (answer !== undefined) questions.answered(answer);
    })
    .on('error', () => {});
  socket.write(`${token}\n`);
  return {
    isOpen: questions.isOpen,
    ask: questions.ask,
    async close() {
      socket.destroy();
    },
  };
}

function parse(line: string): FromCarrier | undefined {
  try {
    return fromCarrier.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

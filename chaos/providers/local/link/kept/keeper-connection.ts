import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { ProviderError } from '../../../../prepared-fault.ts';
import type { CarrierChannel } from '../followed-link.ts';
import { type FromCarrier, fromCarrier } from '../messages.ts';
import type { KeptLink } from './registry.ts';

const ANSWER_MS = 5_000;

/** @throws ProviderError when it cannot be reached */
export async function connectToKeeper({ port, token, keeper, address }: KeptLink): Promise<CarrierChannel> {
  const waiting = new Map<number, (answer: FromCarrier | Error) => void>();
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
  let isOpen = true;
  socket
    .on('error', () => {})
    .on('close', () => {
      isOpen = false;
      for (const settle of waiting.values()) settle(gone());
    });
  createInterface({ input: socket })
    .on('line', (line) => {
      const answer = parse(line);
      if (answer !== undefined) waiting.get(answer.id)?.(answer);
    })
    .on('error', () => {});
  socket.write(`${token}\n`);
  let sent = 0;
  return {
    isOpen: () => isOpen,
    async close() {
      socket.destroy();
    },
    async ask(what) {
      if (!isOpen) throw gone();
      sent += 1;
      const id = sent;
      const answer = await new Promise<FromCarrier | Error>((resolve) => {
        const timer = setTimeout(() => resolve(gone()), ANSWER_MS);
        waiting.set(id, (given) => {
          clearTimeout(timer);
          resolve(given);
        });
        socket.write(`${JSON.stringify({ ...what, id })}\n`);
      });
      waiting.delete(id);
      if (answer instanceof Error) throw answer;
      if (answer.problem !== undefined) throw new ProviderError(answer.problem, { fix: answer.fix });
      return answer;
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

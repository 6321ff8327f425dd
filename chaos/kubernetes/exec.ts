import { Writable } from 'node:stream';
import type { V1Status } from '@kubernetes/client-node';
import { deadline } from '../deadline.ts';
import { ProviderError } from '../provider-error.ts';
import type { Connection } from './connection.ts';

export interface ExecCalls {
  /**
   * Runs a program in a container that is there, and gives what it printed, whatever it ended with.
   * @param timeoutMs left out: 4 s
   * @throws ProviderError when it could not be started, or was not done in time
   */
  exec(at: ExecPlace, command: readonly string[], signal: AbortSignal, timeoutMs?: number): Promise<string>;
}

export interface ExecPlace {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

const TIMEOUT_MS = 4_000;
/** What comes after is dropped: a pod must not fill this memory. */
const MAX_BYTES = 1_000_000;

export function execCalls({ k8s, config }: Connection): ExecCalls {
  return {
    async exec({ namespace, pod, container }, command, signal, timeoutMs = TIMEOUT_MS) {
      const bounded = deadline(timeoutMs, signal);
      const output = collector();
      const where = `${command[0]} in ${namespace}/${pod}`;
      let close: () => void = () => {};
      const status = new Promise<V1Status>((resolve, reject) => {
        const giveUp = () => reject(new ProviderError(`${where} did not end in time`));
        bounded.addEventListener('abort', giveUp, { once: true });
        if (bounded.aborted) giveUp();
        new k8s.Exec(config)
          .exec(namespace, pod, container, [...command], output.stream, output.rest, null, false, resolve)
          .then((socket) => {
            close = () => socket.close();
            socket.onclose = () => reject(new ProviderError(`the connection to ${where} ended early`));
            if (bounded.aborted) close();
          })
          .catch((cause: unknown) => reject(new ProviderError(`cannot run ${where}: ${reasonOf(cause)}`)));
      });
      try {
        const { status: outcome, message, reason } = await status;
        // A program that ended with an error has printed what it could.
        if (outcome === 'Failure' && reason !== 'NonZeroExitCode')
          throw new ProviderError(`cannot run ${where}: ${message ?? 'no reason was given'}`);
        return output.text();
      } finally {
        close();
      }
    },
  };
}

function collector() {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const write = (keep: boolean) =>
    new Writable({
      write(piece: Buffer, _encoding, done) {
        if (keep && bytes < MAX_BYTES) pieces.push(piece);
        bytes += keep ? piece.length : 0;
        done();
      },
    });
  return { stream: write(true), rest: write(false), text: () => Buffer.concat(pieces).toString('latin1') };
}

/** A handshake that was refused comes as an event, without a message of its own. */
function reasonOf(cause: unknown): string {
  const message =
    typeof cause === 'object' && cause !== null && 'message' in cause ? cause.message : undefined;
  return typeof message === 'string' && message !== '' ? message : 'the connection was refused';
}

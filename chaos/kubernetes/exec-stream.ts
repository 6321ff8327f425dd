import type { V1Status } from '@kubernetes/client-node';
import type { WebSocket } from 'ws';
import { ProviderError } from '../provider-error.ts';
import type { Connection } from './connection.ts';
import type { ExecPlace } from './exec.ts';

export interface ExecStreamCalls {
  /**
   * Runs a program in a container for as long as it takes. @throws ProviderError when it cannot be started
   */
  execStream(at: ExecPlace, command: readonly string[], handlers: ExecHandlers): Promise<ExecStream>;
}

export interface ExecHandlers {
  /** What it prints. Valid during the call only. @returns false: no more for now; `resume` goes on */
  onOutput(piece: Buffer): boolean;
  /** What it says on standard error. */
  onError?(piece: Buffer): void;
  /** Called once: how the program ended, or why nothing more is heard of it. Output may still come after a status. */
  onEnd(end: ExecEnd): void;
}

export type ExecEnd =
  | { readonly how: 'status'; readonly ok: boolean; readonly message: string }
  | { readonly how: 'cut'; readonly message: string };

export interface ExecStream {
  /** Into the program's standard input. */
  write(text: string): void;
  resume(): void;
  /** Ends the connection; the program gets SIGPIPE when it prints next. */
  close(): void;
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;

export function execStreamCalls({ k8s, config }: Connection): ExecStreamCalls {
  return {
    async execStream({ namespace, pod, container }, command, handlers) {
      const query = new URLSearchParams({ stdin: 'true', stdout: 'true', stderr: 'true', container });
      for (const part of command) query.append('command', part);
      let socket: WebSocket | null = null;
      let isPaused = false;
      let hasEnded = false;
      const end = (how: ExecEnd) => {
        if (hasEnded) return;
        hasEnded = true;
        handlers.onEnd(how);
      };
      const pause = () => {
        isPaused = true;
        socket?.pause();
      };
      const where = `${namespace}/${pod}`;
      // Not the client's own Exec: it writes on without asking whether there is room, and ends the output with the status.
      const { handler } = new k8s.Exec(config);
      socket = (await handler
        .connect(`/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query}`, null, (channel, piece) => {
          if (channel === STDOUT && piece.length > 0 && !handlers.onOutput(piece)) pause();
          else if (channel === STDERR && piece.length > 0) handlers.onError?.(piece);
          else if (channel === STATUS) end(statusEnd(JSON.parse(piece.toString('utf8')) as V1Status));
          return true;
        })
        .catch((cause: unknown) => {
          throw new ProviderError(`cannot run ${command[0]} in ${where}: ${reasonOf(cause)}`);
        })) as unknown as WebSocket;
      socket.on('close', () => end({ how: 'cut', message: `the connection to ${where} ended` }));
      socket.on('error', (cause) =>
        end({ how: 'cut', message: `the connection to ${where} broke: ${cause.message}` }),
      );
      if (isPaused) socket.pause();
      return {
        write(text) {
          if (socket?.readyState === socket?.OPEN)
            socket?.send(Buffer.concat([Buffer.from([STDIN]), Buffer.from(text)]));
        },
        resume() {
          if (!isPaused) return;
          isPaused = false;
          socket?.resume();
        },
        close() {
          // A paused socket would never see the other side's farewell.
          socket?.resume();
          socket?.terminate();
        },
      };
    },
  };
}

function statusEnd({ status, message, reason }: V1Status): ExecEnd {
  return { how: 'status', ok: status !== 'Failure', message: message ?? reason ?? '' };
}

/** A handshake that was refused comes as an event, without a message of its own. */
function reasonOf(cause: unknown): string {
  const message =
    typeof cause === 'object' && cause !== null && 'message' in cause ? cause.message : undefined;
  return typeof message === 'string' && message !== '' ? message : 'the connection was refused';
}

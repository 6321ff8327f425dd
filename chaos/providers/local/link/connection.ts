import { Socket } from 'node:net';
import type { HostPort } from '../../../fields/host-port.ts';
import { type ActiveEffect, cuts, type Direction } from './effect.ts';
import { startPump } from './pump.ts';
import { resetSocket } from './reset-socket.ts';

export interface ConnectionOptions {
  readonly client: Socket;
  readonly upstream: HostPort;
  readonly effects: ReadonlySet<ActiveEffect>;
  readonly connecting: () => void;
  readonly passed: (direction: Direction, bytes: number, receivedAt: number) => void;
  readonly ended: () => void;
}

const ATTEMPT_MS = 2_000;

export interface CarriedConnection {
  /** To be called when the effects in force have changed. */
  wake(): void;
  reset(): void;
  close(): void;
  readonly waiting: () => number;
}

/**
 * One client's connection and its counterpart to the upstream, with half-close: either side may end its stream and go on reading.
 * While the way to the upstream is cut, no connection to it is attempted.
 */
export function carryConnection(options: ConnectionOptions): CarriedConnection {
  const { client, upstream, effects, connecting, passed, ended } = options;
  const server = new Socket({ allowHalfOpen: true });
  const both = [client, server];
  const pumps = [
    startPump({ source: client, sink: server, direction: 'to', effects, passed }),
    startPump({ source: server, sink: client, direction: 'from', effects, passed }),
  ];
  let started = false;
  let finished = false;
  for (const socket of both) {
    socket.setNoDelay(true);
    socket.on('close', () => {
      // A socket that never connected emits no error when its counterpart goes; nothing else would end it.
      if (socket === client && server.pending && !cutOff()) server.destroy();
      if (both.every((one) => one.destroyed)) finish();
    });
  }
  server.on('connect', wake);
  wake();

  return {
    wake,
    reset: () => endWith(resetSocket),
    close: () => endWith((socket) => socket.destroy()),
    waiting: () => pumps.reduce((sum, pump) => sum + pump.waiting(), 0),
  };

  function wake(): void {
    if (!started && client.destroyed && !cutOff()) server.destroy();
    if (!started && !server.destroyed && !cutOff()) {
      started = true;
      connecting();
      // A name may have several addresses: each is tried, and a far one gets its time.
      server.connect({ ...upstream, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ATTEMPT_MS });
    }
    for (const pump of pumps) pump.wake();
  }

  function cutOff(): boolean {
    for (const active of effects) if (cuts(active, 'to')) return true;
    return false;
  }

  function endWith(end: (socket: Socket) => void): void {
    for (const pump of pumps) pump.stop();
    both.forEach(end);
  }

  function finish(): void {
    if (finished) return;
    finished = true;
    for (const pump of pumps) pump.stop();
    ended();
  }
}

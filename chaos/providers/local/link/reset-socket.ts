import type { Socket } from 'node:net';

/** Ends a connection with a RST where there is one to reset; never leaves the descriptor behind. */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  // libuv refuses to reset a socket that is not connected yet, or whose shutdown still waits for bytes to be written.
  const shuttingDown = socket.writableEnded && !socket.writableFinished;
  if (socket.pending || shuttingDown) socket.destroy();
  else socket.resetAndDestroy();
}

import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** The named pipes that a thread reads. */
export interface Inputs {
  /** Go on reading where the sink has room again. */
  resume(): void;
  close(): void;
}

export interface InputSink {
  /** @returns whether there is room for more from this pipe */
  push(part: number, chunk: Uint8Array): boolean;
  /** End-of-file: somebody opened the other side and went away. */
  ended(part: number): void;
  failed(part: number, cause: Error): void;
  hasRoom(part: number): boolean;
}

export function readPipes(fifos: readonly string[], sink: InputSink): Inputs {
  const sockets = fifos.map((fifo, part) => {
    // Without a writer O_NONBLOCK opens at once; end-of-file is reported only after somebody opened the other side and went away.
    const socket = new Socket({
      fd: openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK),
      readable: true,
    });
    socket.on('data', (chunk: Buffer) => {
      if (!sink.push(part, chunk)) socket.pause();
    });
    socket.on('end', () => sink.ended(part));
    socket.on('error', (cause) => sink.failed(part, cause));
    return socket;
  });
  return {
    resume() {
      for (const [part, socket] of sockets.entries())
        if (socket.isPaused() && sink.hasRoom(part)) socket.resume();
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

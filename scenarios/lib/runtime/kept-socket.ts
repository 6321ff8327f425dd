import { now } from './clock.ts';
import { WebSocket } from './websocket.ts';

export interface KeptSocket {
  /** Lost while there is no connection: send it again in `opened`. */
  send(text: string): void;
  /** Hangs up and connects again if nothing was heard for too long. To be called now and then. */
  check(): void;
  close(): void;
}

export interface KeptSocketRequest {
  /** Asked for each connection. */
  readonly url: () => string;
  readonly name: string;
  readonly silenceMs: number;
  /** There is a connection. */
  readonly opened: () => void;
  readonly heard: (data: unknown) => void;
}

const pauseMs = 500;

/** A WebSocket that is opened again when it is lost. */
export const keepSocket = ({ url, name, silenceMs, opened, heard }: KeptSocketRequest): KeptSocket => {
  let connection = 0;
  let over = false;
  let heardAt = 0;

  const connect = (): WebSocket => {
    connection += 1;
    const own = connection;
    heardAt = now();
    const made = new WebSocket(url(), null, { tags: { name } });
    made.onopen = () => {
      // It was given up meanwhile.
      if (own !== connection) made.close();
      else opened();
    };
    made.onmessage = (event) => {
      if (own !== connection) return;
      heardAt = now();
      heard(event?.data);
    };
    made.onclose = () => lose(own);
    // A failed connection is closed, too: onclose takes it from there.
    made.onerror = () => {};
    return made;
  };

  const lose = (own: number): void => {
    if (over || own !== connection) return;
    // What it still has to say comes too late.
    connection += 1;
    heardAt = now() + pauseMs;
    setTimeout(() => {
      if (!over) socket = connect();
    }, pauseMs);
  };

  let socket = connect();
  return {
    send(text) {
      if (socket.readyState === 1) socket.send(text);
    },
    check() {
      if (over || now() - heardAt <= silenceMs) return;
      const silent = socket;
      lose(connection);
      if (silent.readyState === 1) silent.close();
    },
    close() {
      over = true;
      socket.close();
    },
  };
};

import { isOwnPort } from '../use/own-connections.ts';

/** What clients have done with a link so far, without squall's own connections. */
export interface LinkUse {
  readonly connections: number;
  readonly bytes: number;
  readonly open: number;
}

export interface LinkClient {
  passed(bytes: number): void;
  ended(): void;
}

interface Passing {
  readonly port: number | undefined;
  bytes: number;
}

/** Whose a connection is shows only when its other end has connected, too: it is asked a moment later. */
const UNDECIDED = 64;

/** Keeps count of a link's clients, in bounded memory. */
export function createLinkClients(): { accept(port: number | undefined): LinkClient; use(): LinkUse } {
  const open = new Set<Passing>();
  const undecided: Passing[] = [];
  let settled = { connections: 0, bytes: 0 };
  return {
    accept(port) {
      const record: Passing = { port, bytes: 0 };
      open.add(record);
      return {
        passed(bytes) {
          record.bytes += bytes;
        },
        ended() {
          if (!open.delete(record)) return;
          undecided.push(record);
          while (undecided.length > UNDECIDED) settle(undecided.shift());
        },
      };
    },
    use() {
      const clients = [...open].filter(({ port }) => !isOwnPort(port));
      const both = [...clients, ...undecided.filter(({ port }) => !isOwnPort(port))];
      return {
        connections: settled.connections + both.length,
        bytes: settled.bytes + both.reduce((sum, { bytes }) => sum + bytes, 0),
        open: clients.length,
      };
    },
  };

  function settle(record: Passing | undefined): void {
    if (record === undefined || isOwnPort(record.port)) return;
    settled = { connections: settled.connections + 1, bytes: settled.bytes + record.bytes };
  }
}

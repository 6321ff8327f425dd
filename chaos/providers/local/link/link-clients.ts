import { isOwnPort } from '../use/own-connections.ts';
import type { Direction } from './effect.ts';

/** What clients have done with a link so far, without squall's own connections. */
export interface LinkUse {
  readonly connections: number;
  readonly bytes: number;
  /** Pieces that clients sent, and those that came to them although they had asked nothing for a while. */
  readonly pieces: number;
  readonly open: number;
}

export interface LinkClient {
  passed(direction: Direction, bytes: number): void;
  ended(): void;
}

interface Passing {
  readonly port: number | undefined;
  bytes: number;
  pieces: number;
  askedAt: number;
}

/** What comes so soon after a question is its answer, in however many pieces. */
const ANSWERED_MS = 1_000;

/** Whose a connection is shows only when its other end has connected, too: it is asked a moment later. */
const UNDECIDED = 64;

/** Keeps count of a link's clients, in bounded memory. */
export function createLinkClients(): { accept(port: number | undefined): LinkClient; use(): LinkUse } {
  const open = new Set<Passing>();
  const undecided: Passing[] = [];
  let settled = { connections: 0, bytes: 0, pieces: 0 };
  return {
    accept(port) {
      const record: Passing = { port, bytes: 0, pieces: 0, askedAt: Number.NEGATIVE_INFINITY };
      open.add(record);
      return {
        passed(direction, bytes) {
          record.bytes += bytes;
          const at = performance.now();
          if (direction === 'to') record.askedAt = at;
          if (direction === 'to' || at - record.askedAt > ANSWERED_MS) record.pieces += 1;
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
        pieces: settled.pieces + both.reduce((sum, { pieces }) => sum + pieces, 0),
        open: clients.length,
      };
    },
  };

  function settle(record: Passing | undefined): void {
    if (record === undefined || isOwnPort(record.port)) return;
    settled = {
      connections: settled.connections + 1,
      bytes: settled.bytes + record.bytes,
      pieces: settled.pieces + record.pieces,
    };
  }
}

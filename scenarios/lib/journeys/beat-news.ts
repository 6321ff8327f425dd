import { readFrame } from '../runtime/frame.ts';

/** What the producer says about a beat, in the answer to the order and on the WebSocket. Times are the server's, in milliseconds. */
export interface News {
  readonly id: string;
  readonly state: string;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

/** Null for a frame that is not about a beat. If it should have been, the beat's notification is missing, and counted as such. */
export const readNews = (data: unknown): News | null => {
  const said = readFrame<News>(data);
  if (typeof said?.id !== 'string' || typeof said.state !== 'string') return null;
  return {
    id: said.id,
    state: said.state,
    startedAt: timeFrom(said.startedAt),
    finishedAt: timeFrom(said.finishedAt),
  };
};

/** How long the beat took, by the one clock that saw both its ends; null when the server did not say. */
export const tookMs = ({ startedAt, finishedAt }: News): number | null =>
  startedAt === null || finishedAt === null ? null : finishedAt - startedAt;

export interface Order {
  /** The client's clock when the answer had arrived. */
  readonly answeredAt: number;
  /** From the first byte sent to the last received, without the time to connect. */
  readonly requestMs: number;
  /** The server's clock when it accepted the order, from its answer. */
  readonly queuedAt: unknown;
}

/**
 * How far the client's clock is ahead of the server's; null when the server did not say when it accepted the order. That was some
 * time between the first byte and the last, so the middle is wrong by at most half of that.
 */
export const clockOffsetMs = ({ answeredAt, requestMs, queuedAt }: Order): number | null => {
  const at = timeFrom(queuedAt);
  return at === null ? null : answeredAt - requestMs / 2 - at;
};

/** How long after its end a beat was announced, at `at` by the client's clock; null when that is not known. */
export const announcedAfterMs = ({ finishedAt }: News, at: number, offsetMs: number | null): number | null =>
  finishedAt === null || offsetMs === null ? null : at - (finishedAt + offsetMs);

const timeFrom = (said: unknown): number | null => (typeof said === 'number' ? said : null);

import type { ServerResponse } from 'node:http';
import type { Feed } from './feed.ts';

/** The browsers that watch. None of them can slow the run: what one does not read is not written, and not kept for it either. */
export interface Clients {
  add(response: ServerResponse): void;
  /** Tells everybody what changed; called on a timer. */
  tell(): void;
  /** Tells the last news and hangs up. Resolves when all have it, or did not take it in time. */
  close(withinMs: number): Promise<void>;
  readonly count: number;
}

/** A browser that has read nothing for so long is gone, or does not mean to. */
const GIVE_UP_MS = 30_000;
/** Without news a word all the same, so that a browser can tell a quiet run from a dead one. */
const BEAT_MS = 2_000;

interface Client {
  readonly response: ServerResponse;
  /** The feed's revision that it has; null: nothing yet. */
  told: number | null;
  toldAt: number;
  /** Since when the last message has been waiting for it to read. */
  stuckSince: number | null;
}

export function createClients(feed: Feed, now: () => number = () => performance.now()): Clients {
  const clients = new Set<Client>();

  function tell(client: Client): void {
    const { response, stuckSince } = client;
    const at = now();
    if (stuckSince !== null) {
      // Meanwhile the feed goes on; what it missed is one message when it reads again.
      if (at - stuckSince > GIVE_UP_MS) response.destroy();
      return;
    }
    if (client.told === feed.revision && at - client.toldAt < BEAT_MS) return;
    const { revision } = feed;
    const text = JSON.stringify(feed.since(client.told));
    client.told = revision;
    client.toldAt = at;
    if (!response.write(`data: ${text}\n\n`)) client.stuckSince = at;
  }

  return {
    add(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
      const client: Client = { response, told: null, toldAt: 0, stuckSince: null };
      clients.add(client);
      response.on('drain', () => {
        client.stuckSince = null;
      });
      response.on('error', () => {});
      response.on('close', () => clients.delete(client));
      tell(client);
    },
    tell() {
      for (const client of clients) tell(client);
    },
    async close(withinMs) {
      const finished = [...clients].map(
        ({ response }) => new Promise<void>((resolve) => response.once('close', resolve)),
      );
      for (const client of clients) {
        tell(client);
        client.response.end();
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
      });
      await Promise.race([Promise.all(finished), late]);
      clearTimeout(timer);
      for (const { response } of clients) response.destroy();
    },
    get count() {
      return clients.size;
    },
  };
}

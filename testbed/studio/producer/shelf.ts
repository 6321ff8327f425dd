import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../projects/database.ts';
import { type Objects, urlSeconds } from './objects.ts';

/** Finished audio: the bytes are in the object store, where they are is in the database. */
export interface Shelf {
  /** @throws when store or database do not take it within half a minute, which is longer than a failover */
  keep(audio: { readonly id: string; readonly owner: string }, wav: Buffer): Promise<void>;
  /** By what the database says, and nothing else. Undefined: there is none, or it is somebody else's. */
  find(id: string, owner: string | undefined): Promise<StoredAudio | undefined>;
}

export interface StoredAudio {
  readonly url: string;
  readonly bytes: number;
  /** Of the content, in hexadecimal, as in S3's ETag. */
  readonly md5: string;
  readonly expiresInSeconds: number;
}

/** Made together with the studio's database. */
export const schema = `
CREATE TABLE audio (
  id uuid PRIMARY KEY,
  owner text NOT NULL,
  object_key text NOT NULL UNIQUE,
  bytes integer NOT NULL CHECK (bytes > 0),
  md5 text NOT NULL CHECK (length(md5) = 32),
  created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON audio TO studio;
`;

const keepWithinMs = 30_000;
const retryEveryMs = 500;

export function createShelf(database: Database, objects: Objects, forgets: () => boolean): Shelf {
  return {
    async keep({ id, owner }, wav) {
      const key = `audio/${id}.wav`;
      const until = performance.now() + keepWithinMs;
      await again(until, () => objects.put(key, wav, 'audio/wav'));
      if (forgets()) return;
      const md5 = createHash('md5').update(wav).digest('hex');
      await again(until, () =>
        database.query(
          `INSERT INTO audio (id, owner, object_key, bytes, md5) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (id) DO NOTHING`,
          [id, owner, key, wav.length, md5],
        ),
      );
    },
    async find(id, owner) {
      const { rows } = await database.query<{ key: string; bytes: number; md5: string }>(
        'SELECT object_key AS key, bytes, md5 FROM audio WHERE id = $1 AND owner = COALESCE($2, owner)',
        [id, owner],
      );
      const [row] = rows;
      if (row === undefined) return undefined;
      const { key, ...about } = row;
      return { url: await objects.signedUrl(key), ...about, expiresInSeconds: urlSeconds };
    },
  };
}

async function again(until: number, work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (performance.now() + retryEveryMs > until) throw error;
      await sleep(retryEveryMs);
    }
  }
}

import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { ExecPlace } from '../../../chaos/kubernetes/exec.ts';
import { waitAtMost } from '../../clock.ts';
import { readLog } from '../k6/log.ts';
import type { LoadStart } from '../runner.ts';
import type { LoadCluster } from './cluster.ts';

/** The logs of all runners as one. */
export interface RunnerLogs {
  follow(at: ExecPlace, runner: number): void;
  /** What they said altogether, once they have ended or after a while. */
  finish(): ReturnType<typeof readLog>;
}

const LAST_WORDS_MS = 5_000;

export function followLogs(
  cluster: Pick<LoadCluster, 'followLog'>,
  file: string,
  redact: LoadStart['redact'],
): RunnerLogs {
  const all = new PassThrough();
  const read = readLog(all, file, redact);
  const over = new AbortController();
  const following: Promise<void>[] = [];
  return {
    follow(at, runner) {
      following.push(copy(at, runner));
    },
    async finish() {
      await waitAtMost(LAST_WORDS_MS, Promise.all(following));
      over.abort();
      all.end();
      return read;
    },
  };

  async function copy(at: ExecPlace, runner: number): Promise<void> {
    try {
      const input = await cluster.followLog(at, over.signal);
      for await (const line of createInterface({ input })) {
        // Whose line it is stands in front: k6 writes JSON objects.
        const marked = line.startsWith('{') ? `{"runner":${runner},${line.slice(1)}` : line;
        if (all.writable) all.write(`${marked}\n`);
      }
    } catch (cause) {
      if (all.writable) all.write(`squall: runner ${runner}: ${(cause as Error).message}\n`);
    }
  }
}

import { randomBytes } from 'node:crypto';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ExecPlace } from '../../../chaos/kubernetes/exec.ts';
import type { ExecStream } from '../../../chaos/kubernetes/exec-stream.ts';
import { now } from '../../clock.ts';
import type { LoadCluster } from './cluster.ts';
import { endMark } from './end-mark.ts';
import { readScript } from './sidecar.ts';

/** The samples of one runner on their way from its pod into the named pipe of the sample stream. */
export interface Pump {
  /** Null: all of them have come. Otherwise why not. Never rejects. */
  readonly ended: Promise<string | null>;
  /** When something came last, epoch ms. */
  readonly lastAt: number;
  readonly hasData: boolean;
  /** Nothing is taken at the moment: the sample stream has no room for it. */
  readonly isWaiting: boolean;
  /** Tells the sample stream that this was all. Without it the others wait for this one, and what is later than its last sample is not judged. */
  pass(): void;
  /** Takes nothing more from the pod. The sample stream is not told: it has to end first, or it would take this for the end of the samples. */
  close(): void;
  /** After the sample stream has ended. */
  destroy(): void;
}

/** Output may be on its way still when the end of its program is reported. */
const AFTER_STATUS_MS = 5_000;

/**
 * Reads until the mark that the pod prints behind the last sample. Where the sample stream is slow, nothing more is taken from the
 * connection, and k6 keeps the rest. @throws ProviderError when the reading cannot be started
 */
export async function pumpSamples(
  cluster: Pick<LoadCluster, 'execStream'>,
  at: ExecPlace,
  fifo: string,
): Promise<Pump> {
  const marker = `squall-end-${randomBytes(16).toString('hex')}`;
  const mark = endMark(marker);
  const pipe = new Socket({
    fd: openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK),
    writable: true,
    // Node would try to read from it, and take what comes of that for the end.
    readable: false,
    allowHalfOpen: true,
  });
  let lastAt = now();
  let hasData = false;
  let stream: ExecStream | null = null;
  let said = '';
  let finish!: (why: string | null) => void;
  const ended = new Promise<string | null>((resolve) => {
    finish = (why) => {
      const rest = mark.rest();
      if (rest.length > 0 && pipe.writable) pipe.write(rest);
      stream?.close();
      resolve(why);
    };
  });
  // The reader went away: it has said why itself.
  pipe.on('error', (cause) => finish(`its samples could not be passed on: ${cause.message}`));
  pipe.on('drain', () => stream?.resume());
  stream = await cluster
    .execStream(at, readScript(marker), {
      onOutput(piece) {
        lastAt = now();
        hasData = true;
        const samples = mark.pass(piece);
        const hasRoom = samples.length === 0 || pipe.write(samples);
        if (mark.isHere) finish(null);
        return hasRoom;
      },
      onError(piece) {
        said = piece.toString('utf8').trim().slice(0, 200);
      },
      onEnd(end) {
        const why = [end.message, said].filter((text) => text !== '').join(': ');
        if (end.how === 'cut') finish(why);
        else setTimeout(() => finish(why || 'its end was not seen'), AFTER_STATUS_MS).unref();
      },
    })
    .catch((cause: unknown) => {
      pipe.destroy();
      throw cause;
    });
  return {
    ended,
    get lastAt() {
      return lastAt;
    },
    get hasData() {
      return hasData;
    },
    get isWaiting() {
      return pipe.writableNeedDrain;
    },
    pass: () => void pipe.end(),
    close: () => finish('squall closed it'),
    destroy: () => void pipe.destroy(),
  };
}

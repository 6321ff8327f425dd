import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { ExecPlace } from '../../../chaos/kubernetes/exec.ts';
import { ProviderError } from '../../../chaos/provider-error.ts';
import { now, sleep } from '../../clock.ts';
import { type ClockAnswer, type ClockOffset, clockOffset, readAnswer } from './clock-offset.ts';
import type { LoadCluster } from './cluster.ts';
import { CLOCK_SCRIPT } from './sidecar.ts';

/** So long it asks at the least. */
const FINE_MS = 300;
/**
 * And so long at the most, until the clock is known well. One of whole seconds has to move on, and on a busy machine quick answers are
 * rare: only the quickest count, so each second more makes one of them likelier.
 */
const PATIENT_MS = 4_000;
const GOOD_PLUS_MINUS_MS = 5;
/** A runner's clock that is known no better is of no use. */
export const MAX_PLUS_MINUS_MS = 250;
const ANSWER_WITHIN_MS = 3_000;

/** Asks the clock of a runner's pod many times through one connection. @throws ProviderError when it does not tell */
export async function measureClock(
  cluster: Pick<LoadCluster, 'execStream'>,
  at: ExecPlace,
): Promise<ClockOffset> {
  const lines = new PassThrough();
  let waiting: ((line: string) => void) | null = null;
  let failure: string | null = null;
  const fail = (why: string) => {
    failure ??= why;
    waiting?.('');
  };
  createInterface({ input: lines }).on('line', (line) => waiting?.(line));
  const stream = await cluster.execStream(at, CLOCK_SCRIPT, {
    onOutput: (piece) => lines.write(piece) || true,
    onError: (piece) => fail(piece.toString('utf8').trim().slice(0, 200)),
    onEnd: ({ message }) => fail(message),
  });
  const answers: ClockAnswer[] = [];
  const began = now();
  try {
    for (let number = 1; failure === null; number++) {
      const sentAt = now();
      const reply = new Promise<string>((resolve) => {
        waiting = resolve;
      });
      stream.write(`${number}\n`);
      const over = new AbortController();
      const line = await Promise.race([reply, sleep(ANSWER_WITHIN_MS, over.signal).then(() => '')]);
      over.abort();
      // This clock counts whole milliseconds: it may be one later.
      const gotAt = now() + 1;
      const answer = readAnswer(line);
      if (answer === null || answer.number !== number) {
        fail(line === '' ? 'no answer in time' : `it answered ${JSON.stringify(line.slice(0, 100))}`);
        break;
      }
      answers.push({ sentAt, gotAt, shown: answer.shown, resolutionMs: answer.resolutionMs });
      if (answers.length >= 5 && gotAt - began > (isKnown(answers) ? FINE_MS : PATIENT_MS)) break;
    }
  } finally {
    stream.close();
    lines.end();
  }
  const offset = clockOffset(answers);
  if (offset === null)
    throw new ProviderError(
      `the clock of ${at.pod} cannot be read: ${failure ?? 'its answers contradict each other'}`,
    );
  if (offset.plusMinusMs > MAX_PLUS_MINUS_MS)
    throw new ProviderError(
      `the clock of ${at.pod} is known to ± ${Math.round(offset.plusMinusMs)} ms only: the way to it is too slow`,
    );
  return offset;
}

function isKnown(answers: readonly ClockAnswer[]): boolean {
  return (clockOffset(answers)?.plusMinusMs ?? 0) <= GOOD_PLUS_MINUS_MS;
}

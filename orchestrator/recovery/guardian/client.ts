import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { identify, type ProcessIdentity, signalIfSame } from '../../../chaos/process-identity.ts';
import type { UndoRecord } from '../../../chaos/provider.ts';
import { waitAtMost } from '../../clock.ts';
import { readableMs } from '../../objectives/number-text.ts';
import { type FromGuardian, fromGuardian, type ToGuardian } from './messages.ts';

export interface Guardian {
  readonly identity: ProcessIdentity;
  /** Resolves when the guardian has received it. @throws when the guardian is gone or refuses it */
  send(message: ToGuardian): Promise<void>;
  arm(record: UndoRecord): Promise<void>;
  disarm(id: string): Promise<void>;
  /** Resolves when the guardian has ended without being told to. Never rejects. */
  readonly lost: Promise<void>;
  /** Tells it that nothing is left to undo; resolves when it has ended. */
  dismiss(): Promise<void>;
}

export interface GuardianStart {
  /** The guardian's compiled entry point. */
  readonly entry: string;
  readonly directory: string;
  readonly timeoutMs?: number;
}

const DISMISSAL_MS = 10_000;

/** Starts the guardian in its own session, so that Ctrl-C and a closing terminal reach only the orchestrator. */
export function startGuardian(start: GuardianStart): Guardian {
  const log = openSync(path.join(start.directory, 'guardian.log'), 'a', 0o600);
  const child = spawn(process.execPath, [start.entry], { detached: true, stdio: ['pipe', 'pipe', log] });
  closeSync(log);
  const { stdin, stdout } = child;
  const started = child.pid === undefined ? null : identify(child.pid);
  if (started === null || stdin === null || stdout === null)
    throw new Error(`the guardian did not start (${start.entry})`);
  const identity: ProcessIdentity = started;

  const timeoutMs = start.timeoutMs ?? 15_000;
  const waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  let sent = 0;
  let dismissed = false;
  let gone = false;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lost = ended.then(() => {
    gone = true;
    for (const { reject } of waiting.values()) reject(new Error('the guardian died'));
    waiting.clear();
    return dismissed ? new Promise<void>(() => {}) : undefined;
  });
  // A broken pipe is noticed as the child's exit. Without a listener the error would end this process.
  stdin.on('error', () => {});
  createInterface({ input: stdout }).on('line', (line) => {
    const answer = answerIn(line);
    if (answer === null) return;
    const sender = waiting.get(answer.ack);
    waiting.delete(answer.ack);
    if (answer.refused === undefined) sender?.resolve();
    else sender?.reject(new Error(`the guardian refused it: ${answer.refused}`));
  });
  return {
    identity,
    send,
    arm: (record) => send({ type: 'arm', record }),
    disarm: (id) => send({ type: 'disarm', id }),
    lost,
    dismiss,
  };

  function send(message: ToGuardian): Promise<void> {
    if (gone) return Promise.reject(new Error('the guardian died'));
    sent += 1;
    const number = sent;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the guardian did not answer within ${readableMs(timeoutMs)}`)),
        timeoutMs,
      );
      const settle = (then: () => void) => () => {
        clearTimeout(timer);
        then();
      };
      waiting.set(number, {
        resolve: settle(resolve),
        reject: (error) => settle(() => reject(error))(),
      });
      stdin?.write(`${JSON.stringify(message)}\n`);
    });
  }

  async function dismiss(): Promise<void> {
    if (gone) return;
    dismissed = true;
    stdin?.end(`${JSON.stringify({ type: 'bye' } satisfies ToGuardian)}\n`);
    await waitAtMost(DISMISSAL_MS, ended);
    // It has nothing left to do, so it must not keep this process waiting.
    signalIfSame(identity, 'SIGKILL');
    await ended;
  }
}

/** Null for any other output, such as a warning from Node. */
function answerIn(line: string): FromGuardian | null {
  try {
    return fromGuardian.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { UndoOutcome, UndoRecord } from '../../../prepared-fault.ts';
import { guardedCommand } from '../../../process-identity.ts';
import { readUndoData } from '../../../undo-data.ts';
import { isThisProcess, processIdentity } from '../processes/process-facts.ts';
import { carrierEnded, thisCarrier } from './carrier.ts';

const undoData = z.object({ carrier: processIdentity, key: z.uuid(), link: z.string() });

/** How to heal, by the key in the undo record: only the process that carries a link can change it. */
const healers = new Map<string, () => Promise<boolean>>();

export interface HealRecord {
  readonly record: UndoRecord;
  forget(): void;
}

/**
 * The undo of an effect on a link, for as long as it may be in force. `heal` says whether there was anything to heal. The sockets die
 * with this process, so for others the undo is to see to it that this process has ended.
 */
export function armHealing(options: {
  readonly fault: string;
  readonly link: string;
  readonly heal: () => Promise<boolean>;
}): HealRecord {
  const { fault, link, heal } = options;
  const carrier = thisCarrier();
  const key = randomUUID();
  healers.set(key, heal);
  return {
    record: {
      id: `${fault}:link`,
      provider: 'local',
      fault,
      action: 'heal-link',
      data: { carrier, key, link } satisfies z.input<typeof undoData>,
      describe: `let ${link} carry everything again; it also ends with squall (pid ${carrier.pid}), which carries it`,
      command: guardedCommand(carrier, `kill -KILL ${carrier.pid}`),
    },
    forget: () => void healers.delete(key),
  };
}

/** Idempotent. In another process than the carrier it waits for the carrier's end, for its death may be a moment old. */
export async function undoLinkEffect(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome> {
  const { carrier, key, link } = readUndoData(undoData, record);
  if (isThisProcess(carrier)) {
    const healed = await healers.get(key)?.();
    return healed === true
      ? { state: 'undone', detail: `${link} carries everything again` }
      : { state: 'nothing-to-undo', detail: `${link} is not under this fault` };
  }
  return (await carrierEnded(carrier, signal))
    ? { state: 'nothing-to-undo', detail: `${link} ended with pid ${carrier.pid}, which carried it` }
    : {
        state: 'failed',
        detail: `pid ${carrier.pid} still carries ${link}; only it can heal it, or its end`,
      };
}

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { UndoOutcome, UndoRecord } from '../../../prepared-fault.ts';
import { guardedCommand, isAlive, type ProcessIdentity } from '../../../process-identity.ts';
import { readUndoData } from '../../../undo-data.ts';
import { waitUntil } from '../../../wait-until.ts';
import { isThisProcess, processIdentity } from '../processes/process-facts.ts';
import { carrierEnded, thisCarrier } from './carrier.ts';
import { connectToKeeper } from './kept/keeper-connection.ts';
import { keptAt, type LinkPlace } from './kept/registry.ts';

const undoData = z.object({
  carrier: processIdentity,
  key: z.uuid(),
  link: z.string(),
  /** Of a link that is kept open beyond the run. Left out: the run carries it itself. */
  kept: z
    .object({
      keeper: processIdentity,
      place: z.object({ listen: z.string(), upstream: z.string(), announce: z.string().optional() }),
    })
    .optional(),
});

/** How to heal, by the key in the undo record: only the process that carries a link can change it. */
const healers = new Map<string, () => Promise<boolean>>();

export interface HealRecord {
  readonly record: UndoRecord;
  readonly key: string;
  forget(): void;
}

/**
 * The undo of an effect on a link, for as long as it may be in force. `heal` says whether there was anything to heal. Others cannot heal
 * it: the sockets die with this process, or its connection to the keeper of the link does. So for them the undo is to see to it that
 * this process has ended.
 */
export function armHealing(options: {
  readonly fault: string;
  readonly link: string;
  readonly kept?: { readonly keeper: ProcessIdentity; readonly place: LinkPlace } | undefined;
  readonly heal: () => Promise<boolean>;
}): HealRecord {
  const { fault, link, kept, heal } = options;
  const carrier = thisCarrier();
  const key = randomUUID();
  healers.set(key, heal);
  const ends = kept === undefined ? carrier : kept.keeper;
  return {
    key,
    record: {
      id: `${fault}:link`,
      provider: 'local',
      fault,
      action: 'heal-link',
      data: { carrier, key, link, ...(kept && { kept }) } satisfies z.input<typeof undoData>,
      describe: `let ${link} carry everything again; it also ends with ${kept ? 'its keeper' : 'squall'} (pid ${ends.pid}), which carries it`,
      command: guardedCommand(ends, `kill -KILL ${ends.pid}`),
    },
    forget: () => void healers.delete(key),
  };
}

/** Idempotent. In another process than the carrier it waits for the carrier's end, for its death may be a moment old. */
export async function undoLinkEffect(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome> {
  const { carrier, key, link, kept } = readUndoData(undoData, record);
  if (isThisProcess(carrier)) {
    const healed = await healers.get(key)?.();
    return healed === true
      ? { state: 'undone', detail: `${link} carries everything again` }
      : { state: 'nothing-to-undo', detail: `${link} is not under this fault` };
  }
  if (!(await carrierEnded(carrier, signal))) {
    return {
      state: 'failed',
      detail: `pid ${carrier.pid} still carries ${link}; only it can heal it, or its end`,
    };
  }
  if (kept !== undefined) return await seeHealed({ link, key, place: kept.place }, signal);
  return { state: 'nothing-to-undo', detail: `${link} ended with pid ${carrier.pid}, which carried it` };
}

/** The keeper heals by itself when the connection of the run that put the fault in ends: it is only asked. */
async function seeHealed(
  { link, key, place }: { readonly link: string; readonly key: string; readonly place: LinkPlace },
  signal: AbortSignal,
): Promise<UndoOutcome> {
  const entry = keptAt(place);
  if (!entry?.isKept) return { state: 'nothing-to-undo', detail: `${link} ended with its keeper` };
  try {
    const connection = await connectToKeeper(entry);
    try {
      const isHealed = async () =>
        (await connection.ask({ ask: 'in-force', key })).inForce ? undefined : true;
      await waitUntil(isHealed, { signal, everyMs: 5, otherwise: () => `that ${link} was healed` });
    } finally {
      connection.close();
    }
    return {
      state: 'undone',
      detail: `${link} carries everything again: its keeper has taken the fault out`,
    };
  } catch (error) {
    if (!isAlive(entry.keeper)) return { state: 'nothing-to-undo', detail: `${link} ended with its keeper` };
    return { state: 'failed', detail: (error as Error).message };
  }
}

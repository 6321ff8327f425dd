import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { parseHostPort } from '../../../fields/host-port.ts';
import { ProviderError, type UndoOutcome, type UndoRecord } from '../../../prepared-fault.ts';
import { shellWord } from '../../../shell-word.ts';
import { readUndoData } from '../../../undo-data.ts';
import { ownAddress } from '../component.ts';
import { isThisProcess, processIdentity } from '../processes/process-facts.ts';
import { carrierEnded, thisCarrier } from './carrier.ts';
import { probeLink } from './probe.ts';

const undoData = z
  .object({
    // Relative to what, the process that undoes it could not know.
    file: z
      .string()
      .refine((file) => path.isAbsolute(file) && path.normalize(file) === file, 'not a plain absolute path'),
    draft: z.string(),
    // Whatever may be announced must be withdrawable, or its environment stays locked for good.
    address: ownAddress,
    carrier: processIdentity,
  })
  .refine(({ file, draft, carrier }) => draft === draftOf(file, carrier.pid), {
    error: 'not the draft of that file',
    path: ['draft'],
  });

export interface Announcement {
  readonly record: UndoRecord;
  /** Puts the file in place, whole or not at all. @throws ProviderError */
  publish(): void;
  withdraw(): void;
}

/** The file that tells a component's clients that its link is there, and where. Nothing is written before `publish`. */
export function announcementOf(componentName: string, file: string, address: string): Announcement {
  const carrier = thisCarrier();
  const draft = draftOf(file, carrier.pid);
  const same = `[ "$(cat ${shellWord(file)} 2>/dev/null)" = ${shellWord(address)} ]`;
  return {
    record: {
      id: `${componentName}:announce`,
      provider: 'local',
      fault: componentName,
      action: 'remove-announcement',
      data: { file, draft, address, carrier } satisfies z.input<typeof undoData>,
      describe: `remove ${file}, which announces the link of ${componentName} at ${address}`,
      command: `rm -f ${shellWord(draft)}; if ${same}; then rm -f ${shellWord(file)}; fi`,
    },
    publish() {
      try {
        // Its name can be guessed: in a folder that others may write to, it could be a link to a file of ours.
        rmSync(draft, { force: true });
        writeFileSync(draft, `${address}\n`, { flag: 'wx' });
        renameSync(draft, file);
      } catch (cause) {
        throw new ProviderError(
          `component ${componentName}: cannot write ${file}: ${(cause as Error).message}`,
          {
            cause,
            fix: 'create its folder, or correct link.announce',
          },
        );
      }
    },
    withdraw: () => void removeFiles(file, draft, address),
  };
}

/**
 * Removes the file that this run wrote; one with another address is left alone. Idempotent. In another process it first makes sure
 * that the carrier has ended and that no later run has opened the same link again.
 */
export async function undoAnnouncement(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome> {
  const { file, draft, address, carrier } = readUndoData(undoData, record);
  if (!isThisProcess(carrier) && contentOf(file) === address) {
    if (!(await carrierEnded(carrier, signal))) {
      return { state: 'failed', detail: `pid ${carrier.pid} still carries the link that ${file} announces` };
    }
    if (isHere(address) && (await probeLink(address, 100)).outcome === 'open') {
      return {
        state: 'failed',
        detail: `${file} may belong to another run: something listens on ${address}`,
      };
    }
  }
  return removeFiles(file, draft, address)
    ? { state: 'undone', detail: `${file} is removed` }
    : { state: 'nothing-to-undo', detail: `${file} does not announce this link` };
}

/** Nobody listens on an address that this machine has lost, such as that of a bridge; whoever answers there now is another machine. */
function isHere(address: string): boolean {
  const { host } = parseHostPort(address);
  if (/^(127\.|localhost$|::1$)/.test(host)) return true;
  return Object.values(networkInterfaces()).some((own) => own?.some((one) => one.address === host));
}

function draftOf(file: string, carrierPid: number): string {
  return `${file}.${carrierPid}.draft`;
}

function removeFiles(file: string, draft: string, address: string): boolean {
  rmSync(draft, { force: true });
  if (contentOf(file) !== address) return false;
  rmSync(file, { force: true });
  return true;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

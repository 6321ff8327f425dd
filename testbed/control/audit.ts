import { createHash } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { readText } from '../lib/files.ts';

/** What the control loop did, or was kept from doing. Each entry holds the hash of the one before. */
export interface AuditEntry {
  readonly sequence: number;
  readonly at: string;
  readonly action: string;
  readonly component: string;
  readonly correlationId: string;
  readonly outcome: string;
  readonly previous: string;
  readonly hash: string;
}

export type AuditEvent = Pick<AuditEntry, 'action' | 'component' | 'correlationId' | 'outcome'>;

const first = '0'.repeat(64);

/** Appends to the log, and continues its chain after a restart. */
export function openAudit(file: string): (event: AuditEvent) => void {
  const entries = readEntries(file);
  let sequence = entries.length;
  let previous = entries.at(-1)?.hash ?? first;
  return (event) => {
    const entry = seal({ sequence, at: new Date().toISOString(), ...event, previous });
    appendFileSync(file, `${JSON.stringify(entry)}\n`);
    sequence += 1;
    previous = entry.hash;
  };
}

/** The number of the first line that does not fit (from 1), or undefined when the log is whole. */
export function findTampering(file: string): number | undefined {
  let previous = first;
  let lines: AuditEntry[];
  try {
    lines = readEntries(file);
  } catch {
    return 1;
  }
  for (const [index, { hash, ...content }] of lines.entries()) {
    const expected = seal(content).hash;
    if (content.sequence !== index || content.previous !== previous || hash !== expected) return index + 1;
    previous = hash;
  }
  return undefined;
}

/** Sabotage: somebody changes a word in the log, and changes it back when it is off again. */
export function createTamperer(file: string): (on: boolean) => void {
  let tampered = false;
  return (on) => {
    if (on === tampered) return;
    const words = ['"outcome":"done"', '"outcome":"gone"'] as const;
    const [from, to] = on ? words : [words[1], words[0]];
    const text = readText(file) ?? '';
    if (!text.includes(from)) return;
    writeFileSync(file, text.replace(from, to));
    tampered = on;
  };
}

function readEntries(file: string): AuditEntry[] {
  const lines = (readText(file) ?? '').split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as AuditEntry);
}

function seal(content: Omit<AuditEntry, 'hash'>): AuditEntry {
  return { ...content, hash: createHash('sha256').update(JSON.stringify(content)).digest('hex') };
}
